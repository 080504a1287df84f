"""COSE_Key bytes of machines and logs (00-conventions, Keys: CONV-20 to CONV-26)."""

import base64
import hashlib
import re
from functools import lru_cache
from typing import Tuple

import ec_p256
import ed25519
from cbor import Map, decode, encode
from refusal import need
from shape import is_bytes, same, values_of

ESP256 = -9
ED25519 = -19
MACHINE_ID = re.compile(r"[a-z2-7]{25}[aeimquy4]")


class Key:
    """A public key: alg, its coordinates (x and y, or the 32 bytes of Ed25519), thumbprint of 32 bytes, kid of 16."""

    def __init__(self, cose: bytes, alg: int, parts: Tuple[bytes, ...]) -> None:
        self.cose = cose
        self.alg = alg
        self.parts = parts
        self.thumbprint = hashlib.sha256(cose).digest()
        self.kid = self.thumbprint[:16]
        self.machine_id = machine_id(self.kid)

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature over the message is this key's, by CONV-23 or CONV-24."""
        if self.alg == ED25519:
            return ed25519.verify(self.parts[0], message, signature)
        point = (int.from_bytes(self.parts[0], "big"), int.from_bytes(self.parts[1], "big"))
        return ec_p256.verify(point, message, signature)


def machine_id(kid: bytes) -> str:
    """The text of 26 characters for the kid of a machine's first key."""
    return base64.b32encode(kid).decode().rstrip("=").lower()


def kid_of(machine: str) -> bytes:
    """The kid of 16 bytes that a machine id spells."""
    return base64.b32decode(machine.upper() + "======")


@lru_cache(maxsize=256)
def read_key(data: bytes) -> Key:
    """Refuses with key-invalid, or with a code of CONV-11."""
    item = decode(data)
    ed = values_of(item, [1, -1, -2])
    if ed is not None and same(ed[0], 1) and same(ed[1], 6):
        need(is_bytes(ed[2], 32) and ed25519.is_public_key(ed[2]), "key-invalid", "no Ed25519 key of prime order")
        return Key(data, ED25519, (ed[2],))
    ec = values_of(item, [1, -1, -2, -3])
    need(ec is not None and same(ec[0], 2) and same(ec[1], 1), "key-invalid", "neither P-256 nor Ed25519")
    need(is_bytes(ec[2], 32) and is_bytes(ec[3], 32), "key-invalid", "coordinates of 32 bytes")
    x, y = (int.from_bytes(part, "big") for part in ec[2:])
    need(ec_p256.on_curve(x, y), "key-invalid", "no point of the curve")
    return Key(data, ESP256, (ec[2], ec[3]))


def ed25519_cose_key(public: bytes) -> bytes:
    """The COSE_Key of a log's key, whose thumbprint gives the kid in receipts."""
    return encode(Map([(1, 1), (-1, 6), (-2, public)]))


def p256_cose_key(x: bytes, y: bytes) -> bytes:
    """The COSE_Key of a P-256 key."""
    return encode(Map([(1, 2), (-1, 1), (-2, x), (-3, y)]))
