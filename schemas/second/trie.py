"""Values under a state root: the Merkle Patricia trie (Yellow Paper, appendices C and D; BUNDLE-51 to BUNDLE-54)."""

from typing import Dict, List, Optional, Tuple

import rlp
from keccak import keccak256
from refusal import need
from rlp import Rlp

_CODE = "proof-invalid"
_EMPTY = b""


class Proof:
    """Nodes of a file, given out in the one order in which BUNDLE-52 reads them (BUNDLE-53)."""

    def __init__(self, nodes: List[bytes]) -> None:
        self._nodes = nodes
        self._used: Dict[bytes, Rlp] = {}

    def node(self, digest: bytes) -> Rlp:
        """The node with this hash: one that was used before, or the next of the file."""
        if digest not in self._used:
            at = len(self._used)
            need(at < len(self._nodes) and len(self._nodes[at]) <= 1024, _CODE, "node missing or too long")
            need(keccak256(self._nodes[at]) == digest, _CODE, "node out of order, or not the one that its parent names")
            self._used[digest] = rlp.decode(self._nodes[at])
        return self._used[digest]

    def finish(self) -> None:
        """Refuses nodes that no reading used, and fewer than two."""
        need(len(self._used) == len(self._nodes) >= 2, _CODE, "node unused, or fewer than two")


def _compact(path: Rlp) -> Tuple[bool, List[int]]:
    """Whether it is a leaf, and the nibbles (appendix C, hex-prefix)."""
    need(isinstance(path, bytes) and len(path) > 0, _CODE, "path of a node")
    nibbles = [nibble for byte in path for nibble in (byte >> 4, byte & 15)]
    need(nibbles[0] <= 3 and (nibbles[0] & 1 or nibbles[1] == 0), _CODE, "prefix of a path")
    return nibbles[0] >= 2, nibbles[1 if nibbles[0] & 1 else 2 :]


def _child(proof: Proof, reference: Rlp) -> Rlp:
    if isinstance(reference, list):
        need(len(rlp.encode(reference)) < 32, _CODE, "an embedded node of 32 bytes or more")
        return reference
    need(len(reference) == 32, _CODE, "nothing at this key")
    node = proof.node(reference)
    need(len(rlp.encode(node)) >= 32, _CODE, "a node that its parent had to embed")
    return node


def _step(node: Rlp, nibbles: List[int]) -> Tuple[Optional[bytes], Rlp, List[int]]:
    """The value if it ends here, else the reference to go on with and the nibbles that are left."""
    need(isinstance(node, list) and len(node) in (2, 17), _CODE, "shape of a node")
    if len(node) == 17:
        # Keys are hashes of one length, so none ends at a branch.
        need(len(nibbles) > 0 and node[16] == _EMPTY, _CODE, "nothing at this key, or a branch with a value")
        return None, node[nibbles[0]], nibbles[1:]
    leaf, path = _compact(node[0])
    need(nibbles[: len(path)] == path, _CODE, "nothing at this key")
    rest = nibbles[len(path) :]
    if not leaf:
        need(len(path) > 0, _CODE, "extension without a path")
        return None, node[1], rest
    need(not rest and isinstance(node[1], bytes) and node[1] != _EMPTY, _CODE, "nothing at this key")
    return node[1], _EMPTY, []


def _lookup(proof: Proof, root: bytes, key: bytes) -> bytes:
    """The value at keccak256(key). Refuses with proof-invalid, also when there is none (BUNDLE-54)."""
    nibbles = [nibble for byte in keccak256(key) for nibble in (byte >> 4, byte & 15)]
    node = proof.node(root)
    while True:
        value, reference, nibbles = _step(node, nibbles)
        if value is not None:
            return value
        node = _child(proof, reference)


def read_slot(proof: Proof, state_root: bytes, address: bytes, slot: bytes) -> int:
    """The number in a slot of a contract, never zero. Refuses with proof-invalid."""
    account = rlp.decode(_lookup(proof, state_root, address))
    need(isinstance(account, list) and len(account) == 4, _CODE, "account of four items")
    rlp.integer(account[0])
    rlp.integer(account[1])
    hashes = all(isinstance(part, bytes) and len(part) == 32 for part in account[2:])
    need(hashes, _CODE, "storage root or code hash")
    number = rlp.integer(rlp.decode(_lookup(proof, account[2], slot)), 2**256)
    need(number > 0, _CODE, "a slot that holds zero")
    return number
