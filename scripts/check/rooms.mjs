/**
 * Who may import what. One entry a room; a file belongs to the first room whose folder holds it.
 *
 *   folder     what the room is, as a path
 *   pure       no computed imports either: what it loads can be read in its text
 *   rooms      other folders or files that its relative imports may lead to; its own folder is always allowed
 *   sdk        published subpaths of @fieldproof/sdk that it may import, or `true` for all
 *   fieldproof other packages of ours
 *   packages   bare packages: a list of names (`@scope/*` for a scope), or `'declared'` for what its package.json declares
 *   node       whether `node:*` may be imported
 */

/** In order: a layer sees the ones before it. */
const PURE = ['base', 'wire', 'crypto', 'merkle', 'evm', 'quality', 'decide', 'verify']
const PURE_PACKAGES = ['@noble/*', 'tweetnacl', 'cbor-x']
const src = (...layers) => layers.map((layer) => `sdk/src/${layer}`)

const pureRooms = PURE.map((layer, i) => ({
  folder: `sdk/src/${layer}`,
  rooms: src(...PURE.slice(0, i)),
  packages: PURE_PACKAGES,
  pure: true,
}))

const sdkRooms = [
  ...pureRooms,
  { folder: 'sdk/src/native', rooms: src('base', 'wire', 'crypto', 'merkle'), node: true },
  { folder: 'sdk/src/machine', rooms: src(...PURE), pure: true },
  { folder: 'sdk/src/node', rooms: src(...PURE, 'native', 'machine'), packages: ['mqtt', 'libsql'], node: true },
  { folder: 'sdk/src/testing', rooms: src(...PURE, 'native', 'machine', 'node'), packages: PURE_PACKAGES },
  { folder: 'sdk/src/cli', rooms: src(...PURE, 'native', 'machine', 'node', 'testing'), node: true },
  { folder: 'sdk/bin', rooms: src('cli'), node: true },
]

/** A program of a package: its own files, the packages that it declares, and Node. */
const program = (folder, allowed) => ({ folder, packages: 'declared', node: true, ...allowed })
const GATEWAY = { sdk: ['base', 'wire', 'crypto', 'merkle', 'evm', 'verify', 'native'] }
const BROWSER = { sdk: PURE, node: false }
const SIMULATOR = { sdk: true, fieldproof: ['@fieldproof/boards'] }
const EVERYTHING = { sdk: true, fieldproof: ['@fieldproof/gateway', '@fieldproof/device-sim', '@fieldproof/boards'] }
const BENCH_ROWS = ['scripts/bench']

export const ROOMS = [
  ...sdkRooms,
  program('sdk/bench', { sdk: true, rooms: ['sdk', ...BENCH_ROWS] }),
  program('sdk', { sdk: true }), // tests
  program('gateway/src', GATEWAY),
  program('gateway/bin', { ...GATEWAY, rooms: ['gateway/src'] }),
  program('gateway/web', BROWSER),
  // The constants are generated from the contracts, and not published.
  program('gateway/test/contracts', { sdk: true, rooms: ['gateway', 'sdk/src/evm/abi-constants.ts'] }),
  program('gateway/test/fuzz', { sdk: true, rooms: ['gateway', 'sdk/test/fuzz'] }),
  program('gateway/bench', { sdk: true, fieldproof: ['@fieldproof/gateway'], rooms: ['gateway', ...BENCH_ROWS] }),
  program('gateway', { sdk: true }), // tests, contracts
  program('device-sim/bench', { ...SIMULATOR, rooms: ['device-sim', ...BENCH_ROWS] }),
  program('device-sim', SIMULATOR),
  program('boards/src/testing', { sdk: true, rooms: ['boards/src'] }),
  program('boards/src', { sdk: ['', 'base', 'wire', 'crypto', 'evm', 'quality', 'machine', 'node', 'cli'] }),
  program('boards/bench', {
    sdk: true,
    fieldproof: ['@fieldproof/boards', '@fieldproof/device-sim'],
    rooms: ['boards', ...BENCH_ROWS],
  }),
  program('boards', { sdk: true, fieldproof: ['@fieldproof/device-sim'] }), // tests run on emulated boards
  program('examples', EVERYTHING),
  program('schemas', {}), // the contract depends on nothing of ours
  program('scripts/bench', { sdk: true }),
  program('scripts/pack/consumer', EVERYTHING), // programs of a user, who may import what we publish
  program('scripts', {}),
]
