"""Anchors with the state of the chain (07-bundle: BUNDLE-50 to BUNDLE-58)."""

from typing import Dict, List, NamedTuple, Tuple

from formats.bundle import Bundle, StateAnchor
from formats.contracts import Head, Home, KeyEntry, home_slot, key_slot, log_slots
from formats.contracts import read_head, read_home, read_key_entry, word
from formats.keys import kid_of, machine_id
from formats.verdict import Trust, Window, check, check_homes, check_keys, names_chain
from refusal import Failed, Refused, need
from rlp import Header, read_header
from trie import Proof, read_slot

HISTORY = bytes.fromhex("0000f90827f1c53a10cb7a02335b175320002935")
WINDOW = 8191


class Values(NamedTuple):
    """Everything that the state shows; entries as in the registry, homes of the anchor's log."""

    header: Header
    anchor_log: bytes
    keys: Dict[bytes, Tuple[str, KeyEntry]]
    homes: Dict[str, Home]
    root: bytes
    head: Head
    beacons: List[Header]


def machines_of(bundle: Bundle) -> List[str]:
    """Machine ids in the order in which statements first name them."""
    return list(dict.fromkeys(each.statement.machine for each in bundle.statements))


def _beacons(bundle: Bundle, anchor: StateAnchor, header: Header, head: Head) -> List[Header]:
    """BUNDLE-55, without the history contract."""
    named = {(b.statement.beacon[1], b.statement.beacon[2]) for b in bundle.statements if names_chain(b, anchor)}
    beacons = [read_header(data) for data in anchor.beacons]
    need(all(a.number < b.number for a, b in zip(beacons, beacons[1:])), "proof-invalid", "beacons out of order")
    for beacon in beacons:
        need((beacon.number, beacon.hash) in named, "proof-invalid", "no statement names this beacon")
        near = header.number - WINDOW <= beacon.number < header.number
        need(near and beacon.number <= head.block, "proof-invalid", "beacon out of reach")
    return beacons


def read_state(bundle: Bundle, anchor: StateAnchor, registry: bytes) -> Values:
    """The values in the order of BUNDLE-52. Refuses with proof-invalid."""
    header = read_header(anchor.header)
    proof = Proof(anchor.nodes)

    def slot(address: bytes, at: bytes) -> int:
        return read_slot(proof, header.state_root, address, at)

    named = slot(registry, word(0))
    need(named < 1 << 160, "proof-invalid", "slot 0 holds no address")
    anchor_log = named.to_bytes(20, "big")
    keys = {}
    for key in bundle.keys:
        entry = read_key_entry(slot(registry, key_slot(key.thumbprint)))
        need(entry.is_entry(), "proof-invalid", "no entry of a key")
        keys[key.thumbprint] = (machine_id(entry.machine), entry)
    homes = {}
    for machine in machines_of(bundle):
        homes[machine] = read_home(slot(registry, home_slot(kid_of(machine), anchor.log_id)))
    root_at, head_at = log_slots(anchor.log_id)
    root, head = word(slot(anchor_log, root_at)), read_head(slot(anchor_log, head_at))
    beacons = _beacons(bundle, anchor, header, head)
    for beacon in beacons:
        held = slot(HISTORY, word(beacon.number % WINDOW))
        need(held == int.from_bytes(beacon.hash, "big"), "proof-invalid", "hash in the history contract")
    proof.finish()
    return Values(header, anchor_log, keys, homes, root, head, beacons)


def check_state(bundle: Bundle, anchor: StateAnchor, trust: Trust, log_root: bytes) -> Values:
    """The checks `state` (contracts), `enrolment`, `home` and `head` (anchor), in this order."""
    try:
        values = read_state(bundle, anchor, trust.registry)
    except Refused as fault:
        # proof-invalid, all of them; a code in the vectors stands only for a file that cannot be read.
        raise Failed("state", fault.why) from fault
    check_keys(bundle, values.keys, values.head.block)
    check_homes(bundle, values.homes, values.head.block)
    check(values.root == log_root and values.head.size == anchor.size, "head")
    check(values.head.block <= values.header.number and values.head.time <= values.header.time, "head")
    return values


def windows(bundle: Bundle, anchor: StateAnchor, values: Values) -> List[Window]:
    """BUNDLE-58: the lower bound is the time of the header that a statement's beacon names."""
    times = {(beacon.number, beacon.hash): beacon.time for beacon in values.beacons}
    out = []
    for each in bundle.statements:
        beacon = each.statement.beacon
        lower = times.get((beacon[1], beacon[2])) if beacon is not None and names_chain(each, anchor) else None
        out.append(Window(lower, values.head.time))
    return out
