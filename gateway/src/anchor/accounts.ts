/** Accounts that pay for transactions. Their private keys arrive as configuration and appear in no error and no log. */
import { FieldproofError, fromHex, toHex } from '@fieldproof/sdk/base'
import { mnemonicToAccount, privateKeyToAccount } from 'viem/accounts'

/** An externally owned account that signs here. */
export interface Account {
  /** 20 bytes. */
  readonly address: Uint8Array
  readonly signTransaction: ReturnType<typeof privateKeyToAccount>['signTransaction']
}

/** The mnemonic that every development chain funds. Public: what it holds elsewhere is anybody's. */
const DEV_MNEMONIC = 'test test test test test test test test test test test junk'

/**
 * The account of a private key.
 * @param privateKey `0x` and 64 hexadecimal digits
 * @throws FieldproofError `config-invalid`, which does not repeat the key
 */
export function accountOf(privateKey: string): Account {
  const key = /^0x[0-9a-fA-F]{64}$/.test(privateKey) ? signerOf(privateKey) : null
  if (key === null) {
    throw new FieldproofError(
      'config-invalid',
      'not a private key: want 0x and 64 hexadecimal digits of a valid scalar',
    )
  }
  return { address: fromHex(key.address), signTransaction: key.signTransaction }
}

function signerOf(privateKey: string): ReturnType<typeof privateKeyToAccount> | null {
  try {
    return privateKeyToAccount(privateKey as `0x${string}`)
  } catch {
    return null // zero or beyond the group order; the library's message could quote it
  }
}

/**
 * Private key of a funded account of a local chain, for demonstrations and tests only.
 * @param index 0 to 9
 */
export function devPrivateKey(index: number): string {
  const key = mnemonicToAccount(DEV_MNEMONIC, { addressIndex: index }).getHdKey().privateKey
  if (key === null || key === undefined) throw new FieldproofError('out-of-range', 'no such development account')
  return `0x${toHex(key)}`
}
