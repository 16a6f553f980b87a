"""People and what the register knows of them: identity and telephone numbers are sealed here and nowhere else."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from chassis.personal import blind_index, index_key, mask_phone, seal, sealing_key, unseal
from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import insert

from roster.domain.identity_numbers import masked
from roster.tables.people import people

IDENTITY_COLUMN: Final = "people.identity_number"
PHONE_COLUMN: Final = "people.phone"


@dataclass(frozen=True)
class Person:
    """Somebody with a name; the identity number as `identity_numbers.normal` writes it, both numbers not yet sealed."""

    id: UUID
    name: str
    synthetic: bool = False
    sex: str | None = None
    ethnicity: str | None = None
    born_on: date | None = None
    education: str | None = None
    native_place: str | None = None
    work_unit: str | None = None
    file_place: str | None = None
    file_checked_on: date | None = None
    identity_number: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)


def register_all(db: Connection, persons: Sequence[Person]) -> list[UUID]:
    """Enter the people who are not known yet, by id or by identity number, and return the ids of those entered."""
    rows = [sealed_row(person) for person in persons]
    statement = insert(people).on_conflict_do_nothing().returning(people.c.id)
    return list(db.execute(statement, rows).scalars()) if rows else []


def sealed_row(person: Person) -> dict[str, Any]:
    """Return the person's row, the numbers sealed, indexed and masked."""
    row = {**asdict(person), **sealed_identity(person.identity_number), **sealed_phone(person.phone)}
    is_sealed = person.identity_number is not None or person.phone is not None
    return {
        **row,
        "sealed_with": sealing_key() if is_sealed else None,
        "indexed_with": index_key() if is_sealed else None,
    }


def sealed_identity(number: str | None) -> dict[str, Any]:
    """Return the columns of an identity number; all null for none."""
    if number is None:
        return {"identity_number": None, "identity_index": None, "identity_masked": None}
    return {
        "identity_number": seal(number),
        "identity_index": identity_index(number),
        "identity_masked": masked(number),
    }


def sealed_phone(phone: str | None) -> dict[str, Any]:
    """Return the columns of a telephone number; all null for none."""
    if phone is None:
        return {"phone": None, "phone_index": None, "phone_masked": None}
    return {"phone": seal(phone), "phone_index": phone_index(phone), "phone_masked": mask_phone(phone)}


def identity_index(number: str) -> bytes:
    """Return the blind index under which an identity number is found."""
    return blind_index(number, column=IDENTITY_COLUMN)


def phone_index(phone: str) -> bytes:
    """Return the blind index under which a telephone number is found, however it is spaced."""
    return blind_index(phone.replace(" ", "").replace("-", ""), column=PHONE_COLUMN)


_STALE: Final = text(
    "SELECT id, identity_number, phone FROM people"
    " WHERE sealed_with IS NOT NULL AND (sealed_with <> :sealing OR indexed_with <> :indexing)"
    " ORDER BY id LIMIT :part FOR UPDATE"
)
_STALE_COUNT: Final = text(
    "SELECT count(*) FROM people"
    " WHERE sealed_with IS NOT NULL AND (sealed_with <> :sealing OR indexed_with <> :indexing)"
)
_RESEAL: Final = text(
    "UPDATE people SET identity_number = :identity_number, identity_index = :identity_index, phone = :phone,"
    " phone_index = :phone_index, sealed_with = :sealing, indexed_with = :indexing WHERE id = :id"
)


def stale(db: Connection) -> int:
    """Count the people whose numbers are sealed or indexed with an old key."""
    return int(db.execute(_STALE_COUNT, _marks()).scalar_one())


def seal_anew(db: Connection, *, part: int) -> int:
    """Seal at most `part` people's numbers with the newest key, index them with the last, and return how many.

    Nothing is lost when it ends in between: what is done is marked. Raises Unreadable when the old key is gone.
    """
    rows = db.execute(_STALE, {**_marks(), "part": part}).all()
    changes = []
    for row in rows:
        identity = None if row.identity_number is None else unseal(row.identity_number)
        phone = None if row.phone is None else unseal(row.phone)
        changes.append(
            {
                "id": row.id,
                "identity_number": identity and seal(identity),
                "identity_index": identity and identity_index(identity),
                "phone": phone and seal(phone),
                "phone_index": phone and phone_index(phone),
                **_marks(),
            }
        )
    if changes:
        db.execute(_RESEAL, changes)
    return len(changes)


def _marks() -> dict[str, str]:
    return {"sealing": sealing_key(), "indexing": index_key()}
