#!/usr/bin/env node
import { main } from '../dist/cli/main.js'

// At once: a port that does not close, or what else was given up on, would keep the process, and nobody would start it again.
process.exit(await main('run', process.argv.slice(2)))
