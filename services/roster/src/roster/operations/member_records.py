"""What a branch writes into its register: who is entered, what is known of them, how they stand, how it ends."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis import clock, logs
from chassis.actors import Actor, Forbidden
from chassis.personal import index_key, sealing_key, unseal
from chassis.refusals import InvalidInput, NotFound, PreconditionFailed
from contracts.roster.members import (
    ChangeState,
    Details,
    EditMember,
    EndFact,
    EndMembership,
    LookUpMember,
    MemberChanged,
    MemberRegistered,
    MembersFound,
    OpenPersonalData,
    PersonalData,
    RegisterMember,
    StateFact,
    TellApart,
)
from sqlalchemy import Connection, Row, bindparam, insert, text, update
from sqlalchemy.dialects.postgresql import insert as insert_new

from roster.domain.identity_numbers import FAULTS, Read, read
from roster.domain.members import (
    FactAlready,
    IdentityNumberTaken,
    NotAMember,
    OnlyProbation,
    StateAlready,
    check_day,
)
from roster.operations.members import Membership, admit, leave_posts, must_be_a_branch
from roster.operations.organisations import keep_the_tree, tell_changed
from roster.operations.people import (
    Person,
    identity_index,
    phone_index,
    register_all,
    sealed_identity,
    sealed_phone,
)
from roster.operations.views import right_by
from roster.queries.members import views_of
from roster.queries.organisations import path_the_actor_may
from roster.queries.places import place_of, place_the_actor_may
from roster.tables.members import member_facts, member_moves
from roster.tables.people import likely_duplicates, people, personal_views

_MEMBER: Final = text("SELECT * FROM members WHERE person_id = :person FOR UPDATE")


# ---- entering ----------------------------------------------------------------------------------------------------


def register(db: Connection, *, asked: RegisterMember, actor: Actor, at: datetime) -> MemberRegistered:
    """Enter somebody as a member of a branch; one who was a member before and is none now comes back as themself.

    Raises NotFound, Forbidden, NotABranch, MemberElsewhere, IdentityNumberTaken, NotYet, and InvalidInput for an
    identity number that is none or says something else than the form.
    """
    keep_the_tree(db)
    path_the_actor_may(db, "edit_member", asked.branch_id, actor=actor)
    must_be_a_branch(db, asked.branch_id)
    today = clock.today(at)
    since = asked.since or today
    _check_days(asked, since=since, today=today)
    person, warnings = person_of(asked, name=asked.name, today=today)
    person = _entered(db, person)
    membership = Membership(
        person_id=person.id,
        branch_id=asked.branch_id,
        status=asked.status,
        joined_on=asked.joined_on,
        party_group=asked.party_group,
        full_on=asked.full_on,
        since=since,
    )
    admit(db, person, membership, at=at)
    keep_move(
        db,
        person.id,
        asked.branch_id,
        "registered",
        on=since,
        document_number=asked.document_number,
        actor=actor,
        at=at,
    )
    if db.execute(_ALIKE, {"person": person.id}).scalar_one():
        warnings.append("alike")
    return MemberRegistered(person.id, warnings)


def person_of(asked: Details, *, name: str, today: date) -> tuple[Person, list[str]]:
    """Return the person whom a form describes, with the codes of what is only doubtful; raises InvalidInput."""
    told = checked_identity(asked, today=today)
    if asked.born_on is not None and asked.born_on > today:
        raise InvalidInput({"born_on": ["This day has not come yet."]})
    person = Person(
        id=uuid4(),
        name=name.strip(),
        sex=told.sex or asked.sex,
        ethnicity=asked.ethnicity,
        born_on=told.born_on or asked.born_on,
        education=asked.education,
        native_place=asked.native_place,
        work_unit=asked.work_unit,
        file_place=asked.file_place,
        file_checked_on=asked.file_checked_on,
        identity_number=told.number or None,
        phone=asked.phone,
    )
    return person, ["area-unknown"] if told.number and not told.is_area_known else []


def checked_identity(asked: Details, *, today: date) -> Read:
    """Read the identity number of a form; raises InvalidInput when it is none or the form says something else."""
    if not asked.identity_number:
        return Read()
    told = read(asked.identity_number, on=today)
    if told.fault:
        raise InvalidInput({"identity_number": [FAULTS[told.fault]]})
    if asked.sex and asked.sex != told.sex:
        raise InvalidInput({"sex": [FAULTS["sex"]]})
    if asked.born_on and asked.born_on != told.born_on:
        raise InvalidInput({"born_on": [FAULTS["birthday"]]})
    return told


_ALIKE: Final = text("SELECT EXISTS (SELECT FROM likely_duplicates WHERE :person IN (person_id, other_id))")
_BACK: Final = text(
    "SELECT id, name FROM people p WHERE identity_index = :index"
    " AND NOT EXISTS (SELECT FROM members WHERE person_id = p.id)"
    " AND NOT EXISTS (SELECT FROM developments WHERE person_id = p.id AND stage NOT IN ('full', 'ended'))"
)


def _entered(db: Connection, person: Person) -> Person:
    """Enter a new person, or return the one who is known under this identity number and belongs nowhere now."""
    if person.identity_number is None:
        register_all(db, [person])
        return person
    index = identity_index(person.identity_number)
    if register_all(db, [person]):
        return person
    # The database refused a second one: only somebody who belongs nowhere, under the same name, comes back.
    known = db.execute(_BACK, {"index": index}).one_or_none()
    if known is None or known.name != person.name:
        raise IdentityNumberTaken({"identity_number": ["This identity number is registered already."]})
    return replace(person, id=known.id)


def _check_days(asked: RegisterMember, *, since: date, today: date) -> None:
    check_day(since, since=None, today=today)
    faults: dict[str, list[str]] = {}
    if asked.joined_on and asked.joined_on > since:
        faults["joined_on"] = ["Nobody belongs to a branch before the day they joined."]
    if asked.full_on and asked.status != "full":
        faults["full_on"] = ["A probationary member has no day of becoming a full one yet."]
    if asked.full_on and (asked.full_on > today or (asked.joined_on and asked.full_on < asked.joined_on)):
        faults["full_on"] = ["A full member became one after joining, and not after today."]
    if faults:
        raise InvalidInput(faults)


# ---- what is known -----------------------------------------------------------------------------------------------


def edit(db: Connection, *, asked: EditMember, actor: Actor, at: datetime) -> MemberChanged:
    """Write down what is known of a member. Raises NotFound, Forbidden, PreconditionFailed, IdentityNumberTaken,
    InvalidInput."""
    keep_the_tree(db)
    place = place_the_actor_may(db, "edit_member", asked.person_id, actor=actor)
    told = checked_identity(asked, today=clock.today(at))
    values: dict[str, Any] = {
        "name": asked.name.strip(),
        "sex": told.sex or asked.sex,
        "born_on": told.born_on or asked.born_on,
        **{
            column: getattr(asked, column)
            for column in ("ethnicity", "education", "native_place", "work_unit", "file_place", "file_checked_on")
        },
        "version": people.c.version + 1,
    }
    if told.number:
        values |= {**sealed_identity(told.number)}
        _must_be_free(db, asked.person_id, told.number)
    if asked.phone or asked.clear_phone:
        values |= sealed_phone(None if asked.clear_phone else asked.phone)
    found = db.execute(
        text(
            "SELECT version, identity_number IS NOT NULL AS numbered, phone IS NOT NULL AS called,"
            " sex, born_on, identity_number, sealed_with, indexed_with FROM people WHERE id = :id FOR UPDATE"
        ),
        {"id": asked.person_id},
    ).one()
    if found.version != asked.version:
        raise PreconditionFailed()
    if found.numbered and not told.number:
        # The number that stands says who they are; sex and birthday follow it.
        values |= {"sex": found.sex, "born_on": found.born_on}
    values |= _keys_after(found, values)
    changed = update(people).where(people.c.id == asked.person_id).values(**values).returning(people.c.version)
    version = int(db.execute(changed).scalar_one())
    db.execute(
        text("UPDATE members SET party_group = :party_group WHERE person_id = :person"),
        {"party_group": asked.party_group, "person": asked.person_id},
    )
    keep_move(db, asked.person_id, place.branch_id, "edited", on=clock.today(at), actor=actor, at=at)
    tell_changed(db, [place.branch_id], at=at, by=actor.person_id)
    return MemberChanged(asked.person_id, version)


def _keys_after(found: Row[Any], values: dict[str, Any]) -> dict[str, Any]:
    """Return the marks of the keys after a change; what stays sealed with an old key keeps that mark."""
    stays = (found.numbered and "identity_number" not in values) or (found.called and "phone" not in values)
    holds = (values["identity_number"] is not None if "identity_number" in values else found.numbered) or (
        values["phone"] is not None if "phone" in values else found.called
    )
    if not holds:
        return {"sealed_with": None, "indexed_with": None}
    if stays:
        return {"sealed_with": found.sealed_with, "indexed_with": found.indexed_with}
    return {"sealed_with": sealing_key(), "indexed_with": index_key()}


def _must_be_free(db: Connection, person_id: UUID, number: str) -> None:
    taken = db.execute(
        text("SELECT EXISTS (SELECT FROM people WHERE identity_index = :index AND id <> :id)"),
        {"index": identity_index(number), "id": person_id},
    ).scalar_one()
    if taken:
        raise IdentityNumberTaken({"identity_number": ["This identity number is registered already."]})


# ---- how they stand ----------------------------------------------------------------------------------------------


def change_state(db: Connection, *, asked: ChangeState, actor: Actor, at: datetime) -> MemberChanged:
    """Say that a member is active, floating or lost from a day on.

    Raises NotFound, Forbidden, NotAMember, StateAlready, NotYet, BeforeItBegan.
    """
    keep_the_tree(db)
    place_the_actor_may(db, "edit_member", asked.person_id, actor=actor)
    member = _member(db, asked.person_id)
    check_day(asked.happened_on, since=member.since, today=clock.today(at))
    if member.state == asked.state:
        raise StateAlready(state=asked.state)
    db.execute(
        text("UPDATE members SET state = :state, since = :day WHERE person_id = :person"),
        {"state": asked.state, "day": asked.happened_on, "person": asked.person_id},
    )
    keep_move(
        db,
        asked.person_id,
        member.branch_id,
        f"became_{asked.state}",
        on=asked.happened_on,
        reason=asked.reason,
        actor=actor,
        at=at,
    )
    tell_changed(db, [member.branch_id], at=at, by=actor.person_id)
    return _touched(db, asked.person_id)


def end(db: Connection, *, asked: EndMembership, actor: Actor, at: datetime) -> MemberChanged:
    """End a membership: the person left, died, was expelled or removed, or a probation was cancelled.

    Raises NotFound, Forbidden, NotAMember, OnlyProbation, NotYet, BeforeItBegan.
    """
    keep_the_tree(db)
    place_the_actor_may(db, "end_membership", asked.person_id, actor=actor)
    member = _member(db, asked.person_id)
    if asked.ended_by == "cancelled" and member.status != "probationary":
        raise OnlyProbation()
    take_out(
        db,
        member,
        ended_by=asked.ended_by,
        on=asked.happened_on,
        reason=asked.reason,
        document_number=asked.document_number,
        actor=actor,
        at=at,
    )
    return _touched(db, asked.person_id)


def take_out(
    db: Connection,
    member: Row[Any],
    *,
    ended_by: str,
    on: date,
    reason: str,
    document_number: str | None,
    actor: Actor,
    at: datetime,
) -> None:
    """End the locked member's period, posts, way and letter, and take the member out. Raises NotYet, BeforeItBegan."""
    check_day(on, since=member.since, today=clock.today(at))
    change = {"person": member.person_id, "day": on, "ended_by": ended_by, "at": at, "by_id": actor.person_id}
    change |= {"by": actor.name, "decision": reason}
    for statement in _TAKE_OUT:
        db.execute(statement, change)
    left = leave_posts(db, member.person_id, on=on, ended_by=_POST_ENDINGS.get(ended_by, "membership_ended"))
    keep_move(
        db,
        member.person_id,
        member.branch_id,
        ended_by,
        on=on,
        reason=reason,
        document_number=document_number,
        actor=actor,
        at=at,
    )
    tell_changed(db, {member.branch_id, *left}, at=at)


