"""Supervision slips: opened by a red light at once, issued by hand, answered, judged, escalated (A5).

A number is taken last: whoever holds the counter's row waits for nobody any more.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor
from chassis.files import FileStore, store_in
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.evidence import EVIDENCE_KEPT
from contracts.assessment.slips import (
    AcceptReply,
    IssueSlip,
    ReplyToSlip,
    ReturnReply,
    SlipAsked,
    SlipView,
    WithdrawSlip,
)
from contracts.assessment.supervision import EVIDENCE_FOLDER
from contracts.envelope import plain
from sqlalchemy import Connection, Row, exists, insert, select, text

from assessment.domain.months import Month
from assessment.domain.slips import LEVEL_MAX, MOVES
from assessment.operations import notices
from assessment.operations.document_numbers import take_number
from assessment.operations.moves import Machine
from assessment.queries import slips as shown
from assessment.queries.organisations import organisation_named
from assessment.queries.post_holders import posts_on, secretary_on
from assessment.queries.scopes import acting_for, member_named, must_judge, places_for
from assessment.queries.standing_lights import READINGS, SECRETARY, light_of
from assessment.queries.supervision_rules import rules_on
from assessment.tables.cards import cards
from assessment.tables.problems import problems
from assessment.tables.slips import slip_steps, slips

DUE_WITHIN: Final = timedelta(days=366)
BATCH: Final = 500
PLATFORM: Final = "platform"


class SlipNotMovable(Refusal):
    """This slip is {state}; it cannot be {move} any more."""


class OwnReply(Refusal):
    """Whoever answered a slip does not judge the answer; somebody else does."""


MACHINE: Final = Machine(slips, MOVES, SlipNotMovable, steps=slip_steps, row_id="slip_id")


def store() -> FileStore:
    """Return the part of the file store in which the files of replies stand."""
    return store_in(EVIDENCE_FOLDER)


# ---- opened by a red light ---------------------------------------------------------------------------------------

_WITHOUT: Final = text("""
SELECT b.id, coalesce(p.id, b.id) AS issuer_id
  FROM organisations b LEFT JOIN organisations p ON p.id = b.parent_id
 WHERE b.id = ANY(CAST(:branches AS uuid[]))
   AND NOT EXISTS (SELECT FROM slips s WHERE s.branch_id = b.id AND s.month = :month AND s.subject_kind = 'light'
                                         AND s.issued_by_id IS NULL)
""")
_COUNTERS: Final = text("""
INSERT INTO document_numbers (issuer_id, series, year, last)
SELECT issuer, 'slip', :year, 0 FROM unnest(CAST(:issuers AS uuid[])) AS issuer ORDER BY issuer
ON CONFLICT DO NOTHING
""")
_LOCK: Final = text("""
SELECT issuer_id FROM document_numbers
 WHERE series = 'slip' AND year = :year AND issuer_id = ANY(CAST(:issuers AS uuid[])) ORDER BY issuer_id FOR UPDATE
""")
# With the counters locked nobody else opens slips of these issuers: who has none now gets the next number.
_OPEN: Final = text(f"""
INSERT INTO slips (issuer_id, issuer_name, year, number, branch_id, subject_kind, subject, month, readings, demand,
                   person_id, person_name, issued_at, due_on)
SELECT i.id, i.name, :year,
       n.last + row_number() OVER (PARTITION BY i.id ORDER BY b.path, b.id), b.id, 'light', :subject, :month,
       jsonb_path_query_array({READINGS}, '$[*] ? (@.light == "red")'), :demand,
       y.id, y.name, :at, :due_on
  FROM organisations b
  LEFT JOIN LATERAL ({SECRETARY}) y ON true
  JOIN lights l ON l.branch_id = b.id AND l.month = :month AND l.light = 'red'
  JOIN organisations i ON i.id = coalesce((SELECT p.id FROM organisations p WHERE p.id = b.parent_id), b.id)
  JOIN document_numbers n ON n.issuer_id = i.id AND n.series = 'slip' AND n.year = :year
 WHERE b.id = ANY(CAST(:branches AS uuid[])) AND i.id = ANY(CAST(:issuers AS uuid[]))
   AND NOT EXISTS (SELECT FROM slips s WHERE s.branch_id = b.id AND s.month = :month AND s.subject_kind = 'light'
                                         AND s.issued_by_id IS NULL)
RETURNING id, branch_id, issuer_id, year, number, due_on, subject,
          (SELECT o.name FROM organisations o WHERE o.id = slips.branch_id) AS branch_name
