// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Storage of MachineRegistry that clients prove
/// @notice Verifiers check these slots with `eth_getProof`, so their place and packing never change.
/// @dev A base of its own, and the first one that MachineRegistry names: only so does it start at slot 0, before
/// whatever the token and EIP-712 bases keep. Bits count from the least significant.
///
/// | slot                                      | content                                                            |
/// |-------------------------------------------|--------------------------------------------------------------------|
/// | 0                                         | anchorLog, bits 0..159                                             |
/// | keccak256(thumbprint . 1)                 | KeyEntry: machine 0..127, fromBlock 128..159, retiredSeq 160..191, |
/// |                                           | retiredBlock 192..223, revokedBlock 224..255                       |
/// | keccak256(logId . keccak256(machine . 2)) | Home: since 0..63, until 64..127                                   |
/// | keccak256(machine . 3)                    | id of the current home log                                         |
/// | keccak256(machine . 4)                    | nonce of the machine's next Enrol or Rotate signature              |
abstract contract MachineRegistryStorage {
    /// @notice Everything that decides whether a key speaks for a machine. One slot; all zero for an unknown key.
    /// @dev A key is valid for a statement of sequence s anchored at block b exactly when
    /// fromBlock <= b, and revokedBlock is 0 or b < revokedBlock,
    /// and retiredBlock is 0 or b < retiredBlock or s < retiredSeq.
    /// @param machine id of the machine: the first 16 bytes of the thumbprint of its first key
    /// @param fromBlock block of enrolment or rotation
    /// @param retiredSeq first sequence number that the key may no longer sign; 0 while not retired
    /// @param retiredBlock block of the retirement; 0 while not retired
    /// @param revokedBlock block of the revocation; 0 while not revoked
    struct KeyEntry {
        uint128 machine;
        uint32 fromBlock;
        uint32 retiredSeq;
        uint32 retiredBlock;
        uint32 revokedBlock;
    }

    /// @notice When a log was the home of a machine: from block `since`, and until before block `until` (0: still).
    /// @param since first block; 0 when the log never was the machine's home
    /// @param until first block after; 0 while it is the home
    struct Home {
        uint64 since;
        uint64 until;
    }

    /// @notice The AnchorLog that holds the home logs. Set once, in the constructor.
    /// @dev A storage slot and not an immutable, so that a storage proof shows it.
    address public anchorLog;

    /// @dev Slot 1.
    mapping(bytes32 thumbprint => KeyEntry entry) internal _keys;

    /// @dev Slot 2.
    mapping(uint256 machine => mapping(bytes32 logId => Home home)) internal _homes;

    /// @dev Slot 3.
    mapping(uint256 machine => bytes32 logId) internal _homeLog;

    /// @dev Slot 4.
    mapping(uint256 machine => uint256 nonce) internal _nonces;
}
