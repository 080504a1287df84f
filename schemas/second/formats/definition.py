"""Stream definitions, leaf 0 of a batch (02-batch: BATCH-1 to BATCH-7)."""

import re
from functools import lru_cache
from typing import Dict, List, NamedTuple, Union

from cbor import Item, Map, decode
from merkle import leaf_hash
from refusal import need
from shape import is_bytes, is_int, is_list, is_text, same

_STREAM = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_COLUMN = re.compile(r"[a-zA-Z][a-zA-Z0-9_]{0,63}")
_TYPES = ("int", "bytes", "text", "bool")
_CONTEXT = {1: "firmware", 2: "software", 3: "model", 4: "cadenceMs", 5: "method"}
_CODE = "definition-invalid"


class Column(NamedTuple):
    """A column: an int value v means v * 10^exponent of its unit."""

    name: str
    unit: str
    exponent: int
    type: str


class Definition(NamedTuple):
    """A stream: its columns and what is known of how values come to be. `hash` is that of leaf 0."""

    stream: str
    columns: List[Column]
    context: Dict[str, Union[bytes, int, str]]
    hash: bytes


def _column(item: Item) -> Column:
    need(is_list(item, 4), _CODE, "column of four items")
    name, unit, exponent, kind = item
    need(is_text(name) and _COLUMN.fullmatch(name) is not None, _CODE, "column name")
    need(is_text(unit), _CODE, "unit")
    need(is_text(kind) and kind in _TYPES, _CODE, "type")
    need(is_int(exponent, -18, 18) and (kind == "int" or exponent == 0), _CODE, "exponent")
    return Column(name, unit, exponent, kind)


def _context(item: Item) -> Dict[str, Union[bytes, int, str]]:
    need(type(item) is Map, _CODE, "context")
    out = {}
    for key, value in item:
        need(is_int(key, 1, 5), _CODE, "context key")
        fits = is_bytes(value, 32) if key <= 3 else is_int(value) if key == 4 else is_text(value, 1024)
        need(fits, _CODE, f"context {_CONTEXT[key]}")
        out[_CONTEXT[key]] = value
    return out


@lru_cache(maxsize=256)
def read_definition(data: bytes) -> Definition:
    """Refuses with definition-invalid, or with a code of CONV-11."""
    item = decode(data)
    need(is_list(item, 4) and same(item[0], 1), _CODE, "version 1 and four items")
    need(is_text(item[1]) and _STREAM.fullmatch(item[1]) is not None, _CODE, "stream name")
    need(is_list(item[2], 1, 64), _CODE, "1 to 64 columns")
    columns = [_column(column) for column in item[2]]
    need(len({column.name for column in columns}) == len(columns), _CODE, "a column name twice")
    return Definition(item[1], columns, _context(item[3]), leaf_hash(data))
