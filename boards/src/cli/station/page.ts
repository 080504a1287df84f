/** The station as a page: one HTML text without script and without anything from elsewhere. It shows, and changes nothing. */

import { PAGE_STYLE } from './page-style.ts'
import { ageText, bytesText, countText } from './page-text.ts'
import type { Snapshot } from './snapshot.ts'
import type { LastRow } from './status.ts'

const REFRESH_S = 10
const CLOCK = ['never synchronised', 'not synchronised now', 'synchronised']
/** Columns for machines: they are signed, and tell a person nothing. */
const HIDDEN: ReadonlySet<string> = new Set(['boardEpoch', 'boardBoots', 'quality'])

/** The whole page. */
export function pageHtml(snapshot: Snapshot): string {
  const { title, machine, status, nowMs } = snapshot
  const rows = [...status.last.values()].filter(({ stream }) => stream !== 'health')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="${REFRESH_S}">
<title>${quoted(title)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<header>
<h1>${quoted(title)}</h1>
<p class="${status.faults.size === 0 ? 'good' : 'bad'}">${verdict(snapshot)}</p>
</header>
<main>
${faults(snapshot)}
${rows.length === 0 ? '<section><h2>Readings</h2><p>No row yet since this start.</p></section>' : rows.map((row) => reading(row, snapshot)).join('\n')}
<section>
<h2>Station</h2>
<table>
${station(snapshot)
  .map(([name, text]) => `<tr><th scope="row">${quoted(name)}</th><td>${quoted(text)}</td></tr>`)
  .join('\n')}
</table>
</section>
</main>
<footer>Machine <code>${quoted(machine)}</code>. As of ${quoted(new Date(nowMs).toISOString().slice(0, 19).replace('T', ' '))} UTC; renewed every ${REFRESH_S} s. <a href="metrics">Metrics</a></footer>
</body>
</html>
`
}

function verdict({ status, monotonicMs }: Snapshot): string {
  if (status.faults.size > 0) return `${countText(status.faults.size, 'fault')}, see below`
  const rows = [...status.last.values()].filter(({ stream }) => stream !== 'health')
  const newest = Math.max(...rows.map(({ recordedMs }) => recordedMs))
  return Number.isFinite(newest) ? `Measuring; newest row ${ageText(monotonicMs - newest)} ago` : 'Starting'
}

function faults({ status, nowMs }: Snapshot): string {
  if (status.faults.size === 0) return ''
  const items = [...status.faults.values()].map(
    ({ subject, code, detail, sinceMs }) =>
      `<li><strong>${quoted(subject)}</strong> for ${quoted(ageText(nowMs - sinceMs))}: ${quoted(withoutCode(detail, code))} <code>${quoted(code)}</code></li>`,
  )
  return `<section class="faults"><h2>What is wrong</h2><ul>\n${items.join('\n')}\n</ul></section>`
}

function withoutCode(detail: string, code: string): string {
  return detail.startsWith(`${code}: `) ? detail.slice(code.length + 2) : detail
}

function reading({ stream, recordedMs, values, rows }: LastRow, { monotonicMs }: Snapshot): string {
  const shown = values.filter(({ name }) => !HIDDEN.has(name))
  const cells = shown.map(
    ({ name, text, unit }) =>
      `<tr><th scope="row">${quoted(spaced(name))}</th><td${text === '' ? ' class="none"' : ''}>${quoted(text === '' ? 'no value' : text)}</td><td>${quoted(text === '' ? '' : unitText(unit))}</td></tr>`,
  )
  return `<section>
<h2>${quoted(spaced(stream))}</h2>
<p>${quoted(ageText(monotonicMs - recordedMs))} ago; ${countText(rows, 'row')} since the start</p>
<table class="values">
${cells.join('\n')}
</table>
</section>`
}

function station(snapshot: Snapshot): (readonly [string, string])[] {
  const { status, usage, gateway, supply, cpuCelsius, diskFreeBytes } = snapshot
  const full = Math.round((100 * usage.sizeBytes) / snapshot.maxBytes)
  const sent =
    gateway === null ? 'none: everything stays here' : `${gateway}, ${status.isLinkUp ? 'connected' : 'not connected'}`
  return [
    ['Board', status.board.isUp ? status.board.text : `not connected: ${status.board.text}`],
    ['Gateway', sent],
    ['Rows to sign', String(usage.rows)],
    [gateway === null ? 'Signed batches' : 'Batches to send', String(usage.pending)],
    ...(usage.logged > 0 ? [['Batches to anchor', String(usage.logged)] as const] : []),
    ...(usage.parked > 0 ? [['Batches refused', String(usage.parked)] as const] : []),
    ['Outbox', `${bytesText(usage.sizeBytes)}, ${full} % full`],
    ['Clock', CLOCK[snapshot.clockQuality] ?? ''],
    ...(diskFreeBytes === null ? [] : [['Free disk', bytesText(diskFreeBytes)] as const]),
    ...(cpuCelsius === null ? [] : [['Processor', `${cpuCelsius.toFixed(0)} °C`] as const]),
    ...(supply === null ? [] : [['Supply', supply.isLow ? 'too low' : 'good'] as const]),
    ['Running for', ageText(snapshot.nowMs - status.startedMs)],
  ]
}

/** SenML's names where people write others. */
const UNITS: Readonly<Record<string, string>> = { Cel: '°C', '%RH': '%', '/100': '%', deg: '°' }

function unitText(unit: string): string {
  return UNITS[unit] ?? unit
}

/** airTemperature -> Air temperature. */
function spaced(name: string): string {
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('-', ' ')
    .toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** A board and a gateway choose some of these texts. */
function quoted(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
