/**
 * Dallas/Maxim DS18B20 on 1-Wire, with a supply of its own. A conversion takes 750 ms, so a reading gives the conversion that the one
 * before has started, and starts the next: its instant is that of the row before. The first of a session, and one that comes more
 * than 10 s after the one before, starts its own and waits for it. The board's milliseconds prove that the time has passed. Every answer has its check digit; what the
 * sensor holds after a loss of power (85 °C) and what a broken line reads as are refused.
 */
import { equalBytes, FieldproofError, fromHex, toHex } from '@fieldproof/sdk/base'
import type { BoardSession, StartedSensor } from '../board/ports.ts'
import { BOARD_MS_MODULUS, crc8Maxim } from '../protocol/index.ts'
import type { SensorDefinition } from '../station/definition.ts'
import { type PinName, pinNumber } from '../station/pins.ts'

/** Options of {@link ds18b20}. */
export interface Ds18b20Options {
  readonly pin: PinName
  /** ROM code, 16 hex digits in the order of the wire (28…check), where several sensors share the pin. */
  readonly rom?: string
}

const FAMILY = 0x28
const ROM_BYTES = 8
const CONVERT = 0x44
const READ_SCRATCHPAD = 0xbe
const SCRATCHPAD_BYTES = 9
/** 12 bits (data sheet 19-7487, table 2). */
const CONVERSION_MS = 750
const POWER_UP_RAW = 0x0550
/** A conversion that is older is not read: a process may have been stopped in between. */
const MAX_AGE_MS = 10_000
/** A question takes the line some 6 ms: enough for several conversions. */
const MAX_LOOKS = 1000

/** A sensor on a digital pin, with 4.7 kΩ from the pin to 5V. @throws FieldproofError `config-invalid` for a ROM code that is none */
export function ds18b20(options: Ds18b20Options): SensorDefinition<'temperature'> {
  const wanted = options.rom === undefined ? null : romOf(options.rom)
  return {
    part: {
      title: 'DS18B20 waterproof probe',
      wires: [
        { terminal: 'VDD (red)', pin: '5V' },
        { terminal: 'DATA (yellow)', pin: options.pin, pull: { ohms: 4700, to: '5V' } },
        { terminal: 'GND (black)', pin: 'GND' },
      ],
      notes: [
        'The 4.7 kΩ resistor goes from DATA to 5V, once for all sensors on the pin. Colours differ between makers: check yours.',
      ],
    },
    quantities: { temperature: { unit: 'Cel', decimals: 4 } },
    driver: {
      start: async (session) => startedOn(session, pinNumber(options.pin), await find(session, options.pin, wanted)),
    },
  }
}

function romOf(text: string): Uint8Array {
  const rom = /^[0-9a-fA-F]{16}$/.test(text) ? fromHex(text) : undefined
  if (rom !== undefined && rom[0] === FAMILY && crc8Maxim(rom) === 0) return rom
  throw new FieldproofError('config-invalid', `${JSON.stringify(text)} is no ROM code of a DS18B20`, {
    facts: { rom: text },
  })
}

async function find(session: BoardSession, pin: PinName, wanted: Uint8Array | null): Promise<Uint8Array> {
  const roms = (await session.oneWireSearch(pinNumber(pin))).filter(
    (rom) => rom.length === ROM_BYTES && crc8Maxim(rom) === 0,
  )
  const found = roms.map(toHex).join(' ')
  const facts = { pin, found, wanted: wanted ? toHex(wanted) : 'a DS18B20' }
  const [only] = roms
  if (only === undefined) throw new FieldproofError('sensor-silent', `no 1-Wire sensor answers on ${pin}`, { facts })
  if (wanted !== null) {
    if (roms.some((rom) => equalBytes(rom, wanted))) return wanted
    throw new FieldproofError('sensor-silent', `${facts.wanted} does not answer on ${pin}; there are: ${found}`, {
      facts,
    })
  }
  const fault =
    roms.length > 1
      ? 'more than one sensor; say which by its ROM code'
      : only[0] !== FAMILY
        ? 'another chip than a DS18B20'
        : undefined
  if (fault === undefined) return only
  throw new FieldproofError('sensor-mismatch', `on ${pin} is ${fault}: ${found}`, { facts })
}

async function startedOn(session: BoardSession, pin: number, rom: Uint8Array): Promise<StartedSensor<'temperature'>> {
  /** The board's ms when the conversion was asked for that nobody has read; null for none. */
  let convertedMs: number | null = null
  const convert = async (): Promise<number> => {
    // It holds the line low as long as it measures. One that has not understood does not, and would give its old value again.
    const [isDone] = await session.oneWireTransfer(pin, rom, Uint8Array.of(CONVERT), 1)
    if (isDone !== 0) throw invalid('it has not begun to measure', {})
    return (await session.counters()).boardMs
  }
  return {
    read: async () => {
      const sinceMs = convertedMs ?? (await convert())
      convertedMs = null // whatever goes wrong from here on, this conversion is not read again
      if ((await passed(session, sinceMs)) > MAX_AGE_MS) await passed(session, await convert())
      const celsius = celsiusOf(
        await session.oneWireTransfer(pin, rom, Uint8Array.of(READ_SCRATCHPAD), SCRATCHPAD_BYTES),
      )
      convertedMs = await convert()
      return { values: { temperature: celsius } }
    },
  }
}

/** Waits for a conversion; returns its age in ms. */
async function passed(session: BoardSession, sinceMs: number): Promise<number> {
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    const { boardMs } = await session.counters()
    const ageMs = (boardMs - sinceMs + BOARD_MS_MODULUS) % BOARD_MS_MODULUS
    if (ageMs >= CONVERSION_MS) return ageMs
  }
  throw invalid("the board's time stands still", {})
}

/**
 * Celsius that a scratchpad of 9 bytes holds, in steps of 1/16 or what its resolution leaves.
 * @throws FieldproofError `sensor-invalid`
 */
export function celsiusOf(scratchpad: Uint8Array): number {
  const facts = { scratchpad: toHex(scratchpad) }
  if (scratchpad.length !== SCRATCHPAD_BYTES || crc8Maxim(scratchpad) !== 0) throw invalid('a wrong check digit', facts)
  const view = new DataView(scratchpad.buffer, scratchpad.byteOffset, SCRATCHPAD_BYTES)
  const config = view.getUint8(4)
  if ((config & 0x9f) !== 0x1f) throw invalid('no DS18B20 has this configuration', facts) // so are nine zeros refused
  const raw = view.getInt16(0, true)
  if (raw === POWER_UP_RAW) throw invalid('85 °C, as after a loss of power', facts)
  const unusedBits = 3 - ((config >> 5) & 3)
  const celsius = ((raw >> unusedBits) << unusedBits) / 16
  if (celsius < -55 || celsius > 125) throw invalid(`${celsius} °C is outside what it measures`, facts)
  return celsius
}

function invalid(detail: string, facts: Readonly<Record<string, string>>): FieldproofError {
  return new FieldproofError('sensor-invalid', `DS18B20: ${detail}`, { facts })
}
