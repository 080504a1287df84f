"""From a place to a proof: adding opened rows (07-bundle: BUNDLE-61)."""

import hashlib
from typing import Dict, List, NamedTuple, Tuple

from cbor import Item, decode, encode
from formats.bundle import ProvenStatement, read_bundle
from formats.row import input_of, is_row
from merkle import leaf_hash, path_of, root_of
from refusal import need
from shape import is_bytes


class OpenedBatch(NamedTuple):
    """All rows of a batch as (time in ms, values), with its seed."""

    seed: bytes
    rows: List[Tuple[int, List[Item]]]


def _tree(proven: ProvenStatement, batch: OpenedBatch) -> "tuple[List[bytes], List[bytes]]":
    """Leaf inputs and hashes, once they lead to the signed root (BATCH-33). Any fault is root-mismatch."""
    types = [column.type for column in proven.definition.columns]
    typed = all(is_row(time, values, types) for time, values in batch.rows)
    need(typed and is_bytes(batch.seed, 32), "root-mismatch", "no rows of this stream, or no seed")
    inputs = [input_of(batch.seed, index, time, values) for index, (time, values) in enumerate(batch.rows, 1)]
    leaves = [proven.definition.hash, *map(leaf_hash, inputs)]
    # A batch of another length is a batch of another root: no code of its own, unlike in a message.
    signed = len(leaves) == proven.statement.leaf_count and root_of(leaves) == proven.statement.root
    need(signed, "root-mismatch", "the opened rows are not the signed ones")
    return inputs, leaves


def prove(place: bytes, batches: Dict[int, OpenedBatch], wanted: List[Tuple[int, int]]) -> bytes:
    """The proof file with these (statement, row).

    Refuses with root-mismatch, not-found, bundle-invalid, or as read_bundle.
    """
    found = read_bundle(place, place=True)
    need(all(0 <= at < len(found.statements) for at in batches), "not-found", "no such statement")
    trees = {at: _tree(found.statements[at], batch) for at, batch in batches.items()}
    rows: List[Item] = []
    for at, index in sorted(wanted):
        need(at in trees, "bundle-invalid", "a row of a batch that was not opened")
        inputs, leaves = trees[at]
        need(1 <= index < len(leaves), "not-found", "no such row")
        rows.append([at, index, inputs[index - 1], path_of(leaves, index)])
    body = decode(place[32:])
    body[4] = rows
    data = encode(body)
    file = hashlib.sha256(data).digest() + data
    read_bundle(file)
    return file
