"""Batch messages as a gateway checks them (02-batch: BATCH-20 to BATCH-40), and as a recipient opens them."""

import hashlib
from typing import Dict, List, NamedTuple, Optional

import nacl
from cbor import Item, decode
from formats.columns import Times, count_rows, read_columns
from formats.definition import Definition
from formats.keys import Key
from formats.row import input_of
from formats.statement import Statement, check_signature, read_statement
from merkle import leaf_hash, root_of
from refusal import Refused, need
from shape import is_bytes, is_list

MAX_MESSAGE = 65535


class Known(NamedTuple):
    """What a gateway knows: enrolled keys by kid, published definitions by hash."""

    keys: Dict[bytes, Key]
    definitions: Dict[bytes, Definition]


class Opened(NamedTuple):
    """Rows that lead to the signed root, their leaf hashes (leaf 0 too) and the columns they came in."""

    rows: List[Times]
    leaves: List[bytes]
    columns: List[Item]
    seed: bytes


class Message(NamedTuple):
    """A message that passed: `opened` is None when it is sealed, body and boxes are None when it is open."""

    statement: Statement
    definition: Definition
    opened: Optional[Opened]
    body: Optional[bytes]
    boxes: Optional[List[List[bytes]]]


def _statement(data: Item) -> Statement:
    need(is_bytes(data), "malformed", "statement is bytes")
    try:
        return read_statement(data)
    except Refused as fault:
        # "A statement that by itself is statement-invalid makes its message malformed."
        raise Refused("malformed" if fault.code == "statement-invalid" else fault.code, fault.why) from fault


def open_rows(columns: Item, seed: bytes, statement: Statement, definition: Definition) -> Opened:
    """Rebuilds rows and root (BATCH-24, BATCH-33). Refuses with malformed, count-mismatch or root-mismatch."""
    types = [column.type for column in definition.columns]
    count = count_rows(columns, len(types))
    need(count == statement.leaf_count - 1, "count-mismatch", f"{count} rows")
    rows = read_columns(columns, types)
    leaves = [definition.hash]
    leaves += [leaf_hash(input_of(seed, at, row.time, row.values)) for at, row in enumerate(rows, 1)]
    need(root_of(leaves) == statement.root, "root-mismatch")
    return Opened(rows, leaves, columns, seed)


def read_message(data: bytes, known: Known) -> Message:
    """All checks of BATCH-40 but the topic, which is not part of the bytes. Refuses with the first code that fits."""
    need(len(data) <= MAX_MESSAGE, "too-large")
    item = decode(data)
    need(is_list(item, 3), "malformed", "three items")
    sealed = item[1] is None
    if sealed:
        need(is_list(item[2], 2) and is_bytes(item[2][0]), "malformed", "body and boxes")
        need(is_list(item[2][1], 1, 16) and all(map(_is_box, item[2][1])), "malformed", "boxes")
    else:
        need(is_bytes(item[1], 32) and type(item[2]) is list, "malformed", "seed and columns")
    statement = _statement(item[0])
    key = known.keys.get(statement.kid)
    if key is None:
        raise Refused("unknown-key")
    check_signature(statement, key)
    definition = known.definitions.get(statement.definition_hash)
    if definition is None:
        raise Refused("stream-unknown")
    need(sealed == (statement.sealed is not None), "sealed-mismatch", "open or sealed")
    if not sealed:
        return Message(statement, definition, open_rows(item[2], item[1], statement, definition), None, None)
    body, boxes = item[2]
    need(hashlib.sha256(body).digest() == statement.sealed, "sealed-mismatch", "digest of the body")
    return Message(statement, definition, None, body, boxes)


def _is_box(box: Item) -> bool:
    return is_list(box, 3) and all(is_bytes(part, size) for part, size in zip(box, (32, 32, 48)))


def seed_of(batch_key: bytes) -> bytes:
    """The seed of a sealed batch."""
    return hashlib.sha256(b"fp-seed" + batch_key).digest()


def unseal(message: Message, secret: bytes) -> "tuple[bytes, bytes, Opened]":
    """Batch key K, plain text and rows of a sealed message. Refuses with sealed-open-failed, and as open_rows does."""
    public = nacl.x25519_public(secret)
    mine = [box for box in message.boxes or [] if box[0] == public]
    need(len(mine) > 0, "sealed-open-failed", "not among the recipients")
    batch_key = nacl.secretbox_open(nacl.box_key(secret, mine[0][1]), mine[0][2])
    need(batch_key is not None, "sealed-open-failed", "box")
    plain = nacl.secretbox_open(batch_key, message.body)
    need(plain is not None, "sealed-open-failed", "body")
    return batch_key, plain, open_rows(decode(plain), seed_of(batch_key), message.statement, message.definition)
