/**
 * The service of a station. systemd starts it again whatever ended it; the watchdog is fed by rows that were recorded and by nothing else,
 * and `fieldproof run` itself tells systemd how long it may be silent.
 */
import { shellWord } from '../host/shell-word.ts'

/** What a unit names; real paths of this computer. */
export interface UnitOptions {
  readonly title: string
  /** Folder of the station, absolute. */
  readonly dir: string
  /** Program that runs Node. */
  readonly node: string
  /** The file of `fieldproof-run`. */
  readonly program: string
  readonly user: string
}

/** Where ProtectHome would hide what the service needs. */
const HOMES = /^\/(home|root|run\/user)\//

/** Text of fieldproof.service. The working directory ends with a slash: unquoted, a backslash there would take in the next line. */
export function systemdUnit({ title, dir, node, program, user }: UnitOptions): string {
  const isInHome = [dir, node, program].some((path) => HOMES.test(`${path}/`))
  return `# ${title}, station in ${shellWord(dir)}. Install it with:
#   sudo cp ${shellWord(`${dir}/fieldproof.service`)} /etc/systemd/system/
#   sudo systemctl daemon-reload && sudo systemctl enable --now fieldproof
# Look at it with: systemctl status fieldproof; journalctl -u fieldproof -f
[Unit]
Description=Fieldproof: ${oneLine(title)}
# Wants, not Requires: without a network the station measures on, and says in every batch that its clock is not synchronised.
Wants=network-online.target time-sync.target
After=network-online.target time-sync.target
StartLimitIntervalSec=0

[Service]
Type=notify
# The notices are sent by systemd-notify, a child of the service.
NotifyAccess=all
User=${oneLine(user)}
SupplementaryGroups=dialout
WorkingDirectory=${oneLine(dir)}/
ExecStart=${argument(node)} ${argument(program)} ${argument(dir)} --json
# Fed by rows that were recorded, never by a timer. The service lengthens it for stations that measure more rarely.
WatchdogSec=180
TimeoutStartSec=180
TimeoutStopSec=15
Restart=always
RestartSec=5
UMask=0077
NoNewPrivileges=true
ProtectSystem=strict
ProtectHome=${isInHome ? 'read-only' : 'true'}
ReadWritePaths=${word(dir)}
PrivateTmp=true
ProtectKernelTunables=true
ProtectKernelModules=true
ProtectControlGroups=true
RestrictSUIDSGID=true
RestrictNamespaces=true
LockPersonality=true
SystemCallArchitectures=native
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
CapabilityBoundingSet=
DevicePolicy=closed
DeviceAllow=char-ttyACM rw
DeviceAllow=char-ttyUSB rw
DeviceAllow=char-ttyAMA rw

[Install]
WantedBy=multi-user.target
`
}

/** systemd.syntax(7): an argument in quotes; % begins a specifier. */
function word(text: string): string {
  const escaped = oneLine(text)
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(escaped)
    ? escaped
    : `"${escaped.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

/** A word of a command line: there, $ begins a variable also between quotes. */
function argument(text: string): string {
  return word(text.replaceAll('$', '$$$$'))
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]/g, ' ').replaceAll('%', '%%')
}
