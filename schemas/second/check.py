#!/usr/bin/env python3
"""Runs every case of every vector file: `python3 schemas/second/check.py [--json] [file ...]`.

A valid case must be accepted and each field that it states be an input or an equal output; an invalid one must be
refused with its code, or fail at its check. Exits 1 on any disagreement. Nothing is skipped: a case, a kind or a file
without a reader counts as a disagreement.
"""

import json
import sys
from pathlib import Path
from typing import Dict, List, Tuple

# Compiled files would only litter the folder of the contract.
sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from readers import board, chain, gateway, history, proofs, values  # noqa: E402
from readers.reader import FRAME, Case, Reader, equal, plain  # noqa: E402
from refusal import Failed, Refused  # noqa: E402

VECTORS = Path(__file__).resolve().parent.parent / "vectors"

READERS: Dict[Tuple[str, object], Reader] = {
    ("cbor", None): values.CBOR,
    ("key", None): values.KEY,
    ("definition", None): values.DEFINITION,
    ("row", None): values.ROW,
    ("merkle", "root"): values.ROOT,
    ("merkle", "inclusion"): values.INCLUSION,
    ("merkle", "consistency"): values.CONSISTENCY,
    ("statement", None): history.STATEMENT,
    ("batch", None): history.BATCH,
    ("sealed", None): history.SEALED,
    ("log", "genesis"): gateway.GENESIS,
    ("log", "checkpoint"): gateway.CHECKPOINT,
    ("log", "tile-path"): gateway.TILE_PATH,
    ("log", "tile"): gateway.TILE,
    ("log", "entries"): gateway.ENTRIES,
    ("receipt", None): gateway.RECEIPT,
    ("receipt", "anchored"): gateway.ANCHORED,
    ("messages", "topic"): gateway.TOPIC,
    ("messages", "birth"): gateway.BIRTH,
    ("messages", "status"): gateway.STATUS,
    ("messages", "beacon"): gateway.BEACON,
    ("messages", "receipt"): gateway.RECEIPT_MESSAGE,
    ("messages", "head"): gateway.HEAD,
    ("anchor", "log-id"): chain.LOG_ID,
    ("anchor", "tree-head"): chain.TREE_HEAD,
    ("anchor", "log-slots"): chain.LOG_SLOTS,
    ("anchor", "key-slot"): chain.KEY_SLOT,
    ("anchor", "home-slot"): chain.HOME_SLOT,
    ("anchor", "enrol"): chain.ENROL,
    ("anchor", "rotate"): chain.ROTATE,
    ("bundle", None): proofs.BUNDLE,
    ("state", "bundle"): proofs.BUNDLE,
    ("state", "header"): proofs.HEADER,
    ("trie", "bundle"): proofs.BUNDLE,
    ("board", "number"): board.NUMBER,
    ("board", "bytes"): board.BYTES,
    ("board", "packed"): board.PACKED,
    ("board", "request"): board.REQUEST,
    ("board", "reply"): board.REPLY,
    ("board", "report"): board.REPORT,
    ("board", "line"): board.LINE,
    ("board", "host-line"): board.HOST_LINE,
    ("place", "place"): proofs.PLACE,
    ("place", "proof"): proofs.PROOF,
}


def compare(reader: Reader, file: Case, case: Case) -> List[str]:
    """What a reader of this format says otherwise than the case."""
    try:
        outputs = reader.read(file, case)
    except (Refused, Failed) as no:
        if case["valid"]:
            return [f"valid, but refused: {no}"]
        said = {"error": no.code, "check": getattr(no, "check", None)}
        wrong = [name for name in said if said[name] != case.get(name)]
        return [f"{name}: {said[name]} ({no}), not {case.get(name)}" for name in wrong]
    if not case["valid"]:
        return [f"accepted, not refused with {case.get('error') or case.get('check')}"]
    out = []
    for name in sorted(set(case) - FRAME - reader.inputs):
        if name not in outputs:
            out.append(f"{name}: stated, but not an output of this reader")
        elif not equal(plain(outputs[name]), case[name]):
            out.append(f"{name}: {plain(outputs[name])}, not {case[name]}")
    return out


def run_file(path: Path) -> dict:
    """Cases, passed and disagreements of one file."""
    file = json.loads(path.read_text(encoding="utf-8"))
    faults = []
    for case in file["cases"]:
        reader = READERS.get((path.stem, case.get("kind")))
        try:
            found = compare(reader, file, case) if reader is not None else [f"no reader for kind {case.get('kind')}"]
        except Exception as bug:  # A crash on one case is a disagreement too, and hides no other.
            found = [f"{type(bug).__name__}: {bug}"]
        if found:
            faults.append({"case": case["name"], "disagreements": found})
    count = len(file["cases"])
    return {"file": path.name, "cases": count, "passed": count - len(faults), "faults": faults}


def main(arguments: List[str]) -> int:
    """The exit code."""
    names = [argument for argument in arguments if argument != "--json"]
    paths = [Path(name) for name in names] or sorted(VECTORS.glob("*.json"))
    results = [run_file(path) for path in paths]
    if "--json" in arguments:
        print(json.dumps({"files": results}, ensure_ascii=False))
    else:
        for result in results:
            print(f"{result['file']}: {result['cases']} cases, {result['passed']} passed")
            for fault in result["faults"]:
                print(f"  {fault['case']}: {'; '.join(fault['disagreements'])}")
    return 0 if results and all(not result["faults"] for result in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
