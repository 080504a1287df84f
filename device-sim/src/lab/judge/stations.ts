/** Which column of which station is judged how. A column that is in no list makes the judgement fail: nothing goes unlooked at. */
import { type IrrigationParts, MM_PER_TIP, PULSES_PER_LITRE, vaneVolts, type WeatherParts } from '../../parts/index.ts'
import { relativeHumidity } from '../../world/humidity.ts'
import { type ColumnJudge, computed, counted, held, READING_MS, type RowCase, said, unlessSilent } from './columns.ts'
import { countedMs } from './said.ts'
import { gust, meanDirection, meanSpeed } from './wind.ts'

/** Judges of the columns that a station measures or computes. */
export type ColumnJudges = Readonly<Record<string, ColumnJudge>>

/** Columns that say where a row is from and what it is worth. */
export const ABOUT: ReadonlySet<string> = new Set(['quality', 'boardEpoch', 'boardBoots'])

/** Of the counted columns, when each count truly came. */
export type Counts = Readonly<Record<string, readonly number[]>>

/** Of the numbers themselves: 20.955 + 0.005 is below 20.96. */
const ROUNDING = 1e-9
const TEN_MINUTES_MS = 600_000
/** The window of a rain rate moves in steps of a sixtieth. */
const SLOT_MS = 10_000
const [DRY, WET] = [520, 260]
/** The sensor's own rounding, beside the column's. */
const [CELSIUS_ERROR, PASCAL_ERROR, PERCENT_ERROR] = [0.01, 0.01, 0.02]

const numberOf = (values: RowCase['values'], name: string): number | null => {
  const value = values[name]
  return typeof value === 'number' ? value : null
}

/** Counted columns of a weather station. */
export function weatherCounts({ rain }: WeatherParts): Counts {
  return { rainTips: countedMs(rain.truth, 'tips') }
}

/** Columns of the weather station. @param rowMs time between two rows */
export function weatherJudges(parts: WeatherParts, rowMs: number): ColumnJudges {
  const { climate, vane, wind } = parts
  const closuresMs = countedMs(wind.truth, 'closures')
  const tips = (fromMs: number, { recent }: RowCase): number =>
    recent.reduce((sum, { ms, values }) => sum + (ms > fromMs ? (numberOf(values, 'rainTips') ?? 0) : 0), 0)
  const tipsMs = weatherCounts(parts)['rainTips'] ?? []
  return {
    airTemperature: said(climate.truth, 'airTemperature', { error: CELSIUS_ERROR }),
    relativeHumidity: said(climate.truth, 'relativeHumidity', { error: PERCENT_ERROR }),
    airPressure: said(climate.truth, 'pressure', { error: PASCAL_ERROR }),
    // The world's own formula, the other way round.
    dewPoint: (value, { values }) => {
      const [celsius, percent] = [numberOf(values, 'airTemperature'), numberOf(values, 'relativeHumidity')]
      return celsius !== null && percent !== null && Math.abs(relativeHumidity(celsius, value) - percent) <= 0.5
    },
    windSpeed: meanSpeed(closuresMs),
    windGust: gust(closuresMs),
    vaneRaw: unlessSilent(vane.truth, 'direction', held(vane.truth, 'direction', countsOfVane, 2)),
    windDirection: held(vane.truth, 'direction', (degrees) => degrees, 0),
    meanWindDirection: meanDirection(rowMs),
    rainTips: counted(tipsMs),
    rainRate: (value, row, half) => {
      const sum = ((value / 3600) * (TEN_MINUTES_MS / 1000)) / MM_PER_TIP
      const slack = ((half / 3600) * (TEN_MINUTES_MS / 1000)) / MM_PER_TIP + ROUNDING
      return (
        sum <= tips(row.ms - TEN_MINUTES_MS - SLOT_MS, row) + slack &&
        sum >= tips(row.ms - TEN_MINUTES_MS + 2 * SLOT_MS, row) - slack
      )
    },
    rainToday: (value, { ms }, half) =>
      value <= tipsMs.filter((tip) => tip <= ms).length * MM_PER_TIP + half + ROUNDING,
  }
}

/** Counted columns of an irrigation station. */
export function irrigationCounts({ flow }: IrrigationParts): Counts {
  return { flowPulses: countedMs(flow.truth, 'pulses') }
}

/** Columns of the irrigation station. */
export function irrigationJudges(parts: IrrigationParts): ColumnJudges {
  const { shallow, deep, soil, valve } = parts
  const probe = (name: 'shallow' | 'deep'): ColumnJudges => {
    const { truth } = { shallow, deep }[name]
    const counts = held(truth, 'counts', (said) => said, 1)
    const percent = held(truth, 'counts', (said) => Math.min(100, Math.max(0, (100 * (DRY - said)) / (DRY - WET))), 0.4)
    return { [`${name}Raw`]: unlessSilent(truth, 'counts', counts), [`${name}Wetness`]: percent }
  }
  return {
    ...probe('shallow'),
    ...probe('deep'),
    // Of the conversion that the row before has begun, while its sensors were read.
    soilTemperature: said(soil.truth, 'celsius', { leadMs: READING_MS }),
    valveOpen: (value, { ms, own }) => {
      const fromMs = Math.max(own.fromMs, ms - READING_MS)
      const isSeen = (isOpen: boolean): boolean =>
        isOpen
          ? valve.turns().some(({ openedMs, closedMs }) => openedMs <= ms && (closedMs ?? ms) >= fromMs)
          : !valve.turns().some(({ openedMs, closedMs }) => openedMs <= fromMs && (closedMs ?? ms) >= ms)
      return (value === 1 && isSeen(true)) || (value === 0 && isSeen(false))
    },
    flowPulses: counted(irrigationCounts(parts)['flowPulses'] ?? []),
    flowVolume: computed((values) => {
      const pulses = numberOf(values, 'flowPulses')
      return pulses === null ? null : pulses / PULSES_PER_LITRE
    }, 0),
    flowRate: (value, { ms, countedFromMs, values }) => {
      const pulses = numberOf(values, 'flowPulses')
      if (pulses === null || pulses === 0) return pulses === 0 && value === 0
      const tookMs = (pulses / PULSES_PER_LITRE / value) * 1000
      return tookMs >= 1 && tookMs <= ms - countedFromMs + READING_MS
    },
  }
}

function countsOfVane(degrees: number): number {
  return Math.floor((vaneVolts(Math.round(degrees / 22.5)) / 5) * 1024)
}
