// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAnchorLog} from "./IAnchorLog.sol";
import {Rfc9162} from "./lib/Rfc9162.sol";

/// @title AnchorLog: append-only heads of RFC 9162 logs
/// @notice Keeps one tree head a log, overwritten in place. A new head is accepted only with a proof that its tree
/// begins with the tree of the head before, so an anchored history can grow but can be neither rewritten nor forked.
/// No administrator, no upgrade, no funds.
///
/// Two keys run a log. The hot *appender* may only extend it. The cold *owner* may replace the appender in two steps, or
/// retire the log for ever. Nobody else may append, not even with a valid proof: a stranger's extension would leave the
/// real appender with a head that it cannot build on.
///
/// @dev Storage layout. Clients check it with `eth_getProof`, so it never changes:
///
/// | slot                       | bits 0..63 | 64..127 | 128..191    | 192..255     |
/// |----------------------------|------------|---------|-------------|--------------|
/// | keccak256(logId . 0) + 0   | root (the whole slot)                             |
/// | keccak256(logId . 0) + 1   | size       | time    | blockNumber | lastGoodSize |
/// | keccak256(logId . 0) + 2   | appender (bits 0..159)                            |
/// | keccak256(logId . 0) + 3   | owner (bits 0..159)                               |
/// | keccak256(logId . 0) + 4   | pendingAppender (bits 0..159)                     |
/// | keccak256(logId . 0) + 5   | successor (the whole slot)                        |
///
/// Bits count from the least significant. size is 0 exactly for a log that does not exist; lastGoodSize is 0 exactly
/// while the log is not retired, so slots + 0 and + 1 say everything that a verifier needs.
contract AnchorLog is IAnchorLog {
    /// @notice Life of a log. It only ever moves forward.
    enum State {
        None,
        Active,
        Retired
    }

    /// @dev One slot, see the layout above.
    struct Head {
        uint64 size;
        uint64 time;
        uint64 blockNumber;
        uint64 lastGoodSize;
    }

    /// @dev See the layout above.
    struct Log {
        bytes32 root;
        Head head;
        address appender;
        address owner;
        address pendingAppender;
        bytes32 successor;
    }

    /// @dev Slot 0.
    mapping(bytes32 logId => Log log) private _logs;

    /// @notice A log began. A TreeHead of size 1 follows.
    /// @param logId the new log
    /// @param owner cold key that rotates the appender and retires the log
    /// @param appender hot key that extends the log
    /// @param genesisLeafHash hash of leaf 0, and root at size 1
    event LogCreated(bytes32 indexed logId, address indexed owner, address indexed appender, bytes32 genesisLeafHash);

    /// @notice The log has a new head.
    /// @param logId the log
    /// @param size number of leaves
    /// @param root RFC 9162 root at `size`
    event TreeHead(bytes32 indexed logId, uint64 size, bytes32 root);

    /// @notice The owner offered the log to another appender, or withdrew the offer.
    /// @param logId the log
    /// @param pendingAppender who may accept; the zero address when withdrawn
    event AppenderProposed(bytes32 indexed logId, address indexed pendingAppender);

    /// @notice The offered appender took over; the one before can append no more.
    /// @param logId the log
    /// @param previous appender until now
    /// @param appender appender from now on
    event AppenderChanged(bytes32 indexed logId, address indexed previous, address indexed appender);

    /// @notice The log ended.
    /// @param logId the log
    /// @param lastGoodSize leaves from 0 to lastGoodSize - 1 are the owner's; later ones he disowns
    /// @param successor log that goes on, or zero
    event LogRetired(bytes32 indexed logId, uint64 lastGoodSize, bytes32 indexed successor);

    /// @notice This owner already has a log with this genesis leaf.
    /// @param logId the log
    error LogExists(bytes32 logId);

    /// @notice A log needs an appender.
    error ZeroAppender();

    /// @notice No such log.
    /// @param logId what was asked for
    error UnknownLog(bytes32 logId);

    /// @notice The log is retired, which is permanent.
    /// @param logId the log
    error RetiredLog(bytes32 logId);

    /// @notice Only the appender may extend a log.
    /// @param logId the log
    /// @param caller who tried
    error NotAppender(bytes32 logId, address caller);

    /// @notice Only the owner may do this.
    /// @param logId the log
    /// @param caller who tried
    error NotOwner(bytes32 logId, address caller);

    /// @notice Only the proposed appender may accept.
    /// @param logId the log
    /// @param caller who tried
    error NotPendingAppender(bytes32 logId, address caller);

    /// @notice A head must be larger than the one before. Harmless after a resend: the head is already there.
    /// @param current size on chain
    /// @param offered size in the call
    error SizeMustGrow(uint64 current, uint64 offered);

    /// @notice The proof does not show that the new tree begins with the old one.
    /// @param logId the log
    /// @param current size on chain, which the proof must start from
    /// @param offered size in the call
    error InconsistentTree(bytes32 logId, uint64 current, uint64 offered);

    /// @notice The last good size must be between 1 and the anchored size.
    /// @param lastGoodSize what was offered
    /// @param size anchored size
    error LastGoodSizeOutOfRange(uint64 lastGoodSize, uint64 size);

    /// @notice A log cannot follow itself.
    /// @param logId the log
    error SuccessorIsSelf(bytes32 logId);

    /// @notice Begins a log whose owner is the caller. Its first head is (size 1, root = `genesisLeafHash`).
    /// @dev The caller is part of the id, so nobody can begin a log in another's name. A hash of zero is not refused:
    /// it harms only its owner.
    /// @param genesisLeafHash SHA-256(0x00 || genesis bytes)
    /// @param appender key that will extend the log
    /// @return logId keccak256(abi.encode(msg.sender, genesisLeafHash))
    function create(bytes32 genesisLeafHash, address appender) external returns (bytes32 logId) {
        if (appender == address(0)) revert ZeroAppender();
        logId = logIdOf(msg.sender, genesisLeafHash);
        Log storage log = _logs[logId];
        if (log.head.size != 0) revert LogExists(logId);
        log.root = genesisLeafHash;
        log.head = _headNow(1);
        log.appender = appender;
        log.owner = msg.sender;
        emit LogCreated(logId, msg.sender, appender, genesisLeafHash);
        emit TreeHead(logId, 1, genesisLeafHash);
    }

    /// @notice Extends a log to `size` leaves. Appender only.
    /// @dev The proof starts at the head on chain, so only one append can be in flight. After a lost transaction or a
    /// reorganisation read {head} and build the proof from there. See {Rfc9162-isConsistent} for what a proof binds.
    /// @param logId the log
    /// @param size number of leaves, more than before
    /// @param root RFC 9162 root at `size`
    /// @param consistency RFC 9162 section 2.1.4.1 proof from the size on chain to `size`
    function append(bytes32 logId, uint64 size, bytes32 root, bytes32[] calldata consistency) external {
        Log storage log = _logs[logId];
        Head memory current = _active(logId, log);
        if (msg.sender != log.appender) revert NotAppender(logId, msg.sender);
        if (size <= current.size) revert SizeMustGrow(current.size, size);
        if (!Rfc9162.isConsistent(current.size, log.root, size, root, consistency)) {
            revert InconsistentTree(logId, current.size, size);
        }
        log.root = root;
        log.head = _headNow(size);
        emit TreeHead(logId, size, root);
    }

    /// @notice Offers the log to another appender, who must accept. Owner only. Zero withdraws the offer.
    /// @param logId the log
    /// @param appender who may accept, or zero
    function proposeAppender(bytes32 logId, address appender) external {
        Log storage log = _logs[logId];
        _active(logId, log);
        if (msg.sender != log.owner) revert NotOwner(logId, msg.sender);
        log.pendingAppender = appender;
        emit AppenderProposed(logId, appender);
    }

    /// @notice Takes over the offered log. Until this call the old appender goes on; after it, he cannot.
    /// @param logId the log
    function acceptAppender(bytes32 logId) external {
        Log storage log = _logs[logId];
        _active(logId, log);
        if (msg.sender != log.pendingAppender) revert NotPendingAppender(logId, msg.sender);
        address previous = log.appender;
        log.appender = msg.sender;
        log.pendingAppender = address(0);
        emit AppenderChanged(logId, previous, msg.sender);
    }

    /// @notice Ends a log for ever. Owner only.
    /// @dev The successor may live on another chain, so its existence is not checked here. It must name this log as its
    /// predecessor in its own genesis leaf; a verifier follows the link only when both ends agree.
    /// @param logId the log
    /// @param lastGoodSize how many leaves the owner stands by, from 1 to the anchored size
    /// @param successor log that goes on, or zero
    function retire(bytes32 logId, uint64 lastGoodSize, bytes32 successor) external {
        Log storage log = _logs[logId];
        Head memory current = _active(logId, log);
        if (msg.sender != log.owner) revert NotOwner(logId, msg.sender);
        if (lastGoodSize == 0 || lastGoodSize > current.size) {
            revert LastGoodSizeOutOfRange(lastGoodSize, current.size);
        }
        if (successor == logId) revert SuccessorIsSelf(logId);
        log.head.lastGoodSize = lastGoodSize;
        if (successor != 0) log.successor = successor;
        emit LogRetired(logId, lastGoodSize, successor);
    }

    /// @inheritdoc IAnchorLog
    function head(
        bytes32 logId
    ) external view returns (bytes32 root, uint64 size, uint64 time, uint64 blockNumber) {
        Log storage log = _logs[logId];
        Head memory current = log.head;
        return (log.root, current.size, current.time, current.blockNumber);
    }

    /// @notice Whether the log exists and goes on, and how it ended if it did.
    /// @param logId the log
    /// @return state None, Active or Retired
    /// @return lastGoodSize leaves that the owner stands by; 0 unless retired
    /// @return successor log that goes on; zero unless retired with one
    function stateOf(bytes32 logId) external view returns (State state, uint64 lastGoodSize, bytes32 successor) {
        Log storage log = _logs[logId];
        Head memory current = log.head;
        if (current.size != 0) state = current.lastGoodSize == 0 ? State.Active : State.Retired;
        return (state, current.lastGoodSize, log.successor);
    }

    /// @notice Owner of a log; zero when there is no such log. It never changes: the id binds it.
    /// @param logId the log
    /// @return the owner
    function ownerOf(bytes32 logId) external view returns (address) {
        return _logs[logId].owner;
    }

    /// @notice Who may extend a log; zero when there is no such log. Still named after the log is retired.
    /// @param logId the log
    /// @return the appender
    function appenderOf(bytes32 logId) external view returns (address) {
        return _logs[logId].appender;
    }

    /// @notice Who may take over as appender; zero when nobody.
    /// @param logId the log
    /// @return the proposed appender
    function pendingAppenderOf(bytes32 logId) external view returns (address) {
        return _logs[logId].pendingAppender;
    }

    /// @notice The id that {create} gives.
    /// @param owner caller of {create}
    /// @param genesisLeafHash hash of leaf 0
    /// @return keccak256(abi.encode(owner, genesisLeafHash))
    function logIdOf(address owner, bytes32 genesisLeafHash) public pure returns (bytes32) {
        return keccak256(abi.encode(owner, genesisLeafHash));
    }

    /// @dev Reads the head slot once and refuses a log that is unknown or retired.
    function _active(bytes32 logId, Log storage log) private view returns (Head memory current) {
        current = log.head;
        if (current.size == 0) revert UnknownLog(logId);
        if (current.lastGoodSize != 0) revert RetiredLog(logId);
    }

    /// @dev A whole head, so that it is one write. Block time and number fit 64 bits for longer than any chain lives.
    function _headNow(uint64 size) private view returns (Head memory) {
        return Head(size, uint64(block.timestamp), uint64(block.number), 0);
    }
}