""")  # noqa: S608 - constants
_COUNTED: Final = text("""
UPDATE document_numbers n SET last = s.last
  FROM (SELECT issuer_id, max(number) AS last FROM slips
         WHERE year = :year AND issuer_id = ANY(CAST(:issuers AS uuid[])) GROUP BY issuer_id) s
 WHERE n.issuer_id = s.issuer_id AND n.series = 'slip' AND n.year = :year
""")


def open_for_red(db: Connection, branch_ids: Sequence[UUID], *, month: Month, at: datetime) -> int:
    """Open the slips of branches whose light of the month has just been written red, once for each branch and month.

    In the transaction that writes the light, which holds the branches. The organisation above a branch issues its
    slip. A month before the last one opens none any more. Returns how many were opened.
    """
    if not branch_ids or month < Month.at(at).previous:
        return 0
    without = db.execute(_WITHOUT, {"branches": list(branch_ids), "month": str(month)}).all()
    if not without:
        return 0
    today = clock.today(at)
    about = {
        "branches": [row.id for row in without],
        "issuers": sorted({row.issuer_id for row in without}),
        "year": today.year,
        "month": str(month),
    }
    db.execute(_COUNTERS, about)
    db.execute(_LOCK, about)
    opened = db.execute(
        _OPEN,
        {
            **about,
            "subject": f"{month.year}年{month.number}月红灯",
            "demand": "查明亮红灯的原因，完成未完成的任务，并写明整改措施和完成情况。",
            "at": at,
            "today": today,
            "due_on": today + timedelta(days=rules_on(db, today).slip_days),
        },
    ).all()
    db.execute(_COUNTED, about)
    _begin(db, opened, by=None, at=at)
    return len(opened)


# ---- issued by hand ----------------------------------------------------------------------------------------------


def issue(db: Connection, *, asked: IssueSlip, actor: Actor, at: datetime) -> SlipView:
    """Issue a slip to a branch and a person. Raises NotFound, Forbidden, InvalidInput."""
    branch = organisation_named(db, asked.branch_id)
    if branch is None or branch.is_external or branch.dissolved:
        raise NotFound()
    actor.must("issue_slip", branch=branch.path)
    today = clock.today(at)
    secretary = secretary_on(db, branch.id, today)
    person_id = asked.person_id or (secretary.member_id if secretary else branch.secretary_id)
    # Whoever is named reads and answers the slip: somebody below the issuer's own place.
    within = places_for(actor, "issue_slip") if asked.person_id else None
    person_name = member_named(db, person_id, below=within) if person_id else None
    if person_name is None:  # a post may be held by a member of a branch elsewhere, of whose roll nothing was told
        person_name = next((one.name for one in posts_on(db, branch.id, today) if one.member_id == person_id), None)
    faults = _day_faults(asked.due_on, today=today)
    if asked.person_id and person_name is None:
        faults["person_id"] = ["Nobody of this id is a member of a branch here."]
    about = {"card": cards, "problem": problems}.get(asked.subject_kind)
    if about is not None:
        known = (about.c.id == asked.subject_id, about.c.organisation_id == branch.id)
        if asked.subject_id is None:
            faults["subject_id"] = ["Missing data for required field."]
        elif not db.scalar(select(exists().where(*known))):
            faults["subject_id"] = ["This organisation has no card or problem of this id."]
    if faults:
        raise InvalidInput(faults)
    month = (asked.month or str(Month.at(at))) if asked.subject_kind == "light" else asked.month
    light = light_of(db, branch.id, Month.named(month)) if asked.subject_kind == "light" and month else None
    issuer = acting_for(db, actor, "issue_slip", path=branch.path) or branch
    slip_id = uuid4()
    issued = db.execute(
        insert(slips)
        .values(
            id=slip_id,
            issuer_id=issuer.id,
            issuer_name=issuer.name,
            year=today.year,
            number=take_number(db, issuer_id=issuer.id, series="slip", year=today.year),
            branch_id=branch.id,
            subject_kind=asked.subject_kind,
            subject_id=asked.subject_id,
            subject=asked.subject,
            month=month,
            readings=[one for one in light.readings if one["light"] != "green"] if light else [],
            demand=asked.demand,
            person_id=person_id,
            person_name=person_name,
            issued_at=at,
            issued_by_id=actor.person_id,
            issued_by=actor.name,
            due_on=asked.due_on,
        )
        .returning(slips)
    ).one()
    facts = _Issued(issued, branch.name)
    tells_person = person_id if person_id != branch.secretary_id else None
    _begin(db, [facts], by=actor, at=at, person_id=tells_person)
    return shown.slip(db, asked=SlipAsked(slip_id), actor=actor, at=at)


# ---- answered and judged -----------------------------------------------------------------------------------------


def reply(db: Connection, files: FileStore, *, asked: ReplyToSlip, actor: Actor, at: datetime) -> SlipView:
    """Answer a slip, with the files that show it.

    Raises NotFound, Forbidden, SlipNotMovable; InvalidInput for a file that is not stored or of another kind.
    """
    row = shown.slip_for(db, asked.slip_id, "reply_to_slip", actor=actor)
    faults = {
        f"files.{number}": ["No file of this name is stored."]
        for number, one in enumerate(asked.files)
        if one.media_type not in EVIDENCE_KEPT or not files.holds(one)
    }
    if faults:
        raise InvalidInput(faults)
    kept = {"text": asked.text, "files": plain(asked.files)}
    who = {"replied_by_id": actor.person_id, "replied_by": actor.name}
    version = MACHINE.move(db, row.id, "reply", actor=actor, at=at, kept=kept, **who)
    _tell(db, "slip_replied", row, at=at, organisation_id=row.issuer_id, occasion=str(version))
    return shown.slip(db, asked=SlipAsked(row.id), actor=actor, at=at)


def accept(db: Connection, *, asked: AcceptReply, actor: Actor, at: datetime) -> SlipView:
    """Accept the answer: the slip is closed. Raises NotFound, Forbidden, OwnReply, SlipNotMovable."""
    row = _judged(db, asked.slip_id, actor=actor)
    version = MACHINE.move(db, row.id, "accept", actor=actor, at=at)
    _tell_answerers(db, "slip_closed", row, at=at, occasion=str(version))
    return shown.slip(db, asked=SlipAsked(row.id), actor=actor, at=at)


def give_back(db: Connection, *, asked: ReturnReply, actor: Actor, at: datetime) -> SlipView:
    """Give the answer back until another day. Raises NotFound, Forbidden, OwnReply, SlipNotMovable, InvalidInput."""
    row = _judged(db, asked.slip_id, actor=actor)
    faults = _day_faults(asked.due_on, today=clock.today(at))
    if faults:
        raise InvalidInput(faults)
    kept = {"text": asked.reason, "due_on": asked.due_on}
    version = MACHINE.move(db, row.id, "return", actor=actor, at=at, kept=kept, due_on=asked.due_on, level=0)
    facts = {"reason": asked.reason, "due_on": asked.due_on}
    _tell_answerers(db, "slip_returned", row, at=at, occasion=str(version), **facts)
    return shown.slip(db, asked=SlipAsked(row.id), actor=actor, at=at)


def withdraw(db: Connection, *, asked: WithdrawSlip, actor: Actor, at: datetime) -> SlipView:
    """Withdraw a slip; its number stays taken. Raises NotFound, Forbidden, SlipNotMovable."""
    row = shown.slip_for(db, asked.slip_id, "judge_slip", actor=actor)
    must_judge(db, actor, "judge_slip", organisation_id=row.branch_id, path=row.path)
    version = MACHINE.move(db, row.id, "withdraw", actor=actor, at=at, kept={"text": asked.reason})
    _tell_answerers(db, "slip_withdrawn", row, at=at, occasion=str(version), reason=asked.reason)
    return shown.slip(db, asked=SlipAsked(row.id), actor=actor, at=at)


# ---- escalated ---------------------------------------------------------------------------------------------------

_ESCALATE: Final = text("""
WITH late AS (
    SELECT s.id, least(:most, 1 + (CAST(:today AS date) - s.due_on - 1) / :every) AS level, s.level AS told
      FROM slips s
     WHERE s.state IN ('issued', 'returned') AND s.due_on < :today
       AND s.level < least(:most, 1 + (CAST(:today AS date) - s.due_on - 1) / :every)
     ORDER BY s.id LIMIT :batch FOR UPDATE SKIP LOCKED
), moved AS (
    UPDATE slips s SET level = late.level, version = s.version + 1 FROM late WHERE s.id = late.id
    RETURNING s.id, s.version, s.state, s.level, late.told, s.branch_id, s.person_id, s.year, s.number, s.due_on
), kept AS (
    INSERT INTO slip_steps (slip_id, version, move, state, at, level, by_name)
    SELECT id, version, 'escalate', state, :at, level, :platform FROM moved
)
SELECT m.*, b.name AS branch_name, b.path, b.secretary_id FROM moved m JOIN organisations b ON b.id = m.branch_id
""")
_AT_PATHS: Final = text("SELECT id, path FROM organisations WHERE path = ANY(:paths)")


def escalate(db: Connection, *, at: datetime, batch: int = BATCH) -> int:
    """Tell those above of slips that are not answered, one level more for every few days; returns of how many.

    On the first day after its day the branch, the person and the organisation above hear of it.
    """
    today = clock.today(at)
    late = db.execute(
        _ESCALATE,
        {
            "today": today,
            "every": rules_on(db, today).escalate_days,
            "most": LEVEL_MAX,
            "batch": batch,
            "at": at,
            "platform": PLATFORM,
        },
    ).all()
    above = {row.id: _above(row.path) for row in late}
    paths = sorted({path for row in late for path in above[row.id][row.told : row.level]})
    ids = {row.path: row.id for row in db.execute(_AT_PATHS, {"paths": paths})}
    told: list[dict[str, Any]] = []
    for row in late:
        facts = _facts(row)
        heard = {"subject_id": row.id, "facts": facts, "occasion": f"{row.version}"}
        if row.told == 0:
            told.append({**heard, "organisation_id": row.branch_id})
            if row.person_id and row.person_id != row.secretary_id:
                told.append({**heard, "person_id": row.person_id})
        told += [{**heard, "organisation_id": ids[path]} for path in above[row.id][row.told : row.level] if path in ids]
    notices.tell_many(db, kind="slip_overdue", at=at, told=told)
    return len(late)


def _above(path: str) -> list[str]:
    """Return the nodes above one, the nearest first."""
    parts = path.split(".")
    return [".".join(parts[:number]) for number in range(len(parts) - 1, 0, -1)]


# ---- what the moves share ----------------------------------------------------------------------------------------


class _Issued:
    """A slip that was issued, with what its notice names."""

    def __init__(self, row: Row[Any], branch_name: str) -> None:
        self.id, self.branch_id, self.due_on, self.subject = row.id, row.branch_id, row.due_on, row.subject
        self.year, self.number, self.branch_name = row.year, row.number, branch_name


def _begin(
    db: Connection, issued: Sequence[Any], *, by: Actor | None, at: datetime, person_id: UUID | None = None
) -> None:
    """Keep the first step of slips and tell their branches, and a person who is not the branch's secretary."""
    if not issued:
        return
    who = {"by_id": by.person_id if by else None, "by_name": by.name if by else PLATFORM}
    first = {"version": 1, "move": "issue", "state": "issued", "at": at, **who}
    db.execute(insert(slip_steps), [{"slip_id": row.id, "due_on": row.due_on, **first} for row in issued])
    told = [{"subject_id": row.id, "facts": _facts(row, subject=row.subject)} for row in issued]
    whom: list[dict[str, Any]] = [
        {**one, "organisation_id": row.branch_id} for one, row in zip(told, issued, strict=True)
    ]
    if person_id:
        whom += [{**one, "person_id": person_id} for one in told]
    notices.tell_many(db, kind="slip_issued", at=at, told=whom)


