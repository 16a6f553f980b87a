"""How a record is sealed: each seal is made of the one before, so that no record changes, goes or comes unseen.

    seal of nothing = SHA-256("zhendi audit " + the service's name)
    seal number n   = SHA-256(seal number n-1 + canonical form of record n)

The canonical form is the JSON of a list, in UTF-8 without spaces, whose elements are those of FIELDS in that sequence:
numbers as they are, nothing as null, lists as lists, instants in UTC with six decimals, ids in lower case.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

FIELDS: Final = (
    "number",
    "at",
    "door",
    "outcome",
    "person_id",
    "session_id",
    "place",
    "address",
    "request_id",
    "command_id",
    "targets",
    "fields",
    "times",
)


def first(service: str) -> bytes:
    """Return the seal that a service's chain begins with."""
    return hashlib.sha256(f"zhendi audit {service}".encode()).digest()


def canonical(record: Mapping[str, Any]) -> bytes:
    """Return the bytes of a record that are sealed."""
    return json.dumps([_plain(record[name]) for name in FIELDS], ensure_ascii=False, separators=(",", ":")).encode()


def sealed(previous: bytes, record: Mapping[str, Any]) -> bytes:
    """Return the seal of a record that follows one with the seal `previous`."""
    return hashlib.sha256(previous + canonical(record)).digest()


def chained(previous: bytes, records: Iterable[Mapping[str, Any]]) -> list[bytes]:
    """Return the seals of records that follow each other."""
    seals = []
    for record in records:
        previous = sealed(previous, record)
        seals.append(previous)
    return seals


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value
