"""log.json, receipt.json, messages.json: the log, its receipts, and the small messages."""

import hashlib

from cbor import encode
from formats import log, messages
from formats.receipt import read_anchored, read_receipt, read_receipt_message
from formats.statement import read_statement
from merkle import leaf_hash
from readers.reader import Case, must, reader, unhex


@reader("genesis", "owner")
def GENESIS(_: Case, case: Case) -> dict:
    """Leaf 0 and the log id under its owner."""
    found = log.read_genesis(unhex(case["genesis"]))
    return {
        "origin": found.origin, "publicKey": found.log_key, "caip2": found.caip2, "anchorLog": found.anchor_log,
        "predecessor": found.predecessor, "leafHash": found.leaf, "logId": log.log_id(unhex(case["owner"]), found.leaf),
    }  # fmt: skip


@reader("checkpoint", "origin", "publicKey")
def CHECKPOINT(_: Case, case: Case) -> dict:
    """A signed note of a known log."""
    origin, key = case["origin"], unhex(case["publicKey"])
    size, root = log.read_checkpoint(case["checkpoint"], origin, key)
    return {"size": size, "root": root, "vkey": log.verifier_key(origin, key)}


@reader("level", "index", "width")
def TILE_PATH(_: Case, case: Case) -> dict:
    """The name of a tile."""
    return {"path": log.tile_path(case["level"], case["index"], case["width"])}


def _entries(case: Case) -> list:
    return [number.to_bytes(4, "big") for number in range(case["size"])]


@reader("size", "level", "index", "width")
def TILE(_: Case, case: Case) -> dict:
    """Name and digest of a tile of the log whose entries are numbers."""
    data = log.tile([leaf_hash(entry) for entry in _entries(case)], case["level"], case["index"], case["width"])
    path = log.tile_path(case["level"], case["index"], case["width"])
    return {"path": path, "sha256": hashlib.sha256(data).digest()}


@reader("size", "index", "width")
def ENTRIES(_: Case, case: Case) -> dict:
    """Name and digest of an entry bundle of the same log."""
    data = log.entry_bundle(_entries(case), case["index"], case["width"])
    return {"path": log.tile_path("entries", case["index"], case["width"]), "sha256": hashlib.sha256(data).digest()}


@reader("receipt", "entry", "origin", "publicKey")
def RECEIPT(_: Case, case: Case) -> dict:
    """A receipt for an entry."""
    key = unhex(case["publicKey"])
    found = read_receipt(unhex(case["receipt"]), unhex(case["entry"]), case["origin"], key)
    names = {"size": found.size, "index": found.index, "path": found.path, "root": found.root}
    return {**names, "sigStructure": found.sig_structure}


@reader("message", "entry", "origin", "publicKey")
def ANCHORED(_: Case, case: Case) -> dict:
    """An anchored message for an entry."""
    found = read_anchored(unhex(case["message"]), unhex(case["entry"]), case["origin"], unhex(case["publicKey"]))
    part = found.receipt
    return {"size": part.size, "index": part.index, "root": part.root, "anchorToBeSigned": found.to_be_signed}


@reader("topic")
def TOPIC(_: Case, case: Case) -> dict:
    """A topic name."""
    machine, kind = messages.read_topic(case["topic"])
    return {"machine": machine, "topicKind": kind}


@reader("bytes")
def BIRTH(_: Case, case: Case) -> dict:
    """A birth message."""
    return messages.read_birth(unhex(case["bytes"]))._asdict()


@reader("bytes")
def STATUS(_: Case, case: Case) -> dict:
    """A status message."""
    online, boot = messages.read_status(unhex(case["bytes"]))
    return {"online": online, "boot": boot}


@reader("bytes")
def BEACON(_: Case, case: Case) -> dict:
    """A beacon message."""
    chain_id, number, digest = messages.read_beacon(unhex(case["bytes"]))
    return {"chainId": chain_id, "blockNumber": number, "blockHash": digest}


@reader("bytes")
def HEAD(_: Case, case: Case) -> dict:
    """The retained head: a statement."""
    return {"statementId": read_statement(unhex(case["bytes"])).id}


@reader("bytes")
def RECEIPT_MESSAGE(_: Case, case: Case) -> dict:
    """A logged, anchored or refused message; its receipt is the matter of receipt.json."""
    item = read_receipt_message(unhex(case["bytes"]))
    must(encode(item) == unhex(case["bytes"]), "written again")
    out = {"type": ("logged", "anchored", "refused")[item[0] - 1], "digest": item[1]}
    if item[0] == 3:
        return {**out, "number": item[2], "code": item[3], "detail": item[4]}
    if item[0] == 2:
        names = ("caip2", "registry", "logId", "blockNumber", "blockHash", "txHash")
        out.update(anchor=dict(zip(names, item[3])), signature=item[4])
    return {**out, "receipt": item[2]}
