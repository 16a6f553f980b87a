"""The list of weak organisations (A10): people decide who is on it, what is mended, and who comes off."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.weak_organisations import (
    AcceptWeakItem,
    AddWeakItem,
    DismissWeakOrganisation,
    DoWeakItem,
    ListWeakOrganisation,
    ProposeWeakByRating,
    ProposeWeakOrganisation,
    ReleaseWeakOrganisation,
    ReturnWeakItem,
    WeakEntryAsked,
    WeakEntryView,
    WeakItem,
    WeakProposalsView,
)
from sqlalchemy import Connection, Row, and_, exists, func, insert, not_, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_once

from assessment.domain.star_ratings import PUBLISHED
from assessment.domain.stars import LAGGING
from assessment.domain.weak_organisations import ENTRY_MOVES, ITEM_MOVES, LISTED, OPEN, PROPOSED
from assessment.operations import notices
from assessment.queries.organisations import organisation_named
from assessment.queries.scopes import must_judge
from assessment.queries.star_facts import rated_in
from assessment.queries.weak_organisations import entry
from assessment.tables.activities import activities
from assessment.tables.organisations import organisations
from assessment.tables.stars import star_formulas, star_ratings, star_results
from assessment.tables.weak_organisations import weak_items, weak_organisations, weak_steps


class WeakEntryThere(Refusal):
    """This organisation is on the list, or proposed for it, already."""


class WeakEntryNotMovable(Refusal):
    """This entry is {state}; it cannot be {move} any more."""


class WeakItemNotMovable(Refusal):
    """This item is {state}; it cannot be {move} any more."""


class WeakRatingNotPublished(Refusal):
    """The rules propose from a published rating; this one is {state}."""


class WeakItemOwn(Refusal):
    """Whoever says that an item is mended does not accept it; a second person does."""


class WeakItemsOpen(Refusal):
    """{count} items are not accepted yet."""


class WeakReleaseOwn(Refusal):
    """Whoever accepted an item does not take the organisation off the list; another person does."""


class TooManyWeakItems(Refusal):
    """An entry has {most} items at most."""


ITEMS_MAX = 60


def propose(db: Connection, *, asked: ProposeWeakOrganisation, actor: Actor, at: datetime) -> WeakEntryView:
    """Propose an organisation. Raises WeakEntryThere, NotFound, Forbidden."""
    organisation = organisation_named(db, asked.organisation_id)
    if organisation is None:
        raise NotFound()
    must_judge(db, actor, "propose_weak", organisation_id=organisation.id, path=organisation.path)
    made = _propose(db, [{"organisation_id": organisation.id, "reasons": [], "text": asked.text}], actor=actor, at=at)
    if not made:
        raise WeakEntryThere()
    return entry(db, asked=WeakEntryAsked(made[0]), actor=actor, at=at)


def propose_by_rating(db: Connection, *, asked: ProposeWeakByRating, actor: Actor, at: datetime) -> WeakProposalsView:
    """Propose those whom the rules of a published rating name, that are not on the list and were not by this rating.

    Raises WeakRatingNotPublished, NotFound, Forbidden.
    """
    rating = db.execute(
        select(star_ratings, star_formulas.c.formula)
        .join(star_formulas, star_formulas.c.id == star_ratings.c.formula_id)
        .where(star_ratings.c.id == asked.rating_id)
    ).one_or_none()
    if rating is None:
        raise NotFound()
    actor.must("propose_weak", organisation=rating.path)
    if rating.state != PUBLISHED:
        raise WeakRatingNotPublished(state=rating.state)
    of = star_results.c
    before = weak_organisations.c
    named = db.execute(
        select(of.organisation_id, of.weak_when)
        .join(organisations, organisations.c.id == of.organisation_id)
        .where(
            of.rating_id == rating.id,
            of.revision == rating.revision,
            func.cardinality(of.weak_when) > 0,
            not_(organisations.c.dissolved),
            not_(exists().where(before.rating_id == rating.id, before.organisation_id == of.organisation_id)),
        )
    ).all()
    if not named:
        return WeakProposalsView(0)
    values = {one.id: one.values for one in rated_in(db, rating_id=rating.id, revision=rating.revision)}
    rows = [
        {
            "organisation_id": row.organisation_id,
            "rating_id": rating.id,
            "reasons": [
                _reason(rating.formula["weak_when"], position, values[row.organisation_id])
                for position in row.weak_when
            ],
        }
        for row in named
    ]
    return WeakProposalsView(len(_propose(db, rows, actor=actor, at=at)))


def put_on(db: Connection, *, asked: ListWeakOrganisation, actor: Actor, at: datetime) -> WeakEntryView:
    """Put a proposed organisation on the list. Raises WeakEntryNotMovable, InvalidInput, NotFound, Forbidden."""
    found = _locked(db, asked.entry_id, "decide_weak", actor=actor)
    today = clock.today(at)
    faults: dict[str, list[str]] = {}
    if asked.due_on < today:
        faults["due_on"] = ["The day must be today or later."]
    for position, item in enumerate(asked.items):
        if not today <= item.due_on <= asked.due_on:
            faults[f"items.{position}.due_on"] = ["The day must be today or later, and not after the whole is due."]
    if faults:
        raise InvalidInput(faults)
    plan = {name: getattr(asked, name) for name in ("plan", "in_charge", "contact", "due_on")}
    _move(db, found, "list", listed_at=at, **plan)
    _add_items(db, found.id, asked.items, after=0)
    notices.tell(
        db,
        kind="weak_listed",
        subject_id=found.id,
        organisation_id=found.organisation_id,
        facts={"due_on": asked.due_on},
        at=at,
    )
    return _told(db, found.id, "list", actor=actor, at=at)


def dismiss(db: Connection, *, asked: DismissWeakOrganisation, actor: Actor, at: datetime) -> WeakEntryView:
    """Decide that it does not belong on the list. Raises WeakEntryNotMovable, NotFound, Forbidden."""
    found = _locked(db, asked.entry_id, "decide_weak", actor=actor)
    _move(db, found, "dismiss", **_ended(asked.reason, actor, at))
    return _told(db, found.id, "dismiss", actor=actor, at=at, reason=asked.reason)


def add_item(db: Connection, *, asked: AddWeakItem, actor: Actor, at: datetime) -> WeakEntryView:
    """Add something to mend. Raises WeakEntryNotMovable, TooManyWeakItems, InvalidInput, NotFound, Forbidden."""
    found = _locked(db, asked.entry_id, "decide_weak", actor=actor)
    if found.state != LISTED:
        raise WeakEntryNotMovable(state=found.state, move="add_item")
    if asked.due_on < clock.today(at):
        raise InvalidInput({"due_on": ["The day must be today or later."]})
    count = db.execute(select(func.count()).where(weak_items.c.entry_id == found.id)).scalar_one()
    if count >= ITEMS_MAX:
        raise TooManyWeakItems(most=ITEMS_MAX)
    (item_id,) = _add_items(db, found.id, [WeakItem(text=asked.text, due_on=asked.due_on)], after=count)
    return _told(db, found.id, "add_item", actor=actor, at=at, item_id=item_id)


def do(db: Connection, *, asked: DoWeakItem, actor: Actor, at: datetime) -> WeakEntryView:
    """Say that an item is mended, with what shows it. Raises WeakItemNotMovable, InvalidInput, NotFound, Forbidden."""
    found, item = _locked_with_item(db, asked.item_id, "do_weak_item", actor=actor)
    if asked.record_id is not None:
        is_theirs = exists().where(
            activities.c.id == asked.record_id,
            activities.c.branch_id == found.organisation_id,
            activities.c.state == "held",
        )
        if not db.execute(select(is_theirs)).scalar_one():
            raise InvalidInput({"record_id": ["No record of this organisation has this number."]})
    done = {"done_by_id": actor.person_id, "done_by": actor.name, "done_at": at}
    _move_item(db, item, "do", evidence=asked.evidence, record_id=asked.record_id, reason=None, **done)
    return _told(db, found.id, "do", actor=actor, at=at, item_id=item.id, reason=asked.evidence)


def accept(db: Connection, *, asked: AcceptWeakItem, actor: Actor, at: datetime) -> WeakEntryView:
    """Accept what was mended. Raises WeakItemOwn, WeakItemNotMovable, NotFound, Forbidden."""
    found, item = _locked_with_item(db, asked.item_id, "accept_weak_item", actor=actor)
    if item.done_by_id == actor.person_id:
        raise WeakItemOwn()
    _move_item(db, item, "accept", accepted_by_id=actor.person_id, accepted_by=actor.name, accepted_at=at)
    return _told(db, found.id, "accept", actor=actor, at=at, item_id=item.id)


def give_back(db: Connection, *, asked: ReturnWeakItem, actor: Actor, at: datetime) -> WeakEntryView:
    """Give an item back. Raises WeakItemNotMovable, NotFound, Forbidden."""
    found, item = _locked_with_item(db, asked.item_id, "accept_weak_item", actor=actor)
    undone = dict.fromkeys(("evidence", "record_id", "done_by_id", "done_by", "done_at"))
    _move_item(db, item, "return", reason=asked.reason, **undone)
    return _told(db, found.id, "return", actor=actor, at=at, item_id=item.id, reason=asked.reason)


def release(db: Connection, *, asked: ReleaseWeakOrganisation, actor: Actor, at: datetime) -> WeakEntryView:
    """Take it off the list. Raises WeakItemsOpen, WeakReleaseOwn, WeakEntryNotMovable, NotFound, Forbidden."""
    found = _locked(db, asked.entry_id, "release_weak", actor=actor)
    if found.state == LISTED:
        items = db.execute(
            select(weak_items.c.state, weak_items.c.accepted_by_id).where(weak_items.c.entry_id == found.id)
        ).all()
        if count := sum(item.state != "accepted" for item in items):
            raise WeakItemsOpen(count=count)
        if actor.person_id in {item.accepted_by_id for item in items}:
            raise WeakReleaseOwn()
    _move(db, found, "release", **_ended(asked.reason, actor, at))
    notices.tell(
        db,
        kind="weak_released",
        subject_id=found.id,
        organisation_id=found.organisation_id,
        facts={"reason": asked.reason},
        at=at,
    )
    return _told(db, found.id, "release", actor=actor, at=at, reason=asked.reason)


def _reason(rules: Sequence[dict[str, Any]], position: int, values: Any) -> dict[str, Any]:
    """Return a reason as it is kept: the rule with the value that met it, or the level."""
    if position < 0:
        return {"level": LAGGING}
    value = values.get(rules[position]["measure"])
    return {**rules[position], "value": None if value is None else value / 100}


def _propose(db: Connection, rows: Sequence[dict[str, Any]], *, actor: Actor, at: datetime) -> list[UUID]:
    """Propose those that have no open entry; returns the entries that were made."""
    who = {"state": PROPOSED, "proposed_by_id": actor.person_id, "proposed_by": actor.name, "proposed_at": at}
    once = insert_once(weak_organisations).on_conflict_do_nothing(
        index_elements=["organisation_id"], index_where=text("state IN ('proposed', 'listed')")
    )
    made = list(db.scalars(once.returning(weak_organisations.c.id), [{**row, **who} for row in rows]))
    steps = [{"entry_id": one, "position": 1, "step": "propose", "at": at, **_by(actor)} for one in made]
    if steps:
        db.execute(insert(weak_steps), steps)
    return made


def _locked(db: Connection, entry_id: UUID, action: str, *, actor: Actor) -> Row[Any]:
    """Return the entry, held by whoever decides on it or on one of its items. Raises NotFound, Forbidden."""
    found = db.execute(
        select(weak_organisations, organisations.c.path)
        .join(organisations, organisations.c.id == weak_organisations.c.organisation_id)
        .where(weak_organisations.c.id == entry_id)
        .with_for_update(of=weak_organisations)
    ).one_or_none()
    if found is None:
        raise NotFound()
    if action == "do_weak_item":
        actor.must(action, branch=found.path)
    else:
        must_judge(db, actor, action, organisation_id=found.organisation_id, path=found.path)
    return found


def _locked_with_item(db: Connection, item_id: UUID, action: str, *, actor: Actor) -> tuple[Row[Any], Row[Any]]:
    entry_id = db.execute(select(weak_items.c.entry_id).where(weak_items.c.id == item_id)).scalar_one_or_none()
    if entry_id is None:
        raise NotFound()
    found = _locked(db, entry_id, action, actor=actor)
    item = db.execute(select(weak_items).where(weak_items.c.id == item_id)).one()
    if found.state != LISTED:
        raise WeakEntryNotMovable(state=found.state, move="mend")
    return found, item


def _move(db: Connection, found: Row[Any], move: str, **columns: Any) -> None:
    sources, state = ENTRY_MOVES[move]
    if found.state not in sources:
        raise WeakEntryNotMovable(state=found.state, move=move)
    of_entry = and_(weak_organisations.c.id == found.id, weak_organisations.c.state == found.state)
    db.execute(update(weak_organisations).where(of_entry).values(state=state, **columns))


def _move_item(db: Connection, item: Row[Any], move: str, **columns: Any) -> None:
    sources, state = ITEM_MOVES[move]
    if item.state not in sources:
        raise WeakItemNotMovable(state=item.state, move=move)
    of_item = and_(weak_items.c.id == item.id, weak_items.c.state == item.state)
    db.execute(update(weak_items).where(of_item).values(state=state, **columns))


def _add_items(db: Connection, entry_id: UUID, items: Sequence[WeakItem], *, after: int) -> list[UUID]:
    rows = [
        {"id": uuid4(), "entry_id": entry_id, "position": after + position, "state": OPEN}
        | {"text": item.text, "due_on": item.due_on}
        for position, item in enumerate(items)
    ]
    db.execute(insert(weak_items), rows)
    return [row["id"] for row in rows]  # type: ignore[misc]


def _ended(reason: str, actor: Actor, at: datetime) -> dict[str, Any]:
    return {"ended_by_id": actor.person_id, "ended_by": actor.name, "ended_at": at, "ended_reason": reason}


def _by(actor: Actor) -> dict[str, Any]:
    return {"by_id": actor.person_id, "by_name": actor.name}


def _told(
    db: Connection,
    entry_id: UUID,
    step: str,
    *,
    actor: Actor,
    at: datetime,
    item_id: UUID | None = None,
    reason: str | None = None,
) -> WeakEntryView:
    """Write the step into the history and return the entry as it is now."""
    last = select(func.max(weak_steps.c.position)).where(weak_steps.c.entry_id == entry_id)
    position = db.execute(last).scalar_one() + 1  # the caller holds the entry
    written = {
        "entry_id": entry_id,
        "position": position,
        "item_id": item_id,
        "step": step,
        "text": reason,
        "at": at,
        **_by(actor),
    }
    db.execute(insert(weak_steps).values(**written))
    return entry(db, asked=WeakEntryAsked(entry_id), actor=actor, at=at)
