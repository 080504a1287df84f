/**
 * Parts of evidence, each stored once for all anchors: from one anchor to the next nearly all trie nodes of the registry are the
 * same. They are written and read in groups, so that machines that wait for acknowledgements wait for a group and no more.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { FieldproofError } from '@fieldproof/sdk/base'
import { nativeHash } from '@fieldproof/sdk/native'
import { cellBytes, cellNumber, type DatabaseFile, type Query } from './libsql-database.ts'

const AT_ONCE = 512
const NUMBER_BYTES = 4

/** The table of parts. */
export class StoredParts {
  readonly #file: DatabaseFile
  readonly #find: Query
  readonly #insert: Query
  readonly #read: Query

  constructor(file: DatabaseFile) {
    this.#file = file
    this.#find = file.prepare('SELECT number FROM evidence_parts WHERE digest = ?')
    this.#insert = file.prepare('INSERT INTO evidence_parts (digest, bytes) VALUES (?, ?)')
    this.#read = file.prepare('SELECT bytes FROM evidence_parts WHERE number = ?')
  }

  /** Stores what is new. If we stop halfway, parts are left that nothing names. @returns their numbers, 4 bytes each */
  async put(parts: readonly Uint8Array[]): Promise<Uint8Array> {
    const numbers = new DataView(new ArrayBuffer(parts.length * NUMBER_BYTES))
    for (let from = 0; from < parts.length; from += AT_ONCE) {
      this.#file.transaction(() => {
        for (const [i, part] of parts.slice(from, from + AT_ONCE).entries()) {
          numbers.setUint32((from + i) * NUMBER_BYTES, this.#numberOf(part))
        }
      })
      await nextTurn()
    }
    return new Uint8Array(numbers.buffer)
  }

  /** @throws FieldproofError `store-corrupt` when one is not there */
  async get(numbers: Uint8Array): Promise<readonly Uint8Array[]> {
    const view = new DataView(numbers.buffer, numbers.byteOffset, numbers.byteLength)
    if (numbers.length % NUMBER_BYTES !== 0) throw missing()
    const parts: Uint8Array[] = []
    for (let at = 0; at < numbers.length; at += NUMBER_BYTES) {
      const row = this.#read.get([view.getUint32(at)])
      if (row === undefined) throw missing()
      parts.push(cellBytes(row['bytes']))
      if (parts.length % AT_ONCE === 0) await nextTurn()
    }
    return parts
  }

  #numberOf(part: Uint8Array): number {
    const digest = nativeHash.sha256(part)
    const known = this.#find.get([digest])
    if (known !== undefined) return cellNumber(known['number'])
    return Number(this.#insert.run([digest, part]).lastInsertRowid)
  }
}

function missing(): FieldproofError {
  return new FieldproofError('store-corrupt', 'a part of the evidence of an anchor is missing')
}
