/**
 * Builds boards/firmware/fieldproof from its sources and Debian's Arduino core: `npm run firmware:build [-- --check]`.
 * Writes fieldproof.hex and manifest.json. `--check` builds in a temporary folder and compares byte for byte; without
 * avr-gcc it only compares the sources with the manifest, says so, and exits with 2.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const CORE = '/usr/share/arduino/hardware/arduino/avr'
const FLASH_BYTES = 32_256 // what the bootloader leaves
const RAM_BYTES = 2048

const MCU = '-mmcu=atmega328p -DF_CPU=16000000L -DARDUINO=10819 -DARDUINO_AVR_UNO -DARDUINO_ARCH_AVR'
// Debian's avr-gcc 5.4 does not define DECIMAL_DIG as the core wants it. No date and no path reaches the code.
const COMMON = `-c -Os -ffunction-sections -fdata-sections -DDECIMAL_DIG=__DECIMAL_DIG__ ${MCU}`
const FLAGS = {
  c: `${COMMON} -std=gnu11`,
  cpp: `${COMMON} -std=c++11 -fno-exceptions -fno-threadsafe-statics`,
  S: `-c -x assembler-with-cpp ${MCU}`,
  core: '-w',
  sketch: '-Wall -Wextra -Werror',
  link: '-Os -Wl,--gc-sections -mmcu=atmega328p',
}

const firmware = new URL('../boards/firmware/', import.meta.url).pathname
const sketch = join(firmware, 'fieldproof')
const { values: options } = parseArgs({ options: { check: { type: 'boolean', default: false } } })

const sources = Object.fromEntries(
  readdirSync(sketch)
    .filter((name) => /\.(ino|cpp|h)$/.test(name))
    .sort()
    .map((name) => [name, sha256(readFileSync(join(sketch, name)))]),
)
const buildId = sha256(JSON.stringify([sources, FLAGS])).slice(0, 16)
process.exitCode = options.check ? check() : build()

function build() {
  if (!hasCompiler())
    return fail('no avr-gcc or Arduino core: apt-get install gcc-avr avr-libc binutils-avr arduino-core-avr')
  const made = compile()
  writeFileSync(join(firmware, 'fieldproof.hex'), made.hex)
  writeFileSync(join(firmware, 'manifest.json'), made.manifest)
  return 0
}

function check() {
  const text = readFileSync(join(firmware, 'manifest.json'), 'utf8')
  const committed = JSON.parse(text)
  const hex = readFileSync(join(firmware, 'fieldproof.hex'))
  if (committed.buildId !== buildId || JSON.stringify(committed.sources) !== JSON.stringify(sources))
    return fail('the sources or flags are not those of manifest.json: npm run firmware:build')
  if (committed.hexSha256 !== sha256(hex)) return fail('fieldproof.hex is not the one of manifest.json')
  if (!hasCompiler()) {
    console.error('firmware: sources and hex are those of manifest.json; avr-gcc is missing, so nothing was rebuilt')
    return 2
  }
  const made = compile()
  if (made.compiler !== committed.compiler || made.core !== committed.core)
    return fail(`built with ${committed.compiler}, ${committed.core}; here are ${made.compiler}, ${made.core}`)
  if (made.hex !== hex.toString('latin1')) return fail('fieldproof.hex is not what its sources give')
  if (made.manifest !== text) return fail('manifest.json does not say what a build finds: npm run firmware:build')
  console.log('firmware: rebuilt, byte for byte the same')
  return 0
}

function fail(message) {
  console.error(`firmware: ${message}`)
  return 1
}

function hasCompiler() {
  return spawnSync('avr-gcc', ['--version']).status === 0 && existsSync(CORE)
}

/** Compiles in a folder of its own, with sources named relative to it or to the core. */
function compile() {
  const out = mkdtempSync(join(tmpdir(), 'fieldproof-firmware-'))
  try {
    const core = coreArchive(out)
    const objects = Object.keys(sources)
      .filter((name) => !name.endsWith('.h'))
      .map((name) => object(out, sketch, name))
    run('avr-gcc', [...FLAGS.link.split(' '), '-o', join(out, 'fieldproof.elf'), ...objects, core, '-lm'], out)
    run('avr-objcopy', ['-O', 'ihex', '-R', '.eeprom', 'fieldproof.elf', 'fieldproof.hex'], out)
    const { flashBytes, ramBytes } = size(out)
    console.log(
      `firmware ${buildId}: flash ${flashBytes} of ${FLASH_BYTES} bytes, RAM ${ramBytes} of ${RAM_BYTES} bytes`,
    )
    const hex = readFileSync(join(out, 'fieldproof.hex'), 'latin1')
    const compiler = run('avr-gcc', ['--version'], out).split('\n')[0].trim()
    const coreDigest = coreSources()
    const facts = {
      buildId,
      hexSha256: sha256(hex),
      flashBytes,
      ramBytes,
      compiler,
      core: coreDigest,
      flags: FLAGS,
      sources,
    }
    return { hex, compiler, core: coreDigest, manifest: `${JSON.stringify(facts, null, 2)}\n` }
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
}

/** An archive, so that the linker takes only what is called for: the core's own interrupt handlers stay out. */
function coreArchive(out) {
  const folder = join(CORE, 'cores/arduino')
  const objects = coreFiles()
    .filter((name) => /\.(c|cpp|S)$/.test(name))
    .map((name) => object(out, folder, name))
  run('avr-ar', ['rcsD', 'core.a', ...objects], out)
  return 'core.a'
}

function object(out, folder, name) {
  const extension = name.slice(name.lastIndexOf('.') + 1)
  const ours = folder === sketch
  const id = buildId.match(/../g).map((byte) => `0x${byte}`)
  const flags = [
    ...FLAGS[extension === 'ino' ? 'cpp' : extension].split(' '),
    ...(ours ? [...FLAGS.sketch.split(' '), `-DFIELDPROOF_BUILD_ID=${id.join(',')}`] : [FLAGS.core]),
    ...['cores/arduino', 'variants/standard'].flatMap((include) => ['-I', join(CORE, include)]),
    ...(extension === 'ino' ? ['-x', 'c++'] : []),
  ]
  const target = `${ours ? 'sketch' : 'core'}-${name}.o`
  run('avr-gcc', [...flags, '-o', join(out, target), name], folder)
  return target
}

function size(out) {
  const [, numbers] = run('avr-size', ['fieldproof.elf'], out).split('\n')
  const [text, data, bss] = numbers.trim().split(/\s+/).map(Number)
  return { flashBytes: text + data, ramBytes: data + bss }
}

function coreFiles() {
  return readdirSync(join(CORE, 'cores/arduino'))
    .filter((name) => /\.(c|cpp|S|h)$/.test(name))
    .sort()
}

/** One digest over the core's files, so that another version of it is noticed. */
function coreSources() {
  const files = coreFiles().map((name) => [name, sha256(readFileSync(join(CORE, 'cores/arduino', name)))])
  return `arduino-core-avr sha256 ${sha256(JSON.stringify(files))}`
}

function run(command, args, cwd) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  })
  if (status !== 0) throw new Error(`${command} failed with ${status}: ${stderr.slice(0, 4000)}`)
  return stdout
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex')
}
