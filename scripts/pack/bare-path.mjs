/**
 * A PATH with Node and npm and nothing that compiles. A runtime dependency that needs a compiler fails to install on it, as it
 * would on a small board; an optional one is left out, and everything has to work without it.
 */
import { accessSync, constants, existsSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** `sh` runs install scripts, `env` finds Node for programs that begin with `#!/usr/bin/env node`. */
const TOOLS = ['node', 'npm', 'sh', 'env']
const COMPILERS = [
  'cc',
  'c++',
  'gcc',
  'g++',
  'clang',
  'make',
  'cmake',
  'python',
  'python3',
  'node-gyp',
  'cargo',
  'rustc',
]
/** Variables that say where a compiler is, or how Node finds modules. */
const DROPPED = /^(CC|CXX|CPP|AR|LD|MAKE|PYTHON|CARGO_HOME|NODE_PATH|NODE_OPTIONS|INIT_CWD)$/
/** Of what `npm run` tells its children, only where packages come from: the rest is about the project that it runs in. */
const OF_NPM = /^npm_(?!config_(registry|userconfig|globalconfig|cache|cafile|strict_ssl|https?_proxy|proxy|noproxy)$)/

/** @returns the environment of a user whose PATH is `folder`, which is made */
export function bareEnvironment(folder) {
  mkdirSync(folder)
  // Through the real path: npm's program finds its own files beside it.
  for (const tool of TOOLS)
    symlinkSync(tool === 'node' ? process.execPath : realpathSync(found(tool)), join(folder, tool))
  const compiler = COMPILERS.find((name) => locate(name, folder) !== undefined)
  if (compiler !== undefined) throw new Error(`the bare PATH has ${compiler}`)
  const kept = Object.entries(process.env).filter(([name]) => !DROPPED.test(name) && !OF_NPM.test(name))
  return { ...Object.fromEntries(kept), PATH: folder }
}

function found(tool) {
  const path = locate(tool, process.env.PATH ?? '')
  if (path === undefined) throw new Error(`no ${tool} on the PATH`)
  return path
}

function locate(name, path) {
  return path
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file) && isExecutable(file))
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false // a file that may not be run is no program; any other fault shows when it is run
  }
}