def _judged(db: Connection, slip_id: UUID, *, actor: Actor) -> Row[Any]:
    row = shown.slip_for(db, slip_id, "judge_slip", actor=actor)
    must_judge(db, actor, "judge_slip", organisation_id=row.branch_id, path=row.path)
    if row.state == "replied" and row.replied_by_id == actor.person_id:
        raise OwnReply()
    return row


def _facts(row: Any, **more: Any) -> dict[str, Any]:
    number = shown.number_of(row.year, row.number)
    return {"number": number, "branch": row.branch_name, "due_on": row.due_on, **more}


def _tell(db: Connection, kind: str, row: Row[Any], *, at: datetime, occasion: str, **how: Any) -> None:
    whom = {name: how.pop(name) for name in ("organisation_id", "person_id") if name in how}
    facts = _facts(row) | how
    notices.tell(db, kind=kind, subject_id=row.id, at=at, occasion=occasion, facts=facts, **whom)


def _tell_answerers(db: Connection, kind: str, row: Row[Any], *, at: datetime, occasion: str, **facts: Any) -> None:
    """Tell the branch, and the person who was named if that is not its secretary."""
    _tell(db, kind, row, at=at, occasion=occasion, organisation_id=row.branch_id, **facts)
    if row.person_id and row.person_id != row.secretary_id:
        _tell(db, kind, row, at=at, occasion=occasion, person_id=row.person_id, **facts)


def _day_faults(due_on: date, *, today: date) -> dict[str, list[str]]:
    if today <= due_on <= today + DUE_WITHIN:
        return {}
    return {"due_on": ["The day lies between today and a year from now."]}
