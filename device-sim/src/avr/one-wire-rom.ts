/** How a 1-Wire device is addressed: from a reset pulse, bit by bit, to the bytes of its own commands. */
import type { OneWireDevice } from './one-wire.ts'

const SEARCH = 0xf0
const MATCH = 0x55
const SKIP = 0xcc
const READ_ROM = 0x33
const ROM_BITS = 64

/** One device, in slots. */
export interface RomLayer {
  /** A reset pulse; true when the device answers it. */
  readonly reset: () => boolean
  /** Bit that it sends in the slot that begins; a 1 pulls nothing, nor does one that listens. */
  readonly sends: () => 0 | 1
  /** The slot is over, with the bit that the board has written. */
  readonly slot: (written: 0 | 1) => void
}

type State = 'off' | 'command' | 'match' | 'search' | 'rom' | 'selected'

/** The layer over a device. */
export function createRomLayer(device: OneWireDevice): RomLayer {
  let state: State = 'off'
  let at = 0 // slots in this state
  let byte = 0 // arriving
  let sending: number | null = null

  const enter = (next: State): void => {
    state = next
    at = 0
    byte = 0
    sending = null
  }
  const romBit = (index: number): 0 | 1 => bitOf(device.rom[index >> 3] ?? 0, index & 7)
  const select = (command: number): void => {
    const next: Record<number, State> = { [SEARCH]: 'search', [MATCH]: 'match', [SKIP]: 'selected', [READ_ROM]: 'rom' }
    enter(next[command] ?? 'off')
  }
  const sends = (): 0 | 1 => {
    if (state === 'rom') return romBit(at)
    if (state === 'search' && at % 3 < 2) return at % 3 === 0 ? romBit((at / 3) | 0) : bitOf(~romBit((at / 3) | 0), 0)
    if (state !== 'selected') return 1
    if (at % 8 === 0) sending = device.read()
    return sending === null ? 1 : bitOf(sending, at % 8)
  }
  const receive = (written: 0 | 1, whole: (byte: number) => void): void => {
    byte |= written << (at % 8)
    if (at % 8 < 7) return
    const received = byte
    byte = 0
    whole(received)
  }
  const slot = (written: 0 | 1): void => {
    if (state === 'off') return
    const before = state
    if (state === 'command') receive(written, select)
    else if (state === 'match' && written !== romBit(at)) enter('off')
    else if (state === 'search' && at % 3 === 2 && written !== romBit((at / 3) | 0)) enter('off')
    else if (state === 'selected' && sending === null) receive(written, device.command)
    if (state !== before) return
    at++
    if (state === 'match' && at === ROM_BITS) enter('selected')
    if (state === 'rom' && at === ROM_BITS) enter('selected')
    if (state === 'search' && at === 3 * ROM_BITS) enter('off')
  }
  return {
    reset: () => {
      const isPresent = device.present()
      enter(isPresent ? 'command' : 'off')
      if (isPresent) device.reset()
      return isPresent
    },
    sends,
    slot,
  }
}

function bitOf(value: number, bit: number): 0 | 1 {
  return ((value >> bit) & 1) === 1 ? 1 : 0
}
