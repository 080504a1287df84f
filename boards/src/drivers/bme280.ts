/**
 * Bosch BME280 (temperature, pressure, humidity) and BMP280 (no humidity) on I2C. Cheap modules are often the one sold as the other, so
 * the chip id decides. Before every measurement the sensor is reset: its data registers then hold a mark that is no value, so
 * a number that is read afterwards was measured afterwards, even if a byte of our command was lost on the way.
 */
import { FieldproofError, fieldproofErrorOf, toHex } from '@fieldproof/sdk/base'
import type { BoardSession, Measurement, StartedSensor } from '../board/ports.ts'
import type { SensorDefinition } from '../station/definition.ts'
import {
  type BarometerTrim,
  barometerTrim,
  celsius,
  fineTemperature,
  type HumidityTrim,
  humidityTrim,
  pascal,
  relativeHumidity,
} from './bme280-compensation.ts'
import * as chip from './bme280-registers.ts'

/** Options of {@link bme280}. */
export interface Bme280Options {
  readonly chip: chip.Chip
  /** 0x76 on most modules; 0x77 where SDO is at the supply. */
  readonly address: chip.Address
}

/**
 * A measurement takes 9.3 ms at most (appendix B), a burst over a serial line of 57600 bit/s some 8 ms, and an emulated or faster
 * line may take less: this many looks are far more than either needs.
 */
const MAX_LOOKS = 40
/** A lost command shows as a sensor that is not as commanded; then the command is sent again. */
const MAX_TRIES = 3

/** A sensor at A4 and A5. Its quantities: `temperature` in Cel, `pressure` in hPa, and of a BME280 `humidity` in %RH. */
export function bme280(options: Bme280Options): SensorDefinition {
  return {
    part: {
      title: `${options.chip} module, 3.3 V to 5 V`,
      wires: [
        { terminal: 'VIN', pin: '5V' },
        { terminal: 'GND', pin: 'GND' },
        { terminal: 'SDA', pin: 'A4' },
        { terminal: 'SCL', pin: 'A5' },
      ],
      notes: [
        'A module without a regulator (no VIN but VCC 3.3 V) bears 3.3 V only: give it 3V3, and a level shifter for SDA and SCL.',
        'Address 0x76 is SDO at GND, 0x77 is SDO at the supply.',
      ],
    },
    quantities: {
      temperature: { unit: 'Cel', decimals: 2 },
      pressure: { unit: 'hPa', decimals: 2 },
      ...(options.chip === 'BME280' && { humidity: { unit: '%RH', decimals: 2 } }),
    },
    driver: { start: (session) => start(session, options) },
  }
}

interface Trim {
  readonly barometer: BarometerTrim
  readonly humidity: HumidityTrim | null
}

async function start(session: BoardSession, options: Bme280Options): Promise<StartedSensor> {
  await expectChip(session, options)
  await resetSensor(session, options)
  const trim = await readTrim(session, options)
  return {
    read: async (): Promise<Measurement> => {
      const burst = await measure(session, options)
      return { values: compensate(burst, trim, options.address) }
    },
  }
}

async function expectChip(session: BoardSession, { address, chip: wanted }: Bme280Options): Promise<void> {
  const id = await chip.readBytes(session, address, chip.REGISTER.id, 1)
  if (id[0] === chip.CHIP_IDS[wanted]) return
  const known = Object.entries(chip.CHIP_IDS).find(([, code]) => code === id[0])?.[0]
  const found = known ?? `chip id 0x${toHex(id)}`
  const at = `0x${address.toString(16)}`
  throw new FieldproofError('sensor-mismatch', `the sensor at I2C address ${at} is a ${found}, not a ${wanted}`, {
    facts: { address: at, found, wanted },
  })
}

