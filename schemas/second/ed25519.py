"""Ed25519 (RFC 8032) under the rules CONV-22 and CONV-24: canonical, without the cofactor, keys of prime order.

Not constant in time: it reads and repeats public vectors only.
"""

import hashlib
from functools import lru_cache
from typing import List, Optional, Tuple

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
_ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)

Point = Tuple[int, int, int, int]
_NEUTRAL: Point = (0, 1, 1, 0)


def _add(one: Point, two: Point) -> Point:
    x1, y1, z1, t1 = one
    x2, y2, z2, t2 = two
    a = (y1 - x1) * (y2 - x2) % P
    b = (y1 + x1) * (y2 + x2) % P
    c = 2 * t1 * t2 * D % P
    d = 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def decompress(encoded: bytes) -> Optional[Point]:
    """The point of 32 canonical bytes; None when y is not reduced, no x exists, or x = 0 carries a sign."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (1 << 255) - 1
    if len(encoded) != 32 or y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P == -u % P:
        x = x * _ROOT_OF_MINUS_ONE % P
    if v * x * x % P != u or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def _compress(point: Point) -> bytes:
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


@lru_cache(maxsize=64)
def _window(point: Point) -> List[Point]:
    table = [_NEUTRAL, point]
    for _ in range(14):
        table.append(_add(table[-1], point))
    return table


def _multiply_add(a: int, one: Point, b: int, two: Point) -> Point:
    """a * one + b * two with one run of doublings."""
    first, second = _window(one), _window(two)
    total = _NEUTRAL
    for shift in range(252, -4, -4):
        for _ in range(4):
            total = _add(total, total)
        total = _add(_add(total, first[a >> shift & 15]), second[b >> shift & 15])
    return total


def _is_neutral(point: Point) -> bool:
    return point[0] == 0 and point[1] == point[2]


_BASE = decompress((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
assert _BASE is not None


@lru_cache(maxsize=256)
def is_public_key(public: bytes) -> bool:
    """CONV-22: canonical, on the curve, of prime order and not the neutral element."""
    point = decompress(public)
    return point is not None and not _is_neutral(point) and _is_neutral(_multiply_add(L, point, 0, point))


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether [S]B = R + [k]A holds without the cofactor, with canonical R and S < L (CONV-24)."""
    point, r = decompress(public), decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or point is None or r is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    negative = (-point[0] % P, point[1], point[2], -point[3] % P)
    return _compress(_multiply_add(s, _BASE, k, negative)) == signature[:32]


def _expand(seed: bytes) -> Tuple[int, bytes]:
    digest = hashlib.sha512(seed).digest()
    return int.from_bytes(digest[:32], "little") & (1 << 254) - 8 | 1 << 254, digest[32:]


def public_of(seed: bytes) -> bytes:
    """The public key of a seed of 32 bytes."""
    return _compress(_multiply_add(_expand(seed)[0], _BASE, 0, _BASE))


def sign(seed: bytes, message: bytes) -> bytes:
    """The signature of RFC 8032, to repeat the vectors."""
    scalar, prefix = _expand(seed)
    public = public_of(seed)
    nonce = int.from_bytes(hashlib.sha512(prefix + message).digest(), "little") % L
    r = _compress(_multiply_add(nonce, _BASE, 0, _BASE))
    k = int.from_bytes(hashlib.sha512(r + public + message).digest(), "little") % L
    return r + ((nonce + k * scalar) % L).to_bytes(32, "little")
