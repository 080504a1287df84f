/** Rows turned into columns of differences and back (spec 02-batch). */
import { must } from './bytes.mjs'
import { fits, isTime } from './row.mjs'

/** First time, first difference, second differences; zeros at the end from the third entry on are left out. */
function encodeTimes(times) {
  const column = times.map((t, i) => (i === 0 ? t : i === 1 ? t - times[0] : t - 2 * times[i - 1] + times[i - 2]))
  while (column.length > 2 && column.at(-1) === 0) column.pop()
  return column
}

function encodeColumn(values, type) {
  if (type !== 'int') return values
  let last = 0
  return values.map((value) => {
    if (value === null) return null
    const delta = value - last
    last = value
    return delta
  })
}

/** [time column, column 1 .. column k] of rows [time, v1 .. vk]. */
export const encodeColumns = (rows, columns) => [
  encodeTimes(rows.map((row) => row[0])),
  ...columns.map(({ type }, i) =>
    encodeColumn(
      rows.map((row) => row[i + 1]),
      type,
    ),
  ),
]

const malformed = (condition, message) => must(condition, 'malformed', message)

function decodeTimes(column, count) {
  const times = []
  for (let i = 0; i < count; i++) {
    const value = i < column.length ? column[i] : 0
    malformed(Number.isSafeInteger(value), 'time is not an integer')
    const time = i === 0 ? value : i === 1 ? times[0] + value : value + 2 * times[i - 1] - times[i - 2]
    malformed(isTime(time), 'time out of range')
    times.push(time)
  }
  return times
}

function decodeColumn(column, type) {
  let last = 0
  return column.map((item) => {
    if (type !== 'int' || item === null) {
      malformed(fits(item, type), 'value of another type')
      return item
    }
    malformed(Number.isSafeInteger(item), 'difference is not an integer')
    last += item
    malformed(fits(last, 'int'), 'value out of range')
    return last
  })
}

/** Rows of decoded columns. `count` is what the statement signs. @throws Refused malformed, count-mismatch */
export function decodeColumns(item, columns, count) {
  malformed(Array.isArray(item) && item.every(Array.isArray), 'columns are not arrays')
  malformed(item.length === columns.length + 1, 'number of columns')
  const [times, ...rest] = item
  const length = rest[0].length
  malformed(length >= 1, 'no rows')
  malformed(
    rest.every((column) => column.length === length),
    'columns of different lengths',
  )
  malformed(times.length <= length && times.length >= Math.min(length, 2), 'length of the time column')
  malformed(times.length <= 2 || times.at(-1) !== 0, 'zero at the end of the time column')
  must(length === count, 'count-mismatch', `${length} rows, ${count} signed`)
  const values = columns.map(({ type }, i) => decodeColumn(rest[i], type))
  return decodeTimes(times, count).map((time, i) => [time, ...values.map((column) => column[i])])
}
