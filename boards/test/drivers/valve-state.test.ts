import { FieldproofError } from '@fieldproof/sdk/base'
import { describe, expect, it } from 'vitest'
import { valveState } from '../../src/drivers/index.ts'
import { fakeSession } from './fake-session.ts'

describe('the state of a valve', () => {
  it('is what the pin says at the moment of the row', async () => {
    let isOpen = false
    const session = fakeSession({ valve: async () => ({ isOpen, remainingMs: 0, state: 'closed-by-host' }) })
    const sensor = await valveState().driver.start(session)
    expect((await sensor.read()).values).toEqual({ open: 0 })
    isOpen = true
    expect((await sensor.read()).values).toEqual({ open: 1 })
  })

  it('is nothing that a board without a valve has', async () => {
    const foreign = new FieldproofError('board-firmware', 'StandardFirmata')
    const session = fakeSession({ valve: () => Promise.reject(foreign) })
    await expect(valveState().driver.start(session)).rejects.toBe(foreign)
  })
})
