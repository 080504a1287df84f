"""From a place to a proof: adding opened rows (07-bundle: BUNDLE-61)."""

import hashlib
from typing import Dict, List, NamedTuple, Tuple

from cbor import Item, decode, encode
from formats.bundle import ProvenStatement, read_bundle
from formats.row import input_of
from merkle import leaf_hash, path_of, root_of
from refusal import need


class OpenedBatch(NamedTuple):
    """All rows of a batch as (time in ms, values), with its seed."""

    seed: bytes
    rows: List[Tuple[int, List[Item]]]


def _tree(proven: ProvenStatement, batch: OpenedBatch) -> "tuple[List[bytes], List[bytes]]":
    """Leaf inputs and hashes, once they lead to the signed root (BATCH-33). Refuses with root-mismatch."""
    inputs = [input_of(batch.seed, index, time, values) for index, (time, values) in enumerate(batch.rows, 1)]
    leaves = [proven.definition.hash, *map(leaf_hash, inputs)]
    # A batch of another length is a batch of another root: no code of its own, unlike in a message.
    signed = len(leaves) == proven.statement.leaf_count and root_of(leaves) == proven.statement.root
    need(signed, "root-mismatch", "the opened rows are not the signed ones")
    return inputs, leaves


def prove(place: bytes, batches: Dict[int, OpenedBatch], wanted: List[Tuple[int, int]]) -> bytes:
    """The proof file with these (statement, row). Refuses with root-mismatch, bundle-invalid, or as read_bundle."""
    found = read_bundle(place, place=True)
    trees = {at: _tree(found.statements[at], batch) for at, batch in batches.items()}
    rows: List[Item] = []
    for at, index in sorted(wanted):
        need(at in trees and 1 <= index < len(trees[at][1]), "bundle-invalid", "a row that was not opened")
        inputs, leaves = trees[at]
        rows.append([at, index, inputs[index - 1], path_of(leaves, index)])
    body = decode(place[32:])
    body[4] = rows
    data = encode(body)
    file = hashlib.sha256(data).digest() + data
    read_bundle(file)
    return file
