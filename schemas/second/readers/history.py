"""statement.json, batch.json, sealed.json: what a machine signs and sends."""

import hashlib

import ec_p256
import ed25519
import nacl
from cbor import encode
from formats.batch import Known, Message, Opened, read_message, seed_of, unseal
from formats.columns import write_columns
from formats.definition import read_definition
from formats.keys import ED25519, read_key
from formats.statement import check_signature, read_statement
from readers.reader import Case, Disagreement, in_row, must, reader, unhex


@reader("statement", "key")
def STATEMENT(_: Case, case: Case) -> dict:
    """All fields of a statement; with the secret, the same signature is made again."""
    found = read_statement(unhex(case["statement"]))
    check_signature(found, read_key(unhex(case["key"])))
    out = {
        "alg": found.alg, "kid": found.kid, "machine": found.machine, "issuedAt": found.issued_at, "boot": found.boot,
        "sequence": found.sequence, "leafCount": found.leaf_count, "prev": found.prev,
        "definitionHash": found.definition_hash, "clockQuality": found.clock_quality, "beacon": found.beacon,
        "sealed": found.sealed, "root": found.root, "signature": found.signature,
        "sigStructure": found.sig_structure, "id": found.id,
    }  # fmt: skip
    if "secret" in case and _sign(unhex(case["secret"]), found.alg, found.sig_structure) == found.signature:
        out["secret"] = case["secret"]
    return out


def _sign(secret: bytes, alg: int, message: bytes) -> bytes:
    if alg == ED25519:
        return ed25519.sign(secret, message)
    return ec_p256.sign(int.from_bytes(secret, "big"), message)


def _known(keys: list, definitions: list) -> Known:
    read = [read_key(unhex(key)) for key in keys], [read_definition(unhex(each)) for each in definitions]
    return Known({key.kid: key for key in read[0]}, {each.hash: each for each in read[1]})


def _rows(message: Message, opened: Opened) -> dict:
    """The rows as the vectors write them; they are put into columns again, which must give the columns that came."""
    types = [column.type for column in message.definition.columns]
    must(encode(write_columns(opened.rows, types)) == encode(opened.columns), "columns written again")
    return {
        "rows": [[row.time, *map(in_row, row.values)] for row in opened.rows],
        "seed": opened.seed,
        "root": message.statement.root,
        "statement": message.statement.data,
        "statementId": message.statement.id,
    }


@reader("message", "definition")
def BATCH(file: Case, case: Case) -> dict:
    """An open message, as a gateway reads it that knows the keys and definitions of the file."""
    message = read_message(unhex(case["message"]), _known(file["keys"], file["definitions"]))
    opened = message.opened
    if opened is None:
        raise Disagreement("an open message")
    must(message.definition.hash == read_definition(unhex(case["definition"])).hash, "definition")
    return {**_rows(message, opened), "leafHashes": opened.leaves, "columns": in_row(opened.columns)}


@reader("message", "recipientSecret", "ephemeralSecrets")
def SEALED(file: Case, case: Case) -> dict:
    """A sealed message, checked as a gateway does and then opened; body and boxes are made again."""
    message = read_message(unhex(case["message"]), _known([file["key"]], [file["definition"]]))
    if message.boxes is None or message.body is None:
        raise Disagreement("a sealed message")
    key, text, opened = unseal(message, unhex(case["recipientSecret"]))
    must(nacl.secretbox(key, text) == message.body, "body made again")
    for secret, (recipient, ephemeral, box) in zip(case["ephemeralSecrets"], message.boxes):
        made = nacl.secretbox(nacl.box_key(unhex(secret), recipient), key)
        must(nacl.x25519_public(unhex(secret)) == ephemeral and made == box, "box made again")
    must(len(case["ephemeralSecrets"]) == len(message.boxes), "number of boxes")
    must(seed_of(key) == opened.seed, "seed")
    sealed = {"body": message.body, "sealed": hashlib.sha256(message.body).digest(), "boxes": message.boxes}
    return {**_rows(message, opened), **sealed, "batchKey": key, "columnBytes": text}
