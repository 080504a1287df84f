/** Derived columns of a weather station that remember earlier rows. */
import { RainGauge, type RainOptions, type RainReport, WindWindow } from '../derive/index.ts'
import type { ColumnSource } from '../station/definition.ts'

/** Vector mean of the wind of ten minutes, in deg. @param rowMs how much of the wind a row stands for, at most */
export function meanDirection(speed: string, direction: string, rowMs: number): ColumnSource {
  const window = new WindWindow()
  let lastMs: number | null = null
  return {
    unit: 'deg',
    decimals: 1,
    derive: ({ time, values }) => {
      const sinceMs = lastMs === null || time <= lastMs ? rowMs : time - lastMs
      lastMs = time
      const metresPerSecond = values[speed] ?? null
      if (metresPerSecond !== null) {
        const degrees = values[direction] ?? null
        window.add({ timeMs: time, lengthMs: Math.min(rowMs, sinceMs), speed: metresPerSecond, degrees })
      }
      return window.report(time).meanDegrees
    },
  }
}

/** `rainRate` of ten minutes in mm/h, and `rainToday` in mm, from the tips of each row. */
export function rainColumns(
  tips: string,
  options: RainOptions,
): Readonly<Record<'rainRate' | 'rainToday', ColumnSource>> {
  const gauge = new RainGauge(options)
  let report: RainReport | null = null
  return {
    rainRate: {
      unit: 'mm/h',
      decimals: 2,
      derive: ({ time, values }) => {
        report = gauge.add(time, values[tips] ?? null)
        return report.rateMmPerHour
      },
    },
    rainToday: { unit: 'mm', decimals: 2, derive: () => report?.todayMm ?? null },
  }
}
