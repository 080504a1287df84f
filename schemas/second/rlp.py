"""RLP (Yellow Paper, appendix B), canonical only, and block headers in it (07-bundle: BUNDLE-50, BUNDLE-51)."""

from typing import List, NamedTuple, Optional, Tuple, Union

from cbor import MAX_INT
from keccak import keccak256
from refusal import need

_CODE = "proof-invalid"
# A node embeds only nodes shorter than 32 bytes (BUNDLE-53), in which no more than 31 lists stand in each other.
_MAX_DEPTH = 32

Rlp = Union[bytes, List["Rlp"]]


def _length(data: bytes, at: int, long_base: int, short: int) -> Tuple[int, int]:
    """Length of the content, and where it starts."""
    if short <= 55:
        return short, at + 1
    width = short - 55
    raw = data[at + 1 : at + 1 + width]
    need(len(raw) == width and raw[0] != 0, _CODE, "RLP length cut short or with a leading zero")
    length = int.from_bytes(raw, "big")
    need(length > 55, _CODE, f"RLP length longer than needed after {long_base:x}")
    return length, at + 1 + width


def _item(data: bytes, at: int, depth: int) -> Tuple[Rlp, int]:
    need(at < len(data) and depth <= _MAX_DEPTH, _CODE, "RLP cut short or nested too deep")
    head = data[at]
    if head < 0x80:
        return data[at : at + 1], at + 1
    base = 0xC0 if head >= 0xC0 else 0x80
    length, start = _length(data, at, base, head - base)
    end = start + length
    need(end <= len(data), _CODE, "RLP cut short")
    if base == 0x80:
        content = data[start:end]
        need(not (length == 1 and content[0] < 0x80), _CODE, "a byte below 80 as itself")
        return content, end
    items: List[Rlp] = []
    while start < end:
        item, start = _item(data[:end], start, depth + 1)
        items.append(item)
    return items, end


def decode(data: bytes) -> Rlp:
    """The one item that fills the bytes. Refuses with proof-invalid."""
    item, end = _item(data, 0, 1)
    need(end == len(data), _CODE, "bytes after the RLP item")
    return item


def encode(item: Rlp) -> bytes:
    """Canonical bytes of an item."""
    if isinstance(item, bytes):
        if len(item) == 1 and item[0] < 0x80:
            return item
        base, content = 0x80, item
    else:
        base, content = 0xC0, b"".join(map(encode, item))
    if len(content) <= 55:
        return bytes([base + len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([base + 55 + len(length)]) + length + content


def integer(item: Rlp, below: Optional[int] = None) -> int:
    """A number without leading zeros, below that bound if given. Refuses with proof-invalid."""
    need(isinstance(item, bytes) and item[:1] != b"\x00", _CODE, "RLP integer")
    number = int.from_bytes(item, "big")
    need(below is None or number < below, _CODE, "RLP integer too large")
    return number


class Header(NamedTuple):
    """What a verifier reads of a block header; time in seconds since 1970."""

    state_root: bytes
    number: int
    time: int
    hash: bytes


def read_header(data: bytes) -> Header:
    """BUNDLE-50; items are counted from one. Refuses with proof-invalid."""
    need(len(data) <= 8192, _CODE, "header longer than 8192 bytes")
    items = decode(data)
    need(isinstance(items, list) and 15 <= len(items) <= 64, _CODE, "15 to 64 items")
    need(all(isinstance(item, bytes) for item in items), _CODE, "items are byte strings")
    need(len(items[3]) == 32, _CODE, "state root")
    return Header(items[3], integer(items[8], MAX_INT + 1), integer(items[11], MAX_INT + 1), keccak256(data))
