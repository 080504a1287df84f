import { loadavg } from 'node:os'
import { startStation } from '@fieldproof/sdk'

await startStation({
  dir: 'porch',
  gateway: 'http://127.0.0.1:8787',
  streams: {
    porch: {
      everyMs: 1000,
      columns: { load: { unit: '', decimals: 2 } },
      read: () => ({ load: loadavg()[0] }), // your sensor goes here: any function, in real units
    },
  },
  onEvent: (event) => console.log(JSON.stringify(event)),
})
