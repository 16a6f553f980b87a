#!/usr/bin/env python3
"""Verify the books of a fund's ledger with nothing but Python (3.9 or newer).

    python3 verify_ledger.py journal.ndjson [proof.json]

`journal.ndjson` is /api/v1/ledger/journal?format=json, `proof.json` is /api/v1/ledger/proof. Each line of the journal
is one entry. Its seal is SHA-256 over the seal before it and the entry's fields (FIELDS, as a JSON list without spaces,
UTF-8); the first seal of a fund is made of "zhendi ledger " and the fund's id. So whoever changes, removes or adds an
entry breaks every seal after it. With the proof, heads and the balances of each checkpoint and the head of each closed
month are compared as well, and none of them may lie beyond the journal's end.

Says what is wrong and ends with 1, or "all is right" and ends with 0.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter, defaultdict
from typing import Any, Iterable  # noqa: UP035 - runs on older Pythons too

FIELDS = (
    "number",
    "sequence",
    "id",
    "fund_id",
    "year",
    "debit",
    "credit",
    "amount_fen",
    "reason",
    "order_id",
    "claim_id",
    "batch_id",
    "document_number",
    "reverses",
    "note",
    "booked_on",
    "at",
    "by_id",
    "by_name",
)


def verify(lines: Iterable[str], proof: Any = None) -> str | None:
    """Return the first thing that is wrong, or None; `lines` is the journal, `proof` the decoded proof."""
    heads: dict[str, tuple[int, bytes]] = {}
    balances: dict[str, Counter[str]] = defaultdict(Counter)
    points: dict[str, dict[int, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for fund in (proof or {}).get("funds", ()):
        for point in [*fund["checkpoints"], *fund.get("periods", ())]:
            if point["number"]:
                points[fund["fund_id"]][point["number"]].append(point)
    for place, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        entry = json.loads(line)
        fund = entry["fund_id"]
        number, seal = heads.get(fund) or (0, hashlib.sha256(("zhendi ledger " + fund).encode()).digest())
        if entry["number"] != number + 1:
            return f"line {place}: entry {entry['number']} of fund {fund} does not follow entry {number}"
        text = json.dumps([entry[name] for name in FIELDS], ensure_ascii=False, separators=(",", ":"))
        seal = hashlib.sha256(seal + text.encode()).digest()
        if seal.hex() != entry["hash"]:
            return f"line {place}: entry {entry['number']} (sequence {entry['sequence']}) is not what was sealed"
        heads[fund] = (number + 1, seal)
        standing = balances[fund]
        standing[f"{entry['year']}:{entry['debit']}"] -= entry["amount_fen"]
        standing[f"{entry['year']}:{entry['credit']}"] += entry["amount_fen"]
        for point in points[fund].pop(number + 1, ()):
            if point["hash"] != seal.hex() or point.get("balances", standing) != dict(standing):
                return f"line {place}: the checkpoint of {point.get('day') or point['period']} says otherwise"
    for fund in (proof or {}).get("funds", ()):
        head = heads.get(fund["fund_id"], (0, b""))
        beyond = [point for each in points[fund["fund_id"]].values() for point in each]
        if wrong := _wrong_at_the_end(fund, head, beyond):
            return wrong
    return None


def _wrong_at_the_end(fund: Any, head: tuple[int, bytes], beyond: list[Any]) -> str | None:
    number, seal = head
    if number < fund["number"]:
        return f"fund {fund['code']}: the journal ends at entry {number}, the proof knows {fund['number']}"
    if beyond:
        which = beyond[0].get("day") or beyond[0]["period"]
        return f"fund {fund['code']}: the journal ends at entry {number}, before the checkpoint of {which}"
    if number == fund["number"] and number and seal.hex() != fund["hash"]:
        return f"fund {fund['code']}: the last seal is not that of the proof"
    return None


def main(arguments: list[str]) -> int:
    """Read the files that are named, and say what was found."""
    if not 1 <= len(arguments) <= 2:
        print(__doc__)
        return 2
    proof = None
    if len(arguments) == 2:
        with open(arguments[1], encoding="utf-8") as file:
            proof = json.load(file)
    with open(arguments[0], encoding="utf-8") as journal:
        wrong = verify(journal, proof)
    print(wrong or "all is right")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
