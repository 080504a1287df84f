"""Statements of a machine (03-history: HIST-1 to HIST-12)."""

from typing import List, NamedTuple, Optional

from cbor import Item, Map
from formats.cose import read_sign1, sig_structure, statement_id
from formats.keys import ED25519, ESP256, MACHINE_ID, Key
from refusal import need
from shape import is_bytes, is_int, is_list, is_text, same, values_of

_CODE = "statement-invalid"


class Statement(NamedTuple):
    """What a machine signed. issued_at in seconds; beacon is [chain id, block number, block hash]."""

    data: bytes
    alg: int
    kid: bytes
    machine: str
    issued_at: int
    boot: bytes
    sequence: int
    leaf_count: int
    prev: Optional[bytes]
    definition_hash: bytes
    clock_quality: int
    beacon: Optional[List[Item]]
    sealed: Optional[bytes]
    root: bytes
    signature: bytes
    sig_structure: bytes
    id: bytes


def is_beacon(item: Item) -> bool:
    """[chain id, block number, block hash of 32 bytes], HIST-8."""
    return is_list(item, 3) and is_int(item[0]) and is_int(item[1]) and is_bytes(item[2], 32)


def _hash_or_null(item: Item) -> bool:
    return item is None or is_bytes(item, 32)


def read_statement(data: bytes) -> Statement:
    """The statement, its signature not yet checked. Refuses with statement-invalid, or with a code of CONV-11."""
    frame = read_sign1(data, _CODE)
    need(same(frame.unprotected, Map()), _CODE, "unprotected header")
    need(is_bytes(frame.payload, 32), _CODE, "payload")
    header = values_of(frame.header, [1, 4, 15, 16, 395, -65537])
    need(header is not None, _CODE, "protected header")
    alg, kid, claims, typ, vds, fields = header
    need(same(alg, ESP256) or same(alg, ED25519), _CODE, "alg")
    need(is_bytes(kid, 16), _CODE, "kid")
    need(same(typ, "application/fp+cose") and same(vds, 1), _CODE, "typ or verifiable data structure")
    claims = values_of(claims, [1, 2, 6])
    need(claims is not None and same(claims[0], "fp") and is_int(claims[2]), _CODE, "claims")
    need(is_text(claims[1]) and MACHINE_ID.fullmatch(claims[1]) is not None, _CODE, "machine id")
    need(is_list(fields, 8), _CODE, "private fields")
    boot, sequence, leaf_count, prev, definition_hash, clock_quality, beacon, sealed = fields
    need(is_bytes(boot, 8), _CODE, "boot")
    need(is_int(sequence, 1), _CODE, "sequence")
    need(is_int(leaf_count, 2, 4097), _CODE, "leaf count")
    need(_hash_or_null(prev) and (prev is None) == (sequence == 1), _CODE, "prev")
    need(is_bytes(definition_hash, 32), _CODE, "definition hash")
    need(is_int(clock_quality, 0, 2), _CODE, "clock quality")
    need(beacon is None or is_beacon(beacon), _CODE, "beacon")
    need(_hash_or_null(sealed), _CODE, "sealed")
    signed = sig_structure(frame.protected, frame.payload)
    return Statement(
        data, alg, kid, claims[1], claims[2], boot, sequence, leaf_count, prev, definition_hash, clock_quality,
        beacon, sealed, frame.payload, frame.signature, signed, statement_id(frame.protected, frame.payload),
    )


def check_signature(statement: Statement, key: Key) -> None:
    """HIST-11. Refuses with unknown-key when the kid is not this key's, with bad-signature for the rest."""
    need(statement.kid == key.kid, "unknown-key", "kid")
    need(statement.alg == key.alg, "bad-signature", "alg of another kind of key")
    need(key.verifies(statement.sig_structure, statement.signature), "bad-signature")
