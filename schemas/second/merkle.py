"""Trees and proofs of RFC 9162, section 2.1, with SHA-256. A path has the exact length for size and index (LOG-10)."""

import hashlib
from typing import List

from refusal import need


def leaf_hash(entry: bytes) -> bytes:
    """H(0x00 || entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """H(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaves: List[bytes]) -> bytes:
    """The root over leaf hashes, one at least: left subtrees are the largest full ones."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node_hash(root_of(leaves[:half]), root_of(leaves[half:]))


def path_of(leaves: List[bytes], index: int) -> List[bytes]:
    """The inclusion path of a leaf, from the bottom up (2.1.3.1)."""
    if len(leaves) == 1:
        return []
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    if index < half:
        return path_of(leaves[:half], index) + [root_of(leaves[half:])]
    return path_of(leaves[half:], index - half) + [root_of(leaves[:half])]


def consistency_of(leaves: List[bytes], size: int) -> List[bytes]:
    """The consistency proof from the first `size` leaves, at least 1, to all (2.1.4.1)."""
    return [] if size == len(leaves) else _subproof(leaves, size, True)


def _subproof(leaves: List[bytes], size: int, whole: bool) -> List[bytes]:
    if size == len(leaves):
        return [] if whole else [root_of(leaves)]
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    if size <= half:
        return _subproof(leaves[:half], size, whole) + [root_of(leaves[half:])]
    return _subproof(leaves[half:], size - half, False) + [root_of(leaves[:half])]


def path_length(index: int, size: int) -> int:
    """How many nodes the path of a leaf has."""
    length, last = 0, size - 1
    while last > 0:
        if index & 1 or index < last:
            length += 1
        index >>= 1
        last >>= 1
    return length


def root_from_path(leaf: bytes, index: int, size: int, path: List[bytes]) -> bytes:
    """The root to which a path leads (2.1.3.2). Refuses another length or an index outside with proof-invalid."""
    need(0 <= index < size, "proof-invalid", "index outside the tree")
    need(len(path) == path_length(index, size), "proof-invalid", "length of the path")
    number, last, root = index, size - 1, leaf
    for node in path:
        if number & 1 or number == last:
            root = node_hash(node, root)
            while not number & 1 and number:
                number >>= 1
                last >>= 1
        else:
            root = node_hash(root, node)
        number >>= 1
        last >>= 1
    need(last == 0, "proof-invalid", "path too short")
    return root


def verify_consistency(size1: int, root1: bytes, size2: int, root2: bytes, path: List[bytes]) -> None:
    """2.1.4.2 and LOG-11; refuses with proof-invalid."""
    need(0 < size1 <= size2, "proof-invalid", "sizes")
    if size1 == size2:
        need(not path and root1 == root2, "proof-invalid", "one size, two roots, or a path")
        return
    need(len(path) > 0, "proof-invalid", "empty path")
    # A power of two is a whole subtree of the larger tree: its root is not repeated in the proof.
    nodes = [root1, *path] if size1 & (size1 - 1) == 0 else list(path)
    number, last = size1 - 1, size2 - 1
    while number & 1:
        number >>= 1
        last >>= 1
    old = new = nodes[0]
    for node in nodes[1:]:
        need(last > 0, "proof-invalid", "path too long")
        if number & 1 or number == last:
            old, new = node_hash(node, old), node_hash(node, new)
            while not number & 1 and number:
                number >>= 1
                last >>= 1
        else:
            new = node_hash(new, node)
        number >>= 1
        last >>= 1
    need(last == 0 and old == root1 and new == root2, "proof-invalid", "roots")
