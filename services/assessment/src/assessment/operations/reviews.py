"""Annual reviews of secretaries (A13), step by step; see domain/reviews.py.

Whoever moves a review holds its row, and moves it by one statement that names the states it may come from: of two that
come together one is refused. Nobody conducts or decides their own review.
"""

from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor
from chassis.files import DOCX, PDF, FileStore, store_in
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.reviews import (
    REVIEW_FILES_FOLDER,
    AcknowledgeReview,
    CancelReview,
    CommentOnReview,
    CorrectGrade,
    DecideGrade,
    HandInReview,
    OpenReviews,
    ProposeGrade,
    PublishReview,
    RecordReviewCheck,
    ReviewsOpenedView,
    ReviewView,
    SendReviewBack,
    SendReviewUp,
)
from contracts.envelope import plain
from sqlalchemy import Connection, Row, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_or

from assessment.domain import reviews as rules
from assessment.domain.reviews import MOVES
from assessment.operations import notices
from assessment.operations.moves import Machine
from assessment.operations.review_consequences import settle
from assessment.queries import compliance
from assessment.queries import reviews as shown
from assessment.queries.organisations import organisation_named
from assessment.queries.post_holders import secretaries_on
from assessment.queries.review_facts import kept
from assessment.queries.review_rules import rule_on
from assessment.queries.scopes import must_be_none_of
from assessment.tables.organisations import organisations
from assessment.tables.reviews import review_checks, review_comments, review_steps, reviews

FILE_TYPES: Final = (PDF, DOCX)


class ReviewNotMovable(Refusal):
    """This review is {state}; it cannot be {move} any more."""


class OwnReview(Refusal):
    """Nobody conducts or decides their own review; somebody else of the superior does."""


class NotYourReview(Refusal):
    """Only the secretary who is reviewed does this."""


class YearNotReviewed(Refusal):
    """The year {year} is not over for anybody yet; its reviews are opened from {from_day} on."""


class CheckMissing(Refusal):
    """Record the field check first; its marks are part of the score."""


class GradeCapped(Refusal):
    """A {card} card of the year leaves {cap} at best, also when it was cleared."""


MACHINE: Final = Machine(reviews, MOVES, ReviewNotMovable, steps=review_steps, row_id="review_id")


def store() -> FileStore:
    """Return the folder of the file store in which the files of reports stand."""
    return store_in(REVIEW_FILES_FOLDER)


def referred(db: Connection) -> set[str]:
    """Return the files that reports refer to."""
    rows = db.scalars(select(reviews.c.report_file["sha256"].astext).where(reviews.c.report_file.is_not(None)))
    return set(rows)


def open_year(db: Connection, *, asked: OpenReviews, actor: Actor, at: datetime) -> ReviewsOpenedView:
    """Open the reviews of all secretaries directly below an organisation, in one statement; those there stay.

    Reviewed is who holds the post on the year's last day, or today before that. Raises NotFound, Forbidden,
    YearNotReviewed before the last quarter of the year.
    """
    above = organisation_named(db, asked.organisation_id)
    if above is None:
        raise NotFound()
    actor.must("open_reviews", organisation=above.path)
    today = clock.today(at)
    first_day = date(asked.year, 10, 1)
    if today < first_day:
        raise YearNotReviewed(year=asked.year, from_day=first_day.isoformat())
    last = date(asked.year, 12, 31)
    below = db.execute(
        select(organisations)
        .where(
            organisations.c.parent_id == above.id,
            organisations.c.is_external.is_(False),
            organisations.c.dissolved.is_(False),
        )
        .order_by(organisations.c.path)
    ).all()
    leaders = secretaries_on(db, [one.id for one in below], min(today, last))
    report_by = today + timedelta(days=rule_on(db, today).numbers.report_days)
    rows = [
        {
            "id": uuid4(),
            "organisation_id": one.id,
            "superior_id": above.id,
            "year": asked.year,
            "post_kind": rules.post_kind(kind=one.kind, field=one.field),
            "member_id": leader.member_id,
            "secretary_name": leader.name,
            "from_day": max(leader.from_day, date(asked.year, 1, 1)),
            "until_day": min(leader.until_day - timedelta(days=1), last) if leader.until_day else last,
            "report_by": report_by,
            "opened_at": at,
            "opened_by_id": actor.person_id,
            "opened_by": actor.name,
        }
        for one in below
        if (leader := leaders.get(one.id)) is not None
    ]
    opened: list[UUID] = []
    if rows:
        new = insert_or(reviews).on_conflict_do_nothing().returning(reviews.c.id)
        opened = list(db.execute(new, rows).scalars())
    told = [row for row in rows if row["id"] in set(opened)]
    notices.tell_many(
        db,
        kind="review_opened",
        at=at,
        told=[
            {
                "organisation_id": row["organisation_id"],
                "subject_id": row["id"],
                "facts": {"year": row["year"], "report_by_on": row["report_by"]},
            }
            for row in told
        ],
    )
    return ReviewsOpenedView(
        year=asked.year,
        opened=len(opened),
        without_secretary=[one.name for one in below if one.id not in leaders],
    )


