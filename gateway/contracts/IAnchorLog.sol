// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What other contracts read from an AnchorLog
interface IAnchorLog {
    /// @notice The newest anchored head of a log. All zero for a log that does not exist; a log never has size 0.
    /// @param logId keccak256(abi.encode(owner, genesis leaf hash))
    /// @return root RFC 9162 root at `size`
    /// @return size number of leaves
    /// @return time block time of the anchor, Unix seconds
    /// @return blockNumber `block.number` of the anchor (on Arbitrum that is the parent chain's)
    function head(
        bytes32 logId
    ) external view returns (bytes32 root, uint64 size, uint64 time, uint64 blockNumber);
}