async function readTrim(session: BoardSession, { address, chip: kind }: Bme280Options): Promise<Trim> {
  const barometer = barometerTrim(await chip.readTwice(session, address, chip.REGISTER.trim, 24))
  if (kind === 'BMP280') return { barometer, humidity: null }
  const [first = 0] = await chip.readTwice(session, address, chip.REGISTER.humidityTrim1, 1)
  return {
    barometer,
    humidity: humidityTrim(first, await chip.readTwice(session, address, chip.REGISTER.humidityTrim, 7)),
  }
}

async function measure(session: BoardSession, options: Bme280Options): Promise<chip.Burst> {
  for (let tries = 1; ; tries++) {
    await resetSensor(session, options)
    await session.i2cWrite(options.address, forceOnce(options.chip))
    const burst = await settled(session, options)
    const fault = faultOf(burst, options.chip)
    if (fault === undefined) return burst
    if (tries === MAX_TRIES) throw chip.invalid(options.address, fault)
  }
}

/** ctrl_hum takes effect with the ctrl_meas after it (5.4.3). */
function forceOnce(kind: chip.Chip): Uint8Array {
  const measure = [chip.REGISTER.ctrlMeas, chip.FORCED_ONCE]
  return Uint8Array.from(kind === 'BME280' ? [chip.REGISTER.ctrlHum, chip.HUMIDITY_ONCE, ...measure] : measure)
}

/** Brings the sensor to its power-on state and makes sure that it is in it. */
async function resetSensor(session: BoardSession, options: Bme280Options): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    await session.i2cWrite(options.address, Uint8Array.of(chip.REGISTER.reset, chip.RESET_WORD))
    await awake(session, options)
    const burst = await settled(session, options, (now) => now.isReset && now.ctrlMeas === 0)
    if (burst.isReset && burst.ctrlMeas === 0) return
  }
  throw chip.invalid(options.address, 'it does not obey a reset, so its numbers may be old')
}

/** For up to 2 ms after a reset (table 1) it need not answer. */
async function awake(session: BoardSession, { address }: Bme280Options): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await chip.readBytes(session, address, chip.REGISTER.id, 1)
      return
    } catch (error) {
      if (tries === MAX_TRIES || fieldproofErrorOf(error)?.code !== 'sensor-silent') throw error
    }
  }
}

/** Looks until the sensor is no longer busy and, where it is given, as it should be. */
async function settled(
  session: BoardSession,
  options: Bme280Options,
  isRight: (burst: chip.Burst) => boolean = (burst) => !burst.isReset,
): Promise<chip.Burst> {
  let burst = await chip.readBurst(session, options.address, options.chip)
  for (let looks = 1; looks < MAX_LOOKS && (burst.isBusy || !isRight(burst)); looks++) {
    burst = await chip.readBurst(session, options.address, options.chip)
  }
  return burst
}

function faultOf(burst: chip.Burst, kind: chip.Chip): string | undefined {
  const ctrlHum = kind === 'BME280' ? chip.HUMIDITY_ONCE : 0
  if (burst.isBusy) return 'its measurement does not end'
  if (burst.ctrlMeas !== chip.SAMPLED_ONCE || burst.ctrlHum !== ctrlHum || burst.config !== 0) {
    return `it is not set as commanded: registers ${toHex(burst.bytes)}`
  }
  if (chip.hasSkipped(burst)) return `it measured nothing: registers ${toHex(burst.bytes)}`
  return undefined
}

function compensate(burst: chip.Burst, trim: Trim, address: chip.Address): Measurement['values'] {
  const fine = fineTemperature(trim.barometer, burst.temperature)
  const pressure = pascal(trim.barometer, fine, burst.pressure)
  if (pressure === null) throw chip.invalid(address, 'its trimming values are not those of a sensor')
  return {
    temperature: celsius(fine),
    pressure: pressure / 100,
    ...(trim.humidity &&
      burst.humidity !== null && { humidity: relativeHumidity(trim.humidity, fine, burst.humidity) }),
  }
}
