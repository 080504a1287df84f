"""Genesis, checkpoint and tiles of a log (04-log; C2SP signed-note, tlog-checkpoint and tlog-tiles)."""

import base64
import hashlib
import re
from typing import List, NamedTuple, Optional, Union

import ed25519
from cbor import MAX_INT, Item, decode
from keccak import keccak256
from merkle import leaf_hash, root_of
from refusal import need
from shape import is_bytes, is_int, is_list, is_text, same

ORIGIN = re.compile(r"[!-*,-~]{1,128}")
CAIP2 = re.compile(r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}")
_SIZE = re.compile(r"[1-9][0-9]*")
_SIGNATURE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")


def is_caip2(item: Item) -> bool:
    """Whether the item is a CAIP-2 chain id."""
    return is_text(item) and CAIP2.fullmatch(item) is not None


class Genesis(NamedTuple):
    """Leaf 0 of a log. predecessor is [log id, size]."""

    origin: str
    log_key: bytes
    caip2: str
    anchor_log: bytes
    predecessor: Optional[List[Item]]
    leaf: bytes


def read_genesis(data: bytes) -> Genesis:
    """Refuses with genesis-invalid, or with a code of CONV-11."""
    code = "genesis-invalid"
    item = decode(data)
    need(is_list(item, 7) and same(item[:2], ["fieldproof-genesis", 1]), code, "type and version")
    origin, log_key, caip2, anchor_log, predecessor = item[2:]
    need(is_text(origin) and ORIGIN.fullmatch(origin) is not None, code, "origin")
    need(is_bytes(log_key, 32), code, "log key")
    need(is_caip2(caip2), code, "chain")
    need(is_bytes(anchor_log, 20), code, "AnchorLog")
    if predecessor is not None:
        need(is_list(predecessor, 2) and is_bytes(predecessor[0], 32), code, "predecessor")
        need(is_int(predecessor[1], 1), code, "size of the predecessor")
    return Genesis(origin, log_key, caip2, anchor_log, predecessor, leaf_hash(data))


def log_id(owner: bytes, genesis_leaf: bytes) -> bytes:
    """keccak256(abi.encode(owner, genesis leaf hash))."""
    return keccak256(bytes(12) + owner + genesis_leaf)


def key_id(origin: str, log_key: bytes) -> bytes:
    """The four bytes before a signature in a checkpoint."""
    return hashlib.sha256(origin.encode() + b"\n\x01" + log_key).digest()[:4]


def verifier_key(origin: str, log_key: bytes) -> str:
    """The line that a C2SP client is configured with."""
    typed = base64.b64encode(b"\x01" + log_key).decode()
    return f"{origin}+{key_id(origin, log_key).hex()}+{typed}"


def _base64(text: str) -> Optional[bytes]:
    """Standard base64 in its one spelling: padded, bits beyond the last byte zero."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return data if base64.b64encode(data).decode() == text else None


def read_checkpoint(note: str, origin: str, log_key: bytes) -> "tuple[int, bytes]":
    """Size and root of a note that the known log signed. Refuses with checkpoint-invalid."""
    code = "checkpoint-invalid"
    text, blank, signatures = note.partition("\n\n")
    need(blank != "" and note.endswith("\n"), code, "empty line and last newline")
    lines = text.split("\n")
    need(len(lines) == 3 and lines[0] == origin, code, "three lines, known origin")
    need(_SIZE.fullmatch(lines[1]) is not None and int(lines[1]) <= MAX_INT, code, "size")
    root = _base64(lines[2])
    need(root is not None and len(root) == 32, code, "root")
    signed = (text + "\n").encode()
    valid = 0
    for line in signatures[:-1].split("\n"):
        found = _SIGNATURE.fullmatch(line)
        need(found is not None, code, "signature line")
        name, blob = found.group(1), _base64(found.group(2))
        need(blob is not None and len(blob) > 4, code, "signature line")
        if name == origin and blob[:4] == key_id(origin, log_key):
            need(ed25519.verify(log_key, signed, blob[4:]), code, "signature")
            valid += 1
    need(valid > 0, code, "not signed by the log")
    return int(lines[1]), root


def tile_path(level: Union[int, str], index: int, width: int) -> str:
    """tile/<L>/<N>, with .p/<W> when partial; groups of three digits, all but the last with an x before."""
    groups = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03d}")
    return f"tile/{level}/{'/'.join(groups)}" + ("" if width == 256 else f".p/{width}")


def tile(leaves: List[bytes], level: int, index: int, width: int) -> bytes:
    """The hashes of a tile: each is the root of a full subtree of 256^level leaves."""
    span = 256**level
    starts = range(index * 256 * span, (index * 256 + width) * span, span)
    return b"".join(root_of(leaves[start : start + span]) for start in starts)


def entry_bundle(entries: List[bytes], index: int, width: int) -> bytes:
    """Entries, each after its length in two bytes."""
    part = entries[index * 256 : index * 256 + width]
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in part)
