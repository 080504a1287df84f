export { csvHeader, csvLine, decimal } from './csv.ts'
export { listReadings, readingsDir } from './files.ts'
export { type LocalRow, type LocalValue, type RowReader, type RowsWanted, rowReader } from './read-rows.ts'
export { openReadings, type Readings, type ReadingsOptions } from './readings.ts'
