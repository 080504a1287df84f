/**
 * Notices to systemd (sd_notify(3)). Node has no datagram sockets, so systemd's own program sends them; without NOTIFY_SOCKET, and where
 * there is no systemd, nothing is sent.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { errorLine } from '@fieldproof/sdk/base'
import { Serial } from '@fieldproof/sdk/machine'

const run = promisify(execFile)
const TIMEOUT_MS = 5_000

/** Sends notices, one after the other. */
export interface Notifier {
  /** Whether somebody listens. */
  readonly isOn: boolean
  /** Whether the service is ended when it is silent. */
  readonly hasWatchdog: boolean
  /** Sends assignments such as `READY=1`; resolves when they are sent or reported as lost. Never throws. */
  send(...assignments: readonly string[]): Promise<void>
}

/** @param onLost told when a notice could not be sent */
export function systemdNotifier(
  env: Readonly<Record<string, string | undefined>>,
  onLost: (detail: string) => void,
): Notifier {
  const isOn = Boolean(env['NOTIFY_SOCKET'])
  const turns = new Serial()
  return {
    isOn,
    hasWatchdog: isOn && Number(env['WATCHDOG_USEC'] ?? 0) > 0,
    async send(...assignments) {
      if (!isOn) return
      const options = { env: { ...env }, timeout: TIMEOUT_MS }
      await turns
        .run(() => run('systemd-notify', [...assignments], options))
        .catch((error: unknown) => onLost(errorLine(error)))
    },
  }
}
