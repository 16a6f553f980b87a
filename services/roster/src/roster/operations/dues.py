"""What dues are reckoned from, and the reckoning of each month (R4).

A month is owed by whoever stands in the branch on its first day, full or probationary, on the rolls or floating: who
comes in later begins with the next month, who has moved pays where they stood on the first. Who is out of contact,
exempt, or has no base owes nothing. What was reckoned once stays; only a correction with its reason changes it.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput, NotFound, PreconditionFailed
from contracts.roster.dues import AssessDues, CorrectDues, DuesAssessed, MemberDuesAsked, MemberDuesView
from contracts.roster.dues_bases import (
    ConfirmDuesBases,
    DuesBaseOpened,
    DuesConfirmed,
    DuesReliefView,
    EndDuesRelief,
    GrantDuesRelief,
    OpenDuesBase,
    SetDuesBase,
)
from contracts.roster.dues_tables import DUES_KINDS, DuesTablesView, SetDuesTable
from sqlalchemy import Connection, insert, text
from sqlalchemy.dialects.postgresql import insert as insert_new

from roster.domain.dues import (
    AHEAD_MONTHS,
    BASE_MONTHS_AHEAD,
    BASE_MONTHS_BACK,
    RELIEF_MONTHS,
    BaseMonthTooFar,
    DuesCorrectedAlready,
    DuesMonthAhead,
    DuesMonthClosed,
    NoDuesBase,
    NothingAssessed,
    ReliefAlready,
    ReliefTooLong,
    TableMonthBegun,
    check_base,
    check_table,
    first_of,
    next_month,
    said,
)
from roster.domain.periods import months_after
from roster.operations.member_records import keep_view
from roster.operations.members import must_be_a_branch
from roster.queries import dues as asked_of
from roster.queries.dues import BASE_OF, DUE, RATE_OF
from roster.queries.organisations import path_the_actor_may
from roster.queries.places import place_the_actor_may
from roster.tables.dues import (
    dues_bases,
    dues_confirmations,
    dues_corrections,
    dues_rates,
    dues_reliefs,
    dues_tables,
)

PART: Final = 2_000
"""So many branches are reckoned in one turn of the timer."""

# ---- the table of rates ------------------------------------------------------------------------------------------


def set_table(db: Connection, *, asked: SetDuesTable, actor: Actor, at: datetime) -> DuesTablesView:
    """Set a table of rates from a month to come on; the old rows stay. Raises Forbidden, TokenTooOld, TableMonthBegun,
    BandsNotRight, PreconditionFailed."""
    if not asked_of.may_set_table(db, actor=actor):
        raise Forbidden()
    actor.must_be_fresh(at)
    check_table(asked.rates, DUES_KINDS)
    # A quarter may have been paid ahead: months that somebody has paid are not reckoned anew.
    first = next_month(clock.first_of_month(at))
    if first_of(asked.active_from) < first:
        raise TableMonthBegun(first=said(first))
    db.execute(text("SELECT pg_advisory_xact_lock(hashtext('roster: the table of dues'))"))
    if db.execute(text("SELECT max(id) FROM dues_tables")).scalar_one() != asked.version:
        raise PreconditionFailed()
    table = db.execute(
        insert(dues_tables)
        .values(
            active_from=first_of(asked.active_from),
            citation=asked.citation,
            set_at=at,
            set_by_id=actor.person_id,
            set_by=actor.name,
        )
        .returning(dues_tables.c.id)
    ).scalar_one()
    db.execute(
        insert(dues_rates),
        [
            {
                "table_id": table,
                "kind": rate.kind,
                "above_fen": rate.above_fen,
                "rate_bp": rate.rate_bp,
                "least_fen": rate.least_fen,
                "most_fen": rate.most_fen,
            }
            for rate in asked.rates
        ],
    )
    return asked_of.tables(db, actor=actor, at=at)


# ---- what dues are reckoned from ---------------------------------------------------------------------------------


def set_base(db: Connection, *, asked: SetDuesBase, actor: Actor, at: datetime) -> MemberDuesView:
    """Say what a member's dues are reckoned from, from a month on; it counts as confirmed for this year.

    Raises NotFound, Forbidden, BaseOutOfBounds, BaseTooSmall, BaseMonthTooFar.
    """
    place_the_actor_may(db, "set_dues_base", asked.person_id, actor=actor)
    month, current = first_of(asked.active_from), clock.first_of_month(at)
    first, last = months_after(current, -BASE_MONTHS_BACK), months_after(current, BASE_MONTHS_AHEAD)
    if not first <= month <= last:
        raise BaseMonthTooFar(first=said(first), last=said(last))
    check_base(asked_of.table_on(db, month).rates, asked.kind, asked.amount_fen)
    base = db.execute(
        insert(dues_bases)
        .values(
            person_id=asked.person_id,
            kind=asked.kind,
            amount_fen=asked.amount_fen,
            active_from=month,
            ground=asked.ground,
            entered_at=at,
            entered_by_id=actor.person_id,
            entered_by=actor.name,
        )
        .returning(dues_bases.c.id)
    ).scalar_one()
    _confirm(db, [(asked.person_id, base)], actor=actor, at=at)
    return asked_of.member(db, MemberDuesAsked(asked.person_id), actor=actor, at=at)


def confirm_bases(db: Connection, *, asked: ConfirmDuesBases, actor: Actor, at: datetime) -> DuesConfirmed:
    """Confirm for this year that the bases of a branch's members are still right.

    Raises NotFound, Forbidden, NotABranch, NoDuesBase.
    """
    path_the_actor_may(db, "set_dues_base", asked.organisation_id, actor=actor)
    must_be_a_branch(db, asked.organisation_id)
    found = db.execute(
        text(
            f"SELECT m.person_id, b.id FROM members m JOIN {BASE_OF.format(person='m.person_id')} ON true"  # noqa: S608
            " WHERE m.branch_id = :branch AND m.person_id = ANY(:persons)"
        ),
        {"branch": asked.organisation_id, "persons": list(asked.person_ids), "month": clock.first_of_month(at)},
    ).all()
    if len(found) < len(set(asked.person_ids)):
        raise NoDuesBase()
    confirmed = _confirm(db, [(row.person_id, row.id) for row in found], actor=actor, at=at)
    return DuesConfirmed(confirmed, clock.today(at).year)


def _confirm(db: Connection, bases: Sequence[tuple[UUID, int]], *, actor: Actor, at: datetime) -> int:
    rows = [
        {
            "person_id": person,
            "year": clock.today(at).year,
            "base_id": base,
            "confirmed_at": at,
            "confirmed_by_id": actor.person_id,
            "confirmed_by": actor.name,
        }
        for person, base in bases
    ]
    added = insert_new(dues_confirmations).on_conflict_do_nothing().returning(dues_confirmations.c.person_id)
    return len(db.execute(added, rows).all()) if rows else 0


def open_base(db: Connection, *, asked: OpenDuesBase, actor: Actor, at: datetime) -> DuesBaseOpened:
    """Return what a member's dues are reckoned from, in full, and keep who looked, when and why.

    Raises NotFound, Forbidden (from above too: the branch alone needs to know), TokenTooOld, InvalidInput.
    """
    place = place_the_actor_may(db, "open_dues_base", asked.person_id, actor=actor)
    if not asked_of.may_open(actor, place.path):
        raise Forbidden()
    actor.must_be_fresh(at)
    if asked.purpose == "other" and not asked.reason:
        raise InvalidInput({"reason": ["Say in words what it is needed for."]})
    keep_view(
        db,
        [asked.person_id],
        fields=["dues_base"],
        purpose=asked.purpose,
        reason=asked.reason,
        actor=actor,
        at=at,
    )
    return DuesBaseOpened(asked.person_id, asked_of.bases_of(db, asked.person_id))


def grant_relief(db: Connection, *, asked: GrantDuesRelief, actor: Actor, at: datetime) -> DuesReliefView:
    """Write down that a member is exempt or pays less for some months, as branch and committee decided.

    Months reckoned already stay as they are and are corrected one by one. Raises NotFound, Forbidden, ReliefAlready,
    ReliefTooLong, InvalidInput.
    """
    place = place_the_actor_may(db, "assess_dues", asked.person_id, actor=actor)
    begins, ends = first_of(asked.active_from), first_of(asked.active_until)
    if ends <= begins:
        raise InvalidInput({"active_until": ["The last month lies before the first."]})
    if ends > months_after(begins, RELIEF_MONTHS):
        raise ReliefTooLong()
    if asked.decided_on > clock.today(at):
        raise InvalidInput({"decided_on": ["This day has not come yet."]})
    relief_id = uuid4()
    added = (
        insert_new(dues_reliefs)
        .values(
            id=relief_id,
            person_id=asked.person_id,
            branch_id=place.branch_id,
            reduced_to_fen=asked.reduced_to_fen,
            active_from=begins,
            active_until=ends,
            decided_on=asked.decided_on,
            document_number=asked.document_number,
            reason=asked.reason,
            recorded_at=at,
            recorded_by_id=actor.person_id,
            recorded_by=actor.name,
        )
        .on_conflict_do_nothing()
    )
    if db.execute(added).rowcount == 0:
        raise ReliefAlready()
    return asked_of.relief(db, relief_id)


def end_relief(db: Connection, *, asked: EndDuesRelief, actor: Actor, at: datetime) -> DuesReliefView:
    """End a relief before its time. Raises NotFound, Forbidden, InvalidInput."""
    found = db.execute(
        text("SELECT person_id, active_from, active_until FROM dues_reliefs WHERE id = :id FOR UPDATE"),
        {"id": asked.relief_id},
    ).one_or_none()
    if found is None:
        raise NotFound()
    place_the_actor_may(db, "assess_dues", found.person_id, actor=actor)
    ends = first_of(asked.active_until)
    if not found.active_from <= ends < found.active_until:
        raise InvalidInput({"active_until": ["A relief is ended at one of its months."]})
    db.execute(
        text(
            "UPDATE dues_reliefs SET active_until = :ends, ended_at = :at, ended_by = :by, ended_because = :reason"
            " WHERE id = :id"
        ),
        {"ends": ends, "at": at, "by": actor.name, "reason": asked.reason, "id": asked.relief_id},
    )
    return asked_of.relief(db, asked.relief_id)


# ---- a month -----------------------------------------------------------------------------------------------------

_ASSESS: Final = text(
    f"""
    WITH added AS (
        INSERT INTO dues_obligations
            (person_id, month, branch_id, base_id, table_id, relief_id, assessed_fen, due_fen, assessed_at)
        SELECT t.person_id, :month, t.branch_id, b.id, d.table_id, f.id, a.fen, a.fen, :at
        FROM membership_periods t JOIN {BASE_OF.format(person="t.person_id")} ON true JOIN {RATE_OF} ON true
        LEFT JOIN dues_reliefs f ON f.person_id = t.person_id AND f.active_from <= :month AND :month < f.active_until
        CROSS JOIN LATERAL (SELECT least({DUE}, f.reduced_to_fen) AS fen) a
        WHERE t.branch_id = ANY(:branches) AND t.active_from <= :month
          AND (t.active_until IS NULL OR :month < t.active_until) AND t.state <> 'lost'
          AND f.reduced_to_fen IS DISTINCT FROM 0
          AND (CAST(:persons AS uuid[]) IS NULL OR t.person_id = ANY(CAST(:persons AS uuid[])))
        ON CONFLICT DO NOTHING
        RETURNING due_fen
    )
    SELECT count(*) AS members, coalesce(sum(due_fen), 0)::bigint AS due_fen FROM added
    """  # noqa: S608 - made of constants
)
_OPEN_BOOKS: Final = text(
    "INSERT INTO dues_books (branch_id) SELECT unnest(CAST(:branches AS uuid[])) ON CONFLICT DO NOTHING"
)


def assess(db: Connection, *, asked: AssessDues, actor: Actor, at: datetime) -> DuesAssessed:
    """Reckon a branch's month by hand; who has a row for it keeps that one.

    Raises NotFound, Forbidden, NotABranch, DuesMonthAhead, DuesMonthClosed.
    """
    path_the_actor_may(db, "assess_dues", asked.organisation_id, actor=actor)
    must_be_a_branch(db, asked.organisation_id)
    month = first_of(asked.month)
    if month > clock.first_of_month(at):
        raise DuesMonthAhead(month=asked.month, months=0)
    return assess_all(db, [asked.organisation_id], month=month, at=at)


def assess_all(
    db: Connection, branches: Sequence[UUID], *, month: date, at: datetime, persons: Sequence[UUID] | None = None
) -> DuesAssessed:
    """Reckon a month of several branches (of some of their members) in one statement. Raises DuesMonthClosed."""
    db.execute(_OPEN_BOOKS, {"branches": list(branches)})
    open_from = db.execute(
        text("SELECT open_from FROM dues_books WHERE branch_id = ANY(:branches) ORDER BY branch_id FOR UPDATE"),
        {"branches": list(branches)},
    ).scalars()
    if any(first is not None and month < first for first in open_from):
        raise DuesMonthClosed(month=said(month))
    row = db.execute(
        _ASSESS,
        {
            "month": month,
            "branches": list(branches),
            "persons": None if persons is None else list(persons),
            "at": at,
        },
    ).one()
    return DuesAssessed(row.members, row.due_fen)


def assess_ahead(db: Connection, branch_id: UUID, persons: Sequence[UUID], *, month: date, at: datetime) -> None:
    """Reckon a month to come for members who pay ahead. Raises DuesMonthAhead."""
    if month > months_after(clock.first_of_month(at), AHEAD_MONTHS):
        raise DuesMonthAhead(month=said(month), months=AHEAD_MONTHS)
    assess_all(db, [branch_id], month=month, at=at, persons=persons)


def assess_due(db: Connection, *, at: datetime, part: int = PART) -> int:
    """Reckon the month at hand for the branches where that has not been done; returns how many branches.

    The timer of *work* calls it; a branch is taken once a month, whoever is entered later is reckoned by hand.
    """
    month = clock.first_of_month(at)
    branches = (
        db.execute(
            text(
                "SELECT o.id FROM organisations o LEFT JOIN dues_books b ON b.branch_id = o.id"
                " WHERE o.kind IN ('branch', 'joint_branch') AND NOT o.is_external"
                " AND (b.assessed_until IS NULL OR b.assessed_until <= :month) ORDER BY o.id LIMIT :part"
            ),
            {"month": month, "part": part},
        )
        .scalars()
        .all()
    )
    if branches:
        assess_all(db, branches, month=month, at=at)
        mark_assessed(db, branches, month=month)
    return len(branches)


def mark_assessed(db: Connection, branches: Sequence[UUID], *, month: date) -> None:
    """Note that a month of these branches was reckoned, so that the timer leaves them alone until the next."""
    db.execute(
        text("UPDATE dues_books SET assessed_until = :next WHERE branch_id = ANY(:branches)"),
        {"next": next_month(month), "branches": list(branches)},
    )


def correct(db: Connection, *, asked: CorrectDues, actor: Actor, at: datetime) -> MemberDuesView:
    """Correct what a member owes for a month that is not paid; the old amount, the new one and the reason are kept.

    Raises NotFound, Forbidden, TokenTooOld, DuesCorrectedAlready.
    """
    place_the_actor_may(db, "correct_dues", asked.person_id, actor=actor)
    actor.must_be_fresh(at)
    if asked.to_fen == asked.due_fen:
        raise InvalidInput({"to_fen": ["This is what is owed already."]})
    key: dict[str, Any] = {"person": asked.person_id, "month": first_of(asked.month)}
    branch = db.execute(
        text("SELECT branch_id FROM dues_obligations WHERE person_id = :person AND month = :month"), key
    ).scalar_one_or_none()
    if branch is None:
        raise NotFound()
    # Where the member owes it, not where they are now.
    path_the_actor_may(db, "correct_dues", branch, actor=actor)
    lock_book(db, branch)
    now = db.execute(
        text("SELECT due_fen, payment_id FROM dues_obligations WHERE person_id = :person AND month = :month"), key
    ).one()
    if now.payment_id is not None or now.due_fen != asked.due_fen or key["month"] > clock.first_of_month(at):
        raise DuesCorrectedAlready()
    db.execute(
        insert(dues_corrections).values(
            person_id=asked.person_id,
            month=key["month"],
            branch_id=branch,
            from_fen=asked.due_fen,
            to_fen=asked.to_fen,
            reason=asked.reason,
            corrected_on=clock.today(at),
            corrected_at=at,
            by_id=actor.person_id,
            by_name=actor.name,
        )
    )
    return asked_of.member(db, MemberDuesAsked(asked.person_id), actor=actor, at=at)


def must_keep_dues(db: Connection, organisation_id: UUID) -> None:
    """Raise NotFound, NotABranch or OrganisationDissolved unless the organisation is a branch, or was one and has a
    book: what members owe it and what it holds is still paid, handed up and closed after it ended."""
    kept = text("SELECT EXISTS (SELECT FROM dues_books WHERE branch_id = :branch)")
    if not db.execute(kept, {"branch": organisation_id}).scalar_one():
        must_be_a_branch(db, organisation_id)


def lock_book(db: Connection, branch_id: UUID) -> date | None:
    """Take a branch's book, so that whoever else writes in it waits; returns its first open month.

    Raises NothingAssessed when the branch has no book yet.
    """
    row = db.execute(
        text("SELECT open_from FROM dues_books WHERE branch_id = :branch FOR UPDATE"), {"branch": branch_id}
    ).one_or_none()
    if row is None:
        raise NothingAssessed()
    first: date | None = row.open_from
    return first
