/**
 * Rules of the usual quantities. Unless another source stands there, a constant is from I. Zahumensky, "Guidelines on Quality Control
 * Procedures for Data from Automatic Weather Stations" (WMO, CBS/OPAG-IOS 2004): limits, step of raw samples, one-minute
 * step (suspect, erroneous) and least change in 60 minutes.
 */
import type { ColumnRules, Span } from './ruleset.ts'

/** WMO-No. 8 wants at least four samples a minute of most quantities: samples up to 20 s apart are raw ones. */
const RAW_MS = 20_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

/** The guidelines judge wind's persistence where the mean speed is above 0.1 m/s; calm air is flat. */
const CALM = 0.1

/** Quantities whose rules name no other column. */
type Plain =
  | 'airTemperature'
  | 'dewPoint'
  | 'relativeHumidity'
  | 'pressure'
  | 'windSpeed'
  | 'windGust'
  | 'rainRate'
  | 'soilMoisture'
  | 'soilTemperature'
  | 'flow'

/** Rules by quantity, in the unit that they name; each takes the name of the column, and wind direction that of the speed. */
export const rulesFor: Readonly<Record<Plain, (column: string) => ColumnRules>> & {
  readonly windDirection: (column: string, speed: string) => ColumnRules
} = {
  airTemperature: (column: string): ColumnRules => ({
    column,
    unit: 'Cel',
    range: { fail: [-80, 60] },
    step: { withinMs: RAW_MS, suspect: 2 },
    rate: { overMs: MINUTE_MS, suspect: 3 },
    flat: { windowMs: HOUR_MS, leastChange: 0.1 },
  }),
  dewPoint: (column: string): ColumnRules => ({
    column,
    unit: 'Cel',
    range: { fail: [-80, 35] },
    step: { withinMs: RAW_MS, suspect: 2 },
    rate: { overMs: MINUTE_MS, suspect: 2, fail: 4 },
    flat: { windowMs: HOUR_MS, leastChange: 0.1 },
  }),
  relativeHumidity: (column: string): ColumnRules => ({
    column,
    unit: '%RH',
    range: { fail: [0, 100] },
    step: { withinMs: RAW_MS, suspect: 5 },
    rate: { overMs: MINUTE_MS, suspect: 10, fail: 15 },
    flat: { windowMs: HOUR_MS, leastChange: 1, except: { column, atLeast: 95 } }, // fog is flat
  }),
  /** At the station, not reduced to sea level. */
  pressure: (column: string): ColumnRules => ({
    column,
    unit: 'hPa',
    range: { fail: [500, 1100] },
    step: { withinMs: RAW_MS, suspect: 0.3 },
    rate: { overMs: MINUTE_MS, suspect: 0.5, fail: 2 },
    flat: { windowMs: HOUR_MS, leastChange: 0.1 },
  }),
  windSpeed: (column: string): ColumnRules => ({
    column,
    unit: 'm/s',
    range: { fail: [0, 75] },
    step: { withinMs: RAW_MS, suspect: 20 },
    rate: { overMs: MINUTE_MS, suspect: 10, fail: 20 },
    flat: { windowMs: HOUR_MS, leastChange: 0.5, except: { column, atMost: CALM } },
  }),
  /** A maximum over minutes moves in leaps and stands still between them, so its range is all that is tested: NOAA MADIS level 1, 287 mph. */
  windGust: (column: string): ColumnRules => ({ column, unit: 'm/s', range: { fail: [0, 128.3], suspect: [0, 75] } }),
  windDirection: (column: string, speed: string): ColumnRules => ({
    column,
    unit: 'deg',
    period: 360,
    range: { fail: [0, 360] },
    flat: { windowMs: HOUR_MS, leastChange: 10, except: { column: speed, atMost: CALM } },
  }),
  /** 40 mm in a minute. */
  rainRate: (column: string): ColumnRules => ({ column, unit: 'mm/h', range: { fail: [0, 2400] } }),
  /** NOAA MADIS level 1. No step: watering is one. No persistence: dry soil stays dry. */
  soilMoisture: (column: string): ColumnRules => ({ column, unit: '%', range: { fail: [0, 100] } }),
  soilTemperature: (column: string): ColumnRules => ({ column, unit: 'Cel', range: { fail: [-50, 50] } }),
  /** 30 l/min: data sheet of the YF-S201 turbine. No step: a valve is one. */
  flow: (column: string): ColumnRules => ({ column, unit: 'l/s', range: { fail: [0, 0.5] } }),
}

/**
 * Rules with a range for one sensor at one place. What lies outside the sensor's span or the range of the rules fails; what
 * lies outside the usual span, cut to that range, is suspect.
 * @param usual what the owner expects, such as the climate's records
 */
export function narrow(rules: ColumnRules, { sensor, usual }: { sensor?: Span; usual?: Span }): ColumnRules {
  const fail = intersect(rules.range?.fail, sensor)
  const suspect = intersect(intersect(rules.range?.suspect, usual), fail)
  const hasUsual = usual !== undefined || rules.range?.suspect !== undefined
  return { ...rules, range: { ...(fail && { fail }), ...(hasUsual && suspect && { suspect }) } }
}

function intersect(a: Span | undefined, b: Span | undefined): Span | undefined {
  return a && b ? [Math.max(a[0], b[0]), Math.min(a[1], b[1])] : (a ?? b)
}
