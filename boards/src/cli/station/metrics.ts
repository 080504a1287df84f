/** Metrics in Prometheus' text format. Only what is known: a number that would be a guess is left out. */
import type { Counter } from './counter.ts'
import type { Snapshot } from './snapshot.ts'
import { SIZE_EDGES } from './status.ts'

type Kind = 'counter' | 'gauge' | 'histogram'
type Sample = readonly [labels: Readonly<Record<string, string>>, value: number | null]

/** The whole text. */
export function metricsText(snapshot: Snapshot): string {
  const { status, usage, monotonicMs, supply } = snapshot
  const ages = [...status.last.values()].map(
    ({ stream, recordedMs }): Sample => [{ stream }, (monotonicMs - recordedMs) / 1000],
  )
  const rows = [...status.last.values()].map((last): Sample => [{ stream: last.stream }, last.rows])
  return [
    family('build_info', 'gauge', 'What runs here', [[{ version: snapshot.software, node: process.versions.node }, 1]]),
    family('process_start_time_seconds', 'gauge', 'Start, seconds since 1970', one(status.startedMs / 1000)),
    family('process_resident_memory_bytes', 'gauge', 'Memory of this process', one(snapshot.memoryBytes)),
    family('rows_total', 'counter', 'Rows of this start: of sensors when measured, others when durable', rows),
    family('row_age_seconds', 'gauge', 'Since the newest row was measured', ages),
    counter('samples_total', 'Measurements in rows, by the worst flag of their values', status.samples),
    counter('sensor_errors_total', 'Faults of sensors that began', status.sensorErrors),
    counter('qc_flags_total', 'Values that were flagged 3 (suspect) or 4 (fail)', status.flags),
    family('serial_connected', 'gauge', 'Whether the board answers', one(Number(status.board.isUp))),
    counter('serial_reconnects_total', 'Connections that ended or did not come about', status.reconnects),
    counter('batches_signed_total', 'Batches that were signed', status.signed),
    sizes(snapshot),
    family('queue_records', 'gauge', 'Rows that are not signed yet', one(usage.rows)),
    family('queue_batches', 'gauge', 'Signed batches that are held', [
      [{ state: 'pending' }, usage.pending],
      [{ state: 'logged' }, usage.logged],
      [{ state: 'parked' }, usage.parked],
    ]),
    family('queue_bytes', 'gauge', 'Bytes that the outbox holds', one(usage.sizeBytes)),
    family('queue_max_bytes', 'gauge', 'Bytes at which new rows are refused', one(snapshot.maxBytes)),
    counter('queue_dropped_total', 'Rows that were refused', status.dropped),
    family('mqtt_connected', 'gauge', 'Whether the broker is connected', one(Number(status.isLinkUp))),
    counter('mqtt_disconnects_total', 'Connections to the broker that ended', status.linkDowns),
    counter('publish_total', 'Batches that the broker acknowledged', status.published),
    counter('commands_total', 'Commands to the valve by what came of them', status.commands),
    family('clock_synced', 'gauge', 'Whether the clock is synchronised', one(Number(snapshot.clockQuality === 2))),
    family('cpu_temperature_celsius', 'gauge', 'Of the processor', one(snapshot.cpuCelsius)),
    family('undervoltage', 'gauge', 'Whether the supply is too low now', one(supply && Number(supply.isLow))),
    family('disk_free_bytes', 'gauge', 'Free where the station is', one(snapshot.diskFreeBytes)),
  ].join('')
}

function one(value: number | null): Sample[] {
  return [[{}, value]]
}

function counter(name: string, help: string, from: Counter): string {
  const samples = from
    .entries()
    .map(
      ([values, count]): Sample => [Object.fromEntries(from.labels.map((label, i) => [label, values[i] ?? ''])), count],
    )
  return family(name, 'counter', help, samples)
}

function family(name: string, kind: Kind, help: string, samples: readonly Sample[]): string {
  const known = samples.filter(([, value]) => value !== null)
  if (known.length === 0) return ''
  const lines = known.map(([labels, value]) => `fieldproof_${name}${labelText(labels)} ${value}\n`)
  return head(name, kind, help) + lines.join('')
}

function sizes({ status }: Snapshot): string {
  const name = 'batch_size_bytes'
  const total = status.signed.of()
  const buckets = [...SIZE_EDGES.map((edge) => [String(edge), status.signedSizes.of(String(edge))]), ['+Inf', total]]
  const lines = buckets.map(([le, count]) => `fieldproof_${name}_bucket{le="${le}"} ${count}\n`)
  const sums = `fieldproof_${name}_sum ${status.signedBytes.of()}\nfieldproof_${name}_count ${total}\n`
  return head(name, 'histogram', 'Sizes of signed batches') + lines.join('') + sums
}

function head(name: string, kind: Kind, help: string): string {
  return `# HELP fieldproof_${name} ${help}\n# TYPE fieldproof_${name} ${kind}\n`
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${value.replace(/["\\\n]/g, escaped)}"`)
  return parts.length === 0 ? '' : `{${parts.join(',')}}`
}

function escaped(char: string): string {
  return char === '\n' ? '\\n' : `\\${char}`
}
