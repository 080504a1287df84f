"""Rows, the leaves of a batch after its definition (02-batch: BATCH-10 to BATCH-15)."""

import hashlib
from typing import List, NamedTuple

from cbor import Item, decode, encode
from refusal import need
from shape import is_bytes, is_int, is_list, is_text

MAX_TIME = 2**48 - 1
MAX_VALUE = 2**52 - 1
MAX_BYTES = 1024


class Row(NamedTuple):
    """One instant: salt of 16 bytes, time in ms since 1970, a value or None for each column."""

    salt: bytes
    time: int
    values: List[Item]


def salt_of(seed: bytes, index: int) -> bytes:
    """The salt of row `index` (1 to n) under the seed of its batch."""
    return hashlib.sha256(seed + index.to_bytes(4, "big")).digest()[:16]


def input_of(seed: bytes, index: int, time: int, values: List[Item]) -> bytes:
    """The leaf input of a row."""
    return encode([salt_of(seed, index), time, *values])


def fits(value: Item, kind: str) -> bool:
    """Whether a value is of its column's type and range, or missing (BATCH-13)."""
    if value is None:
        return True
    if kind == "int":
        return is_int(value, -MAX_VALUE, MAX_VALUE)
    if kind == "bytes":
        return is_bytes(value) and len(value) <= MAX_BYTES
    if kind == "text":
        return is_text(value, MAX_BYTES)
    return type(value) is bool


def is_row(time: Item, values: List[Item], types: List[str]) -> bool:
    """Whether time and values are a row of columns of these types (BATCH-11 to BATCH-13)."""
    typed = len(values) == len(types) and all(fits(value, kind) for value, kind in zip(values, types))
    return typed and is_int(time, 0, MAX_TIME)


def read_row(data: bytes, types: List[str]) -> Row:
    """A single row against the types of its columns. Refuses with row-invalid, or with a code of CONV-11."""
    item = decode(data)
    need(is_list(item, 2 + len(types)), "row-invalid", "salt, time and one value for each column")
    need(is_bytes(item[0], 16), "row-invalid", "salt")
    need(is_row(item[1], item[2:], types), "row-invalid", "time or value")
    return Row(item[0], item[1], item[2:])
