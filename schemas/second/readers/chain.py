"""anchor.json: event, storage and signed enrolments of the contracts."""

import hashlib

from formats import contracts, log
from formats.keys import read_key
from merkle import leaf_hash
from readers.reader import Case, must, reader, unhex


@reader("owner", "genesis")
def LOG_ID(_: Case, case: Case) -> dict:
    """The id of a log."""
    leaf = leaf_hash(unhex(case["genesis"]))
    return {"genesisLeafHash": leaf, "logId": log.log_id(unhex(case["owner"]), leaf)}


@reader("logId", "size", "root")
def TREE_HEAD(_: Case, case: Case) -> dict:
    """The event of a head, as topics and data."""
    topics = [contracts.TREE_HEAD, unhex(case["logId"])]
    return {"topics": topics, "data": contracts.word(case["size"]) + unhex(case["root"])}


@reader("logId", "slots")
def LOG_SLOTS(_: Case, case: Case) -> dict:
    """The head of a log, read from its two slots."""
    root, numbers = case["slots"]
    must((unhex(root["slot"]), unhex(numbers["slot"])) == contracts.log_slots(unhex(case["logId"])), "slots")
    found = contracts.read_head(int(numbers["value"], 16))
    out = {"root": root["value"], "size": found.size, "time": found.time}
    return {"head": {**out, "blockNumber": found.block, "lastGoodSize": found.last_good_size}}


@reader("thumbprint", "value")
def KEY_SLOT(_: Case, case: Case) -> dict:
    """The entry of a key, read from its slot."""
    found = contracts.read_key_entry(int(case["value"], 16))
    entry = {"machine": found.machine, "fromBlock": found.from_block, "retiredSeq": found.retired_seq}
    entry.update(retiredBlock=found.retired_block, revokedBlock=found.revoked_block)
    return {"slot": contracts.key_slot(unhex(case["thumbprint"])), "entry": entry}


@reader("machine", "logId", "value")
def HOME_SLOT(_: Case, case: Case) -> dict:
    """A home log of a machine, read from its slot."""
    slot = contracts.home_slot(unhex(case["machine"]), unhex(case["logId"]))
    return {"slot": slot, "home": contracts.read_home(int(case["value"], 16))._asdict()}


def _signed(case: Case, digest: bytes) -> dict:
    signed = hashlib.sha256(digest).digest()
    # The key hashes what it signs once more (ANCHOR-12), so the message is the digest itself.
    must(read_key(unhex(case["key"])).verifies(digest, unhex(case["signature"])), "signature of the key")
    return {"digest": digest, "signedHash": signed}


@reader("chainId", "registry", "deadline", "owner", "homeLog", "key", "nonce", "signature")
def ENROL(_: Case, case: Case) -> dict:
    """What a machine signs to be enrolled."""
    thumbprint = read_key(unhex(case["key"])).thumbprint
    names = unhex(case["owner"]), unhex(case["homeLog"]), thumbprint, case["nonce"], case["deadline"]
    return _signed(case, contracts.enrol_digest(case["chainId"], unhex(case["registry"]), *names))


@reader("chainId", "registry", "deadline", "machine", "key", "nonce", "signature")
def ROTATE(_: Case, case: Case) -> dict:
    """What a new key signs to follow an old one."""
    thumbprint = read_key(unhex(case["key"])).thumbprint
    names = unhex(case["machine"]), thumbprint, case["nonce"], case["deadline"]
    return _signed(case, contracts.rotate_digest(case["chainId"], unhex(case["registry"]), *names))
