"""Questions about decoded items, strict about types: in Python, True is an int and equals 1."""

from typing import List, Optional

from cbor import MAX_INT, Item, Map


def is_int(item: Item, low: int = 0, high: int = MAX_INT) -> bool:
    """Whether the item is an integer within the bounds, both included."""
    return type(item) is int and low <= item <= high


def is_bytes(item: Item, size: Optional[int] = None) -> bool:
    """Whether the item is a byte string, of that many bytes if given."""
    return type(item) is bytes and (size is None or len(item) == size)


def is_text(item: Item, most_bytes: Optional[int] = None) -> bool:
    """Whether the item is a text, of at most so many bytes of UTF-8 if given."""
    return type(item) is str and (most_bytes is None or len(item.encode()) <= most_bytes)


def is_text_of(item: Item, most: int) -> bool:
    """Whether the item is a text of at most so many characters, which are code units of UTF-16 (01-wire, Limits)."""
    return type(item) is str and len(item.encode("utf-16-le")) // 2 <= most


def is_list(item: Item, low: int, high: Optional[int] = None) -> bool:
    """Whether the item is an array with `low` items, or with `low` to `high`."""
    return type(item) is list and low <= len(item) <= (low if high is None else high)


def is_hashes(item: Item, low: int = 0, high: int = 53) -> bool:
    """Whether the item is an array of hashes; a path has at most 53 (01-wire, Limits)."""
    return is_list(item, low, high) and all(is_bytes(node, 32) for node in item)


def same(item: Item, wanted: Item) -> bool:
    """Equality that keeps true and 1 apart, and lists and maps too."""
    if type(item) is not type(wanted):
        return False
    if isinstance(item, (list, Map)):
        return len(item) == len(wanted) and all(same(a, b) for a, b in zip(item, wanted))
    if isinstance(item, tuple):
        return len(item) == len(wanted) and all(same(a, b) for a, b in zip(item, wanted))
    return item == wanted


def values_of(item: Item, keys: List[int]) -> Optional[list]:
    """The values of a map that has exactly these integer keys; None for anything else. Order is that of `keys`."""
    if type(item) is not Map or len(item) != len(keys):
        return None
    found = item.as_dict()
    if any((int, key) not in found for key in keys):
        return None
    return [found[(int, key)] for key in keys]
