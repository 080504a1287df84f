/** Keys, streams and rows that all vectors share; every secret is SHA-256 of a label. */
import { labelled } from './format/bytes.mjs'
import { encodeDefinition } from './format/definition.mjs'
import { ED25519, ESP256, machineId, signer } from './format/keys.mjs'

const key = (alg, label) => ({ label, ...signer(alg, labelled(label)) })
/** P-256 machine, its second key, two Ed25519 machines, a stranger, the log. */
export const station = key(ESP256, 'station key')
export const stationNext = key(ESP256, 'station second key')
export const buoy = key(ED25519, 'buoy key')
export const mill = key(ED25519, 'mill key')
export const stranger = key(ESP256, 'stranger key')
export const log = key(ED25519, 'log key')
export const STATION = machineId(station.key)
export const BUOY = machineId(buoy.key)
export const MILL = machineId(mill.key)

export const column = (name, unit, exponent, type = 'int') => ({ name, unit, exponent, type })

/** Two numeric columns. */
export const weather = {
  stream: 'weather',
  columns: [column('air_temperature', 'Cel', -2), column('relative_humidity', '%RH', -1)],
  context: { firmware: labelled('firmware'), software: labelled('software'), cadenceMs: 60000 },
}
/** Every column type. */
export const events = {
  stream: 'events',
  columns: [
    column('litres', 'l', -3),
    column('evidence', '', 0, 'bytes'),
    column('reason', '', 0, 'text'),
    column('open', '', 0, 'bool'),
  ],
  context: { model: labelled('model'), method: 'decided by the irrigation model' },
}
export const weatherBytes = encodeDefinition(weather)
export const eventsBytes = encodeDefinition(events)

export const T0 = 1767225600000
export const weatherRows = [
  [T0, 2137, 564],
  [T0 + 60000, 2141, 561],
  [T0 + 120000, 2139, null],
  [T0 + 180000, null, 560],
  [T0 + 240000, -12, 559],
]
export const eventRows = [
  [T0, 12500, Uint8Array.of(1, 2, 3), 'soil dry', true],
  [T0 + 1234, null, null, null, null],
  [T0 + 900, -1, new Uint8Array(0), '', false],
  [T0 + 5000, 4503599627370495, labelled('evidence'), 'zażółć', true],
  [T0 + 5000, -4503599627370495, Uint8Array.of(0), '\ufeffbom', false],
]

export const CHAIN_ID = 31337
export const CAIP2 = 'eip155:31337'
export const REGISTRY = labelled('registry', 20)
export const ANCHOR_LOG = labelled('anchor log', 20)
export const OWNER = labelled('log owner', 20)
export const ORIGIN = 'log.example.org/fieldproof'
export const beaconAt = (blockNumber) => [CHAIN_ID, blockNumber, labelled(`block ${blockNumber}`)]

/** Header fields of a statement, all optional but the signer's machine id. */
export const fields = (overrides = {}) => ({
  machine: STATION,
  issuedAt: 1767225900,
  boot: labelled('boot', 8),
  sequence: 1,
  prev: null,
  clockQuality: 2,
  beacon: beaconAt(1200),
  ...overrides,
})
