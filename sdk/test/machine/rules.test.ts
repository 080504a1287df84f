/** Rules for machines that no other test here is about: what they publish, keep and sign, and in which order. */
import { describe, expect, it } from 'vitest'
import { equalBytes, hash32, machineIdOf, statementId, toHex, utf8 } from '../../src/base/index.ts'
import { decodeStatement, encodeStatement, pureHash, statementToBeSigned } from '../../src/crypto/index.ts'
import { createMemoryDisk, type DurableStep, type HubMessage } from '../../src/testing/index.ts'
import { decodeBatch, decodeBirth, encodeBeacon, encodeDefinition } from '../../src/wire/index.ts'
import { MACHINE_ID, pass, type Rig, record, SIGNER, startRig, until, WEATHER } from './rig.ts'

/** What machines publish from now on. */
function listen(rig: Rig): HubMessage[] {
  const heard: HubMessage[] = []
  rig.hub.subscribe((message) => heard.push(message))
  return heard
}

const hexOf = (heard: readonly HubMessage[], name: string): string[] =>
  heard.filter((message) => message.name === name).map(({ payload }) => toHex(payload))

const statementsOf = (rig: Rig) => rig.gateway.logged.map(({ signed }) => signed.statement)

describe('what a machine publishes', () => {
  it('stands on birth, status and batch under its own id, whatever comes in (WIRE-2)', async () => {
    const rig = await startRig({ timing: { healthMs: 5_000 } })
    const heard = listen(rig)
    await record(rig, 0, 8)
    await until(rig, () => rig.gateway.logged.length >= 2)
    const [entry] = rig.gateway.logged
    rig.hub.publish(MACHINE_ID, 'head', entry?.batch.statement ?? new Uint8Array())
    for (const name of ['receipt', 'head', 'beacon'] as const) rig.hub.publish(MACHINE_ID, name, Uint8Array.of(0xff))
    rig.link.cut()
    await pass(rig, 20_000)
    await rig.machine.stop()
    expect(new Set(heard.map(({ name }) => name))).toEqual(new Set(['birth', 'status', 'batch']))
    expect(new Set(heard.map(({ machine }) => machine))).toEqual(new Set([MACHINE_ID]))
  })

  it('begins on every connection with its birth message, all definitions in it (WIRE-6)', async () => {
    const rig = await startRig()
    const heard = listen(rig)
    rig.gateway.answering = false
    await record(rig, 0, 4)
    await until(rig, () => hexOf(heard, 'batch').length > 0)
    await record(rig, 4, 6) // stay unsigned under the old definition
    const connections = [
      async () => rig.link.cut(),
      async () => rig.restart({ streams: [{ definition: { ...WEATHER, columns: [...WEATHER.columns, RAIN] } }] }),
    ]
    for (const connect of connections) {
      heard.length = 0
      await connect()
      await until(rig, () => hexOf(heard, 'batch').length > 0)
      const names = heard.map(({ name }) => name).filter((name) => name !== 'status')
      expect(names[0]).toBe('birth')
    }
    const [birth] = heard.filter(({ name }) => name === 'birth')
    const { definitions } = decodeBirth(birth?.payload ?? new Uint8Array())
    const [now, before, ...more] = definitions.map((bytes) => toHex(bytes))
    expect(now).toBe(toHex(encodeDefinition({ ...WEATHER, columns: [...WEATHER.columns, RAIN] })))
    expect(before).toBe(toHex(encodeDefinition(WEATHER)))
    expect(more).toEqual([])
  })

  it('is the stored bytes of a batch, the same on every try, connection and start, until a receipt comes (WIRE-10)', async () => {
    const rig = await startRig()
    const heard = listen(rig)
    rig.gateway.answering = false
    await record(rig, 0, 4)
    await pass(rig, 4_000)
    rig.link.cut()
    await pass(rig, 4_000)
    await rig.restart()
    await pass(rig, 4_000)
    const sent = hexOf(heard, 'batch')
    expect(sent.length).toBeGreaterThan(5)
    expect(new Set(sent)).toEqual(new Set([toHex(rig.disk.state.batches[0]?.batch.message ?? new Uint8Array())]))
    rig.gateway.answering = true
    await until(rig, () => rig.disk.state.batches[0]?.state === 'logged')
    heard.length = 0
    await pass(rig, 60_000)
    expect(hexOf(heard, 'batch')).toEqual([])
  })

  it('is sent again when the broker acknowledged and lost it (WIRE-9)', async () => {
    let losses = 0
    const rig = await startRig({ messageFate: ({ name }) => (name === 'batch' && losses++ < 3 ? 'drop' : 'deliver') })
    await record(rig, 0, 4)
    await until(rig, () => rig.gateway.logged.length === 1)
    expect(losses).toBe(4)
  })
})

