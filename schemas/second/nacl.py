"""NaCl secretbox and box: X25519 (RFC 7748), XSalsa20 and Poly1305 (the NaCl papers), all that a sealed batch needs."""

import hmac
import struct
from typing import List, Optional

_P = 2**255 - 19
_SIGMA = b"expand 32-byte k"
NONCE = bytes(24)
"""The nonce of every box here: 24 zero bytes, safe because each key is used once (BATCH-30)."""


def x25519(scalar: bytes, point: bytes) -> bytes:
    """The Montgomery ladder of RFC 7748: 32 bytes of shared x."""
    k = int.from_bytes(scalar, "little") & (1 << 254) - 8 | 1 << 254
    u = int.from_bytes(point, "little") & (1 << 255) - 1
    x2, z2, x3, z3, swap = 1, 0, u, 1, 0
    for bit in range(254, -1, -1):
        now = k >> bit & 1
        if swap ^ now:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = now
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a % _P, b * b % _P, d * a % _P, c * b % _P
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % _P, u * (da - cb) ** 2 % _P
        x2, z2 = aa * bb % _P, e * (aa + 121665 * e) % _P
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, _P - 2, _P) % _P).to_bytes(32, "little")


def x25519_public(secret: bytes) -> bytes:
    """The public key of a secret of 32 bytes."""
    return x25519(secret, (9).to_bytes(32, "little"))


def _rounds(state: List[int]) -> List[int]:
    x = list(state)
    columns = [(0, 4, 8, 12), (5, 9, 13, 1), (10, 14, 2, 6), (15, 3, 7, 11)]
    rows = [(0, 1, 2, 3), (5, 6, 7, 4), (10, 11, 8, 9), (15, 12, 13, 14)]
    for _ in range(10):
        for a, b, c, d in columns + rows:
            for to, one, two, turn in ((b, a, d, 7), (c, b, a, 9), (d, c, b, 13), (a, d, c, 18)):
                word = x[one] + x[two] & 0xFFFFFFFF
                x[to] ^= (word << turn | word >> (32 - turn)) & 0xFFFFFFFF
    return x


def _state(key: bytes, middle: bytes) -> List[int]:
    s, k = struct.unpack("<4I", _SIGMA), struct.unpack("<8I", key)
    return [s[0], *k[:4], s[1], *struct.unpack("<4I", middle), s[2], *k[4:], s[3]]


def _hsalsa20(key: bytes, middle: bytes) -> bytes:
    x = _rounds(_state(key, middle))
    return struct.pack("<8I", *(x[i] for i in (0, 5, 10, 15, 6, 7, 8, 9)))


def _xsalsa20(key: bytes, nonce: bytes, size: int) -> bytes:
    inner, out = _hsalsa20(key, nonce[:16]), bytearray()
    while len(out) < size:
        state = _state(inner, nonce[16:] + struct.pack("<Q", len(out) // 64))
        out += struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in zip(_rounds(state), state)))
    return bytes(out[:size])


def _poly1305(key: bytes, message: bytes) -> bytes:
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for start in range(0, len(message), 16):
        total = (total + int.from_bytes(message[start : start + 16] + b"\x01", "little")) * r % (2**130 - 5)
    return (total + int.from_bytes(key[16:], "little") & (1 << 128) - 1).to_bytes(16, "little")


def secretbox(key: bytes, plain: bytes, nonce: bytes = NONCE) -> bytes:
    """Tag of 16 bytes, then the cipher text."""
    stream = _xsalsa20(key, nonce, 32 + len(plain))
    cipher = bytes(a ^ b for a, b in zip(plain, stream[32:]))
    return _poly1305(stream[:32], cipher) + cipher


def secretbox_open(key: bytes, box: bytes, nonce: bytes = NONCE) -> Optional[bytes]:
    """The plain text, or None when the tag does not fit."""
    if len(box) < 16:
        return None
    stream = _xsalsa20(key, nonce, 16 + len(box))
    if not hmac.compare_digest(_poly1305(stream[:32], box[16:]), box[:16]):
        return None
    return bytes(a ^ b for a, b in zip(box[16:], stream[32:]))


def box_key(secret: bytes, public: bytes) -> bytes:
    """The key that two X25519 keys share, as NaCl's box makes it."""
    return _hsalsa20(x25519(secret, public), bytes(16))
