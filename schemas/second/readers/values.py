"""cbor.json, key.json, definition.json, row.json, merkle.json: what formats are made of."""

import json
from functools import lru_cache
from pathlib import Path
from typing import List

import cbor
import ec_p256
import ed25519
import merkle
from formats.definition import read_definition
from formats.keys import ED25519, ed25519_cose_key, p256_cose_key, read_key
from formats.row import input_of, read_row
from readers.reader import Case, from_row, in_row, must, reader, unhex
from refusal import need


@reader("bytes", "tags")
def CBOR(_: Case, case: Case) -> dict:
    """Accepts or refuses; what was read must give the same bytes when it is written."""
    data = unhex(case["bytes"])
    must(case["tags"] in ([], [18]), "tags that no format has")
    must(cbor.encode(cbor.decode(data, tagged=case["tags"] == [18])) == data, "written again")
    return {}


@reader("coseKey")
def KEY(_: Case, case: Case) -> dict:
    """A public key; with the secret of a valid case, the same key is made again."""
    key = read_key(unhex(case["coseKey"]))
    out = {"alg": key.alg, "thumbprint": key.thumbprint, "kid": key.kid, "machineId": key.machine_id}
    if key.alg == ED25519:
        out["publicKey"] = key.parts[0]
    else:
        out["x"], out["y"] = key.parts
    if "secret" in case and cose_of(unhex(case["secret"]), key.alg) == key.cose:
        out["secret"] = case["secret"]
    return out


def cose_of(secret: bytes, alg: int) -> bytes:
    """The COSE_Key of a P-256 scalar or an Ed25519 seed."""
    if alg == ED25519:
        return ed25519_cose_key(ed25519.public_of(secret))
    x, y = ec_p256.public_of(int.from_bytes(secret, "big"))
    return p256_cose_key(x.to_bytes(32, "big"), y.to_bytes(32, "big"))


@reader("bytes")
def DEFINITION(_: Case, case: Case) -> dict:
    """A stream definition."""
    data = unhex(case["bytes"])
    found = read_definition(data)
    columns = [column._asdict() for column in found.columns]
    return {"stream": found.stream, "columns": columns, "context": found.context, "definitionHash": found.hash}


@lru_cache(maxsize=1)
def _streams() -> "dict[str, List[List[str]]]":
    """Types of the columns of the streams in definition.json, which row.json names."""
    path = Path(__file__).resolve().parents[2] / "vectors" / "definition.json"
    out: "dict[str, List[List[str]]]" = {}
    for case in json.loads(path.read_text(encoding="utf-8"))["cases"]:
        if case["valid"]:
            out.setdefault(case["stream"], []).append([column["type"] for column in case["columns"]])
    return out


@reader("stream", "types", "seed", "index")
def ROW(_: Case, case: Case) -> dict:
    """A leaf input is read; a valid one is also written from seed, index and row."""
    must(case["types"] in _streams().get(case["stream"], []), "no stream of definition.json with these types")
    data = unhex(case["input"])
    row = read_row(data, case["types"])
    out = {"input": data, "salt": row.salt, "leafHash": merkle.leaf_hash(data)}
    out["row"] = [row.time, *map(in_row, row.values)]
    if case["valid"]:
        time, *values = case["row"]
        written = input_of(unhex(case["seed"]), case["index"], time, [from_row(value) for value in values])
        must(written == data, "written from seed, index and row")
    return out


def _leaves(file: Case) -> list:
    return [unhex(leaf) for leaf in file["leafHashes"]]


def _path(case: Case) -> list:
    return [unhex(node) for node in case["path"]]


@reader("size")
def ROOT(file: Case, case: Case) -> dict:
    """The root of the first leaves."""
    return {"root": merkle.root_of(_leaves(file)[: case["size"]])}


@reader("size", "index", "leaf", "root", "path")
def INCLUSION(file: Case, case: Case) -> dict:
    """A path must lead to the root; a valid one is also made from the leaves."""
    root = merkle.root_from_path(unhex(case["leaf"]), case["index"], case["size"], _path(case))
    need(root == unhex(case["root"]), "proof-invalid", "root")
    if case["valid"]:
        must(merkle.path_of(_leaves(file)[: case["size"]], case["index"]) == _path(case), "made from the leaves")
    return {}


@reader("size1", "root1", "size2", "root2", "path")
def CONSISTENCY(file: Case, case: Case) -> dict:
    """A consistency proof; a valid one is also made from the leaves."""
    size1, size2 = case["size1"], case["size2"]
    merkle.verify_consistency(size1, unhex(case["root1"]), size2, unhex(case["root2"]), _path(case))
    if case["valid"]:
        must(merkle.consistency_of(_leaves(file)[:size2], size1) == _path(case), "made from the leaves")
    return {}
