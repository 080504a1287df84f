/** What ends a command that runs for long, on a real process: a valve is closed and rows are written before it does. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { realSurroundings } from '../../src/cli/surroundings.ts'

const exit = vi.spyOn(process, 'exit').mockImplementation((code) => {
  throw new Error(`exit ${code}`)
})
afterEach(() => exit.mockClear())

describe('a request to stop', () => {
  it.each([
    ['a terminal that hangs up', () => process.emit('SIGHUP')],
    ['a pipe that is closed', () => process.stdout.emit('error', new Error('EPIPE'))],
  ])('comes once from %s, which may say so often, and then from a person', (_, lose) => {
    let asked = 0
    const forget = realSurroundings().onStop(() => void asked++)
    lose()
    process.emit('SIGHUP')
    process.stdout.emit('error', new Error('EPIPE'))
    expect(asked).toBe(1)
    process.emit('SIGTERM')
    expect(asked).toBe(2)
    forget()
    expect([process.listenerCount('SIGHUP'), exit.mock.calls]).toEqual([0, []])
    process.stdout.removeAllListeners('error')
  })
})
