"""What a chain says of a transaction (BUNDLE-16 to BUNDLE-19, BUNDLE-41) or of a state's block (BUNDLE-57)."""

from typing import Dict, List, NamedTuple, Optional, Tuple

from formats.bundle import Bundle, ProvenStatement, StateAnchor, TransactionAnchor
from formats.contracts import Home, KeyEntry
from formats.state import Values
from formats.verdict import Window, check, check_homes, check_keys, names_chain
from refusal import Failed


class TreeHead(NamedTuple):
    """An event of a transaction."""

    address: bytes
    log_id: bytes
    size: int
    root: bytes


class Transaction(NamedTuple):
    """A transaction and the block that holds it; block_time in seconds."""

    tx_hash: bytes
    status: int
    block_number: int
    block_hash: bytes
    block_time: int
    canonical: bool
    final: bool
    tree_heads: List[TreeHead]


class Facts(NamedTuple):
    """What the verifier's node says. blocks: hash and time of canonical blocks by number; None: could not be asked."""

    anchor_log: Optional[bytes]
    transaction: Optional[Transaction]
    keys: "Dict[bytes, Tuple[str, KeyEntry]]"
    homes: "Dict[Tuple[str, bytes], Home]"
    blocks: "Dict[int, Tuple[bytes, int]]"
    finalized: Optional[int]


def _homes(facts: Facts, log_id: bytes) -> Dict[str, Home]:
    return {machine: home for (machine, log), home in facts.homes.items() if log == log_id}


def check_transaction(bundle: Bundle, anchor: TransactionAnchor, facts: Facts, log_root: bytes) -> List[Window]:
    """`contracts`, `enrolment`, `home`, `anchor` and `final`; in the vectors all but the two in the middle are `event`.

    Returns the windows. Fails as `unchecked` when the transaction is not known and nothing else fails.
    """
    check(facts.anchor_log is not None, "event", "the registry names no AnchorLog")
    # The block that the file names, until the transaction has shown it.
    check_keys(bundle, facts.keys, anchor.block_number)
    check_homes(bundle, _homes(facts, anchor.log_id), anchor.block_number)
    found = facts.transaction
    if found is None:
        raise Failed("unchecked", "transaction unknown")
    check(found.tx_hash == anchor.tx_hash and found.status == 1, "event", "transaction")
    check((found.block_number, found.block_hash) == (anchor.block_number, anchor.block_hash), "event", "block")
    wanted = TreeHead(facts.anchor_log, anchor.log_id, anchor.size, log_root)
    check(wanted in found.tree_heads, "event", "no such head")
    check(found.canonical and found.final, "event", "not canonical or not final")
    return [Window(_lower(each, anchor, facts), found.block_time) for each in bundle.statements]


def _lower(each: ProvenStatement, anchor: TransactionAnchor, facts: Facts) -> Optional[int]:
    """BUNDLE-41."""
    beacon = each.statement.beacon
    if beacon is None or not names_chain(each, anchor) or beacon[1] > anchor.block_number:
        return None
    held = facts.blocks.get(beacon[1])
    return held[1] if held is not None and held[0] == beacon[2] else None


def check_block(
    bundle: Bundle, anchor: StateAnchor, values: Values, trusted: Optional[bytes], facts: Optional[Facts]
) -> None:
    """BUNDLE-57: `block`, then the newest entries as `state`, `enrolment` and `home`.

    A trusted hash and a chain are both applied when both are given; without either it fails as `unchecked`.
    """
    if trusted is None and facts is None:
        raise Failed("unchecked", "no block hash and no chain")
    check(trusted is None or values.header.hash == trusted, "block", "not the trusted block")
    if facts is None:
        return
    held = facts.blocks.get(values.header.number)
    check(held is not None and held[0] == values.header.hash, "block", "not canonical")
    check(facts.finalized is not None and values.header.number <= facts.finalized, "block", "not final")
    check(facts.anchor_log == values.anchor_log, "state", "the registry names another AnchorLog")
    check_keys(bundle, facts.keys, values.head.block)
    check_homes(bundle, _homes(facts, anchor.log_id), values.head.block)
