/** An owner as a person gives one. */
import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/base/index.ts'
import { accountAddress, checksumAddress } from '../../src/evm/index.ts'

/** Of EIP-55. */
const EXAMPLES = [
  '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
  '0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB',
  '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb',
]
/** Private key 1: its public key is the generator, its address is widely published. */
const KEY_OF_1 = '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798'
const WHOLE_KEY_OF_1 =
  '0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8'
const ADDRESS_OF_1 = '7e5f4552091a69125d5dfcb7b8c2659029395bdf'

describe('the owner of a machine', () => {
  it.each(EXAMPLES)('is an address with check digits, %s', (text) => {
    expect(checksumAddress(accountAddress(text))).toBe(text)
  })

  it('is an address without them', () => {
    expect(toHex(accountAddress(`0x${ADDRESS_OF_1}`))).toBe(ADDRESS_OF_1)
    expect(toHex(accountAddress(`0x${ADDRESS_OF_1.toUpperCase()}`))).toBe(ADDRESS_OF_1)
  })

  it.each([KEY_OF_1, `0x${KEY_OF_1}`, WHOLE_KEY_OF_1, `0x${WHOLE_KEY_OF_1}`])('is a public key, %s', (text) => {
    expect(toHex(accountAddress(text))).toBe(ADDRESS_OF_1)
  })

  it.each([
    ['a digit that was mistyped', '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAee'],
    ['an address that is cut short', '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeA'],
    ['an address without 0x', '5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'],
    ['a key that is no point', `02${'f'.repeat(64)}`],
    ['a private key', `0x${'11'.repeat(32)}`],
    ['a name', 'example.eth'],
  ])('is not %s', (_, text) => {
    expect(() => accountAddress(text)).toThrow(/out-of-range: owner/)
  })
})
