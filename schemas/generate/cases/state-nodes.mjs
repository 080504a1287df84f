/** Nodes that do not prove what the verifier reads: missing, changed, in another order, or of something else. */

import { stranger } from '../fixtures.mjs'
import { flip, hex, labelled } from '../format/bytes.mjs'
import { kid, thumbprint } from '../format/keys.mjs'
import { collect, SLOTS } from '../format/state.mjs'
import { keccak } from '../format/trie.mjs'
import { bent, NODES } from './state-faults.mjs'
import { caseOf, logStorage, registryStorage, scene, tinyLog } from './state-parts.mjs'

export function rejectProofs(cases) {
  const reject = (name, check, bad) => cases.reject(name, `check:${check}`, { ...caseOf(bad), check })
  const plain = scene({})
  rejectNodes(reject, plain)
  rejectForeign(reject, plain)
  attack(reject, plain)
}

/** Every node in turn, and nodes in another order. */
function rejectNodes(reject, plain) {
  const nodes = (name, change) =>
    reject(
      name,
      'state',
      bent(plain, (b) => {
        b.anchor[NODES] = change(b.anchor[NODES])
      }),
    )
  const count = plain.parts.anchor[NODES].length
  for (let i = 0; i < count; i++) {
    nodes(`node ${i} missing`, (list) => list.toSpliced(i, 1))
    nodes(`a bit of node ${i} changed`, (list) => list.with(i, flip(list[i], 8 * list[i].length - 1)))
  }
  for (const i of [0, 2, count - 1]) nodes(`node ${i} twice`, (list) => list.toSpliced(i, 0, list[i]))
  for (const i of [0, 1, 3, count - 2])
    nodes(`nodes ${i} and ${i + 1} exchanged`, (list) => list.with(i, list[i + 1]).with(i + 1, list[i]))
  nodes('nodes turned round', (list) => [...list].reverse())
  nodes('nodes sorted by hash', (list) => [...list].sort((a, b) => Buffer.compare(keccak(a), keccak(b))))
  const unused = collect(plain.state, [[labelled('account 0', 20), SLOTS.anchorLog()]]).at(-1)
  nodes('a node that nothing needs, at the end', (list) => [...list, unused])
  nodes('a node that nothing needs, in the middle', (list) => list.toSpliced(3, 0, unused))
  nodes('a byte after a node', (list) => list.with(5, Uint8Array.of(...list[5], 0)))
  nodes('an empty node', (list) => list.with(1, Uint8Array.of(0x80)))
  nodes('a node of no bytes', (list) => list.with(1, new Uint8Array(0)))
  nodes('one node', (list) => list.slice(0, 1))
}

/** Proofs that hold, of something else than the verifier needs. */
function rejectForeign(reject, plain) {
  const instead = (name, from, to, base = plain) => {
    const reads = base.reads.map((read) => (read === from ? to : read))
    reject(
      name,
      'state',
      bent(base, (b) => {
        b.anchor[NODES] = collect(base.state, reads)
      }),
    )
  }
  const [named, keyRead, homeRead, rootRead, headRead] = plain.reads
  const [registry] = named
  instead('key slot left out', keyRead, named)
  instead('home slot left out', homeRead, named)
  instead('slot of the head left out', headRead, rootRead)
  instead('slots of the head exchanged', rootRead, headRead)
  const strange = scene({ change: addStranger })
  instead('key slot of another key', strange.reads[1], [registry, SLOTS.key(thumbprint(stranger.key))], strange)
  instead(
    'home slot of another machine',
    strange.reads[2],
    [registry, SLOTS.home(kid(stranger.key), plain.log.id)],
    strange,
  )
  instead('home slot of another log', strange.reads[2], [registry, SLOTS.home(kid(stranger.key), OTHER_LOG)], strange)
  const absent = (name, remove) => reject(name, 'state', scene({ change: remove }))
  absent('key that nobody enrolled', (f) => void f.keys.pop())
  absent("log that never was the machine's home", (f) => void f.homes.pop())
  absent('registry that names no AnchorLog', (f) => {
    f.named = new Uint8Array(20)
  })
  absent('log that nobody created', (f) => {
    f.stored = OTHER_LOG
  })
  absent('no contract at the trusted address', (f) => {
    f.registry = labelled('elsewhere', 20)
  })
  absent('no contract at the address of the AnchorLog', (f) => {
    f.named = labelled('elsewhere', 20)
  })
}

const OTHER_LOG = labelled('other log')

function addStranger(facts) {
  const entry = { ...facts.keys[0], thumbprint: thumbprint(stranger.key), machine: kid(stranger.key) }
  facts.keys.push(entry)
  facts.homes.push(
    { ...facts.homes[0], machine: entry.machine },
    { ...facts.homes[0], machine: entry.machine, logId: OTHER_LOG },
  )
}

/** What someone can do who deploys contracts of his own, or makes a chain of his own. */
function attack(reject, plain) {
  const own = { registry: labelled('attacker registry', 20), anchorLog: labelled('attacker anchor log', 20) }
  const log = tinyLog({ sequence: 9, prev: labelled('prev') })
  const deploy = (facts) => {
    const theirs = { ...facts, ...own, head: { ...facts.head, root: log.root } }
    facts.head.root = labelled('root of the true log')
    facts.others.push(
      { address: own.registry, storage: registryStorage(theirs) },
      { address: own.anchorLog, storage: logStorage(theirs, log.id) },
    )
  }
  const genuine = scene({ log, change: deploy })
  const readsAs = (name, change) =>
    reject(
      name,
      'state',
      bent(genuine, (b) => {
        b.anchor[NODES] = collect(genuine.state, genuine.reads.map(change))
      }),
    )
  const isLog = ([address]) => hex(address) === hex(plain.facts.anchorLog)
  readsAs("attacker's registry and AnchorLog in the true state", (read) => [
    isLog(read) ? own.anchorLog : own.registry,
    read[1],
  ])
  readsAs("attacker's AnchorLog in the true state, named by his registry only", (read, i) =>
    isLog(read) ? [own.anchorLog, read[1]] : i === 0 ? [own.registry, read[1]] : read,
  )
  readsAs("attacker's AnchorLog in the true state, named by nobody", (read) =>
    isLog(read) ? [own.anchorLog, read[1]] : read,
  )
  reject("attacker's AnchorLog, in the true state another head", 'head', genuine)
  const invented = scene({
    log,
    change: (f) => {
      f.anchorLog = own.anchorLog
    },
  })
  reject("attacker's chain, which names his AnchorLog at the true registry", 'block', {
    ...invented,
    blockHash: plain.blockHash,
  })
}