def hand_in(db: Connection, files: FileStore, *, asked: HandInReview, actor: Actor, at: datetime) -> ReviewView:
    """Hand in one's report; what is counted is kept beside it as it stands.

    Raises NotFound, NotYourReview, Forbidden, ReviewNotMovable; InvalidInput for a file that is not stored.
    """
    row = shown.row_of(db, asked.review_id, locked=True)
    _must_be_own(row, actor=actor)
    if asked.file is not None and (asked.file.media_type not in FILE_TYPES or not files.holds(asked.file)):
        raise InvalidInput({"file": ["No file of this name is stored."]})
    written: dict[str, Any] = {"report": asked.report, "facts": kept(shown.facts_now(db, row)), "handed_in_at": at}
    if asked.file is not None:
        written["report_file"] = plain(asked.file)
    MACHINE.move(db, row.id, "hand_in", actor=actor, at=at, **written)
    _tell_superior(db, row, "review_handed_in", at=at)
    return _seen(db, row.id, actor=actor, at=at)


def send_back(db: Connection, *, asked: SendReviewBack, actor: Actor, at: datetime) -> ReviewView:
    """Give a report back to be written better. Raises NotFound, Forbidden, OwnReview, ReviewNotMovable."""
    row = conducted(db, asked.review_id, actor=actor)
    MACHINE.move(db, row.id, "send_back", actor=actor, at=at, kept={"reason": asked.reason})
    _tell_secretary(db, row, "review_sent_back", at=at, occasion=str(row.version), facts={"reason": asked.reason})
    return _seen(db, row.id, actor=actor, at=at)


def cancel(db: Connection, *, asked: CancelReview, actor: Actor, at: datetime) -> ReviewView:
    """End a review without a grade. Raises NotFound, Forbidden, OwnReview, ReviewNotMovable."""
    row = conducted(db, asked.review_id, actor=actor)
    MACHINE.move(db, row.id, "cancel", actor=actor, at=at, kept={"reason": asked.reason})
    return _seen(db, row.id, actor=actor, at=at)


def check(db: Connection, *, asked: RecordReviewCheck, actor: Actor, at: datetime) -> ReviewView:
    """Record a field check. Raises NotFound, Forbidden, OwnReview, ReviewNotMovable; InvalidInput for a day to come."""
    row = conducted(db, asked.review_id, actor=actor)
    if row.state not in (rules.HANDED_IN, rules.VOTING, rules.VOTED):
        raise ReviewNotMovable(state=row.state, move="check")
    if asked.checked_on > clock.today(at):
        raise InvalidInput({"checked_on": ["This day has not come yet."]})
    of = {name: getattr(asked, name) for name in RecordReviewCheck.__dataclass_fields__}
    db.execute(insert(review_checks).values(id=uuid4(), **of, at=at, by_id=actor.person_id, by_name=actor.name))
    return _seen(db, row.id, actor=actor, at=at)


def comment(db: Connection, *, asked: CommentOnReview, actor: Actor, at: datetime) -> ReviewView:
    """Comment on a report. Raises NotFound, Forbidden, OwnReview, ReviewNotMovable."""
    row = conducted(db, asked.review_id, actor=actor)
    if row.state not in (rules.HANDED_IN, rules.VOTING, rules.VOTED):
        raise ReviewNotMovable(state=row.state, move="comment")
    _write_comment(db, row.id, asked.text, actor=actor, at=at)
    return _seen(db, row.id, actor=actor, at=at)


