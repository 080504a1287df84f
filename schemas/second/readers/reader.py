"""What a reader of vectors is, and how values are compared with what a case states."""

from typing import Callable, Dict, FrozenSet, NamedTuple

from cbor import Item, Map

Case = Dict[str, object]
"""One case of a file, as JSON."""

FRAME = frozenset({"name", "valid", "kind", "error", "check"})
"""Fields that say what is expected, and are no value of a format."""


class Disagreement(Exception):
    """A valid case that was read, but does not come out when it is written again."""


def must(condition: bool, what: str) -> None:
    """Disagrees unless the condition holds; unlike assert, also under `python3 -O`."""
    if not condition:
        raise Disagreement(what)


class Reader(NamedTuple):
    """`read` takes (file, case) and returns every output by its name in the vectors, or raises Refused or Failed.

    `inputs` are the fields that it reads; each other field of a valid case must be an output.
    """

    inputs: FrozenSet[str]
    read: "Callable[[Case, Case], Dict[str, object]]"


def reader(*inputs: str) -> "Callable[[Callable[[Case, Case], Dict[str, object]]], Reader]":
    """Makes a Reader of a function."""
    return lambda read: Reader(frozenset(inputs), read)


def unhex(value: object) -> bytes:
    """The bytes of a field in hex."""
    if not isinstance(value, str):
        raise Disagreement(f"hex was expected, not {value!r}")
    return bytes.fromhex(value)


def plain(value: object) -> object:
    """A value as the vectors write it: bytes in hex."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (list, tuple)) and not isinstance(value, Map):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def in_row(value: Item) -> object:
    """A value of a row or column as the vectors write it: bytes as {"hex"}, so that they are not taken for text."""
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    return [in_row(item) for item in value] if isinstance(value, list) else value


def from_row(value: object) -> Item:
    """The reverse of in_row."""
    if isinstance(value, dict):
        return unhex(value["hex"])
    return value


def equal(one: object, two: object) -> bool:
    """Equality of JSON values that keeps true and 1 apart."""
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(equal(one[key], two[key]) for key in one)
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(equal(a, b) for a, b in zip(one, two))
    return type(one) is type(two) and one == two
