// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title RFC 9162 Merkle trees over SHA-256
/// @notice Consistency proofs of RFC 9162 section 2.1.4.2. An inner node is SHA-256(0x01 || left || right).
library Rfc9162 {
    /// @notice Whether `proof` shows that the tree of `firstSize` leaves is the beginning of the tree of `secondSize`.
    /// @dev Follows the numbered steps of section 2.1.4.2 and is as strict as they are: a proof that is too short, too
    /// long or in another order fails. What no consistency proof can do is bind the size within one tree shape: sizes 5
    /// and 8, for instance, have the same path from size 1. The older leaves are a prefix either way, and no inclusion
    /// proof exists for leaves that never were, so whoever claims a wrong size spoils only the future of his own log.
    ///
    /// Assembly, because this loop decides the price of an anchor: each hash is written where the next one reads it, and
    /// no memory is allocated.
    /// @param firstSize leaves of the older tree, at least 1
    /// @param firstRoot root of the older tree
    /// @param secondSize leaves of the newer tree, more than `firstSize`
    /// @param secondRoot root of the newer tree
    /// @param proof nodes in the order of section 2.1.4.1
    /// @return consistent true exactly when the proof holds
    function isConsistent(
        uint64 firstSize,
        bytes32 firstRoot,
        uint64 secondSize,
        bytes32 secondRoot,
        bytes32[] calldata proof
    ) internal view returns (bool consistent) {
        if (firstSize == 0 || firstSize >= secondSize || proof.length == 0) return false; // step 1
        assembly ("memory-safe") {
            // Two messages of 65 bytes beyond the free memory pointer, each ending in its hash so far:
            // 0x01 at +31, left at +32, right at +64. fr lives at older + 64, sr at newer + 64.
            let older := mload(0x40)
            let newer := add(older, 96)
            mstore(older, 1)
            mstore(newer, 1)

            let fn := sub(firstSize, 1) // step 3
            let sn := sub(secondSize, 1)
            for {} and(fn, 1) {} {
                fn := shr(1, fn) // step 4
                sn := shr(1, sn)
            }

            // Steps 2 and 5. After step 4, fn is 0 exactly when firstSize is a power of two: then the older root is
            // itself the first node, and the prover leaves it out.
            let at := proof.offset
            let end := add(at, shl(5, proof.length))
            let seed := firstRoot
            if fn {
                seed := calldataload(at)
                at := add(at, 32)
            }
            mstore(add(older, 64), seed)
            mstore(add(newer, 64), seed)

            let ok := 1
            for {} lt(at, end) { at := add(at, 32) } {
                if iszero(sn) {
                    ok := 0 // step 6a: nodes left over
                    break
                }
                switch or(and(fn, 1), eq(fn, sn))
                case 0 {
                    // step 6c: sr = H(sr, node)
                    mstore(add(newer, 32), mload(add(newer, 64)))
                    mstore(add(newer, 64), calldataload(at))
                    ok := and(ok, staticcall(gas(), 2, add(newer, 31), 65, add(newer, 64), 32))
                }
                default {
                    // step 6b: fr = H(node, fr), sr = H(node, sr)
                    calldatacopy(add(older, 32), at, 32)
                    calldatacopy(add(newer, 32), at, 32)
                    ok := and(ok, staticcall(gas(), 2, add(older, 31), 65, add(older, 64), 32))
                    ok := and(ok, staticcall(gas(), 2, add(newer, 31), 65, add(newer, 64), 32))
                    for {} and(iszero(and(fn, 1)), gt(fn, 0)) {} {
                        fn := shr(1, fn)
                        sn := shr(1, sn)
                    }
                }
                fn := shr(1, fn) // step 6d
                sn := shr(1, sn)
            }

            // Step 7. A hash call fails only without gas, and then ok is 0.
            consistent := and(
                and(ok, iszero(sn)),
                and(eq(mload(add(older, 64)), firstRoot), eq(mload(add(newer, 64)), secondRoot))
            )
        }
    }
}
