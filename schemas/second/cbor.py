"""Deterministic CBOR of 00-conventions (CONV-1 to CONV-11), strict reader and writer.

A map is a tuple of pairs and not a dict: the conventions do not limit the types of keys, and Python takes 1 and True
for one key.
"""

from typing import Dict, Tuple, Union

from refusal import Refused

MAX_DEPTH = 16
MAX_INT = 2**53 - 1
COSE_SIGN1 = 18


class Map(tuple):
    """The pairs of a map, in the order of the bytes, which is the only order that is accepted."""

    def as_dict(self) -> "Dict[Tuple[type, object], object]":
        """Pairs by (type, key), so that true and 1 stay two keys."""
        return {(type(key), key): value for key, value in self if not isinstance(key, (list, Map, Tagged))}


class Tagged:
    """Tag 18 and what stands in it."""

    def __init__(self, tag: int, value: object) -> None:
        self.tag = tag
        self.value = value


Item = Union[int, bytes, str, bool, None, list, Map, Tagged]


class _Reader:
    def __init__(self, data: bytes, tagged: bool) -> None:
        self.data = data
        self.at = 0
        self.tagged = tagged

    def take(self, count: int) -> bytes:
        end = self.at + count
        if end > len(self.data):
            raise Refused("malformed", f"cut short at byte {self.at}")
        out = self.data[self.at : end]
        self.at = end
        return out

    def argument(self, major: int, info: int) -> int:
        if info < 24:
            return info
        if info <= 27:
            width = 1 << (info - 24)
            value = int.from_bytes(self.take(width), "big")
            # CONV-1: a head is one byte longer only when the shorter one could not hold the value.
            if value < (24 if width == 1 else 1 << (4 * width)):
                raise Refused("not-deterministic", "a head longer than needed")
            return value
        if info == 31 and major in (2, 3, 4, 5):
            raise Refused("not-deterministic", "indefinite length")
        raise Refused("malformed", f"head {major}/{info}")

    def simple(self, info: int) -> Item:
        if info in (20, 21):
            return info == 21
        if info == 22:
            return None
        if info == 24:
            if self.take(1)[0] < 32:
                raise Refused("malformed", "simple value below 32 in two bytes")
        elif info > 27:
            raise Refused("malformed", "break or reserved simple value")
        elif info >= 25:
            self.take(1 << (info - 24))
        raise Refused("not-deterministic", "float, undefined or another simple value")

    def item(self, depth: int) -> Item:
        if depth > MAX_DEPTH:
            raise Refused("too-large", f"nested deeper than {MAX_DEPTH}")
        start = self.at
        head = self.take(1)[0]
        major, info = head >> 5, head & 31
        if major == 7:
            return self.simple(info)
        value = self.argument(major, info)
        if major <= 1:
            if value > MAX_INT - major:
                raise Refused("not-deterministic", "integer beyond 2^53 - 1")
            return value if major == 0 else -1 - value
        if major == 2:
            return self.take(value)
        if major == 3:
            try:
                return self.take(value).decode("utf-8", "strict")
            except UnicodeDecodeError as cause:
                raise Refused("malformed", "invalid UTF-8") from cause
        if major == 6:
            if not (self.tagged and start == 0 and head == 0xC0 | COSE_SIGN1):
                raise Refused("not-deterministic", f"tag {value}")
            return Tagged(value, self.item(depth + 1))
        if value > len(self.data) - self.at:
            # Each item has a byte at least: a count beyond the input is never worked off.
            raise Refused("malformed", "more items than bytes")
        if major == 4:
            return [self.item(depth + 1) for _ in range(value)]
        return self.pairs(value, depth)

    def pairs(self, count: int, depth: int) -> Map:
        out = []
        before = b""
        for _ in range(count):
            start = self.at
            key = self.item(depth + 1)
            encoded = self.data[start : self.at]
            if out and encoded <= before:
                raise Refused("not-deterministic", "map keys out of order or twice")
            before = encoded
            out.append((key, self.item(depth + 1)))
        return Map(out)


def decode(data: bytes, tagged: bool = False) -> Item:
    """The one item that fills the bytes; with `tagged`, tag 18 may be its first byte.

    Refuses with malformed, not-deterministic or too-large.
    """
    reader = _Reader(data, tagged)
    item = reader.item(1)
    if reader.at != len(data):
        raise Refused("malformed", "bytes after the item")
    return item


def _head(major: int, value: int) -> bytes:
    if value < 24:
        return bytes([major << 5 | value])
    width = 1 if value < 1 << 8 else 2 if value < 1 << 16 else 4 if value < 1 << 32 else 8
    return bytes([major << 5 | {1: 24, 2: 25, 4: 26, 8: 27}[width]]) + value.to_bytes(width, "big")


def encode(item: Item) -> bytes:
    """Deterministic bytes of an item."""
    if item is None:
        return b"\xf6"
    if isinstance(item, bool):
        return b"\xf5" if item else b"\xf4"
    if isinstance(item, int):
        return _head(0, item) if item >= 0 else _head(1, -1 - item)
    if isinstance(item, bytes):
        return _head(2, len(item)) + item
    if isinstance(item, str):
        text = item.encode("utf-8")
        return _head(3, len(text)) + text
    if isinstance(item, Map):
        pairs = sorted((encode(key), encode(value)) for key, value in item)
        return _head(5, len(pairs)) + b"".join(key + value for key, value in pairs)
    if isinstance(item, list):
        return _head(4, len(item)) + b"".join(map(encode, item))
    if isinstance(item, Tagged):
        return _head(6, item.tag) + encode(item.value)
    raise TypeError(f"no CBOR for {type(item).__name__}")
