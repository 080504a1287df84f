/** merkle.json: roots, inclusion and consistency proofs, read and made. */
import { equalBytes, FieldproofError, toHex } from '../../../src/base/index.ts'
import type { Hash } from '../../../src/crypto/index.ts'
import { MerkleTree, rootFromInclusion, rootOf, verifyConsistency } from '../../../src/merkle/index.ts'
import { allBytesOf, bytesOf, type Case, type Context, numberOf, type Outputs, type Runner } from '../runner.ts'

/** Runs merkle.json. */
export const merkleRunner: Runner = {
  readers: {
    root: {
      given: ['size'],
      read: ({ size }, { file, hash }) => ({
        root: toHex(rootOf(hash, allBytesOf(file['leafHashes']).slice(0, numberOf(size)))),
      }),
    },
    inclusion: { given: ['index', 'size', 'leaf'], read: readInclusion },
    consistency: { given: ['size1', 'size2'], read: readConsistency },
  },
}

function readInclusion(item: Case, { file, hash }: Context): Outputs {
  const proof = {
    leafHash: bytesOf(item['leaf']),
    index: numberOf(item['index']),
    size: numberOf(item['size']),
    path: allBytesOf(item['path']),
  }
  const root = rootFromInclusion(hash, proof)
  // A path of the right length that leads elsewhere gives another root: comparing is the caller's part.
  if (!equalBytes(root, bytesOf(item['root']))) throw new FieldproofError('proof-invalid', 'another root')
  return { root: toHex(root), path: treeOf(file['leafHashes'], hash).inclusionPath(proof.index, proof.size).map(toHex) }
}

function readConsistency(item: Case, { file, hash }: Context): Outputs {
  const [oldSize, newSize] = [numberOf(item['size1']), numberOf(item['size2'])]
  verifyConsistency(hash, {
    oldSize,
    oldRoot: bytesOf(item['root1']),
    newSize,
    newRoot: bytesOf(item['root2']),
    path: allBytesOf(item['path']),
  })
  const tree = treeOf(file['leafHashes'], hash)
  return {
    root1: toHex(tree.root(oldSize)),
    root2: toHex(tree.root(newSize)),
    path: tree.consistencyPath(oldSize, newSize).map(toHex),
  }
}

function treeOf(leafHashes: unknown, hash: Hash): MerkleTree {
  const tree = new MerkleTree(hash)
  for (const leaf of allBytesOf(leafHashes)) tree.append(leaf)
  return tree
}
