/** Columns as a station's author writes them. */
import type { Column } from '../wire/index.ts'

/** A number with a unit and decimals, or another type without either. */
export type ColumnOptions =
  | {
      /** SenML unit such as `Cel`, `%RH`, `mm`, `m/s`; empty for none. */
      readonly unit: string
      /** Digits kept after the decimal point, 0 to 18. */
      readonly decimals: number
    }
  | { readonly type: 'text' | 'bool' | 'bytes' }

/** The column of a stream definition. */
export function columnFrom(name: string, options: ColumnOptions): Column {
  if ('type' in options) return { name, unit: '', exponent: 0, type: options.type }
  const exponent = options.decimals === 0 ? 0 : -options.decimals
  return { name, unit: options.unit, exponent, type: 'int' }
}