_POST_ENDINGS: Final = {"deceased": "deceased", "moved_away": "moved"}
_TAKE_OUT: Final = (
    text(
        "UPDATE membership_periods SET active_until = :day, ended_by = :ended_by"
        " WHERE person_id = :person AND active_until IS NULL"
    ),
    text("DELETE FROM members WHERE person_id = :person"),
    text(
        "UPDATE developments SET stage = 'ended', ended_on = :day, version = version + 1"
        " WHERE person_id = :person AND stage = 'probationary'"
    ),
    text(
        "UPDATE transfers SET state = 'withdrawn', decided_at = :at, decided_by_id = :by_id, decided_by = :by,"
        " decision = :decision, version = version + 1 WHERE person_id = :person AND state = 'issued'"
    ),
)


def state_fact(db: Connection, *, asked: StateFact, actor: Actor, at: datetime) -> MemberChanged:
    """Write down that a member is retired, ill, abroad or exempt. Raises NotFound, Forbidden, FactAlready,
    InvalidInput."""
    place = place_the_actor_may(db, "edit_member", asked.person_id, actor=actor)
    if asked.active_until is not None and asked.active_until <= asked.active_from:
        raise InvalidInput({"active_until": ["The last day lies before the first."]})
    stated = (
        insert_new(member_facts)
        .values(
            id=uuid4(),
            person_id=asked.person_id,
            fact=asked.fact,
            active_from=asked.active_from,
            active_until=asked.active_until,
            note=asked.note,
            recorded_by=actor.name,
            recorded_at=at,
        )
        .on_conflict_do_nothing()
    )
    if db.execute(stated).rowcount == 0:
        raise FactAlready()
    keep_move(db, asked.person_id, place.branch_id, f"is_{asked.fact}", on=asked.active_from, actor=actor, at=at)
    tell_changed(db, [place.branch_id], at=at, by=actor.person_id)
    return _touched(db, asked.person_id)