def propose(db: Connection, *, asked: ProposeGrade, actor: Actor, at: datetime) -> ReviewView:
    """Give the superior's marks and word; the rule in force proposes the grade, with the year's card as it stands.

    Raises NotFound, Forbidden, OwnReview, CheckMissing, ReviewNotMovable.
    """
    row = conducted(db, asked.review_id, actor=actor)
    MACHINE.must_allow(row, "propose")
    of = review_checks.c
    field = db.scalar(select(of.score).where(of.review_id == row.id).order_by(of.at.desc(), of.id).limit(1))
    if field is None:
        raise CheckMissing()
    rule = rule_on(db, clock.today(at))
    card = shown.card_of(db, row)
    facts = row.facts
    tenths = {
        "superior": 10 * asked.score,
        "field": 10 * field,
        "visits": min(1000, facts["visit_months"] * 1000 // 12),
    }
    if facts["round_score"] is not None:
        tenths["rounds"] = round(10 * facts["round_score"])
    # A component that counts check-ins is called so; the compliance switch takes it out of every score.
    counted = compliance.scored_kinds(db, rules.COMPONENTS, at=at)
    proposal = rules.propose(
        rule.grades,
        votes={one.kind: one.number for one in shown.votes_of(db, row.id)},
        tenths=tenths,
        card=card,
        counted=counted,
    )
    cap = rules.cap_of(card)
    _write_comment(db, row.id, asked.comment, actor=actor, at=at)
    MACHINE.move(
        db,
        row.id,
        "propose",
        actor=actor,
        at=at,
        kept={"grade": proposal.grade},
        superior_score=asked.score,
        score=proposal.tenths / 10,
        parts={
            "parts": [
                {"component": one.component, "tenths": one.tenths, "weight": one.weight} for one in proposal.parts
            ],
            "grade_of_score": proposal.grade_of_score,
            "because": list(proposal.because),
        },
        rule_from=rule.effective_from,
        card=card,
        cap=None if cap == rules.GOOD else cap,
        proposed_grade=proposal.grade,
        grade=None,
        reason=None,
        decided_at=None,
        decided_by_id=None,
        decided_by=None,
        sent_up_on=None,
        sent_up_number=None,
    )
    return _seen(db, row.id, actor=actor, at=at)


def decide(db: Connection, *, asked: DecideGrade, actor: Actor, at: datetime) -> ReviewView:
    """Decide the grade and say why; the card of the year caps it.

    Raises NotFound, Forbidden, OwnReview, GradeCapped, ReviewNotMovable.
    """
    row = decided(db, asked.review_id, actor=actor)
    _grade(db, row, "decide", asked, actor=actor, at=at)
    return _seen(db, row.id, actor=actor, at=at)


def send_up(db: Connection, *, asked: SendReviewUp, actor: Actor, at: datetime) -> ReviewView:
    """Write down that the result was reported to the next level. Raises NotFound, Forbidden, OwnReview,
    ReviewNotMovable; InvalidInput for a day to come."""
    row = decided(db, asked.review_id, actor=actor)
    if asked.sent_up_on > clock.today(at):
        raise InvalidInput({"sent_up_on": ["This day has not come yet."]})
    written: dict[str, Any] = {"sent_up_on": asked.sent_up_on, "sent_up_number": asked.document_number}
    MACHINE.move(db, row.id, "send_up", actor=actor, at=at, **written)
    return _seen(db, row.id, actor=actor, at=at)


def publish(db: Connection, *, asked: PublishReview, actor: Actor, at: datetime) -> ReviewView:
    """Feed the result back down; from now on it is frozen, what follows from it stands, and the secretary is told.

    Raises NotFound, Forbidden, OwnReview, ReviewNotMovable; GradeCapped when a card came meanwhile.
    """
    row = decided(db, asked.review_id, actor=actor)
    MACHINE.must_allow(row, "publish")
    capped = _capped(db, row, row.grade)
    told = {"grade": row.grade}
    MACHINE.move(db, row.id, "publish", actor=actor, at=at, kept=told, published_on=clock.today(at), **capped)
    settle(db, member_id=row.member_id, post_kind=row.post_kind, year=row.year, at=at)
    _tell_secretary(db, row, "review_published", at=at, occasion=str(row.version), facts={"grade": row.grade})
    return _seen(db, row.id, actor=actor, at=at)


def acknowledge(db: Connection, *, asked: AcknowledgeReview, actor: Actor, at: datetime) -> ReviewView:
    """Take note of the result as its secretary. Raises NotFound, NotYourReview, Forbidden, ReviewNotMovable."""
    row = shown.row_of(db, asked.review_id, locked=True)
    _must_be_own(row, actor=actor)
    MACHINE.move(db, row.id, "acknowledge", actor=actor, at=at, acknowledged_at=at, word=asked.word)
    return _seen(db, row.id, actor=actor, at=at)


def correct(db: Connection, *, asked: CorrectGrade, actor: Actor, at: datetime) -> ReviewView:
    """Correct a published grade and say why; what follows is worked out anew, of later years too.

    Raises NotFound, Forbidden, OwnReview, GradeCapped, ReviewNotMovable.
    """
    row = decided(db, asked.review_id, actor=actor)
    _grade(db, row, "correct", asked, actor=actor, at=at, acknowledged_at=None, word=None)
    settle(db, member_id=row.member_id, post_kind=row.post_kind, year=row.year, at=at)
    _tell_secretary(db, row, "review_corrected", at=at, occasion=str(row.version), facts={"grade": asked.grade})
    return _seen(db, row.id, actor=actor, at=at)


# ---- what every step does ------------------------------------------------------------------------------------------


def conducted(db: Connection, review_id: UUID, *, actor: Actor) -> Row[Any]:
    """Return the locked review that the actor conducts for the superior. Raises NotFound, Forbidden, OwnReview."""
    return _of_the_superior(db, review_id, "conduct_review", actor=actor)


def decided(db: Connection, review_id: UUID, *, actor: Actor) -> Row[Any]:
    """Return the locked review that the actor decides on. Raises NotFound, Forbidden, OwnReview."""
    return _of_the_superior(db, review_id, "decide_review", actor=actor)


def _of_the_superior(db: Connection, review_id: UUID, action: str, *, actor: Actor) -> Row[Any]:
    row = shown.row_of(db, review_id, locked=True)
    actor.must(action, organisation=row.superior_path)
    if row.member_id == actor.person_id:
        raise OwnReview()
    must_be_none_of(db, actor, organisation_id=row.organisation_id, path=row.path)
    return row


def _must_be_own(row: Row[Any], *, actor: Actor) -> None:
    if row.member_id != actor.person_id:
        raise NotYourReview()
    actor.must("hand_in_review", organisation=row.path)


def _grade(
    db: Connection,
    row: Row[Any],
    move: str,
    asked: DecideGrade | CorrectGrade,
    *,
    actor: Actor,
    at: datetime,
    **columns: Any,
) -> None:
    """Decide or correct the grade, with who did and why. Raises GradeCapped, ReviewNotMovable."""
    MACHINE.must_allow(row, move)
    given = {"grade": asked.grade, "reason": asked.reason}
    who = {"decided_at": at, "decided_by_id": actor.person_id, "decided_by": actor.name}
    capped = _capped(db, row, asked.grade)
    MACHINE.move(db, row.id, move, actor=actor, at=at, kept=given, **given, **who, **capped, **columns)


def _capped(db: Connection, row: Row[Any], grade: str) -> dict[str, Any]:
    """Return card and cap as they stand now; raises GradeCapped for a grade that is better."""
    card = shown.card_of(db, row)
    cap = rules.cap_of(card)
    if card is not None and rules.is_better(grade, cap):
        raise GradeCapped(card=card, cap=cap)
    return {"card": card, "cap": None if cap == rules.GOOD else cap}


def _write_comment(db: Connection, review_id: UUID, text: str, *, actor: Actor, at: datetime) -> None:
    db.execute(
        insert(review_comments).values(
            id=uuid4(), review_id=review_id, text=text, at=at, by_id=actor.person_id, by_name=actor.name
        )
    )


def _tell_superior(db: Connection, row: Row[Any], kind: str, *, at: datetime) -> None:
    facts = {"name": row.secretary_name, "organisation": row.organisation_name, "year": row.year}
    notices.tell(
        db,
        kind=kind,
        subject_id=row.id,
        at=at,
        organisation_id=row.superior_id,
        facts=facts,
        occasion=str(row.version),
    )


def _tell_secretary(
    db: Connection, row: Row[Any], kind: str, *, at: datetime, occasion: str, facts: dict[str, Any]
) -> None:
    notices.tell(
        db,
        kind=kind,
        subject_id=row.id,
        at=at,
        person_id=row.member_id,
        facts={"year": row.year, **facts},
        occasion=occasion,
    )


def _seen(db: Connection, review_id: UUID, *, actor: Actor, at: datetime) -> ReviewView:
    return shown.view_of(db, shown.row_of(db, review_id), actor=actor, at=at)
