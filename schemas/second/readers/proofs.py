"""bundle.json and state.json: proof files with what the verifier trusts and what the chain says."""

from typing import Dict, Optional

from formats.bundle import TransactionAnchor, form_check, read_bundle
from formats.chain import Facts, Transaction, TreeHead, check_block, check_transaction
from formats.contracts import Home, KeyEntry
from formats.keys import kid_of
from formats.place import OpenedBatch, prove
from formats.state import check_state, windows
from formats.verdict import Trust, check_bundle, report
from readers.reader import Case, from_row, in_row, must, reader, unhex
from refusal import Failed, Refused
from rlp import read_header


_CHAIN = {"anchorLog", "transaction", "keys", "homes", "blocks", "finalized"}
_ENTRY = ("fromBlock", "retiredSeq", "retiredBlock", "revokedBlock")


def _transaction(found: Optional[dict]) -> Optional[Transaction]:
    if found is None:
        return None
    heads = [TreeHead(unhex(e["address"]), unhex(e["logId"]), e["size"], unhex(e["root"])) for e in found["treeHeads"]]
    place = found["blockNumber"], unhex(found["blockHash"]), found["blockTime"], found["canonical"], found["final"]
    return Transaction(unhex(found["txHash"]), found["status"], *place, heads)


def _facts(chain: Optional[dict]) -> Optional[Facts]:
    """The chain of a case; every name in it is used, so that none is overlooked."""
    if chain is None:
        return None
    must(set(chain) <= _CHAIN, f"names in chain: {sorted(chain)}")
    keys = {
        unhex(e["thumbprint"]): (e["machine"], KeyEntry(kid_of(e["machine"]), *(e[name] for name in _ENTRY)))
        for e in chain["keys"]
    }
    homes = {(e["machine"], unhex(e["logId"])): Home(e["since"], e["until"]) for e in chain["homes"]}
    blocks = {e["number"]: (unhex(e["hash"]), e["time"]) for e in chain["blocks"]}
    anchor_log = None if chain["anchorLog"] is None else unhex(chain["anchorLog"])
    return Facts(anchor_log, _transaction(chain.get("transaction")), keys, homes, blocks, chain.get("finalized"))


@reader("bundle", "trust", "chain", "blockHash")
def BUNDLE(_: Case, case: Case) -> dict:
    """The report of a file that passes, or the first check that fails."""
    try:
        bundle = read_bundle(unhex(case["bundle"]))
    except Refused as fault:
        raise Failed(form_check(fault), fault.why, fault.code) from fault
    trust = Trust(case["trust"].get("caip2"), unhex(case["trust"]["registry"]))
    facts = _facts(case.get("chain"))
    log_root = check_bundle(bundle, trust)
    anchor = bundle.anchor
    if isinstance(anchor, TransactionAnchor):
        if facts is None:
            raise Failed("unchecked", "no chain to ask (BUNDLE-59)")
        bounds = check_transaction(bundle, anchor, facts, log_root)
    else:
        values = check_state(bundle, anchor, trust, log_root)
        check_block(bundle, anchor, values, unhex(case["blockHash"]) if "blockHash" in case else None, facts)
        bounds = windows(bundle, anchor, values)
    if trust.caip2 is None:
        # The last thing to say: a check that fails is a verdict, one that could not run is not (BUNDLE-21, BUNDLE-30).
        raise Failed("unchecked", "no chain is trusted")
    out = report(bundle, log_root, bounds)
    for row in out["rows"]:
        row["values"] = in_row(row["values"])
    return out


@reader("header")
def HEADER(_: Case, case: Case) -> dict:
    """A block header by itself."""
    found = read_header(unhex(case["header"]))
    return {"number": found.number, "time": found.time, "stateRoot": found.state_root, "hash": found.hash}


@reader("place")
def PLACE(_: Case, case: Case) -> dict:
    """A file without rows: what it says of its statements."""
    found = read_bundle(unhex(case["place"]), place=True)
    statements = [
        {"id": said.id, "machine": said.machine, "sequence": said.sequence, "logIndex": log_index}
        for said, _key, _definition, log_index, _path in found.statements
    ]
    anchor = found.anchor
    return {"caip2": anchor.caip2, "logId": anchor.log_id, "size": anchor.size, "statements": statements}


@reader("place", "opened", "wanted")
def PROOF(_: Case, case: Case) -> dict:
    """A place with opened rows becomes a proof file."""
    batches: Dict[int, OpenedBatch] = {}
    for batch in case["opened"]:
        rows = [(row[0], [from_row(value) for value in row[1:]]) for row in batch["rows"]]
        batches[batch["statement"]] = OpenedBatch(unhex(batch["seed"]), rows)
    return {"bundle": prove(unhex(case["place"]), batches, [(at, index) for at, index in case["wanted"]])}