describe('a signed batch', () => {
  it('is sent only when it is stored, and no other with its boot and sequence ever is (HIST-13)', async () => {
    let fails = 3
    const stepFate = (step: DurableStep): 'done' | 'not-done' =>
      step === 'sealBatch' && fails-- > 0 ? 'not-done' : 'done'
    const rig = await startRig({ stepFate })
    const heard = listen(rig)
    await record(rig, 0, 4)
    await until(rig, () => fails === 0)
    await pass(rig, 5_000)
    expect(hexOf(heard, 'batch')).toEqual([])
    expect(rig.disk.state.batches).toHaveLength(0)
    await until(rig, () => rig.gateway.logged.length === 1)
    await rig.restart()
    await record(rig, 4, 12)
    await until(rig, () => rig.gateway.logged.length === 3)
    const places = hexOf(heard, 'batch').map((hex) => {
      const { statement } = decodeStatement(decodeBatch(Buffer.from(hex, 'hex')).statement, pureHash)
      return `${toHex(statement.boot)} ${statement.sequence}`
    })
    expect(new Set(places).size).toBe(new Set(hexOf(heard, 'batch')).size)
  })

  it('is kept whole after an acknowledgement, a lost connection and a logged receipt (RCPT-21)', async () => {
    const rig = await startRig()
    rig.gateway.answering = false
    const kept = (): string => toHex(rig.disk.state.batches[0]?.batch.message ?? new Uint8Array())
    await record(rig, 0, 4)
    await until(rig, () => rig.events.some(({ event }) => event === 'batch-published'))
    const message = kept()
    expect(message).not.toBe('')
    rig.link.cut()
    await pass(rig, 2_000)
    expect(kept()).toBe(message)
    rig.gateway.answering = true
    await until(rig, () => rig.disk.state.batches[0]?.state === 'logged')
    await rig.restart()
    await pass(rig, 2_000)
    expect(kept()).toBe(message)
  })

  it('has the next sequence of its machine, whatever its stream and its start (HIST-4)', async () => {
    const soil = { ...WEATHER, name: 'soil' }
    const rig = await startRig({
      streams: [{ definition: WEATHER }, { definition: soil }],
      timing: { healthMs: 3_000 },
    })
    for (let start = 0; start < 3; start++) {
      if (start > 0) await rig.restart()
      for (let count = 0; count < 6; count++) {
        await rig.machine.record('weather', { count })
        await rig.machine.record('soil', { count })
      }
      await pass(rig, 15_000)
    }
    const statements = statementsOf(rig)
    expect(new Set(statements.map(({ definitionHash }) => toHex(definitionHash))).size).toBe(3)
    expect(new Set(statements.map(({ boot }) => toHex(boot))).size).toBe(3)
    expect(statements.length).toBeGreaterThan(12)
    expect(statements.map(({ sequence }) => sequence)).toEqual(statements.map((_, i) => i + 1))
  })

  it('has no beacon when none was offered, on a network or without one (WIRE-22)', async () => {
    const rig = await startRig()
    rig.hub.setUp(false)
    await record(rig, 0, 4)
    await pass(rig, 1_000)
    expect(rig.disk.state.batches).toHaveLength(1)
    rig.hub.setUp(true)
    await until(rig, () => rig.gateway.logged.length === 1)
    await record(rig, 4, 8)
    await until(rig, () => rig.gateway.logged.length === 2)
    expect(statementsOf(rig).map(({ beacon }) => beacon)).toEqual([null, null])
    const blockHash = hash32(pureHash.sha256(utf8('block')))
    rig.hub.publish(MACHINE_ID, 'beacon', encodeBeacon({ chainId: 31337, blockNumber: 7, blockHash }))
    await rig.clock.advance(1)
    await record(rig, 8, 12)
    await until(rig, () => rig.gateway.logged.length === 3)
    expect(statementsOf(rig).at(-1)?.beacon?.blockNumber).toBe(7)
  })
})