def end_fact(db: Connection, *, asked: EndFact, actor: Actor, at: datetime) -> MemberChanged:
    """Say on which day a fact ceased to hold. Raises NotFound, Forbidden, InvalidInput."""
    place = place_the_actor_may(db, "edit_member", asked.person_id, actor=actor)
    found = db.execute(
        text("SELECT fact, active_from FROM member_facts WHERE id = :id AND person_id = :person FOR UPDATE"),
        {"id": asked.fact_id, "person": asked.person_id},
    ).one_or_none()
    if found is None:
        raise NotFound()
    if asked.active_until < found.active_from:
        raise InvalidInput({"active_until": ["The last day lies before the first."]})
    db.execute(
        text("UPDATE member_facts SET active_until = :until WHERE id = :id"),
        {"until": asked.active_until, "id": asked.fact_id},
    )
    verb = f"no_longer_{found.fact}"
    keep_move(db, asked.person_id, place.branch_id, verb, on=asked.active_until, actor=actor, at=at)
    tell_changed(db, [place.branch_id], at=at, by=actor.person_id)
    return _touched(db, asked.person_id)


# ---- sealed data -------------------------------------------------------------------------------------------------


def open_personal(db: Connection, *, asked: OpenPersonalData, actor: Actor, at: datetime) -> PersonalData:
    """Return a member's sealed numbers, and keep who opened what, when and why. Raises NotFound, Forbidden,
    TokenTooOld; InvalidInput when the purpose is none of the named ones and not said in words."""
    place_the_actor_may(db, "open_personal_data", asked.person_id, actor=actor)
    actor.must_be_fresh(at)
    if asked.purpose == "other" and not asked.reason:
        raise InvalidInput({"reason": ["Say in words what it is needed for."]})
    row = db.execute(text("SELECT identity_number, phone FROM people WHERE id = :id"), {"id": asked.person_id}).one()
    keep_view(
        db, [asked.person_id], fields=asked.fields, purpose=asked.purpose, reason=asked.reason, actor=actor, at=at
    )
    opened = {
        name: unseal(sealed) if name in asked.fields and (sealed := getattr(row, name)) is not None else None
        for name in ("identity_number", "phone")
    }
    return PersonalData(asked.person_id, **opened)


