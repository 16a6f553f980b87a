"""A site's keepers write its menu (S4): add, edit, retire, offer again; each leaves a row of history.

    offered ⇄ retired

Retiring closes the slots still to come to new orders; an order that was placed stands, seats and all.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis.actors import Actor
from chassis.refusals import InvalidInput, PreconditionFailed, Refusal
from contracts.sites.programmes import AddProgramme, EditProgramme, MoveProgramme, ProgrammeDetailView, ProgrammeFields
from sqlalchemy import Connection, Row, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from sites.domain.guides import NO_GUIDE
from sites.domain.training import CaseNotPublished
from sites.operations import guides
from sites.queries.programmes import programme, programme_for
from sites.queries.sites import kept_site
from sites.tables.places import programmes
from sites.tables.training import case_versions, programme_history

FIELDS: Final = (
    *("name", "theme", "kind", "case_version_id", "description", "bring", "languages", "audience", "party_min"),
    *("party_max", "needs_guide", "minutes", "every_minutes", "seats", "notice_minutes", "confirmation"),
)
RETIRED: Final = "项目已下线"
"""Why a slot of a retired programme takes no orders."""


class ProgrammeNameTaken(Refusal):
    """This site has a programme called “{name}” already."""


class ProgrammeNotMovable(Refusal):
    """This programme is {state} already."""


def add(db: Connection, *, asked: AddProgramme, actor: Actor, at: datetime) -> ProgrammeDetailView:
    """Put a programme on the site's menu. Raises NotFound, Forbidden, InvalidInput, ProgrammeNameTaken."""
    site = kept_site(db, asked.site_id, actor=actor, action="edit_programmes")
    values = _values(db, asked)
    programme_id = uuid4()
    with _named(db, asked.name):
        db.execute(insert(programmes).values(id=programme_id, site_id=site.id, **values))
    _note(db, programme_id, "add", actor=actor, at=at)
    return programme(db, programme_id)


def edit(db: Connection, *, asked: EditProgramme, actor: Actor, at: datetime) -> ProgrammeDetailView:
    """Write the programme anew where it is still of the version that was read.

    Raises NotFound, Forbidden, PreconditionFailed, InvalidInput, ProgrammeNameTaken, CaseNotPublished.
    """
    kept = programme_for(db, asked.programme_id, actor=actor, action="edit_programmes")
    values = _values(db, asked)
    unchanged = (programmes.c.id == asked.programme_id) & (programmes.c.version == asked.version)
    with _named(db, asked.name):
        written = db.execute(update(programmes).where(unchanged).values(**values, version=programmes.c.version + 1))
    if written.rowcount != 1:
        raise PreconditionFailed()
    _note(db, asked.programme_id, "edit", actor=actor, at=at)
    if kept.needs_guide or asked.needs_guide:
        needed = {"site_id": kept.site_id, "needed": asked.needs_guide}
        guides.need_guides(db, asked.programme_id, **needed, at=at, by=actor.name)
    return programme(db, asked.programme_id)


def retire(db: Connection, *, asked: MoveProgramme, actor: Actor, at: datetime) -> ProgrammeDetailView:
    """Take the programme off the menu; its slots to come take no more orders. Raises ProgrammeNotMovable."""
    _move(db, asked, actor=actor, at=at, move="retire", is_offered=False)
    _mark_slots(db, asked.programme_id, at=at, found=[None, NO_GUIDE], marked=RETIRED)
    return programme(db, asked.programme_id)


def offer(db: Connection, *, asked: MoveProgramme, actor: Actor, at: datetime) -> ProgrammeDetailView:
    """Put a retired programme on the menu again. Raises ProgrammeNotMovable."""
    kept = _move(db, asked, actor=actor, at=at, move="offer", is_offered=True)
    if kept.needs_guide:
        guides.alone(db, kept.site_id)  # before any slot, as all who match guides do
    _mark_slots(db, asked.programme_id, at=at, found=[RETIRED], marked=None)
    if kept.needs_guide:
        guides.match_site(db, kept.site_id, at=at, by=actor.name)
    return programme(db, asked.programme_id)


def _move(db: Connection, asked: MoveProgramme, *, actor: Actor, at: datetime, move: str, is_offered: bool) -> Row[Any]:
    kept = programme_for(db, asked.programme_id, actor=actor, action="edit_programmes")
    moved = db.execute(
        update(programmes)
        .where(programmes.c.id == asked.programme_id, programmes.c.is_offered.is_(not is_offered))
        .values(is_offered=is_offered, version=programmes.c.version + 1)
    )
    if moved.rowcount != 1:
        raise ProgrammeNotMovable(state="offered" if is_offered else "retired")
    _note(db, asked.programme_id, move, actor=actor, at=at, reason=asked.reason)
    return kept


def _mark_slots(
    db: Connection, programme_id: UUID, *, at: datetime, found: list[str | None], marked: str | None
) -> None:
    """Give the slots to come that are closed for a reason in `found` (or open) the mark; in sequence of their ids."""
    db.execute(
        text(
            "UPDATE slots SET closed_reason = :marked FROM ("
            "  SELECT id FROM slots WHERE programme_id = :programme AND starts_at > :at"
            "     AND coalesce(closed_reason, '') = ANY(:found) ORDER BY id FOR NO KEY UPDATE"
            ") to_come WHERE slots.id = to_come.id"
        ),
        {"programme": programme_id, "at": at, "found": [reason or "" for reason in found], "marked": marked},
    )


def _values(db: Connection, asked: ProgrammeFields) -> dict[str, Any]:
    values = {name: getattr(asked, name) for name in FIELDS}
    values["name"] = asked.name.strip()
    values["languages"] = list(dict.fromkeys(asked.languages))
    if not values["name"]:
        raise InvalidInput({"name": ["Length must be between 1 and 60."]})
    if asked.party_max is not None and asked.party_max < asked.party_min:
        raise InvalidInput({"party_max": ["The largest party is smaller than the smallest."]})
    if asked.party_min > asked.seats:
        raise InvalidInput({"party_min": ["The smallest party needs more seats than there are."]})
    if (asked.kind == "training_case") != (asked.case_version_id is not None):
        raise InvalidInput({"case_version_id": ["A training case, and nothing else, names the version it offers."]})
    if asked.case_version_id is not None:
        found = select(case_versions.c.minutes).where(
            case_versions.c.id == asked.case_version_id, case_versions.c.state == "published"
        )
        minutes = db.execute(found).scalar_one_or_none()
        if minutes is None:
            raise CaseNotPublished()
        if asked.minutes < minutes:
            raise InvalidInput({"minutes": ["The programme is shorter than the steps of its training case."]})
    return values


@contextmanager
def _named(db: Connection, name: str) -> Iterator[None]:
    """Tell a name that the site's menu has already as a refusal."""
    try:
        with db.begin_nested():
            yield
    except IntegrityError as error:
        if "programmes_site_id_name_key" in str(error.orig):
            raise ProgrammeNameTaken(name=name) from error
        raise


def _note(
    db: Connection, programme_id: UUID, move: str, *, actor: Actor, at: datetime, reason: str | None = None
) -> None:
    db.execute(
        insert(programme_history).values(
            programme_id=programme_id, move=move, at=at, by_id=actor.person_id, by_name=actor.name, reason=reason
        )
    )
