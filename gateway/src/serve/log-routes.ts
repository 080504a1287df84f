/** The log for auditors: c2sp.org/tlog-checkpoint and c2sp.org/tlog-tiles. */
import { encodeEntryBundle, hashTile, parseTilePath, TILE_WIDTH, tileWidth } from '@fieldproof/sdk/merkle'
import type { Hono } from 'hono'
import type { AppOptions } from './app-options.ts'
import { missing, octets } from './request.ts'

/** Adds `/checkpoint` and `/tile`. */
export function addLog(app: Hono, { store, ledger }: AppOptions): void {
  app.get('/checkpoint', (c) => c.text(ledger.checkpoint(), 200, { 'cache-control': 'no-store' }))
  app.get('/tile/*', async (c) => {
    const { level, index, width } = parseTilePath(c.req.path.slice(1))
    if (tileWidth(level, index, ledger.head.size) < width) missing('tile of that width')
    // A tile never changes: a wider one has another name.
    const headers = { 'cache-control': 'public, max-age=31536000, immutable' }
    if (level !== 'entries') return octets(c, hashTile(ledger.tree, level, index, width), headers)
    const leaves = await store.readLeaves(index * TILE_WIDTH, index * TILE_WIDTH + width)
    return octets(c, encodeEntryBundle(leaves.map(({ bytes }) => bytes)), headers)
  })
}
