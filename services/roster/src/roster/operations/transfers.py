"""A member goes to another branch (R3): one branch issues the letter, the other confirms, and until then nothing moves.

Each answer is one compare-and-set on the letter's state, so of two that come together one is told that it is decided.
The locks are taken in one order: the letter, the member, then the branches.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput
from contracts.roster.transfers import (
    ConfirmTransfer,
    IssueTransfer,
    RefuseTransfer,
    TransferView,
    WithdrawTransfer,
)
from sqlalchemy import Connection, Row, text
from sqlalchemy.dialects.postgresql import insert

from roster.domain.members import NotAMember, check_day
from roster.domain.periods import months_after
from roster.domain.transfers import (
    EXPIRED,
    ISSUED,
    MOVES,
    LetterExpired,
    LetterNumberTaken,
    SameBranch,
    TransferDecided,
    TransferOpen,
)
from roster.operations.member_records import keep_move, take_out
from roster.operations.members import must_be_a_branch, transfer
from roster.operations.organisations import keep_the_tree
from roster.queries.developments import numbers_on
from roster.queries.places import place_the_actor_may
from roster.queries.transfers import one, transfer_the_actor_may
from roster.tables.transfers import transfers

PART: Final = 500

_MEMBER: Final = text("SELECT * FROM members WHERE person_id = :person FOR UPDATE")
_NOTICE: Final = text(
    "INSERT INTO transfer_notices (transfer_id, branch_id, kind, told_at)"
    " SELECT :transfer, branch, :kind, :at FROM unnest(CAST(:branches AS uuid[])) branch WHERE branch IS NOT NULL"
    " ON CONFLICT DO NOTHING"
)


def issue(db: Connection, *, asked: IssueTransfer, actor: Actor, at: datetime) -> TransferView:
    """Issue a member's letter; it holds for the months that the rule names.

    Raises NotFound, Forbidden, NotAMember, NotABranch, SameBranch, TransferOpen, LetterNumberTaken, NotYet,
    InvalidInput.
    """
    keep_the_tree(db)
    place_the_actor_may(db, "issue_transfer", asked.person_id, actor=actor)
    if (asked.to_branch_id is None) == (asked.to_name is None):
        raise InvalidInput({"to_branch_id": ["Name either a branch of the roster or a place outside it."]})
    if asked.to_branch_id is not None:
        must_be_a_branch(db, asked.to_branch_id)
    member = db.execute(_MEMBER, {"person": asked.person_id}).one_or_none()
    if member is None:
        raise NotAMember()
    if member.branch_id == asked.to_branch_id:
        raise SameBranch()
    issued_on = asked.issued_on or clock.today(at)
    check_day(issued_on, since=None, today=clock.today(at))
    expires_on = months_after(issued_on, numbers_on(db, issued_on)["transfer-letter"]["months"])
    if expires_on <= clock.today(at):
        raise LetterExpired(expires_on=expires_on.isoformat())
    number = asked.letter_number.strip()
    transfer_id = uuid4()
    issued = (
        insert(transfers)
        .values(
            id=transfer_id,
            person_id=asked.person_id,
            from_branch_id=member.branch_id,
            to_branch_id=asked.to_branch_id,
            to_name=asked.to_name,
            letter_number=number,
            reason=asked.reason,
            state=ISSUED,
            issued_on=issued_on,
            expires_on=expires_on,
            issued_at=at,
            issued_by_id=actor.person_id,
            issued_by=actor.name,
        )
        .on_conflict_do_nothing()
    )
    if db.execute(issued).rowcount == 0:
        # The database refused it: a letter of this member stands open, or the number is taken.
        is_open = db.execute(
            text("SELECT EXISTS (SELECT FROM transfers WHERE person_id = :person AND state = 'issued')"),
            {"person": asked.person_id},
        ).scalar_one()
        raise TransferOpen() if is_open else LetterNumberTaken(letter_number=number)
    _tell(db, transfer_id, ISSUED, member.branch_id, asked.to_branch_id, at=at)
    keep_move(
        db,
        asked.person_id,
        member.branch_id,
        "transfer_issued",
        on=issued_on,
        reason=asked.reason,
        document_number=number,
        actor=actor,
        at=at,
    )
    return one(db, transfer_id, actor=actor)


def confirm(db: Connection, *, asked: ConfirmTransfer, actor: Actor, at: datetime) -> TransferView:
    """Take the member in, from today on. For a place outside the roster its receipt ends the membership here, and
    somebody else than who issued the letter enters it.

    Raises NotFound, Forbidden, TransferDecided, LetterExpired, NotAMember, InvalidInput.
    """
    keep_the_tree(db)
    found = transfer_the_actor_may(db, "confirm", asked.transfer_id, actor=actor)
    today = clock.today(at)
    if found.to_branch_id is None and not asked.receipt:
        raise InvalidInput({"receipt": ["Give the number of the receipt that came back."]})
    if found.state == ISSUED and found.expires_on <= today:
        raise LetterExpired(expires_on=found.expires_on.isoformat())
    _decide(db, found, "confirm", at=at, by=actor, decision=asked.receipt)
    member = db.execute(_MEMBER, {"person": found.person_id}).one_or_none()
    if member is None:
        raise NotAMember()
    if found.to_branch_id is None:
        take_out(
            db,
            member,
            ended_by="moved_away",
            on=max(today, member.since),
            reason=found.reason,
            document_number=found.letter_number,
            actor=actor,
            at=at,
        )
    else:
        transfer(db, found.person_id, branch_id=found.to_branch_id, at=at)
        keep_move(
            db,
            found.person_id,
            found.to_branch_id,
            "transferred",
            on=today,
            reason=found.reason,
            document_number=found.letter_number,
            actor=actor,
            at=at,
        )
    return one(db, found.id, actor=actor)


def refuse(db: Connection, *, asked: RefuseTransfer, actor: Actor, at: datetime) -> TransferView:
    """Refuse to take the member in; they stay where they are. Raises NotFound, Forbidden, TransferDecided."""
    keep_the_tree(db)
    found = transfer_the_actor_may(db, "refuse", asked.transfer_id, actor=actor)
    _decide(db, found, "refuse", at=at, by=actor, decision=asked.reason)
    return one(db, found.id, actor=actor)


def withdraw(db: Connection, *, asked: WithdrawTransfer, actor: Actor, at: datetime) -> TransferView:
    """Take the letter back. Raises NotFound, Forbidden, TransferDecided."""
    keep_the_tree(db)
    found = transfer_the_actor_may(db, "withdraw", asked.transfer_id, actor=actor)
    _decide(db, found, "withdraw", at=at, by=actor, decision=asked.reason)
    return one(db, found.id, actor=actor)


def expire(db: Connection, *, at: datetime) -> int:
    """End the letters that ran out, tell both branches of each, and return how many; the members stay.

    One that is being confirmed at this moment is left to whoever confirms it.
    """
    keep_the_tree(db)
    due = db.execute(
        text(
            "SELECT * FROM transfers WHERE state = 'issued' AND expires_on <= :today"
            " ORDER BY expires_on, id LIMIT :part FOR UPDATE SKIP LOCKED"
        ),
        {"today": clock.today(at), "part": PART},
    ).all()
    for found in due:
        _decide(db, found, "expire", at=at, by=None, decision=None)
        keep_move(
            db,
            found.person_id,
            found.from_branch_id,
            "transfer_expired",
            on=clock.today(at),
            document_number=found.letter_number,
            actor=None,
            at=at,
        )
    return len(due)


def _decide(
    db: Connection, found: Row[Any], verb: str, *, at: datetime, by: Actor | None, decision: str | None
) -> None:
    """Move the letter out of `issued`, once, and tell both branches; raises TransferDecided, LetterExpired."""
    _, target = MOVES[verb]
    decided = db.execute(
        text(
            "UPDATE transfers SET state = :target, decided_at = :at, decided_by_id = :by_id, decided_by = :by,"
            " decision = :decision, version = version + 1 WHERE id = :id AND state = 'issued'"
        ),
        {
            "target": target,
            "at": at,
            "by_id": by.person_id if by else None,
            "by": by.name if by else None,
            "decision": decision,
            "id": found.id,
        },
    )
    if decided.rowcount == 0:
        now = db.execute(text("SELECT state, expires_on FROM transfers WHERE id = :id"), {"id": found.id}).one()
        if now.state == EXPIRED and verb == "confirm":
            raise LetterExpired(expires_on=now.expires_on.isoformat())
        raise TransferDecided(state=now.state)
    _tell(db, found.id, target, found.from_branch_id, found.to_branch_id, at=at)


def _tell(db: Connection, transfer_id: UUID, kind: str, *branches: UUID | None, at: datetime) -> None:
    db.execute(_NOTICE, {"transfer": transfer_id, "kind": kind, "at": at, "branches": list(branches)})
