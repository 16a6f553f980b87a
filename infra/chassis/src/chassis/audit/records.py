"""What a record says, and where a door writes it."""

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import fields as fields_of
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import text

from chassis.actors import Actor, Grant

DONE: Final = "done"
SEEN: Final = "seen"
TARGETS_MAX: Final = 20
"""So many ids are kept of a message that names more."""

KEEP: Final = text("INSERT INTO audit_waiting (record) VALUES (CAST(:record AS jsonb))")

_UNTOLD: Final = frozenset({"limit", "cursor", "version"})


@dataclass(frozen=True, slots=True)
class Record:
    """One record before it is numbered; `targets` are the ids that it is about."""

    door: str
    outcome: str
    at: datetime
    person_id: UUID | None
    session_id: UUID | None
    place: str | None
    address: str
    request_id: str
    command_id: str
    targets: tuple[UUID, ...]
    fields: tuple[str, ...]

    def text(self, *ids: UUID) -> str:
        """Return the record's JSON, about these ids as well: those that the answer gave."""
        return orjson.dumps(
            {
                "at": self.at,
                "door": self.door,
                "outcome": self.outcome,
                "person_id": self.person_id,
                "session_id": self.session_id,
                "place": self.place,
                "address": self.address,
                "request_id": self.request_id,
                "command_id": self.command_id or None,
                "targets": list(dict.fromkeys((*ids, *self.targets))),
                "fields": self.fields,
            }
        ).decode()


def record_of(
    message: Any,
    *,
    door: str,
    outcome: str,
    actor: Actor | None,
    at: datetime,
    address: str,
    request_id: str,
    command_id: str = "",
) -> Record:
    """Return what is told of a message: the ids in it, and the names of the fields that were given."""
    targets, given = _told(message)
    return Record(
        door=door,
        outcome=outcome,
        at=at,
        person_id=actor.person_id if actor else None,
        session_id=actor.session_id if actor else None,
        place=place_of(actor.grants) if actor else None,
        address=address[:100],
        request_id=request_id,
        command_id=command_id,
        targets=targets,
        fields=given,
    )


def ids_in(answer: Any) -> tuple[UUID, ...]:
    """Return the id that an answer carries as its own."""
    found = getattr(answer, "id", None)
    return (found,) if isinstance(found, UUID) else ()


@lru_cache(maxsize=4096)
def place_of(grants: Iterable[Grant]) -> str | None:
    """Return the node of the tree below which all of these grants lie: whoever oversees it oversees their holder."""
    paths = [grant.path.split(".") for grant in grants]
    together = []
    for parts in zip(*paths, strict=False):
        if len(set(parts)) > 1:
            break
        together.append(parts[0])
    return ".".join(together) or None


def _told(message: Any) -> tuple[tuple[UUID, ...], tuple[str, ...]]:
    targets: list[UUID] = []
    given = []
    for name in _names(message.__class__):
        value = getattr(message, name)
        if value is None or value in ("", []) or name in _UNTOLD:
            continue
        given.append(name)
        if isinstance(value, UUID):
            targets.append(value)
        elif isinstance(value, list):
            targets.extend(one for one in value[:TARGETS_MAX] if isinstance(one, UUID))
    return tuple(targets[:TARGETS_MAX]), tuple(given)


@lru_cache(maxsize=1024)
def _names(message: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields_of(message))
