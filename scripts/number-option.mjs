/** Numbers on the command line of a script: a typing error must end the script, not make it do nothing and succeed. */

/** A whole number of `least` or more, of at most twelve digits; ends the process with exit code 2 unless it is one. */
export function wholeNumber(name, text, least) {
  if (/^[0-9]{1,12}$/.test(text) && Number(text) >= least) return Number(text)
  return refuse(name, text, `a whole number from ${least} on`)
}

/** A number over zero, with a fraction where wanted; ends the process with exit code 2 unless it is one. */
export function positiveNumber(name, text) {
  if (/^[0-9]{1,12}(\.[0-9]{1,6})?$/.test(text) && Number(text) > 0) return Number(text)
  return refuse(name, text, 'a number over 0')
}

function refuse(name, text, want) {
  console.error(`--${name}: want ${want}, got ${JSON.stringify(text)}`)
  process.exit(2)
}
