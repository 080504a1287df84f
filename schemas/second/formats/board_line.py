"""Streams on a board's serial line, and reports of Firmata (08-board: BOARD-3, BOARD-8, BOARD-9)."""

from typing import Iterator, List, Optional, Tuple

from formats.board import BAD, END, FEATURE, START, bytes_of, check_over, number_of, packed_of
from refusal import need

MOST = 96
"""Bytes that a board takes between f0 and f7."""


def from_board(status: int) -> Optional[int]:
    """How many data bytes follow a status byte of a board; None when it begins no message of three bytes."""
    return 2 if status & 0xF0 in (0x90, 0xE0) or status == 0xF9 else None


def from_host(status: int) -> Optional[int]:
    """The same for a host."""
    if status in (0xF9, 0xFF):
        return 0
    if status in (0xF4, 0xF5):
        return 2
    return {0x90: 2, 0xC0: 1, 0xD0: 1}.get(status & 0xF0)


def messages(stream: bytes, rule) -> Iterator[Tuple[int, bytes]]:
    """Whole messages and where each begins: a status byte and the data bytes that stand directly behind it."""
    heads = [at for at, byte in enumerate(stream) if byte >= 0x80]
    for head, following in zip(heads, [*heads[1:], None]):
        run = stream[head:following]
        if run[0] == START:
            if following is not None and stream[following] == END and len(run) > 1:
                yield head, run + bytes([END])
        elif (count := rule(run[0])) is not None and len(run) > count:
            yield head, run[: count + 1]


def read_line(stream: bytes, from_reset: bool) -> List[dict]:
    """What a host makes of the stream of a board, with the check of each reply."""
    out = []
    known, since = from_reset, 0
    for at, message in messages(stream, from_board):
        found: dict = {"bytes": message}
        if message[:2] == bytes([START, FEATURE]):
            end = at + len(message)
            holds = len(message) >= 6 and check_over(stream[since : end - 4]) == number_of(message[-4:-1])
            found["check"] = ("good" if holds else "bad") if known else "unknown"
            known, since = True, end
        out.append(found)
    return out


def read_host_line(stream: bytes) -> List[dict]:
    """What a board makes of the stream of a host."""
    return [
        {"answer": [message[1], message[2], 1]} if len(message) > MOST + 2 else {"bytes": message}
        for _, message in messages(stream, from_host)
    ]


def read_report(message: bytes) -> dict:
    """A message of a board that is not of feature 01, of those that carry values."""
    whole = list(messages(message, from_board))
    need(whole == [(0, message)], BAD, "not one whole message")
    status, low = message[0] & 0xF0, message[0] & 0x0F
    if message[0] == START:
        return _sysex(message[1], message[2:-1])
    if status == 0xE0:
        return {"report": "analog", "channel": low, "value": number_of(message[1:])}
    if status == 0x90:
        return {"report": "digital", "port": low, "levels": number_of(message[1:])}
    return {"report": "version", "major": message[1], "minor": message[2]}


def _sysex(kind: int, data: bytes) -> dict:
    if kind == 0x79:
        need(len(data) >= 2, BAD, "no version")
        return {"report": "firmware", "major": data[0], "minor": data[1], "name": bytes_of(data[2:]).decode("latin-1")}
    if kind == 0x77:
        need(len(data) >= 4 and number_of(data[:2]) < 128, BAD, "no address and register")
        return {
            "report": "i2c",
            "address": number_of(data[:2]),
            "register": number_of(data[2:4]),
            "data": bytes_of(data[4:]),
        }
    need(kind == 0x73 and len(data) >= 2 and data[0] in (0x42, 0x43), BAD, f"no report {kind}")
    found = packed_of(data[2:])
    if data[0] == 0x42:
        need(len(found) % 8 == 0, BAD, "part of an address")
        addresses = [found[at : at + 8] for at in range(0, len(found), 8)]
        return {"report": "1-wire-search", "pin": data[1], "addresses": addresses}
    need(len(found) >= 2, BAD, "no correlation id")
    return {"report": "1-wire-read", "pin": data[1], "correlation": found[:2], "data": found[2:]}
