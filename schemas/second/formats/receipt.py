"""Receipts of a log and the messages around them (05-receipt; RFC 9942)."""

from typing import List, NamedTuple

import ed25519
from cbor import Item, decode, encode
from formats.cose import read_sign1, sig_structure
from formats.keys import ED25519, ed25519_cose_key, read_key
from formats.statement import read_statement
from formats.log import is_caip2
from merkle import leaf_hash, root_from_path
from refusal import need
from shape import is_bytes, is_hashes, is_int, is_list, is_text, is_text_of, same, values_of

_CODE = "receipt-invalid"


class Receipt(NamedTuple):
    """A receipt that holds for an entry: the root is what the path yields."""

    size: int
    index: int
    path: List[bytes]
    root: bytes
    sig_structure: bytes


class Anchored(NamedTuple):
    """An anchored message that holds, and what the log signed of it."""

    receipt: Receipt
    to_be_signed: bytes


def _proof(unprotected: Item) -> Item:
    """The bytes of the one inclusion proof, decoded."""
    outer = values_of(unprotected, [396])
    inner = values_of(outer[0], [-1]) if outer is not None else None
    need(inner is not None and is_list(inner[0], 1) and is_bytes(inner[0][0]), _CODE, "one inclusion proof")
    proof = decode(inner[0][0])
    need(is_list(proof, 3) and is_int(proof[0]) and is_int(proof[1]), _CODE, "inclusion proof")
    need(is_hashes(proof[2], 1), _CODE, "path")
    return proof


def read_receipt(data: bytes, entry: bytes, origin: str, log_key: bytes) -> Receipt:
    """RCPT-10 to RCPT-12. Refuses with receipt-invalid, unknown-key, proof-invalid, bad-signature, or by CONV-11."""
    frame = read_sign1(data, _CODE)
    header = values_of(frame.header, [1, 4, 15, 16, 395, -65537])
    need(header is not None and frame.payload is None, _CODE, "header or payload")
    alg, kid, claims, typ, vds, size = header
    need(same(alg, ED25519) and is_bytes(kid, 16), _CODE, "alg or kid")
    need(same(typ, "application/fp-receipt+cose") and same(vds, 1) and is_int(size), _CODE, "typ, structure or size")
    claims = values_of(claims, [1])
    need(claims is not None and is_text(claims[0]), _CODE, "claims")
    tree_size, index, path = _proof(frame.unprotected)
    need(tree_size == size and 1 <= index < size, _CODE, "size or index")
    need(claims[0] == origin, _CODE, "origin")
    need(kid == read_key(ed25519_cose_key(log_key)).kid, "unknown-key", "kid")
    root = root_from_path(leaf_hash(entry), index, size, path)
    signed = sig_structure(frame.protected, root)
    need(ed25519.verify(log_key, signed, frame.signature), "bad-signature")
    return Receipt(size, index, path, root, signed)


def is_anchor(item: Item) -> bool:
    """The six items of a receipt's anchor."""
    if not is_list(item, 6) or not is_caip2(item[0]) or not is_bytes(item[1], 20) or not is_int(item[3]):
        return False
    return all(is_bytes(part, 32) for part in (item[2], item[4], item[5]))


def read_receipt_message(data: bytes) -> List[Item]:
    """The items of a message on the receipt topic, its receipt unread. Refuses with message-invalid, or by CONV-11."""
    code = "message-invalid"
    item = decode(data)
    need(type(item) is list and len(item) >= 3, code, "items")
    need(is_int(item[0], 1, 3) and is_bytes(item[1], 32), code, "kind and digest")
    if item[0] == 3:
        need(is_list(item, 5) and is_int(item[2]), code, "refusal")
        need(is_text_of(item[3], 64) and is_text_of(item[4], 1024), code, "refusal")
        return item
    need(is_list(item, 3 if item[0] == 1 else 5) and is_bytes(item[2]), code, "receipt")
    if item[0] == 2:
        need(is_anchor(item[3]) and is_bytes(item[4], 64), code, "anchor and signature")
    return item


def read_anchored(data: bytes, entry: bytes, origin: str, log_key: bytes) -> Anchored:
    """An anchored message for a statement that the reader holds (RCPT-4, RCPT-20). Codes as the rules name them."""
    item = read_receipt_message(data)
    need(item[0] == 2, _CODE, "not an anchored message")
    need(item[1] == read_statement(entry).id, _CODE, "statement id")
    receipt = read_receipt(item[2], entry, origin, log_key)
    signed = encode(["fieldproof-anchor", 1, origin, receipt.size, receipt.root, item[3]])
    need(ed25519.verify(log_key, signed, item[4]), "bad-signature", "anchor")
    return Anchored(receipt, signed)
