"""The verifier's checks that need no chain, and the report (BUNDLE-10 to BUNDLE-15, BUNDLE-30, BUNDLE-40)."""

from typing import Callable, Dict, List, NamedTuple, Optional

from formats.bundle import Anchor, Bundle, ProvenStatement
from formats.contracts import Home, KeyEntry
from merkle import leaf_hash, root_from_path
from refusal import Failed, Refused


class Trust(NamedTuple):
    """What the verifier was given: never taken from the file. Without a chain nothing passes (BUNDLE-59)."""

    caip2: Optional[str]
    registry: bytes


class Window(NamedTuple):
    """Times in seconds between which a statement was signed; not_before None: unverified."""

    not_before: Optional[int]
    not_after: int


def check(condition: bool, name: str, why: str = "") -> None:
    """Fails the check unless the condition holds."""
    if not condition:
        raise Failed(name, why)


def names_chain(proven: ProvenStatement, anchor: Anchor) -> bool:
    """Whether the statement's beacon is of the anchor's chain: the CAIP-2 id of an EVM chain ends in its chain id."""
    beacon = proven.statement.beacon
    return beacon is not None and anchor.caip2 == f"eip155:{beacon[0]}"


def _leads_to(path: Callable[[], bytes], name: str) -> bytes:
    try:
        return path()
    except Refused as fault:
        raise Failed(name, fault.why) from fault


def check_bundle(bundle: Bundle, trust: Trust) -> bytes:
    """BUNDLE-10 to BUNDLE-15: what the bytes show by themselves. Returns the recomputed log root."""
    statements = bundle.statements
    check(all(each.statement.kid == each.key.kid for each in statements), "keys")
    for each in statements:
        fits = each.statement.alg == each.key.alg
        signed = fits and each.key.verifies(each.statement.sig_structure, each.statement.signature)
        check(signed, "signatures")
    check(all(each.definition.hash == each.statement.definition_hash for each in statements), "definitions")
    for row in bundle.rows:
        statement = statements[row.at].statement
        path = (leaf_hash(row.data), row.index, statement.leaf_count, row.path)
        check(_leads_to(lambda: root_from_path(*path), "rows") == statement.root, "rows")
    roots = set()
    for each in statements:
        place = (leaf_hash(each.statement.data), each.log_index, bundle.anchor.size, each.path)
        roots.add(_leads_to(lambda: root_from_path(*place), "log"))
    check(len(roots) == 1, "log", "two roots")
    check(trust.caip2 is None or bundle.anchor.caip2 == trust.caip2, "chain")
    return roots.pop()


def check_keys(bundle: Bundle, entries: "Dict[bytes, tuple[str, KeyEntry]]", block: int) -> None:
    """BUNDLE-18: entries by thumbprint, with the machine id that the registry holds."""
    for each in bundle.statements:
        found = entries.get(each.key.thumbprint)
        check(found is not None and found[0] == each.statement.machine, "enrolment", "not this machine's key")
        check(found[1].valid_at(block, each.statement.sequence), "enrolment", "not valid then")


def check_homes(bundle: Bundle, homes: Dict[str, Home], block: int) -> None:
    """BUNDLE-19: home entries of this log by machine id."""
    for each in bundle.statements:
        home = homes.get(each.statement.machine)
        check(home is not None and home.holds_at(block), "home")


def report(bundle: Bundle, log_root: bytes, windows: List[Window]) -> dict:
    """What the vectors state of a file that passes."""
    return {
        "logRoot": log_root,
        "statements": [
            {
                "id": each.statement.id,
                "machine": each.statement.machine,
                "sequence": each.statement.sequence,
                "stream": each.definition.stream,
                "logIndex": each.log_index,
                "notBefore": window.not_before,
                "notAfter": window.not_after,
            }
            for each, window in zip(bundle.statements, windows)
        ],
        "rows": [
            {"statement": row.at, "index": row.index, "time": row.row.time, "values": row.row.values}
            for row in bundle.rows
        ],
    }
