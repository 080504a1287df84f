import { loadavg } from 'node:os'
import { startStation } from '@fieldproof/sdk'

await startStation({
  dir: 'porch',
  gateway: process.env.GATEWAY ?? 'http://127.0.0.1:8787',
  streams: {
    porch: {
      everyMs: 1000,
      columns: { load: { unit: '', decimals: 2 } },
      read: () => ({ load: loadavg()[0] }), // your sensor goes here: any function, in real units
    },
  },
  timing: { maxAgeMs: 10_000 }, // sign a batch at least this often
  onEvent: (event) => console.log(JSON.stringify(event)),
})
