/** Prometheus metrics, counted from the gateway's own events: what is watched is what happened. */
import { Counter, Gauge, Registry } from 'prom-client'
import type { GatewayEvent } from '../ingest/events.ts'

/** What is asked at each scrape. */
export interface MetricSources {
  readonly logSize: () => number
  readonly queued: () => number
  readonly connected: () => number
  readonly anchoredSize: () => number
}

/** Metrics of one gateway. */
export interface Metrics {
  /** Counts an event. */
  readonly observe: (event: GatewayEvent) => void
  /** The text that Prometheus reads. */
  readonly text: () => Promise<string>
  readonly contentType: string
}

/** Metrics of a gateway. */
export function createMetrics(sources: MetricSources): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const batches = new Counter({ name: 'fieldproof_batches_logged_total', help: 'Batches logged', registers })
  const rows = new Counter({ name: 'fieldproof_rows_logged_total', help: 'Rows logged', registers })
  const bytes = new Counter({ name: 'fieldproof_batch_bytes_total', help: 'Bytes of logged batch messages', registers })
  const duplicates = new Counter({
    name: 'fieldproof_batches_duplicate_total',
    help: 'Batches that came again',
    registers,
  })
  const forks = new Counter({ name: 'fieldproof_forks_total', help: 'Forks of a machine history', registers })
  const branches = new Counter({ name: 'fieldproof_branches_total', help: 'Branches of a machine history', registers })
  const faults = new Counter({
    name: 'fieldproof_faults_total',
    help: 'Faults by code',
    labelNames: ['code'],
    registers,
  })
  const refused = new Counter({
    name: 'fieldproof_messages_refused_total',
    help: 'Refused messages by code',
    labelNames: ['code'],
    registers,
  })
  const receipts = new Counter({
    name: 'fieldproof_receipts_sent_total',
    help: 'Answers to machines by kind',
    labelNames: ['kind'],
    registers,
  })
  gauge('fieldproof_log_size', 'Leaves of the log', sources.logSize)
  gauge('fieldproof_anchored_size', 'Leaves of the log under the newest final anchor', sources.anchoredSize)
  gauge('fieldproof_queued', 'Batches that wait for their commit', sources.queued)
  gauge('fieldproof_machines_connected', 'Machines connected to the embedded broker', sources.connected)

  function gauge(name: string, help: string, value: () => number): void {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value())
      },
    })
  }

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    observe: (event) => {
      if (event.event === 'batch-logged') {
        batches.inc()
        rows.inc(event.rows)
        bytes.inc(event.sizeBytes)
      } else if (event.event === 'batch-duplicate') duplicates.inc()
      else if (event.event === 'fork') forks.inc()
      else if (event.event === 'branch') branches.inc()
      else if (event.event === 'refused') refused.inc({ code: event.code })
      else if (event.event === 'receipt-sent') receipts.inc({ kind: event.kind })
      else if (event.event === 'fault' || event.event === 'fatal') faults.inc({ code: event.code })
    },
  }
}