describe('a machine that does not know its history', () => {
  it('waits for its head under a new boot, then signs a branch and no fork (HIST-31)', async () => {
    const rig = await startRig({ timing: { headWaitMs: 3_000 } })
    await record(rig, 0, 4)
    await until(rig, () => rig.gateway.logged.length === 1)
    Object.assign(rig.disk.state, createMemoryDisk().state)
    await rig.restart()
    await record(rig, 4, 8)
    await pass(rig, 2_500)
    expect(rig.disk.state.batches).toHaveLength(0)
    await until(rig, () => rig.gateway.logged.length === 2)
    const [before, after] = statementsOf(rig)
    expect(after).toMatchObject({ sequence: 1, prev: null })
    expect(before?.sequence).toBe(1)
    expect(equalBytes(before?.boot ?? new Uint8Array(), after?.boot ?? new Uint8Array())).toBe(false)
  })

  it('waits as long when there is no network to bring its head (HIST-31)', async () => {
    const rig = await startRig({ timing: { headWaitMs: 3_000 } })
    rig.hub.setUp(false)
    await record(rig, 0, 4)
    await pass(rig, 2_500)
    expect(rig.disk.state.batches).toHaveLength(0)
    await pass(rig, 1_000)
    expect(rig.disk.state.batches).toHaveLength(1)
  })

  it('waits for the network, however long, when it is known to be restored (HIST-31)', async () => {
    const rig = await startRig()
    await record(rig, 0, 4)
    await until(rig, () => rig.gateway.logged.length === 1)
    const [newest] = rig.gateway.logged
    Object.assign(rig.disk.state, createMemoryDisk().state)
    rig.hub.setUp(false)
    await rig.restart({ isRestored: true })
    await record(rig, 4, 8)
    await pass(rig, 300_000)
    rig.hub.setUp(true)
    await pass(rig, 50)
    rig.hub.setUp(false) // it was up, but not for long enough
    await pass(rig, 300_000)
    expect(rig.disk.state.batches).toHaveLength(0)
    rig.hub.publish(MACHINE_ID, 'head', newest?.batch.statement ?? expect.fail('nothing was logged'), { retain: true })
    rig.hub.setUp(true)
    await until(rig, () => rig.gateway.logged.length === 2)
    expect(statementsOf(rig).map(({ sequence }) => sequence)).toEqual([1, 2])
  })

  it('signs nothing in passing when it is stopped before it has waited (HIST-31)', async () => {
    const rig = await startRig({ timing: { headWaitMs: 60_000 } })
    rig.hub.setUp(false)
    await record(rig, 0, 4)
    await pass(rig, 1_000)
    await rig.machine.stop()
    expect([rig.disk.state.batches.length, rig.disk.state.rows.length > 0]).toEqual([0, true])
  })

  it('does not go on from a head that names another machine, though its own key signed it (HIST-30)', async () => {
    const rig = await startRig()
    await record(rig, 0, 4)
    await until(rig, () => rig.gateway.logged.length === 1)
    const [own] = statementsOf(rig)
    if (own === undefined) return expect.fail('want a statement')
    const foreign = {
      ...own,
      sequence: 9,
      prev: statementId(own.root),
      machine: machineIdOf(pureHash.sha256(utf8('another'))),
    }
    const signed = async (said: typeof foreign): Promise<Uint8Array> =>
      encodeStatement(said, await SIGNER.sign(statementToBeSigned(said)))
    const rejected = (): unknown[] => rig.events.filter(({ event }) => event === 'message-rejected')
    rig.hub.publish(MACHINE_ID, 'head', await signed(foreign))
    await until(rig, () => rejected().length === 1)
    expect(rejected()).toMatchObject([{ topic: 'head', code: 'bad-signature' }])
    expect(rig.disk.state.head?.sequence).toBe(1)
    rig.hub.publish(MACHINE_ID, 'head', await signed({ ...foreign, machine: own.machine }))
    await until(rig, () => rig.disk.state.head?.sequence === 9)
  })
})

describe('the unit of a column', () => {
  const start = (unit: string, type: 'int' | 'text' = 'int'): Promise<Rig> =>
    startRig({ streams: [{ definition: { ...WEATHER, columns: [{ name: 'v', unit, exponent: 0, type }] } }] })

  it('is a SenML name, or empty (BATCH-6)', async () => {
    for (const unit of ['', 'Cel', '%RH', 'm/s', 'deg', 'mm/h', 'hPa', 'count', '/100'])
      await (await start(unit)).machine.stop()
    for (const unit of ['degC', 'celsius', 'kPa', 'mph', ' ', 'cel']) {
      await expect(start(unit)).rejects.toThrow(/config-invalid.*streams\[0\].definition: column v.*SenML/)
    }
  })

  it('is empty when the column holds no numbers (BATCH-6)', async () => {
    await (await start('', 'text')).machine.stop()
    await expect(start('Cel', 'text')).rejects.toThrow(/config-invalid.*has no unit/)
  })
})

const RAIN = { name: 'rain', unit: 'mm', exponent: -1, type: 'int' as const }
