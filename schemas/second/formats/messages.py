"""Topics and the messages birth, status and beacon (01-wire)."""

from typing import List, NamedTuple, Tuple

from cbor import Item, decode
from formats.keys import MACHINE_ID
from formats.statement import is_beacon
from refusal import need
from shape import is_bytes, is_int, is_list, is_text_of, same

_KINDS = ("birth", "status", "batch", "receipt", "head", "beacon")
_CODE = "message-invalid"


class Birth(NamedTuple):
    """What a machine says of itself: COSE_Key, definitions as bytes, software text."""

    key: bytes
    definitions: List[bytes]
    software: str


def read_topic(topic: str) -> Tuple[str, str]:
    """Machine id and kind (WIRE-1). Refuses with topic-invalid."""
    levels = topic.split("/")
    need(len(levels) == 4 and levels[:2] == ["fp", "1"], "topic-invalid", "levels")
    need(MACHINE_ID.fullmatch(levels[2]) is not None and levels[3] in _KINDS, "topic-invalid", "machine or kind")
    return levels[2], levels[3]


def read_birth(data: bytes) -> Birth:
    """Key and definitions stay bytes, which others read later (WIRE-5). Refuses with message-invalid, or by CONV-11."""
    item = decode(data)
    need(is_list(item, 4) and same(item[0], 1) and is_bytes(item[1]), _CODE, "version, key")
    need(is_list(item[2], 1, 64) and all(is_bytes(definition) for definition in item[2]), _CODE, "definitions")
    need(is_text_of(item[3], 256), _CODE, "software")
    return Birth(item[1], item[2], item[3])


def read_status(data: bytes) -> Tuple[bool, bytes]:
    """Online or not, and boot. Refuses with message-invalid, or by CONV-11."""
    item = decode(data)
    need(is_list(item, 3) and same(item[0], 1) and is_int(item[1], 0, 1) and is_bytes(item[2], 8), _CODE)
    return item[1] == 1, item[2]


def read_beacon(data: bytes) -> List[Item]:
    """Chain id, block number, block hash; WIRE-23 bounds the number. Refuses with message-invalid, or by CONV-11."""
    item = decode(data)
    need(is_beacon(item) and item[1] <= 2**48, _CODE)
    return item
