"""The form of a proof bundle or place (07-bundle: BUNDLE-1 to BUNDLE-8, BUNDLE-60)."""

import hashlib
from typing import List, NamedTuple, Union

from cbor import Item, decode
from formats.definition import Definition, read_definition
from formats.keys import Key, read_key
from formats.log import is_caip2
from formats.row import Row, read_row
from formats.statement import Statement, read_statement
from merkle import path_length
from refusal import Refused, need
from shape import is_bytes, is_hashes, is_int, is_list, same

MAX_FILE = 4194304
MAX_PARTS = 16384
_CODE = "bundle-invalid"


class TransactionAnchor(NamedTuple):
    """The transaction that anchored the log."""

    caip2: str
    log_id: bytes
    size: int
    block_number: int
    block_hash: bytes
    tx_hash: bytes


class StateAnchor(NamedTuple):
    """A block header, the trie nodes under its state root and headers of beacons, all in RLP."""

    caip2: str
    log_id: bytes
    size: int
    header: bytes
    nodes: List[bytes]
    beacons: List[bytes]


Anchor = Union[TransactionAnchor, StateAnchor]


class ProvenStatement(NamedTuple):
    """A statement and its place in the log."""

    statement: Statement
    key: Key
    definition: Definition
    log_index: int
    path: List[bytes]


class ProvenRow(NamedTuple):
    """A row and its place in the batch of statement `at`."""

    at: int
    index: int
    data: bytes
    row: Row
    path: List[bytes]


class Bundle(NamedTuple):
    """A file whose form is right."""

    keys: List[Key]
    statements: List[ProvenStatement]
    rows: List[ProvenRow]
    anchor: Anchor


def _are_bytes(items: Item, low: int) -> bool:
    return type(items) is list and len(items) >= low and all(map(is_bytes, items))


def _anchor(item: Item) -> Anchor:
    need(is_list(item, 6) and is_caip2(item[0]) and is_bytes(item[1], 32) and is_int(item[2], 2), _CODE, "anchor")
    if is_bytes(item[3]):
        # How long headers and nodes may be, and that one node is too few, belongs to the state and not to the form
        # (BUNDLE-50, BUNDLE-51).
        need(_are_bytes(item[4], 1) and _are_bytes(item[5], 0), _CODE, "nodes or beacon headers")
        return StateAnchor(*item)
    need(is_int(item[3]) and is_bytes(item[4], 32) and is_bytes(item[5], 32), _CODE, "anchor")
    return TransactionAnchor(*item)


def _in_order(parts: List[bytes], references: List[int], what: str) -> None:
    """BUNDLE-3 and BUNDLE-8: each part once, all referred to, in the order of their first use."""
    need(len(set(parts)) == len(parts), _CODE, f"{what} twice")
    need(list(dict.fromkeys(references)) == list(range(len(parts))), _CODE, f"{what} unused, unknown or out of order")


def _statements(item: Item, keys: List[bytes], definitions: List[bytes], size: int) -> List[ProvenStatement]:
    for entry in item:
        need(is_list(entry, 5) and is_bytes(entry[0]) and all(map(is_int, entry[1:4])), _CODE, "statement entry")
        need(is_hashes(entry[4]), _CODE, "log path")
        need(1 <= entry[3] < size and len(entry[4]) == path_length(entry[3], size), _CODE, "log index or path")
    _in_order(keys, [entry[1] for entry in item], "key")
    _in_order(definitions, [entry[2] for entry in item], "definition")
    places = [entry[3] for entry in item]
    need(all(a < b for a, b in zip(places, places[1:])), _CODE, "statements not sorted")
    need(len({entry[0] for entry in item}) == len(item), _CODE, "a statement twice")
    read = [read_key(key) for key in keys], [read_definition(definition) for definition in definitions]
    return [ProvenStatement(read_statement(e[0]), read[0][e[1]], read[1][e[2]], e[3], e[4]) for e in item]


def _rows(item: Item, statements: List[ProvenStatement]) -> List[ProvenRow]:
    out = []
    for entry in item:
        need(is_list(entry, 4) and is_int(entry[0]) and is_int(entry[1]) and is_bytes(entry[2]), _CODE, "row entry")
        need(is_hashes(entry[3]) and entry[0] < len(statements), _CODE, "row path or statement index")
        proven = statements[entry[0]]
        count = proven.statement.leaf_count
        need(1 <= entry[1] < count and len(entry[3]) == path_length(entry[1], count), _CODE, "row index or path")
        row = read_row(entry[2], [column.type for column in proven.definition.columns])
        out.append(ProvenRow(entry[0], entry[1], entry[2], row, entry[3]))
    places = [(row.at, row.index) for row in out]
    need(all(a < b for a, b in zip(places, places[1:])), _CODE, "rows not sorted")
    used = list(dict.fromkeys(row.at for row in out))
    need(used == list(range(len(statements))), _CODE, "a statement without rows")
    return out


def read_bundle(data: bytes, place: bool = False) -> Bundle:
    """The parts of a file. Refuses with bundle-digest, bundle-invalid, the code of a part, or by CONV-11."""
    need(len(data) <= MAX_FILE, "too-large")
    need(hashlib.sha256(data[32:]).digest() == data[:32], "bundle-digest")
    body = decode(data[32:])
    need(is_list(body, 6) and same(body[0], 1), _CODE, "version 1 and six items")
    keys, definitions, statements, rows = body[1:5]
    need(all(type(part) is list for part in body[1:5]), _CODE, "a part that is no array")
    need(all(len(part) > 0 for part in (keys, definitions, statements)), _CODE, "an empty part")
    need((len(rows) == 0) == place, _CODE, "rows")
    need(all(len(part) <= MAX_PARTS for part in body[1:5]), "too-large", "parts")
    need(all(map(is_bytes, keys + definitions)), _CODE, "keys and definitions")
    anchor = _anchor(body[5])
    proven = _statements(statements, keys, definitions, anchor.size)
    return Bundle([read_key(key) for key in keys], proven, [] if place else _rows(rows, proven), anchor)


def form_check(refusal: Refused) -> str:
    """The name that the vectors give to the step which refused a file."""
    return "digest" if refusal.code == "bundle-digest" else "form"
