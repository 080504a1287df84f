"""Messages on a board's serial line (08-board): numbers in groups, requests and replies of feature 01."""

from binascii import crc_hqx
from typing import Dict, List, NamedTuple, Tuple

from refusal import Refused, need

BAD = "board-message-invalid"
START, END = 0xF0, 0xF7
FEATURE = 0x01


def number_of(groups: bytes) -> int:
    """A number from its groups, the lowest first."""
    need(max(groups, default=0) < 0x80, BAD, "a group of 8 bits")
    return sum(group << 7 * at for at, group in enumerate(groups))


def groups_of(value: int, count: int) -> bytes:
    """The reverse."""
    return bytes(value >> 7 * at & 0x7F for at in range(count))


def bytes_of(groups: bytes) -> bytes:
    """A byte string with two groups a byte."""
    need(len(groups) % 2 == 0, BAD, "half a byte")
    values = [number_of(groups[at : at + 2]) for at in range(0, len(groups), 2)]
    need(all(value < 256 for value in values), BAD, "a byte above 255")
    return bytes(values)


def packed_of(groups: bytes) -> bytes:
    """A packed byte string: the groups are the digits of one number, which is that of the bytes, the low one first."""
    count = len(groups) * 7 // 8
    whole = number_of(groups)
    need(-(-count * 8 // 7) == len(groups) and whole < 1 << 8 * count, BAD, "no zeros behind the last byte")
    return whole.to_bytes(count, "little")


def pack(data: bytes) -> bytes:
    """The reverse."""
    return groups_of(int.from_bytes(data, "little"), -(-len(data) * 8 // 7))


def check_over(sent: bytes) -> int:
    """BOARD-9: CRC-16 over what a board has sent since its reply before."""
    return crc_hqx(sent, 0xFFFF)


class Field(NamedTuple):
    """A number in a payload: its name, groups, and bounds."""

    name: str
    groups: int
    low: int
    high: int


REQUESTS: Dict[int, Tuple[str, List[Field]]] = {
    0x00: ("identity", []),
    0x01: ("counters", []),
    0x02: ("set-debounce", [Field("counter", 1, 0, 2), Field("debounceUs", 3, 0, 2_000_000)]),
    0x03: ("report-counters", [Field("intervalMs", 3, 0, 2_097_151)]),
    0x04: ("valve", []),
    0x05: ("open-valve", [Field("forMs", 4, 1, 3_600_000)]),
    0x06: ("close-valve", []),
    0x08: ("check", []),
}


class Answered(Exception):
    """BOARD-8: the board answers with an error, as (first byte of the sysex, detail, code)."""

    def __init__(self, detail: int, code: int) -> None:
        super().__init__(f"error {code}")
        self.answer = [FEATURE, detail, code]


def read_request(message: bytes) -> dict:
    """A sysex of feature 01 from a host, or Answered."""
    data = message[2:-1]
    if not data:
        raise Answered(0, 1)
    if data[0] not in REQUESTS:
        raise Answered(data[0], 2)
    name, parts = REQUESTS[data[0]]
    if len(data) != 1 + sum(part.groups for part in parts):
        raise Answered(data[0], 1)
    out: dict = {"request": name}
    rest = data[1:]
    for part in parts:
        value, rest = number_of(rest[: part.groups]), rest[part.groups :]
        if not part.low <= value <= part.high or part.name == "intervalMs" and 0 < value < 100:
            raise Answered(data[0], 3)
        out[part.name] = value
    return out


def write_request(content: dict) -> bytes:
    """The reverse."""
    for command, (name, parts) in REQUESTS.items():
        if name == content["request"]:
            payload = b"".join(groups_of(content[part.name], part.groups) for part in parts)
            return bytes([START, FEATURE, command]) + payload + bytes([END])
    raise KeyError(content["request"])


COUNTER = [Field("pulses", 5, 0, 2**32 - 1), Field("debounceUs", 3, 0, 2_000_000)]
REPLIES: Dict[int, Tuple[str, List[Field]]] = {
    0x43: ("interval", [Field("intervalMs", 3, 0, 2_097_151)]),
    0x44: ("valve", [Field("level", 1, 0, 1), Field("leftMs", 4, 0, 3_600_000), Field("state", 1, 0, 4)]),
    0x48: ("check", []),
    0x7F: ("error", [Field("sysex", 1, 0, 127), Field("detail", 1, 0, 127), Field("code", 1, 1, 6)]),
}


def take(payload: bytes, parts: List[Field]) -> Tuple[dict, bytes]:
    """Values of these fields, and what is left."""
    out = {}
    for part in parts:
        need(len(payload) >= part.groups, BAD, f"ends in {part.name}")
        value = number_of(payload[: part.groups])
        need(part.low <= value <= part.high, BAD, f"{part.name} {value}")
        out[part.name], payload = value, payload[part.groups :]
    return out, payload


def read_reply(message: bytes) -> dict:
    """A reply of feature 01; its check is the line's, and not looked at here."""
    framed = message[:2] == bytes([START, FEATURE]) and message[-1:] == bytes([END])
    need(framed and len(message) >= 14, BAD, "no reply")
    need(number_of(message[-4:-1]) <= 0xFFFF, BAD, "a check of more than 16 bits")
    command, payload = message[2], message[10:-4]
    head = {"number": number_of(message[3:5]), "boardMs": number_of(message[5:10])}
    number_of(payload)
    if command == 0x40:
        name, values, rest = "identity", *_identity(payload)
    elif command == 0x41:
        name, rest = "counters", payload
        counters = []
        for _ in range(3):
            counter, rest = take(rest, COUNTER)
            counters.append(counter)
        values = {"counters": counters}
    else:
        need(command in REPLIES, BAD, f"no reply {command}")
        name, parts = REPLIES[command]
        values, rest = take(payload, parts)
        need(not 0 < values.get("intervalMs", 0) < 100, BAD, "an interval below 100 ms")
    need(rest == b"", BAD, "too long")
    return {"reply": name, **head, **values}


def _identity(payload: bytes) -> Tuple[dict, bytes]:
    first, rest = take(payload, [Field("protocol", 1, 0, 127)])
    if first["protocol"] != 1:
        raise Refused("board-firmware", f"protocol {first['protocol']}")
    need(len(rest) >= 16, BAD, "ends in the build id")
    build = bytes_of(rest[:16])
    last, rest = take(rest[16:], [Field("boots", 5, 0, 2**35 - 1), Field("resetCause", 1, 0, 15)])
    return {**first, "buildId": build, **last}, rest


def write_reply(content: dict, before: bytes) -> bytes:
    """A reply after these bytes of the board since the one before."""
    command = {"identity": 0x40, "counters": 0x41, **{name: at for at, (name, _) in REPLIES.items()}}[content["reply"]]
    body = bytes([START, FEATURE, command]) + groups_of(content["number"], 2) + groups_of(content["boardMs"], 5)
    if command == 0x40:
        body += bytes([content["protocol"]]) + b"".join(groups_of(byte, 2) for byte in content["buildId"])
        body += groups_of(content["boots"], 5) + bytes([content["resetCause"]])
    elif command == 0x41:
        for counter in content["counters"]:
            body += groups_of(counter["pulses"], 5) + groups_of(counter["debounceUs"], 3)
    else:
        body += b"".join(groups_of(content[part.name], part.groups) for part in REPLIES[command][1])
    return body + groups_of(check_over(before + body), 3) + bytes([END])
