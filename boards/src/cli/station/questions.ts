/** What `fieldproof init` asks a person. Each answer can be given as an option instead. */
import { printable } from '@fieldproof/sdk/cli'
import { listSerialPorts } from '../host/serial-ports.ts'
import type { Surroundings } from '../surroundings.ts'

/** Which kind of station. */
export async function askForStation({ ask, print, profiles }: Surroundings): Promise<string> {
  const all = Object.values(profiles)
  print('Which station?')
  all.forEach(({ name, summary }, i) => {
    print(`  ${i + 1}  ${name}: ${summary}`)
  })
  for (;;) {
    const chosen = all[numberOf(await ask('Number: ')) - 1]
    if (chosen !== undefined) return chosen.name
  }
}

/** Which port; null for none yet. */
export async function askForPort({ ask, print, root }: Surroundings): Promise<string | null> {
  const ports = await listSerialPorts(root)
  if (ports.length === 0) {
    print('No board is plugged in: set the port in station.yaml later.')
    return null
  }
  print('Which port has the board?')
  ports.forEach(({ path, byId, product }, i) => {
    print(`  ${i + 1}  ${printable([byId ?? path, product ?? ''].join('  ').trim())}`)
  })
  print('  0  none yet')
  for (;;) {
    const number = numberOf(await ask('Number: '))
    if (number === 0) return null
    const chosen = ports[number - 1]
    if (chosen !== undefined) return chosen.byId ?? chosen.path
  }
}

/** Which gateway; null for none. */
export async function askForGateway({ ask }: Surroundings): Promise<string | null> {
  for (;;) {
    const answer = await ask('Address of a gateway (empty for none: everything stays here): ')
    if (answer === '') return null
    if (/^https?:\/\/./.test(answer) && URL.canParse(answer)) return answer
  }
}

function numberOf(text: string): number {
  return /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN
}
