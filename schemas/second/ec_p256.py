"""ECDSA over P-256 with SHA-256 (FIPS 186-5, SEC 1): verification, and signing by RFC 6979 to repeat the vectors.

Not constant in time: it reads and repeats public vectors only.
"""

import hashlib
import hmac
from functools import lru_cache
from typing import List, Optional, Tuple

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)

Affine = Tuple[int, int]
Jacobian = Tuple[int, int, int]
_NEUTRAL: Jacobian = (1, 1, 0)


def on_curve(x: int, y: int) -> bool:
    """Whether the coordinates are reduced and those of a point (CONV-21)."""
    return 0 <= x < P and 0 <= y < P and (y * y - (x * x * x - 3 * x + B)) % P == 0


def _double(point: Jacobian) -> Jacobian:
    x, y, z = point
    if z == 0 or y == 0:
        return _NEUTRAL
    zz = z * z % P
    yy = y * y % P
    s = 4 * x * yy % P
    m = 3 * (x - zz) * (x + zz) % P
    nx = (m * m - 2 * s) % P
    return nx, (m * (s - nx) - 8 * yy * yy) % P, 2 * y * z % P


def _add(one: Jacobian, two: Jacobian) -> Jacobian:
    x1, y1, z1 = one
    x2, y2, z2 = two
    if z1 == 0:
        return two
    if z2 == 0:
        return one
    zz1, zz2 = z1 * z1 % P, z2 * z2 % P
    u1, u2 = x1 * zz2 % P, x2 * zz1 % P
    s1, s2 = y1 * z2 * zz2 % P, y2 * z1 * zz1 % P
    h, r = (u2 - u1) % P, (s2 - s1) % P
    if h == 0:
        return _double(one) if r == 0 else _NEUTRAL
    hh = h * h % P
    hhh = h * hh % P
    v = u1 * hh % P
    x3 = (r * r - hhh - 2 * v) % P
    return x3, (r * (v - x3) - s1 * hhh) % P, z1 * z2 * h % P


@lru_cache(maxsize=64)
def _window(point: Affine) -> List[Jacobian]:
    """0 to 15 times the point; keys come back in many cases."""
    table = [_NEUTRAL, (point[0], point[1], 1)]
    for _ in range(14):
        table.append(_add(table[-1], table[1]))
    return table


def _multiply_add(a: int, one: Affine, b: int, two: Affine) -> Optional[Affine]:
    """a * one + b * two with one run of doublings; None for the neutral element."""
    first, second = _window(one), _window(two)
    sum_: Jacobian = _NEUTRAL
    for shift in range(252, -4, -4):
        for _ in range(4):
            sum_ = _double(sum_)
        sum_ = _add(sum_, first[a >> shift & 15])
        sum_ = _add(sum_, second[b >> shift & 15])
    if sum_[2] == 0:
        return None
    inverse = pow(sum_[2], -1, P)
    return sum_[0] * inverse**2 % P, sum_[1] * inverse**3 % P


def verify_digest(public: Affine, digest: bytes, signature: bytes) -> bool:
    """Whether r and s (64 bytes, s in the lower half: CONV-23) fit the SHA-256 digest."""
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if len(signature) != 64 or not (0 < r < N and 0 < s <= N // 2):
        return False
    inverse = pow(s, -1, N)
    point = _multiply_add(int.from_bytes(digest, "big") * inverse % N, G, r * inverse % N, public)
    return point is not None and point[0] % N == r


def verify(public: Affine, message: bytes, signature: bytes) -> bool:
    """ESP256: the message is hashed with SHA-256 first."""
    return verify_digest(public, hashlib.sha256(message).digest(), signature)


def public_of(secret: int) -> Affine:
    """The point of a scalar between 1 and n - 1."""
    point = _multiply_add(secret, G, 0, G)
    assert point is not None
    return point


def sign(secret: int, message: bytes) -> bytes:
    """RFC 6979 with SHA-256, s in the lower half, as the vectors are signed."""
    digest = hashlib.sha256(message).digest()
    seed = secret.to_bytes(32, "big") + (int.from_bytes(digest, "big") % N).to_bytes(32, "big")
    key, value = bytes(32), b"\x01" * 32
    for separator in (b"\x00", b"\x01"):
        key = hmac.digest(key, value + separator + seed, "sha256")
        value = hmac.digest(key, value, "sha256")
    while True:
        value = hmac.digest(key, value, "sha256")
        nonce = int.from_bytes(value, "big")
        if 0 < nonce < N:
            r = public_of(nonce)[0] % N
            s = pow(nonce, -1, N) * (int.from_bytes(digest, "big") + r * secret) % N
            if r and s:
                return r.to_bytes(32, "big") + min(s, N - s).to_bytes(32, "big")
        key = hmac.digest(key, value + b"\x00", "sha256")
        value = hmac.digest(key, value, "sha256")