def look_up(db: Connection, *, asked: LookUpMember, actor: Actor, at: datetime) -> MembersFound:
    """Find who has an identity number or a telephone number, in the actor's part of the tree; each look is kept.

    Raises InvalidInput without a number.
    """
    if not actor.paths_for("look_up_member"):
        raise Forbidden()
    wanted, fields = [], []
    if asked.identity_number:
        told = read(asked.identity_number, on=clock.today(at))
        if told.fault:
            raise InvalidInput({"identity_number": [FAULTS[told.fault]]})
        wanted.append("p.identity_index = :identity")
        fields.append("identity_number")
    if asked.phone:
        wanted.append("p.phone_index = :phone")
        fields.append("phone")
    if not wanted:
        raise InvalidInput({"identity_number": ["Give an identity number or a telephone number."]})
    given = {
        "identity": identity_index(told.number) if asked.identity_number else None,
        "phone": phone_index(asked.phone) if asked.phone else None,
    }
    ids = db.execute(
        text(f"SELECT id FROM people p WHERE {' AND '.join(wanted)}"),  # noqa: S608 - made of constants
        {name: value for name, value in given.items() if value is not None},
    ).scalars()
    found = [
        view
        for path, view in views_of(db, list(ids), on=clock.today(at))
        if actor.may("look_up_member", organisation=path)
    ]
    keep_view(db, [view.id for view in found], fields=fields, purpose="other", reason=None, actor=actor, at=at)
    return MembersFound(found)


