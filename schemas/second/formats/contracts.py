"""What lies on chain (06-anchor): slots of AnchorLog and MachineRegistry, the event, and what keys sign (EIP-712)."""

from typing import NamedTuple, Tuple

from keccak import keccak256

TREE_HEAD = keccak256(b"TreeHead(bytes32,uint64,bytes32)")
_DOMAIN = keccak256(b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
_ENROL = keccak256(b"Enrol(address owner,bytes32 homeLog,bytes32 thumbprint,uint256 nonce,uint256 deadline)")
_ROTATE = keccak256(b"Rotate(uint256 machine,bytes32 thumbprint,uint256 nonce,uint256 deadline)")


def word(value: "int | bytes") -> bytes:
    """32 bytes of a number, or of bytes that stand for one: an address, a kid."""
    return (value if isinstance(value, int) else int.from_bytes(value, "big")).to_bytes(32, "big")


def _mapping(key: bytes, slot: bytes) -> bytes:
    return keccak256(key + slot)


def log_slots(log_id: bytes) -> Tuple[bytes, bytes]:
    """The slots of root and head numbers."""
    first = _mapping(log_id, word(0))
    return first, word(int.from_bytes(first, "big") + 1)


def key_slot(thumbprint: bytes) -> bytes:
    """The slot of a key in the registry."""
    return _mapping(thumbprint, word(1))


def home_slot(machine: bytes, log_id: bytes) -> bytes:
    """The slot of (machine, log) in the registry; machine is its kid of 16 bytes, a number to the contract."""
    return _mapping(log_id, _mapping(word(machine), word(2)))


def _bits(value: int, low: int, high: int) -> int:
    return value >> low & (1 << high - low + 1) - 1


class Head(NamedTuple):
    """Numbers of a head: time in seconds, last good size 0 when not retired."""

    size: int
    time: int
    block: int
    last_good_size: int


class KeyEntry(NamedTuple):
    """A key in the registry: machine is the kid of its first key."""

    machine: bytes
    from_block: int
    retired_seq: int
    retired_block: int
    revoked_block: int

    def is_entry(self) -> bool:
        """ANCHOR-16: what a registry of this version can hold."""
        ends = (self.retired_block, self.revoked_block)
        both = (self.retired_seq == 0) == (self.retired_block == 0)
        return both and all(block == 0 or block >= self.from_block for block in ends)

    def valid_at(self, block: int, sequence: int) -> bool:
        """ANCHOR-11, and no other rule; an entry from block 0 does not exist (ANCHOR-14)."""
        exists = self.from_block != 0 and self.is_entry()
        revoked = self.revoked_block != 0 and block >= self.revoked_block
        retired = self.retired_block != 0 and block >= self.retired_block and sequence >= self.retired_seq
        return exists and self.from_block <= block and not revoked and not retired


class Home(NamedTuple):
    """From which block until before which one (0: still) a log is a machine's home."""

    since: int
    until: int

    def holds_at(self, block: int) -> bool:
        """ANCHOR-14: an entry since block 0 does not exist."""
        return self.since != 0 and self.since <= block and (self.until == 0 or block < self.until)


def read_head(value: int) -> Head:
    """The second head slot."""
    return Head(_bits(value, 0, 63), _bits(value, 64, 127), _bits(value, 128, 191), _bits(value, 192, 255))


def read_key_entry(value: int) -> KeyEntry:
    """A key slot."""
    machine = _bits(value, 0, 127).to_bytes(16, "big")
    return KeyEntry(machine, *(_bits(value, low, low + 31) for low in (128, 160, 192, 224)))


def read_home(value: int) -> Home:
    """A home slot."""
    return Home(_bits(value, 0, 63), _bits(value, 64, 127))


def _typed(chain_id: int, registry: bytes, struct: bytes) -> bytes:
    names = keccak256(b"Fieldproof MachineRegistry") + keccak256(b"1")
    return keccak256(b"\x19\x01" + keccak256(_DOMAIN + names + word(chain_id) + word(registry)) + keccak256(struct))


def enrol_digest(
    chain_id: int, registry: bytes, owner: bytes, home_log: bytes, thumbprint: bytes, nonce: int, deadline: int
) -> bytes:
    """The EIP-712 digest of Enrol; a key signs its SHA-256 (ANCHOR-12)."""
    struct = _ENROL + word(owner) + home_log + thumbprint + word(nonce) + word(deadline)
    return _typed(chain_id, registry, struct)


def rotate_digest(
    chain_id: int, registry: bytes, machine: bytes, thumbprint: bytes, nonce: int, deadline: int
) -> bytes:
    """The EIP-712 digest of Rotate; the new key signs its SHA-256."""
    return _typed(chain_id, registry, _ROTATE + word(machine) + thumbprint + word(nonce) + word(deadline))
