/**
 * Units that a machine may write (BATCH-6): the names of RFC 8428 and RFC 8798. One unit has one name, so that a reader can
 * compare and convert; scales that have no name here are exponents. A reader takes any text.
 */
import type { Column } from '../wire/index.ts'

/** RFC 8428, section 12.1; RFC 8798, section 2. */
const PRIMARY = `
  m kg g s A K cd mol Hz rad sr N Pa J W C V F Ohm S Wb T H Cel lm lx Bq Gy Sv kat m2 m3 l m/s m/s2 m3/s l/s W/m2 cd/m2
  bit bit/s lat lon pH dB dBW Bspl count / % %RH %EL EL 1/s 1/min beat/min beats S/m
  B VA VAs var vars J/m kg/m3 deg`
/** RFC 8798, section 3. */
const SECONDARY = `
  ms min h MHz kW kVA kvar Ah Wh kWh varh kvarh kVAh Wh/km KiB GB Mbit/s B/s MB/s mV mA dBm ug/m3 mm/h m/h ppm /100 /1000
  hPa mm cm km km/h`
const NAMES: ReadonlySet<string> = new Set(`${PRIMARY} ${SECONDARY}`.trim().split(/\s+/))

/** What is wrong with the unit of a column that is to be written, for people; undefined when nothing is. */
export function unitFault({ name, unit, type }: Column): string | undefined {
  if (unit === '') return undefined
  if (type !== 'int') return `column ${name}: a column of type ${type} has no unit`
  if (NAMES.has(unit)) return undefined
  return `column ${name}: ${JSON.stringify(unit)} is no SenML unit (RFC 8428, RFC 8798); leave it empty, or scale one that is`
}
