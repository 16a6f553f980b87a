"""Dues are paid, taken back, handed up; a month closes (R4).

Each act takes the branch's book first: payments, closings and receipt numbers of one branch come one after the other,
and receipts are numbered without gaps because a refused act takes its number back with it.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor
from chassis.amounts import yuan
from chassis.refusals import InvalidInput, NotFound
from contracts.roster.dues import DuesMonthAsked, DuesMonthView
from contracts.roster.dues_arrears import DuesNoted, DuesReminded, NoteDuesArrears, RemindDues
from contracts.roster.dues_payments import (
    CloseDuesMonth,
    DuesHandedUp,
    DuesPaid,
    DuesPaidView,
    DuesReceiptAsked,
    DuesReceiptView,
    HandUpDues,
    PayDues,
    ReverseDuesReceipt,
)
from sqlalchemy import Connection, Row, insert, text

from roster.domain.dues import (
    MARK_MONTHS,
    DuesAmountDiffers,
    DuesCashShort,
    DuesChanged,
    DuesMonthClosed,
    DuesMonthNotNext,
    DuesMonthNotOver,
    DuesNotAssessed,
    DuesPaidAlready,
    NothingInArrears,
    ReceiptReversed,
    first_of,
    next_month,
    said,
)
from roster.operations.dues import assess_ahead, lock_book, must_keep_dues
from roster.queries import dues as asked_of
from roster.queries.dues_arrears import in_a_row
from roster.queries.dues_receipts import numbered
from roster.queries.dues_receipts import receipt as receipt_view
from roster.queries.organisations import path_the_actor_may
from roster.queries.places import place_the_actor_may
from roster.tables.dues import dues_hand_ups, dues_notes, dues_payments, dues_receipts, dues_statements

_OWED: Final = text(
    """
    SELECT o.person_id, o.month, o.due_fen, o.payment_id, p.name
    FROM dues_obligations o JOIN people p ON p.id = o.person_id
    JOIN unnest(CAST(:persons AS uuid[]), CAST(:months AS date[])) k(person_id, month)
      ON k.person_id = o.person_id AND k.month = o.month
    WHERE o.branch_id = :branch FOR NO KEY UPDATE OF o
    """
)
_NAME_HERE: Final = text(
    "SELECT name FROM people p WHERE id = :id AND EXISTS (SELECT FROM membership_periods t"
    " WHERE t.person_id = p.id AND t.branch_id = :branch)"
)


def pay(db: Connection, *, asked: PayDues, actor: Actor, at: datetime) -> DuesPaidView:
    """Write down who of a branch paid which months, with a receipt for each member: all of it, or nothing.

    Raises NotFound, Forbidden, TokenTooOld, NotABranch, NothingAssessed, DuesMonthClosed, DuesMonthAhead,
    DuesNotAssessed, DuesPaidAlready, DuesAmountDiffers, InvalidInput.
    """
    path_the_actor_may(db, "collect_dues", asked.organisation_id, actor=actor)
    actor.must_be_fresh(at)
    must_keep_dues(db, asked.organisation_id)
    keys = [(line.person_id, line.month) for line in asked.lines]
    if len(set(keys)) < len(keys):
        raise InvalidInput({"lines": ["One stands twice."]})
    today = clock.today(at)
    paid_on = asked.paid_on or today
    if paid_on > today:
        raise InvalidInput({"paid_on": ["This day has not come yet."]})
    open_from = lock_book(db, asked.organisation_id)
    if open_from is not None and paid_on < open_from:
        raise DuesMonthClosed(month=said(paid_on))
    for month in sorted({line.month for line in asked.lines if first_of(line.month) > clock.first_of_month(at)}):
        ahead = [line.person_id for line in asked.lines if line.month == month]
        assess_ahead(db, asked.organisation_id, ahead, month=first_of(month), at=at)
    _check(db, asked.organisation_id, asked.lines)
    return _receive(
        db,
        asked.organisation_id,
        asked.lines,
        method=asked.method,
        paid_on=paid_on,
        by=(actor.person_id, actor.name),
        at=at,
    )


def _check(db: Connection, branch_id: UUID, lines: Sequence[DuesPaid]) -> None:
    """Refuse the first line that is not exactly what is owed here and not paid."""
    given = {
        "branch": branch_id,
        "persons": [line.person_id for line in lines],
        "months": [first_of(line.month) for line in lines],
    }
    owed = {(row.person_id, said(row.month)): row for row in db.execute(_OWED, given)}
    for line in lines:
        row = owed.get((line.person_id, line.month))
        if row is None:
            # Whoever was never here stays unnamed: an id says nothing about people of other branches.
            name = db.execute(_NAME_HERE, {"id": line.person_id, "branch": branch_id}).scalar()
            raise DuesNotAssessed(name=name or "—", month=line.month)
        if row.payment_id is not None:
            raise DuesPaidAlready(name=row.name, month=line.month)
        if row.due_fen != line.amount_fen:
            raise DuesAmountDiffers(name=row.name, month=line.month, due=yuan(row.due_fen))


def _receive(
    db: Connection,
    branch_id: UUID,
    lines: Sequence[DuesPaid],
    *,
    method: str,
    paid_on: date,
    by: tuple[UUID, str],
    at: datetime,
) -> DuesPaidView:
    """Issue the next receipts, one a member in the order of the lines, and enter the payments."""
    issued_on = clock.today(at)
    last = db.execute(
        text("SELECT coalesce(max(number), 0) FROM dues_receipts WHERE branch_id = :branch AND year = :year"),
        {"branch": branch_id, "year": issued_on.year},
    ).scalar_one()
    receipts: dict[UUID, dict[str, Any]] = {}
    for line in lines:
        if line.person_id not in receipts:
            receipts[line.person_id] = {
                "id": uuid4(),
                "branch_id": branch_id,
                "year": issued_on.year,
                "number": last + len(receipts) + 1,
                "person_id": line.person_id,
                "method": method,
                "paid_on": paid_on,
                "issued_on": issued_on,
                "issued_at": at,
                "issued_by_id": by[0],
                "issued_by": by[1],
            }
    db.execute(insert(dues_receipts), list(receipts.values()))
    db.execute(
        insert(dues_payments).values(
            [
                {
                    "receipt_id": receipts[line.person_id]["id"],
                    "person_id": line.person_id,
                    "month": first_of(line.month),
                    "branch_id": branch_id,
                    "amount_fen": line.amount_fen,
                    "paid_on": paid_on,
                    "recorded_at": at,
                    "by_id": by[0],
                    "by_name": by[1],
                }
                for line in lines
            ]
        )
    )
    return DuesPaidView(
        receipts=[receipt["id"] for receipt in receipts.values()],
        first_number=numbered(issued_on.year, last + 1),
        last_number=numbered(issued_on.year, last + len(receipts)),
        amount_fen=sum(line.amount_fen for line in lines),
    )


def reverse(db: Connection, *, asked: ReverseDuesReceipt, actor: Actor, at: datetime) -> DuesReceiptView:
    """Take a receipt's payments back by counter-entries of today; the months are owed again.

    Raises NotFound, Forbidden, TokenTooOld, ReceiptReversed, DuesCashShort.
    """
    found = db.execute(
        text("SELECT branch_id, year, number FROM dues_receipts WHERE id = :id"), {"id": asked.receipt_id}
    ).one_or_none()
    if found is None or not _may_read(db, found.branch_id, actor=actor):
        raise NotFound()
    path_the_actor_may(db, "reverse_dues", found.branch_id, actor=actor)
    actor.must_be_fresh(at)
    lock_book(db, found.branch_id)
    rows = db.execute(
        text(
            "SELECT y.*, EXISTS (SELECT FROM dues_payments v WHERE v.reverses = y.id) AS reversed"
            " FROM dues_payments y WHERE y.receipt_id = :id AND y.reverses IS NULL ORDER BY y.id"
        ),
        {"id": asked.receipt_id},
    ).all()
    if any(row.reversed for row in rows):
        raise ReceiptReversed(number=numbered(found.year, found.number))
    _must_hold(db, found.branch_id, sum(row.amount_fen for row in rows))
    db.execute(insert(dues_payments).values([_counter(row, reason=asked.reason, actor=actor, at=at) for row in rows]))
    return receipt_view(db, DuesReceiptAsked(asked.receipt_id), actor=actor)


def _counter(row: Row[Any], *, reason: str, actor: Actor, at: datetime) -> dict[str, Any]:
    return {
        "receipt_id": row.receipt_id,
        "person_id": row.person_id,
        "month": row.month,
        "branch_id": row.branch_id,
        "amount_fen": -row.amount_fen,
        "paid_on": clock.today(at),
        "reverses": row.id,
        "reason": reason,
        "recorded_at": at,
        "by_id": actor.person_id,
        "by_name": actor.name,
    }


def _may_read(db: Connection, branch_id: UUID, *, actor: Actor) -> bool:
    path = db.execute(text("SELECT path FROM organisations WHERE id = :id"), {"id": branch_id}).scalar_one()
    return actor.may("read_dues", organisation=path)


def _must_hold(db: Connection, branch_id: UUID, amount_fen: int) -> None:
    """Raise DuesCashShort unless the branch, whose book is locked, holds so much."""
    cash = db.execute(
        text("SELECT cash_fen FROM dues_books WHERE branch_id = :branch"), {"branch": branch_id}
    ).scalar_one()
    if cash < amount_fen:
        raise DuesCashShort(cash=yuan(cash))


def hand_up(db: Connection, *, asked: HandUpDues, actor: Actor, at: datetime) -> DuesHandedUp:
    """Write down what the branch handed to the committee above.

    Raises NotFound, Forbidden, TokenTooOld, NotABranch, NothingAssessed, DuesMonthClosed, DuesCashShort, InvalidInput.
    """
    path_the_actor_may(db, "collect_dues", asked.organisation_id, actor=actor)
    actor.must_be_fresh(at)
    must_keep_dues(db, asked.organisation_id)
    if asked.handed_on > clock.today(at):
        raise InvalidInput({"handed_on": ["This day has not come yet."]})
    open_from = lock_book(db, asked.organisation_id)
    if open_from is not None and asked.handed_on < open_from:
        raise DuesMonthClosed(month=said(asked.handed_on))
    _must_hold(db, asked.organisation_id, asked.amount_fen)
    taken = db.execute(
        text("SELECT EXISTS (SELECT FROM dues_hand_ups WHERE branch_id = :branch AND document_number = :number)"),
        {"branch": asked.organisation_id, "number": asked.document_number},
    ).scalar_one()
    if taken:
        raise InvalidInput({"document_number": ["This number was used for another handing up."]})
    db.execute(
        insert(dues_hand_ups).values(
            branch_id=asked.organisation_id,
            amount_fen=asked.amount_fen,
            handed_on=asked.handed_on,
            document_number=asked.document_number,
            recorded_at=at,
            by_id=actor.person_id,
            by_name=actor.name,
        )
    )
    cash = db.execute(
        text("SELECT cash_fen FROM dues_books WHERE branch_id = :branch"), {"branch": asked.organisation_id}
    ).scalar_one()
    return DuesHandedUp(cash_fen=cash)


def close(db: Connection, *, asked: CloseDuesMonth, actor: Actor, at: datetime) -> DuesMonthView:
    """Close a branch's month that is over, as it was read; what is not paid goes on as arrears.

    Raises NotFound, Forbidden, TokenTooOld, NotABranch, NothingAssessed, DuesMonthNotOver, DuesMonthClosed,
    DuesMonthNotNext, DuesChanged.
    """
    path_the_actor_may(db, "close_dues_month", asked.organisation_id, actor=actor)
    actor.must_be_fresh(at)
    must_keep_dues(db, asked.organisation_id)
    month = first_of(asked.month)
    open_from = lock_book(db, asked.organisation_id)
    if open_from is not None and month < open_from:
        raise DuesMonthClosed(month=asked.month)
    if month >= clock.first_of_month(at):
        raise DuesMonthNotOver(month=asked.month)
    following = asked_of.closes_next(db, asked.organisation_id, current=clock.first_of_month(at))
    if following != month:
        raise DuesMonthNotNext(month=said(following or clock.first_of_month(at)))
    now = asked_of.reckoned(db, asked.organisation_id, month)
    if (now.due_fen, now.received_fen, now.arrears_fen) != (asked.due_fen, asked.received_fen, asked.arrears_fen):
        raise DuesChanged()
    figures = {name: getattr(now, name) for name in _FIGURES}
    db.execute(
        insert(dues_statements).values(
            branch_id=asked.organisation_id,
            month=month,
            **figures,
            closed_at=at,
            closed_by_id=actor.person_id,
            closed_by=actor.name,
        )
    )
    db.execute(
        text("UPDATE dues_books SET open_from = :next WHERE branch_id = :branch"),
        {"next": next_month(month), "branch": asked.organisation_id},
    )
    return asked_of.month(db, DuesMonthAsked(asked.organisation_id, asked.month), actor=actor, at=at)


_FIGURES: Final = frozenset(
    column.name for column in dues_statements.c if column.name.endswith("_fen") or column.name.startswith("members_")
)


# ---- arrears -----------------------------------------------------------------------------------------------------

_REMIND: Final = text(
    """
    INSERT INTO dues_reminders (person_id, reminded_on, branch_id, months, amount_fen, by_id, by_name)
    SELECT o.person_id, :today, :branch, count(*), sum(o.due_fen), :by_id, :by
    FROM dues_obligations o JOIN members m ON m.person_id = o.person_id
    WHERE o.branch_id = :branch AND o.month < :current AND o.payment_id IS NULL AND o.due_fen > 0
      AND (:everybody OR o.person_id = ANY(CAST(:persons AS uuid[])))
    GROUP BY o.person_id
    ON CONFLICT DO NOTHING
    """
)


def remind(db: Connection, *, asked: RemindDues, actor: Actor, at: datetime) -> DuesReminded:
    """Remind members of a branch of what they owe for months that are over: it stands on their own page of dues.

    Raises NotFound, Forbidden, NotABranch.
    """
    path_the_actor_may(db, "remind_dues", asked.organisation_id, actor=actor)
    must_keep_dues(db, asked.organisation_id)
    reminded = db.execute(
        _REMIND,
        {
            "branch": asked.organisation_id,
            "today": clock.today(at),
            "current": clock.first_of_month(at),
            "persons": list(asked.person_ids),
            "everybody": not asked.person_ids,
            "by_id": actor.person_id,
            "by": actor.name,
        },
    )
    return DuesReminded(reminded.rowcount)


def note(db: Connection, *, asked: NoteDuesArrears, actor: Actor, at: datetime) -> DuesNoted:
    """Write down what the branch did about a member's arrears; an accepted reason begins the count of months anew.

    Raises NotFound, Forbidden, NothingInArrears.
    """
    place = place_the_actor_may(db, "remind_dues", asked.person_id, actor=actor)
    owes = db.execute(
        text(
            "SELECT EXISTS (SELECT FROM dues_obligations WHERE person_id = :person AND month < :current"
            " AND payment_id IS NULL AND due_fen > 0)"
        ),
        {"person": asked.person_id, "current": clock.first_of_month(at)},
    ).scalar_one()
    if not owes:
        raise NothingInArrears()
    db.execute(
        insert(dues_notes).values(
            person_id=asked.person_id,
            branch_id=place.branch_id,
            has_reason=asked.has_reason,
            note=asked.note,
            noted_on=clock.today(at),
            by_id=actor.person_id,
            by_name=actor.name,
        )
    )
    return DuesNoted(in_a_row(db, asked.person_id, current=clock.first_of_month(at)) >= MARK_MONTHS)
