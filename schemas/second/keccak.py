"""Keccak-256 as Ethereum uses it: the padding of Keccak (01), not that of SHA-3 (06)."""

_MASK = (1 << 64) - 1
_RATE = 136


def _tables() -> "tuple[list, list, list]":
    """Round constants (a shift register), rotations and lanes (a walk over the plane), as in FIPS 202."""
    constants, register = [], 1
    for _ in range(24):
        word = 0
        for bit in range(7):
            if register & 1:
                word ^= 1 << ((1 << bit) - 1)
            register = register << 1 ^ (0x171 if register & 0x80 else 0)
        constants.append(word)
    rotations, lanes = [], []
    x, y = 1, 0
    for step in range(24):
        x, y = y, (2 * x + 3 * y) % 5
        rotations.append((step + 1) * (step + 2) // 2 % 64)
        lanes.append(x + 5 * y)
    return constants, rotations, lanes


_CONSTANTS, _ROTATIONS, _LANES = _tables()


def _permute(state: list) -> None:
    for constant in _CONSTANTS:
        parity = [state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20] for x in range(5)]
        for x in range(5):
            next_one = parity[(x + 1) % 5]
            change = parity[(x + 4) % 5] ^ ((next_one << 1 | next_one >> 63) & _MASK)
            for y in range(0, 25, 5):
                state[x + y] ^= change
        carried = state[1]
        for rotation, lane in zip(_ROTATIONS, _LANES):
            held = state[lane]
            state[lane] = (carried << rotation | carried >> (64 - rotation)) & _MASK
            carried = held
        for y in range(0, 25, 5):
            row = state[y : y + 5]
            for x in range(5):
                state[x + y] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5] & _MASK)
        state[0] ^= constant


def keccak256(data: bytes) -> bytes:
    """The digest, 32 bytes."""
    padded = bytearray(data)
    padded += bytes(_RATE - len(data) % _RATE)
    padded[len(data)] ^= 0x01
    padded[-1] ^= 0x80
    state = [0] * 25
    for start in range(0, len(padded), _RATE):
        for lane in range(_RATE // 8):
            at = start + 8 * lane
            state[lane] ^= int.from_bytes(padded[at : at + 8], "little")
        _permute(state)
    return b"".join(lane.to_bytes(8, "little") for lane in state[:4])
