// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IAnchorLog} from "./IAnchorLog.sol";
import {MachineRegistryStorage} from "./MachineRegistryStorage.sol";

/// @title MachineRegistry: which key speaks for which machine, and which log is its home
/// @notice A machine is an ERC-721 token; its id is the first 16 bytes of the RFC 9679 thumbprint of its first key.
/// Keys are permanent: a key belongs to one machine for ever, may be retired at a sequence number once, may be revoked
/// once, and is never used again. Nothing acts backwards, neither retirement nor revocation, move or sale: they change
/// nothing that was anchored in an earlier block, so nobody can disown a measurement by them.
///
/// P-256 keys prove possession on chain. They sign sha256(EIP-712 digest), not the digest, because secure elements and
/// most crypto libraries always hash what they sign. Possession of an Ed25519 key is not proven here, see {enrolUnproven}.
///
/// Acts of the owner are for the token's owner alone, not for approved operators: a marketplace that may move the token
/// must not be able to revoke its keys.
/// @dev No administrator, no upgrade, no funds. Block numbers are `block.number`, which must be the block's own: a rollup that
/// reports its parent chain's needs another version. See {MachineRegistryStorage} for the proven slots.
contract MachineRegistry is MachineRegistryStorage, ERC721, EIP712 {
    /// @notice EIP-712 type of an enrolment.
    bytes32 public constant ENROL_TYPEHASH =
        keccak256("Enrol(address owner,bytes32 homeLog,bytes32 thumbprint,uint256 nonce,uint256 deadline)");

    /// @notice EIP-712 type of a rotation.
    bytes32 public constant ROTATE_TYPEHASH =
        keccak256("Rotate(uint256 machine,bytes32 thumbprint,uint256 nonce,uint256 deadline)");

    /// @notice The only accepted ERC-7913 verifier. Anyone could write another one that always says yes.
    address public immutable p256Verifier;

    /// @notice A machine was enrolled with its first key.
    /// @param machine token id
    /// @param thumbprint of the key
    /// @param owner receiver of the token
    /// @param homeLog first home log
    /// @param proven whether the key's signature was checked on chain
    event MachineEnrolled(
        uint256 indexed machine,
        bytes32 indexed thumbprint,
        address indexed owner,
        bytes32 homeLog,
        bool proven
    );

    /// @notice A machine got a further key. KeyRetired tells when the old one ends.
    /// @param machine token id
    /// @param oldThumbprint key that is replaced
    /// @param newThumbprint key that replaces it
    event KeyRotated(uint256 indexed machine, bytes32 indexed oldThumbprint, bytes32 indexed newThumbprint);

    /// @notice A key ends with a sequence number, for statements that are anchored in this block or later.
    /// @param machine token id
    /// @param thumbprint of the key
    /// @param retiredSeq first sequence number that the key may no longer sign
    event KeyRetired(uint256 indexed machine, bytes32 indexed thumbprint, uint32 retiredSeq);

    /// @notice A key ends with this block.
    /// @param machine token id
    /// @param thumbprint of the key
    event KeyRevoked(uint256 indexed machine, bytes32 indexed thumbprint);

    /// @notice The owner believes that a key was in other hands. A warning to readers; it changes no verdict.
    /// @param machine token id
    /// @param thumbprint of the key
    /// @param sinceBlock block from which the owner distrusts it
    event CompromiseWarned(uint256 indexed machine, bytes32 indexed thumbprint, uint64 sinceBlock);

    /// @notice A machine's statements go to another log from this block on.
    /// @param machine token id
    /// @param fromLog home until now, closed for ever
    /// @param toLog home from now on
    event HomeMoved(uint256 indexed machine, bytes32 indexed fromLog, bytes32 indexed toLog);

    /// @notice A constructor argument has no code.
    /// @param account the argument
    error NotAContract(address account);

    /// @notice The log has no head in {MachineRegistryStorage-anchorLog}.
    /// @param logId the log
    error UnknownLog(bytes32 logId);

    /// @notice The key is known already. A key is enrolled once, whatever became of it.
    /// @param thumbprint of the key
    error KeyExists(bytes32 thumbprint);

    /// @notice Another key already has the same first 16 bytes of thumbprint.
    /// @param machine the id
    error MachineExists(uint256 machine);

    /// @notice The signer is not `p256Verifier (20 bytes) || x (32) || y (32)`.
    error InvalidSigner();

    /// @notice The signature is not the key's over these words, or not 64 bytes r || s with s in the lower half.
    error InvalidSignature();

    /// @notice The signature was meant to be used earlier.
    /// @param deadline last good block time, Unix seconds
    error DeadlinePassed(uint256 deadline);

    /// @notice Only the owner of the token may do this.
    /// @param machine token id
    /// @param caller who tried
    error NotMachineOwner(uint256 machine, address caller);

    /// @notice No such key.
    /// @param thumbprint what was asked for
    error UnknownKey(bytes32 thumbprint);

    /// @notice The key belongs to another machine.
    /// @param thumbprint of the key
    /// @param machine the machine in the call
    error KeyOfOtherMachine(bytes32 thumbprint, uint256 machine);

    /// @notice The key was retired at another sequence number, and that is never changed.
    /// @param thumbprint of the key
    /// @param retiredSeq where it was retired
    error KeyAlreadyRetired(bytes32 thumbprint, uint32 retiredSeq);

    /// @notice Sequence numbers begin at 1, and 0 stands for "not retired".
    error RetiredSeqIsZero();

    /// @notice The key is revoked already.
    /// @param thumbprint of the key
    error KeyAlreadyRevoked(bytes32 thumbprint);

    /// @notice The log is or was this machine's home. It cannot become so again: a second period would let a machine
    /// tell two logs two histories and choose later.
    /// @param machine token id
    /// @param logId the log
    error HomeNotNew(uint256 machine, bytes32 logId);

    /// @notice Fixes the two contracts that this one trusts, for ever.
    /// @param anchorLog_ AnchorLog with the home logs
    /// @param p256Verifier_ ERC-7913 verifier for P-256 keys
    constructor(
        address anchorLog_,
        address p256Verifier_
    ) ERC721("Fieldproof Machine", "FPM") EIP712("Fieldproof MachineRegistry", "1") {
        if (anchorLog_.code.length == 0) revert NotAContract(anchorLog_);
        if (p256Verifier_.code.length == 0) revert NotAContract(p256Verifier_);
        anchorLog = anchorLog_;
        p256Verifier = p256Verifier_;
    }

    /// @notice Enrols a machine with a P-256 key. Anyone may relay: the words that the machine signed name the owner,
    /// the home log, this contract and this chain, so a stolen signature can only do what it says.
    /// @param signer ERC-7913 bytes of the machine's first key
    /// @param owner receiver of the token
    /// @param homeLog log that will hold the machine's statements; it must have a head
    /// @param deadline last good block time, Unix seconds
    /// @param signature the key's r || s over sha256 of the EIP-712 digest of Enrol, with {nonceOf} the machine
    /// @return machine token id
    function enrol(
        bytes calldata signer,
        address owner,
        bytes32 homeLog,
        uint256 deadline,
        bytes calldata signature
    ) external returns (uint256 machine) {
        bytes32 thumbprint = _thumbprintOfSigner(signer);
        machine = machineOf(thumbprint);
        bytes32 structHash = keccak256(
            abi.encode(ENROL_TYPEHASH, owner, homeLog, thumbprint, _nonces[machine], deadline)
        );
        _checkPossession(signer, structHash, deadline, signature);
        _enrol(machine, thumbprint, owner, homeLog, true);
    }

    /// @notice Enrols a machine with an Ed25519 key for the caller, without proof that the caller's machine holds it.
    /// @dev No contract can check such a signature at a sane price. Anyone can name anyone's public key here, so a reader
    /// must show of every Ed25519 key that possession is not proven on chain. The worst that a stranger can do is to use up
    /// the key: he cannot sign.
    /// @param ed25519PublicKey RFC 8032 public key of the machine
    /// @param homeLog log that will hold the machine's statements; it must have a head
    /// @return machine token id
    function enrolUnproven(bytes32 ed25519PublicKey, bytes32 homeLog) external returns (uint256 machine) {
        bytes32 thumbprint = thumbprintOfEd25519(ed25519PublicKey);
        machine = machineOf(thumbprint);
        _enrol(machine, thumbprint, msg.sender, homeLog, false);
    }

    /// @notice Replaces a key by a new P-256 key, planned or after a revocation. Owner only.
    /// @dev When the old key is already retired, `retireOldAt` must repeat its sequence number: it is never moved.
    /// @param machine token id
    /// @param newSigner ERC-7913 bytes of the new key
    /// @param retireOldAt first sequence number that the old key may no longer sign
    /// @param oldThumbprint key that is replaced
    /// @param deadline last good block time, Unix seconds
    /// @param signature the NEW key's r || s over sha256 of the EIP-712 digest of Rotate, with {nonceOf} the machine
    function rotateKey(
        uint256 machine,
        bytes calldata newSigner,
        uint64 retireOldAt,
        bytes32 oldThumbprint,
        uint256 deadline,
        bytes calldata signature
    ) external {
        (uint256 keyMachine, KeyEntry storage old) = _ownedKey(oldThumbprint);
        if (keyMachine != machine) revert KeyOfOtherMachine(oldThumbprint, machine);
        bytes32 thumbprint = _thumbprintOfSigner(newSigner);
        uint256 nonce = _nonces[machine]++;
        bytes32 structHash = keccak256(abi.encode(ROTATE_TYPEHASH, machine, thumbprint, nonce, deadline));
        _checkPossession(newSigner, structHash, deadline, signature);
        if (retireOldAt == 0 || old.retiredSeq != retireOldAt) _retire(machine, oldThumbprint, old, retireOldAt);
        _addKey(machine, thumbprint);
        emit KeyRotated(machine, oldThumbprint, thumbprint);
    }

    /// @notice Ends a key at a sequence number, once and for ever, beginning with this block. Owner only.
    /// @dev Statements that were anchored before stay valid whatever their number, because this contract does not know which
    /// numbers are anchored already: one below them must not disown anything. The block is stored beside the number.
    /// @param thumbprint of the key
    /// @param retiredSeq first sequence number that the key may no longer sign, at least 1 and below 2^32
    function retireKey(bytes32 thumbprint, uint64 retiredSeq) external {
        (uint256 machine, KeyEntry storage entry) = _ownedKey(thumbprint);
        _retire(machine, thumbprint, entry, retiredSeq);
    }

    /// @notice Ends a key with this block, for ever. Owner only. Statements anchored before stay valid.
    /// @param thumbprint of the key
    function revokeKey(bytes32 thumbprint) external {
        (uint256 machine, KeyEntry storage entry) = _ownedKey(thumbprint);
        if (entry.revokedBlock != 0) revert KeyAlreadyRevoked(thumbprint);
        entry.revokedBlock = SafeCast.toUint32(block.number);
        emit KeyRevoked(machine, thumbprint);
    }

    /// @notice Warns that a key may have been in other hands since an earlier block. Owner only; an event, nothing more.
    /// @dev If this acted backwards, an owner could disown measurements that he likes no longer.
    /// @param thumbprint of the key
    /// @param sinceBlock block from which the owner distrusts it
    function warnCompromised(bytes32 thumbprint, uint64 sinceBlock) external {
        (uint256 machine, ) = _ownedKey(thumbprint);
        emit CompromiseWarned(machine, thumbprint, sinceBlock);
    }

    /// @notice Closes the machine's home log and opens another one, both with this block. Owner only.
    /// @param machine token id
    /// @param newLog a log that has a head and never was this machine's home
    function moveHome(uint256 machine, bytes32 newLog) external {
        _onlyMachineOwner(machine);
        bytes32 oldLog = _homeLog[machine];
        _homes[machine][oldLog].until = uint64(block.number);
        _openHome(machine, newLog);
        emit HomeMoved(machine, oldLog, newLog);
    }

    /// @notice All that is known of a key; all zero for an unknown one.
    /// @param thumbprint of the key
    /// @return the entry
    function keyOf(bytes32 thumbprint) external view returns (KeyEntry memory) {
        return _keys[thumbprint];
    }

    /// @notice The machine's current home log; zero for an unknown machine.
    /// @param machine token id
    /// @return id of the log
    function homeOf(uint256 machine) external view returns (bytes32) {
        return _homeLog[machine];
    }

    /// @notice When a log was the machine's home.
    /// @param machine token id
    /// @param logId the log
    /// @return since first block; 0 when it never was
    /// @return until first block after; 0 while it is
    function homeSince(uint256 machine, bytes32 logId) external view returns (uint64 since, uint64 until) {
        Home memory home = _homes[machine][logId];
        return (home.since, home.until);
    }

    /// @notice Nonce for the next signature of or for a machine: how often its key was rotated.
    /// @param machine token id, enrolled or not
    /// @return the nonce
    function nonceOf(uint256 machine) external view returns (uint256) {
        return _nonces[machine];
    }

    /// @notice RFC 9679 SHA-256 thumbprint of a P-256 key: of the COSE_Key {1: 2, -1: 1, -2: x, -3: y}.
    /// @param x affine coordinate, big-endian
    /// @param y affine coordinate, big-endian
    /// @return the thumbprint
    function thumbprintOfP256(bytes32 x, bytes32 y) public pure returns (bytes32) {
        return sha256(abi.encodePacked(hex"a401022001215820", x, hex"225820", y));
    }

    /// @notice RFC 9679 SHA-256 thumbprint of an Ed25519 key: of the COSE_Key {1: 1, -1: 6, -2: key}.
    /// @param publicKey RFC 8032 public key
    /// @return the thumbprint
    function thumbprintOfEd25519(bytes32 publicKey) public pure returns (bytes32) {
        return sha256(abi.encodePacked(hex"a301012006215820", publicKey));
    }

    /// @notice Id of the machine whose first key has this thumbprint.
    /// @param thumbprint of the first key
    /// @return its first 16 bytes as a number
    function machineOf(bytes32 thumbprint) public pure returns (uint256) {
        return uint128(bytes16(thumbprint));
    }

    /// @dev Mints without the receiver callback: nothing runs between the checks and the writes, and the machine has
    /// signed for exactly this owner.
    function _enrol(uint256 machine, bytes32 thumbprint, address owner, bytes32 homeLog, bool proven) private {
        _addKey(machine, thumbprint);
        if (_ownerOf(machine) != address(0)) revert MachineExists(machine);
        _openHome(machine, homeLog);
        _mint(owner, machine);
        emit MachineEnrolled(machine, thumbprint, owner, homeLog, proven);
    }

    /// @dev 32 bits of block number last for 34 years at four blocks a second, and a larger one reverts. fromBlock of a known
    /// key is not 0, because nothing is deployed in a genesis block.
    function _addKey(uint256 machine, bytes32 thumbprint) private {
        if (_keys[thumbprint].fromBlock != 0) revert KeyExists(thumbprint);
        _keys[thumbprint] = KeyEntry(uint128(machine), SafeCast.toUint32(block.number), 0, 0, 0);
    }

    function _retire(uint256 machine, bytes32 thumbprint, KeyEntry storage entry, uint64 retiredSeq) private {
        if (retiredSeq == 0) revert RetiredSeqIsZero();
        if (entry.retiredSeq != 0) revert KeyAlreadyRetired(thumbprint, entry.retiredSeq);
        uint32 seq = SafeCast.toUint32(retiredSeq);
        (entry.retiredSeq, entry.retiredBlock) = (seq, SafeCast.toUint32(block.number));
        emit KeyRetired(machine, thumbprint, seq);
    }

    function _openHome(uint256 machine, bytes32 logId) private {
        (, uint64 size, , ) = IAnchorLog(anchorLog).head(logId);
        if (size == 0) revert UnknownLog(logId);
        Home storage home = _homes[machine][logId];
        if (home.since != 0) revert HomeNotNew(machine, logId);
        home.since = uint64(block.number);
        _homeLog[machine] = logId;
    }

    /// @dev Hashes the digest once more, see the head of this contract. OpenZeppelin's verifier refuses high s and points
    /// off the curve, but takes longer signatures: the length is checked here, so that a signature has one form.
    function _checkPossession(
        bytes calldata signer,
        bytes32 structHash,
        uint256 deadline,
        bytes calldata signature
    ) private view {
        if (block.timestamp > deadline) revert DeadlinePassed(deadline);
        bytes32 hash = sha256(abi.encodePacked(_hashTypedDataV4(structHash)));
        if (signature.length != 64 || !SignatureChecker.isValidSignatureNow(signer, hash, signature)) {
            revert InvalidSignature();
        }
    }

    function _thumbprintOfSigner(bytes calldata signer) private view returns (bytes32) {
        if (signer.length != 84 || address(bytes20(signer)) != p256Verifier) revert InvalidSigner();
        return thumbprintOfP256(bytes32(signer[20:52]), bytes32(signer[52:84]));
    }

    function _onlyMachineOwner(uint256 machine) private view {
        if (_ownerOf(machine) != msg.sender) revert NotMachineOwner(machine, msg.sender);
    }

    /// @dev The key's machine and its entry, when the caller owns the machine.
    function _ownedKey(bytes32 thumbprint) private view returns (uint256 machine, KeyEntry storage entry) {
        entry = _keys[thumbprint];
        if (entry.fromBlock == 0) revert UnknownKey(thumbprint);
        machine = entry.machine;
        _onlyMachineOwner(machine);
    }
}
