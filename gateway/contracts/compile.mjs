/**
 * Compiles the contracts with solc from npm and writes everything that is generated from them:
 *
 *   gateway/contracts/artifacts/<Contract>.json   abi, bytecode, settings, storage layout
 *   schemas/abi/<Contract>.json                   abi only
 *   gateway/src/anchor/abi.ts                     abi as typed constants, what the gateway calls and nothing else
 *   sdk/src/evm/abi-constants.ts                  event topics, selectors, storage slots
 *
 * `--check` writes nothing and exits 1, naming each file that differs from what the sources give. `--out=<folder>` reads
 * and writes those paths below another folder than the repository. The output depends on the sources and on the pinned
 * solc, OpenZeppelin and Biome only: no machine paths, no times, no metadata hash.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { abiModule, constantsModule } from './generate.mjs'

const require = createRequire(import.meta.url)
const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../..')

/** Compiler settings, also written into every artifact. Runs: deployed once, called for years. */
const SETTINGS = {
  evmVersion: 'osaka',
  optimizer: { enabled: true, runs: 100_000 },
  metadata: { bytecodeHash: 'none' },
}

const VERIFIER = '@openzeppelin/contracts/utils/cryptography/verifiers/ERC7913P256Verifier.sol'

/** Contract name -> its source, and whether the source is ours. */
const CONTRACTS = {
  AnchorLog: { source: 'AnchorLog.sol', ours: true },
  MachineRegistry: { source: 'MachineRegistry.sol', ours: true },
  ERC7913P256Verifier: { source: VERIFIER, ours: false },
}

function compile() {
  const solc = require('solc')
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(
      [...ourSources(), VERIFIER].sort().map((name) => [name, { content: readSource(name) }]),
    ),
    settings: {
      ...SETTINGS,
      outputSelection: {
        '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode', 'evm.methodIdentifiers', 'storageLayout'] },
      },
    },
  }
  const importFile = (name) => ({ contents: readSource(name) })
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: importFile }))
  const faults = (output.errors ?? []).map((fault) => fault.formattedMessage)
  if (faults.length > 0) throw new Error(faults.join('\n'))
  return { version: solc.version(), contracts: output.contracts }
}

function ourSources() {
  const solidity = (folder) => readdirSync(join(here, folder)).filter((name) => name.endsWith('.sol'))
  return [...solidity('.'), ...solidity('lib').map((name) => `lib/${name}`)]
}

function readSource(name) {
  return readFileSync(name.startsWith('@') ? require.resolve(name) : join(here, name), 'utf8')
}

/** Storage layout without the syntax-tree ids, which change when an unrelated source does. */
function layoutOf(layout) {
  const plain = (type) => type.replace(/\)\d+_storage/g, ')_storage')
  const variable = ({ label, slot, offset, type }) => ({ label, slot, offset, type: plain(type) })
  const types = Object.entries(layout.types ?? {}).map(([name, type]) => [
    plain(name),
    {
      encoding: type.encoding,
      label: type.label,
      numberOfBytes: type.numberOfBytes,
      ...(type.key && { key: plain(type.key), value: plain(type.value) }),
      ...(type.members && { members: type.members.map(variable) }),
    },
  ])
  return {
    storage: layout.storage.map(variable),
    types: Object.fromEntries(types.sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

function artifactOf(name, built, version) {
  const { ours, source } = CONTRACTS[name]
  const { object, immutableReferences } = built.evm.deployedBytecode
  return {
    contractName: name,
    sourceName: source,
    compiler: { version, settings: SETTINGS },
    abi: built.abi,
    bytecode: `0x${built.evm.bytecode.object}`,
    deployedBytecode: `0x${object}`,
    immutableReferences: Object.values(immutableReferences ?? {}).flat(),
    ...(ours && { storageLayout: layoutOf(built.storageLayout) }),
  }
}

/** As the linter wants it, so that a generated file passes `biome check` like any other. */
function formatted(path, content) {
  return execFileSync(
    process.execPath,
    [require.resolve('@biomejs/biome/bin/biome'), 'format', `--stdin-file-path=${path}`],
    {
      cwd: root,
      input: content,
      encoding: 'utf8',
      stdio: 'pipe', // its advice about the configuration is not for whoever compiles
    },
  )
}

/** Path -> content of every generated file. */
function generated() {
  const { version, contracts } = compile()
  const files = new Map()
  const artifacts = {}
  const sources = Object.fromEntries(ourSources().map((name) => [name, readSource(name)]))
  for (const [name, { source }] of Object.entries(CONTRACTS)) {
    const built = contracts[source][name]
    const artifact = artifactOf(name, built, version)
    artifacts[name] = { ...artifact, selectors: built.evm.methodIdentifiers }
    files.set(`gateway/contracts/artifacts/${name}.json`, `${JSON.stringify(artifact, null, 2)}\n`)
    files.set(`schemas/abi/${name}.json`, formatted(`schemas/abi/${name}.json`, JSON.stringify(artifact.abi)))
  }
  files.set('gateway/src/anchor/abi.ts', formatted('gateway/src/anchor/abi.ts', abiModule(artifacts)))
  files.set(
    'sdk/src/evm/abi-constants.ts',
    formatted('sdk/src/evm/abi-constants.ts', constantsModule(artifacts, sources)),
  )
  return files
}

function contentOf(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

const { check, out } = parseArgs({
  options: { check: { type: 'boolean', default: false }, out: { type: 'string', default: root } },
}).values
for (const [path, content] of generated()) {
  const file = join(out, path)
  if (contentOf(file) === content) continue
  if (check) {
    process.exitCode = 1
    console.error(`${path} is not what the contracts give: run npm run contracts -w gateway`)
  } else {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
    console.log(path)
  }
}
