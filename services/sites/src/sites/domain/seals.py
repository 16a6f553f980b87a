"""How an entry is sealed (S10): each fund's entries stand in a chain, and each seal is made of the one before.

    seal of nothing = SHA-256("zhendi ledger " + the fund's id)
    seal number n   = SHA-256(seal number n-1 + canonical form of entry n)

The canonical form is the JSON of a list, in UTF-8 without spaces, whose elements are those of FIELDS in that sequence:
numbers as they are, nothing as null, days as 2026-11-22, instants in UTC with six decimals, ids in lower case. What a
stranger needs is in the export; `gateway/static/verify_ledger.py` says the same in a script of its own.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

FIELDS: Final = (
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


def plain(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an entry as the export writes them."""
    return {name: _plain(entry[name]) for name in FIELDS}


def canonical(entry: Mapping[str, Any]) -> bytes:
    """Return the bytes of an entry that are sealed."""
    return json.dumps([_plain(entry[name]) for name in FIELDS], ensure_ascii=False, separators=(",", ":")).encode()


def first(fund_id: UUID) -> bytes:
    """Return the seal that a fund's chain begins with."""
    return hashlib.sha256(f"zhendi ledger {fund_id}".encode()).digest()


def chained(previous: bytes, entries: Iterable[Mapping[str, Any]]) -> list[bytes]:
    """Return the seals of entries that follow each other."""
    seals = []
    for entry in entries:
        previous = hashlib.sha256(previous + canonical(entry)).digest()
        seals.append(previous)
    return seals


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date | UUID):
        return str(value)
    return value