def keep_view(
    db: Connection,
    persons: list[UUID],
    *,
    fields: list[str],
    purpose: str,
    reason: str | None,
    actor: Actor,
    at: datetime,
) -> None:
    """Keep that somebody saw sealed fields of some people."""
    places = {person: place_of(db, person) for person in persons}
    rights = {
        person: right_by("read_member", place.path, actor=actor) if place else (None, None)
        for person, place in places.items()
    }
    rows = [
        {
            "person_id": person,
            "by_role": rights[person][0],
            "by_path": rights[person][1],
            "at": at,
            "by_id": actor.person_id,
            "by_name": actor.name,
            "fields": sorted(set(fields)),
            "purpose": purpose,
            "reason": reason,
            "request_id": logs.request_id.get() or None,
        }
        for person in persons
    ]
    if rows:
        db.execute(insert(personal_views), rows)


def tell_apart(db: Connection, *, asked: TellApart, actor: Actor, at: datetime) -> None:
    """Say that two people who look alike are two people. Raises NotFound, Forbidden."""
    for person in (asked.person_id, asked.other_id):
        place_the_actor_may(db, "tell_apart", person, actor=actor)
    one, other = sorted((asked.person_id, asked.other_id))
    told = (
        update(likely_duplicates)
        .where(likely_duplicates.c.person_id == bindparam("one"), likely_duplicates.c.other_id == bindparam("other"))
        .values(told_apart_at=at, told_apart_by_id=actor.person_id, told_apart_by=actor.name, reason=asked.reason)
    )
    if db.execute(told, {"one": one, "other": other}).rowcount == 0:
        raise NotFound()


# ---- how ---------------------------------------------------------------------------------------------------------


def keep_move(
    db: Connection,
    person_id: UUID,
    branch_id: UUID,
    verb: str,
    *,
    on: date,
    actor: Actor | None,
    at: datetime,
    reason: str | None = None,
    document_number: str | None = None,
) -> None:
    """Keep who changed what about a member, when and why."""
    db.execute(
        insert(member_moves).values(
            person_id=person_id,
            branch_id=branch_id,
            verb=verb,
            happened_on=on,
            reason=reason,
            document_number=document_number,
            at=at,
            by_id=actor.person_id if actor else None,
            by_name=actor.name if actor else None,
        )
    )


def _member(db: Connection, person_id: UUID) -> Row[Any]:
    member = db.execute(_MEMBER, {"person": person_id}).one_or_none()
    if member is None:
        raise NotAMember()
    return member


def _touched(db: Connection, person_id: UUID) -> MemberChanged:
    version = db.execute(
        text("UPDATE people SET version = version + 1 WHERE id = :id RETURNING version"), {"id": person_id}
    ).scalar_one()
    return MemberChanged(person_id, int(version))
