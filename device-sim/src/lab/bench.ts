/** What a station is wired to: an emulated Uno with parts in a simulated place, behind a serial port that somebody can pull. */
import type { OpenLine } from '@fieldproof/boards/line'
import { createUno, optibootHex, type Uno } from '../avr/index.ts'
import type { FaultRates } from '../line/byte-faults.ts'
import { type FaultyLine, faultyLine } from '../line/faulty-line.ts'
import { type UnoLine, type UnoLineOptions, unoLine } from '../line/index.ts'
import { createModelUno } from '../model/index.ts'
import { type IrrigationParts, irrigationParts, type WeatherParts, weatherParts } from '../parts/index.ts'
import { createSite, loadSeattle, type Site } from '../world/index.ts'
import { type FirmwareChoice, firmwareHex } from './firmware.ts'

/** Stations that a bench has the parts of. */
export type StationName = 'weather-station' | 'irrigation-station'

/** What is put on the bench. */
export interface BenchOptions {
  readonly station: StationName
  /** Of weather, jitter and noise. */
  readonly seed: number
  /** Default `fieldproof`. */
  readonly firmware?: FirmwareChoice
  /** Optiboot in the boot section, as on every Uno that is bought; default false. */
  readonly bootloader?: boolean
  /** 0x58 for a BMP280 that was sold as a BME280. */
  readonly chipId?: 0x60 | 0x58
  readonly line?: UnoLineOptions
  /** How bad the cable is from the start, towards the host. */
  readonly cable?: FaultRates
}

/** A loss of what the chip had counted: its reset, or the loss of its power. */
export interface Interruption {
  /** Virtual time. */
  readonly ms: number
  readonly by: 'reset' | 'power'
}

/** A bench. Everything on it is in virtual time, which goes on only in `step`. */
export interface Bench {
  readonly station: StationName
  /** What the chip holds now. */
  readonly firmware: FirmwareChoice
  /** The Uno of now. */
  readonly uno: Uno
  readonly line: UnoLine
  /** Parts of the Uno of now; null on the other station. */
  readonly weather: WeatherParts | null
  readonly irrigation: IrrigationParts | null
  /** Between the port and the station; good until somebody makes it worse. */
  readonly cable: FaultyLine
  readonly open: OpenLine
  readonly step: (ms: number) => void
  readonly interruptions: readonly Interruption[]
  /** Burns another program into the chip; the port is away meanwhile, and its user loses it. */
  readonly flash: (firmware: FirmwareChoice) => void
}

/** The wettest day of the record. */
const RECORDED_MS = Date.UTC(2012, 10, 19)
const HOUR_MS = 3_600_000
/** Recorded time passes so much faster than virtual time that no two rows are alike by nature. */
const RECORDED_PER_VIRTUAL = 120

interface Mounted {
  readonly firmware: FirmwareChoice
  readonly uno: Uno
  readonly line: UnoLine
  readonly weather: WeatherParts | null
  readonly irrigation: IrrigationParts | null
}

/** Sets a bench up. @throws FieldproofError `file-unreadable` for a firmware that is not installed */
export function createBench(options: BenchOptions): Bench {
  const { station, seed } = options
  const interruptions: Interruption[] = []
  const eeprom = new Uint8Array(1024).fill(0xff)
  const site = createSite(loadSeattle(), seed)
  const wetMs = wettest(site)
  const recordedMs = (ms: number): number => wetMs + RECORDED_PER_VIRTUAL * ms

  const mount = (firmware: FirmwareChoice, nowMs: number): Mounted => {
    const bare = board(firmware, eeprom, options.bootloader === true)
    bare.powerOff()
    bare.run(nowMs) // all clocks of a bench agree
    bare.powerOn()
    const uno = watched(bare, interruptions)
    const { chipId } = options
    const weather =
      station === 'weather-station' ? weatherParts(site, { recordedMs, seed, ...(chipId && { chipId }) }) : null
    const irrigation = station === 'irrigation-station' ? irrigationParts(site, { recordedMs, seed }) : null
    weather?.connect(uno)
    irrigation?.connect(uno)
    return { firmware, uno, line: unoLine(uno, options.line), weather, irrigation }
  }
  let now = mount(options.firmware ?? 'fieldproof', 0)
  const cable = faultyLine((handlers) => now.line.open(handlers), {
    seed,
    ...(options.cable && { toHost: options.cable }),
  })
  return {
    station,
    cable,
    get firmware() {
      return now.firmware
    },
    get uno() {
      return now.uno
    },
    get line() {
      return now.line
    },
    get weather() {
      return now.weather
    },
    get irrigation() {
      return now.irrigation
    },
    open: cable.open,
    step: (ms) => now.line.step(ms),
    interruptions,
    flash: (firmware) => {
      now.line.unplug()
      now = mount(firmware, now.uno.nowMs())
    },
  }
}

function board(firmware: FirmwareChoice, eeprom: Uint8Array, bootloader: boolean): Uno {
  if (firmware === 'model') return createModelUno({ eeprom, bootloader })
  return createUno({ hex: firmwareHex(firmware), eeprom, ...(bootloader && { bootloader: optibootHex() }) })
}

/** The two hours of the day in which most rain falls: that is the weather of the first minute. */
function wettest(site: Site): number {
  const hours = Array.from({ length: 22 }, (_, hour) => RECORDED_MS + hour * HOUR_MS)
  const fallen = (ms: number): number => site.rainTotal(ms + 2 * HOUR_MS) - site.rainTotal(ms)
  return hours.reduce((best, ms) => (fallen(ms) > fallen(best) ? ms : best))
}

/** The same Uno, with a note of everything that makes it forget its counts. */
function watched(uno: Uno, interruptions: Interruption[]): Uno {
  const noted =
    <Args extends unknown[]>(by: Interruption['by'], act: (...args: Args) => void) =>
    (...args: Args): void => {
      interruptions.push({ ms: uno.nowMs(), by })
      act(...args)
    }
  return {
    ...uno,
    dtr: noted('reset', uno.dtr),
    reset: noted('reset', uno.reset),
    powerOff: noted('power', uno.powerOff),
  }
}
