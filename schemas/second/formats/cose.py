"""What statements and receipts have in common: the frame of a COSE_Sign1 with tag 18 (RFC 9052)."""

import hashlib
from typing import NamedTuple

from cbor import COSE_SIGN1, Item, decode, encode
from refusal import need
from shape import is_bytes, is_list


class Sign1(NamedTuple):
    """The four items, the protected header also as received: signatures are over those bytes (CONV-12)."""

    protected: bytes
    header: Item
    unprotected: Item
    payload: Item
    signature: bytes


def sig_structure(protected: bytes, payload: bytes) -> bytes:
    """What is signed; external data is empty."""
    return encode(["Signature1", protected, b"", payload])


def statement_id(protected: bytes, root: bytes) -> bytes:
    """H(Sig_structure), HIST-10."""
    return hashlib.sha256(sig_structure(protected, root)).digest()


def read_sign1(data: bytes, code: str) -> Sign1:
    """The frame. Refuses with `code` when the shape is wrong, with a code of CONV-11 when the encoding is."""
    # CONV-11: another first byte than tag 18 is a fault of the shape, whatever else these bytes may be.
    need(len(data) > 0, "malformed", "no bytes")
    need(data[0] == 0xC0 | COSE_SIGN1, code, "no tag 18")
    items = decode(data, tagged=True).value
    need(is_list(items, 4), code, "four items")
    protected, unprotected, payload, signature = items
    need(is_bytes(protected), code, "protected header")
    need(is_bytes(signature, 64), code, "signature of 64 bytes")
    return Sign1(protected, decode(protected), unprotected, payload, signature)
