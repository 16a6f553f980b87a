"""Bulletins: drafted set-wise from the stored lights, edited, signed by another, numbered, sent, signed for (A5).

The database keeps what is signed from changing; a correction is a bulletin of its own that names the one it corrects.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput, NotFound, PreconditionFailed, Refusal
from contracts.assessment.bulletins import (
    AcknowledgeBulletin,
    BulletinAsked,
    BulletinView,
    DraftBulletin,
    EditBulletin,
    EditBulletinLine,
    SendBulletin,
    SignBulletin,
    WithdrawBulletin,
)
from sqlalchemy import Connection, Row, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from assessment.domain import bulletins as rules
from assessment.domain.bulletins import MOVES, Period
from assessment.domain.months import SHANGHAI, Month
from assessment.operations import notices
from assessment.operations.document_numbers import take_number
from assessment.queries import bulletins as shown
from assessment.queries.followers import ASSESSED, FOLLOWER, IS_BELOW
from assessment.queries.organisations import BRANCHES, counted_at, organisation_named
from assessment.queries.scopes import places_for
from assessment.queries.standing_lights import LIGHTS_OF_MONTH, READINGS
from assessment.tables.bulletins import bulletin_lines, bulletin_steps, bulletins
from assessment.tables.organisations import organisations


class BulletinNotMovable(Refusal):
    """This bulletin is {state}; it cannot be {move} any more."""


class OwnBulletin(Refusal):
    """Whoever drafted a bulletin does not sign it; another person does."""


class BulletinTaken(Refusal):
    """There is a bulletin of this kind and period already, or a correction of it; go on with that one."""


OPENING: Final = "现将有关党支部智能体检情况通报如下："
CLOSING: Final = "请各有关党组织对照原因抓紧整改，按时限报送整改结果。"

# ---- from the data -----------------------------------------------------------------------------------------------

_SLIP: Final = """
SELECT '督办〔' || s.year || '〕' || s.number || '号' AS number, s.state FROM slips s
 WHERE s.branch_id = b.id AND s.month = l.month AND s.subject_kind = 'light' AND s.issued_by_id IS NULL LIMIT 1"""

# The branches of a month by their lights. Words begin with what the assigned person noted last.
_LINES: Final = text(f"""
INSERT INTO bulletin_lines (bulletin_id, position, branch_id, branch_name, above_name, light, months, readings, read_at,
                            is_frozen, follower_name, slip_number, slip_state, cause, plan, plan_on)
SELECT :id, row_number() OVER (ORDER BY b.path, b.id), b.id, b.name, p.name, l.light, ARRAY[l.month],
       jsonb_path_query_array(l.readings, '$[*] ? (@.light != "green")'), l.read_at, l.is_frozen, f.person_name,
       s.number, s.state, u.cause, u.plan, u.plan_on
  FROM ({LIGHTS_OF_MONTH}) l
  JOIN organisations b ON b.id = l.branch_id
  LEFT JOIN organisations p ON p.id = b.parent_id
  LEFT JOIN LATERAL ({FOLLOWER}) f ON true
  LEFT JOIN LATERAL ({_SLIP}) s ON true
  LEFT JOIN LATERAL (SELECT x.cause, x.plan, x.plan_on FROM follow_ups x
                      WHERE x.branch_id = b.id AND x.month = l.month AND (x.cause IS NOT NULL OR x.plan IS NOT NULL)
                      ORDER BY x.at DESC, x.id LIMIT 1) u ON true
 WHERE {ASSESSED} AND {IS_BELOW} AND (:all OR l.light IN ('yellow', 'red'))
""")  # noqa: S608 - constants

# The branches that were red in a frozen month of the quarter, each with all its red months and the last one's reasons.
_QUARTER_LINES: Final = text(f"""
INSERT INTO bulletin_lines (bulletin_id, position, branch_id, branch_name, above_name, light, months, readings, read_at,
                            is_frozen, follower_name, slip_number, slip_state, cause, plan, plan_on)
SELECT :id, row_number() OVER (ORDER BY b.path, b.id), b.id, b.name, p.name, 'red', r.months,
       jsonb_path_query_array({READINGS}, '$[*] ? (@.light == "red")'), l.computed_at, true, f.person_name,
       s.number, s.state, u.cause, u.plan, u.plan_on
  FROM (SELECT branch_id, array_agg(month ORDER BY month) AS months, max(month) AS last FROM lights
         WHERE month = ANY(:months) AND light = 'red' AND frozen_at IS NOT NULL GROUP BY branch_id) r
  JOIN lights l ON l.branch_id = r.branch_id AND l.month = r.last
  JOIN organisations b ON b.id = r.branch_id
  LEFT JOIN organisations p ON p.id = b.parent_id
  LEFT JOIN LATERAL ({FOLLOWER}) f ON true
  LEFT JOIN LATERAL ({_SLIP}) s ON true
  LEFT JOIN LATERAL (SELECT x.cause, x.plan, x.plan_on FROM follow_ups x
                      WHERE x.branch_id = b.id AND x.month = ANY(:months)
                        AND (x.cause IS NOT NULL OR x.plan IS NOT NULL)
                      ORDER BY x.at DESC, x.id LIMIT 1) u ON true
 WHERE {ASSESSED} AND {IS_BELOW}
""")  # noqa: S608

_SAME_LINES: Final = text("""
INSERT INTO bulletin_lines (bulletin_id, position, branch_id, branch_name, above_name, light, months, readings, read_at,
                            is_frozen, follower_name, slip_number, slip_state, cause, plan, plan_on, remark)
SELECT :id, position, branch_id, branch_name, above_name, light, months, readings, read_at,
       is_frozen, follower_name, slip_number, slip_state, cause, plan, plan_on, remark
  FROM bulletin_lines WHERE bulletin_id = :corrects
""")

# The share of green counts the branches that existed on the 25th and were not exempt (precise rule 11).
_COUNTS: Final = text(f"""
SELECT count(*) FILTER (WHERE l.light <> 'exempt') AS branches,
       count(*) FILTER (WHERE l.light = 'exempt') AS exempt,
       count(*) FILTER (WHERE l.light = 'green') AS green,
       count(*) FILTER (WHERE l.light = 'yellow') AS yellow,
       count(*) FILTER (WHERE l.light = 'red') AS red,
       count(*) FILTER (WHERE l.light <> 'exempt' AND b.known_since < :existed) AS counted,
       count(*) FILTER (WHERE l.light = 'green' AND b.known_since < :existed) AS counted_green,
       coalesce(bool_and(l.is_frozen), false) AS is_frozen
  FROM ({LIGHTS_OF_MONTH}) l JOIN organisations b ON b.id = l.branch_id
 WHERE {ASSESSED} AND {IS_BELOW}
""")  # noqa: S608
_PARTS: Final = text(f"""
SELECT coalesce(p.name, b.name) AS name, count(*) FILTER (WHERE l.light <> 'exempt') AS branches,
       count(*) FILTER (WHERE l.light = 'green') AS green, count(*) FILTER (WHERE l.light = 'yellow') AS yellow,
       count(*) FILTER (WHERE l.light = 'red') AS red, count(*) FILTER (WHERE l.light = 'exempt') AS exempt
  FROM ({LIGHTS_OF_MONTH}) l
  JOIN organisations b ON b.id = l.branch_id
  LEFT JOIN organisations p ON p.path = array_to_string((string_to_array(b.path, '.'))[1:CAST(:depth AS integer)], '.')
                           AND p.id <> b.id
 WHERE {ASSESSED} AND {IS_BELOW}
 GROUP BY coalesce(p.path, ''), coalesce(p.name, b.name) ORDER BY coalesce(p.path, ''), name
""")  # noqa: S608
_SLIPS: Final = text(f"""
SELECT count(*) AS opened, count(*) FILTER (WHERE s.state = 'closed') AS closed,
       count(*) FILTER (WHERE s.state IN ('issued', 'returned') AND s.due_on < :today) AS overdue
  FROM slips s JOIN organisations b ON b.id = s.branch_id
 WHERE s.issued_at >= :begins_at AND s.issued_at < :ends_at AND {IS_BELOW}
""")  # noqa: S608
_TALKS: Final = text(f"""
SELECT count(*) AS opened, count(*) FILTER (WHERE t.state = 'held') AS held
  FROM talks t JOIN organisations b ON b.id = t.branch_id
 WHERE t.opened_at >= :begins_at AND t.opened_at < :ends_at AND {IS_BELOW}
""")  # noqa: S608
PARTS_MAX: Final = 200


def draft(db: Connection, *, asked: DraftBulletin, actor: Actor, at: datetime) -> BulletinView:
    """Draft a bulletin from the lights as they are stored.

    Raises NotFound, Forbidden, InvalidInput, BulletinTaken; BulletinNotMovable for a correction of one not sent yet.
    """
    issuer = _issuer(db, asked.organisation_id, actor=actor)
    today = clock.today(at)
    period = rules.period(asked.kind, asked.period)
    corrected = _corrected(db, asked, issuer) if asked.corrects_id else None
    is_past_day = period is not None and asked.kind == rules.DAILY and period.first != today
    if period is None or period.first > today or (is_past_day and corrected is None):
        raise InvalidInput({"period": ["This is no period of which there are data."]})
    bulletin_id = uuid4()
    below = {"paths": [issuer.path]}
    if corrected and is_past_day:  # how branches stood on a day that is over stands in its bulletin alone
        figures, parts = corrected.figures, corrected.parts
    else:
        figures, parts = _figures(db, period, issuer, at=at)
    title = f"关于更正《{corrected.title}》的通报"[:200] if corrected else rules.title(period)
    new = insert_or(bulletins).values(
        id=bulletin_id,
        kind=asked.kind,
        period=asked.period,
        issuer_id=issuer.id,
        issuer_name=issuer.name,
        title=title,
        opening=OPENING,
        closing=CLOSING,
        figures=figures,
        parts=parts,
        as_of=at,
        year=today.year,
        corrects_id=asked.corrects_id,
        drafted_by_id=actor.person_id,
        drafted_by=actor.name,
        drafted_at=at,
    )
    if db.execute(new.on_conflict_do_nothing()).rowcount == 0:
        raise BulletinTaken()
    if corrected and is_past_day:
        db.execute(_SAME_LINES, {"id": bulletin_id, "corrects": corrected.id})
    elif asked.kind == rules.QUARTERLY:
        months = [str(month) for month in period.months]
        db.execute(_QUARTER_LINES, {"id": bulletin_id, "months": months, **below})
    else:
        month = str(period.months[0])
        db.execute(_LINES, {"id": bulletin_id, "month": month, "all": asked.kind == rules.MONTHLY, **below})
    _step(db, bulletin_id, 1, "draft", actor=actor, at=at)
    return _told(db, bulletin_id, actor=actor)


def _issuer(db: Connection, organisation_id: UUID | None, *, actor: Actor) -> Row[Any]:
    """Return the organisation that issues: the one named, else the actor's own place. A branch issues none."""
    if organisation_id is None:
        places = places_for(actor, "draft_bulletin")
        if not places:
            raise Forbidden()
        row = db.execute(
            select(organisations).where(organisations.c.path.in_(places)).order_by(organisations.c.path).limit(1)
        ).one_or_none()
    else:
        row = organisation_named(db, organisation_id)
    if row is None:
        raise NotFound()
    actor.must("draft_bulletin", organisation=row.path)
    if row.kind in BRANCHES:
        raise InvalidInput({"organisation_id": ["A branch issues no bulletin."]})
    return row


def _corrected(db: Connection, asked: DraftBulletin, issuer: Row[Any]) -> Row[Any]:
    """Return the bulletin that a draft corrects. Raises NotFound, BulletinNotMovable; InvalidInput for another one."""
    row = db.execute(select(bulletins).where(bulletins.c.id == asked.corrects_id)).one_or_none()
    if row is None or row.issuer_id != issuer.id:
        raise NotFound()
    if (row.kind, row.period) != (asked.kind, asked.period):
        raise InvalidInput({"corrects_id": ["A correction is of the same kind and period."]})
    if row.state != rules.SENT:
        raise BulletinNotMovable(state=row.state, move="correct")
    return row


def _figures(
    db: Connection, period: Period, issuer: Row[Any], *, at: datetime
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the figures of a period with their sources, and those of the parts below the issuer."""
    found: list[tuple[str, int, str]] = []
    parts: list[dict[str, Any]] = []
    about: dict[str, Any] = {
        "paths": [issuer.path],
        "today": clock.today(at),
        "begins_at": Month.of(period.first).starts_at,
        "ends_at": Month.of(period.last).ends_at,
    }
    if period.kind == rules.QUARTERLY:
        red = db.execute(_RED_OF_QUARTER, {**about, "months": [str(month) for month in period.months]}).one()
        found += [("red_branches", red.branches, "frozen"), ("red_months", red.months, "frozen")]
    else:
        month = period.months[0]
        of_month = {**about, "month": str(month), "existed": counted_at(db, month, at=at)}
        counts = db.execute(_COUNTS, of_month).one()
        source = "frozen" if counts.is_frozen else "standing"
        names = ("branches", "green", "yellow", "red", "exempt")
        found += [(name, counts._mapping[name], source) for name in names]
        if counts.counted:
            found.append(("share_green", 1000 * counts.counted_green // counts.counted, source))
        depth = len(issuer.path.split(".")) + 1
        parts = [dict(row._mapping) for row in db.execute(_PARTS, {**of_month, "depth": depth})][:PARTS_MAX]
    if period.kind != rules.DAILY:
        slips, talks = db.execute(_SLIPS, about).one(), db.execute(_TALKS, about).one()
        found += [(f"slips_{name}", slips._mapping[name], "slips") for name in ("opened", "closed", "overdue")]
        found += [(f"talks_{name}", talks._mapping[name], "talks") for name in ("opened", "held")]
    return [{"name": name, "value": value, "source": source} for name, value, source in found], parts


_RED_OF_QUARTER: Final = text(f"""
SELECT count(DISTINCT l.branch_id) AS branches, count(*) AS months
  FROM lights l JOIN organisations b ON b.id = l.branch_id
 WHERE l.month = ANY(:months) AND l.light = 'red' AND l.frozen_at IS NOT NULL AND {ASSESSED} AND {IS_BELOW}
""")  # noqa: S608


# ---- edited ------------------------------------------------------------------------------------------------------


def edit(db: Connection, *, asked: EditBulletin, actor: Actor, at: datetime) -> BulletinView:
    """Write the words of a draft. Raises NotFound, Forbidden, BulletinNotMovable, PreconditionFailed."""
    row = _held(db, asked.bulletin_id, "draft_bulletin", actor=actor)
    if row.state != rules.DRAFT:
        raise BulletinNotMovable(state=row.state, move="edit")
    if row.version != asked.version:
        raise PreconditionFailed()
    words = {"title": asked.title, "opening": asked.opening, "closing": asked.closing}
    _edited(db, row, actor=actor, at=at, **words)
    return _told(db, row.id, actor=actor)


def edit_line(db: Connection, *, asked: EditBulletinLine, actor: Actor, at: datetime) -> BulletinView:
    """Write the words of one branch in a draft. Raises NotFound, Forbidden, BulletinNotMovable, InvalidInput."""
    row = _held(db, asked.bulletin_id, "draft_bulletin", actor=actor)
    if row.state != rules.DRAFT:
        raise BulletinNotMovable(state=row.state, move="edit")
    if asked.plan and asked.plan_on is None:
        raise InvalidInput({"plan_on": ["Missing data for required field."]})
    line = bulletin_lines.c
    written = db.execute(
        update(bulletin_lines)
        .where(line.bulletin_id == row.id, line.branch_id == asked.branch_id)
        .values(cause=asked.cause, plan=asked.plan, plan_on=asked.plan_on, remark=asked.remark)
    )
    if written.rowcount == 0:
        raise NotFound()
    _edited(db, row, actor=actor, at=at)
    return _told(db, row.id, actor=actor)


def _edited(db: Connection, row: Row[Any], *, actor: Actor, at: datetime, **words: Any) -> None:
    version = row.version + 1
    edited = {"edited_by": actor.name, "edited_at": at, "version": version}
    db.execute(update(bulletins).where(bulletins.c.id == row.id).values(**words, **edited))
    _step(db, row.id, version, "edit", actor=actor, at=at)


# ---- signed, sent, signed for ------------------------------------------------------------------------------------


def sign(db: Connection, *, asked: SignBulletin, actor: Actor, at: datetime) -> BulletinView:
    """Sign a draft: it gets the next number and never changes any more.

    Of two who sign at once the second is told that it is signed, and takes no number. Raises NotFound, Forbidden,
    OwnBulletin, BulletinNotMovable; PreconditionFailed when it was edited after the signer read it.
    """
    row = _held(db, asked.bulletin_id, "sign_bulletin", actor=actor)
    if row.state != rules.DRAFT:
        raise BulletinNotMovable(state=row.state, move="sign")
    if row.drafted_by_id == actor.person_id:
        raise OwnBulletin()
    if row.version != asked.version:
        raise PreconditionFailed()
    year = at.astimezone(SHANGHAI).year
    number = take_number(db, issuer_id=row.issuer_id, series=row.kind, year=year)
    signed = {"signed_by_id": actor.person_id, "signed_by": actor.name, "signed_at": at}
    _move(db, row, "sign", actor=actor, at=at, year=year, number=number, **signed)
    return _told(db, row.id, actor=actor)


def send(db: Connection, *, asked: SendBulletin, actor: Actor, at: datetime) -> BulletinView:
    """Send a signed bulletin: a monthly one to all below the issuer, another to its branches and those above them.

    Raises NotFound, Forbidden, BulletinNotMovable.
    """
    row = _held(db, asked.bulletin_id, "sign_bulletin", actor=actor)
    _move(db, row, "send", actor=actor, at=at, sent_by=actor.name, sent_at=at)
    about = {"id": row.id, "paths": [row.issuer_path], "issuer": row.issuer_id, "at": at}
    sent = db.execute(_SEND_TO_ALL if row.kind == rules.MONTHLY else _SEND_TO_NAMED, about)
    facts = {"title": row.title, "number": shown.number_of(row.kind, row.year, row.number)}
    told = [{"subject_id": row.id, "organisation_id": one, "facts": facts} for one in sent.scalars()]
    notices.tell_many(db, kind="bulletin_sent", at=at, told=told)
    return _told(db, row.id, actor=actor)


def withdraw(db: Connection, *, asked: WithdrawBulletin, actor: Actor, at: datetime) -> BulletinView:
    """Put a draft away. Raises NotFound, Forbidden, BulletinNotMovable."""
    row = _held(db, asked.bulletin_id, "draft_bulletin", actor=actor)
    _move(db, row, "withdraw", actor=actor, at=at, reason=asked.reason)
    return _told(db, row.id, actor=actor)


def acknowledge(db: Connection, *, asked: AcknowledgeBulletin, actor: Actor, at: datetime) -> BulletinView:
    """Sign for a bulletin at the organisations that the actor leads; the first to do so stands in the receipt.

    Raises NotFound, Forbidden.
    """
    row = shown.bulletin_for(db, asked.bulletin_id, actor=actor)
    if row.own_receipts == 0:
        raise Forbidden()
    led = {"id": row.id, "led": shown.led_by(actor), "at": at, "by_id": actor.person_id, "by": actor.name}
    db.execute(_ACKNOWLEDGE, led)
    return _told(db, row.id, actor=actor)


_SEND_TO_ALL: Final = text(f"""
INSERT INTO bulletin_receipts (bulletin_id, organisation_id, organisation_name, sent_at)
SELECT :id, b.id, b.name, :at FROM organisations b
 WHERE NOT b.is_external AND NOT b.dissolved AND b.id <> :issuer AND {IS_BELOW}
RETURNING organisation_id
""")  # noqa: S608
_SEND_TO_NAMED: Final = text(f"""
INSERT INTO bulletin_receipts (bulletin_id, organisation_id, organisation_name, sent_at)
SELECT :id, b.id, b.name, :at
  FROM (SELECT DISTINCT array_to_string((string_to_array(n.path, '.'))[1:depth], '.') AS path
          FROM bulletin_lines l JOIN organisations n ON n.id = l.branch_id
         CROSS JOIN LATERAL generate_series(1, cardinality(string_to_array(n.path, '.'))) depth
         WHERE l.bulletin_id = :id) above
  JOIN organisations b ON b.path = above.path
 WHERE NOT b.is_external AND NOT b.dissolved AND b.id <> :issuer AND {IS_BELOW}
RETURNING organisation_id
""")  # noqa: S608
_ACKNOWLEDGE: Final = text("""
UPDATE bulletin_receipts r SET read_at = :at, read_by_id = :by_id, read_by = :by
  FROM organisations o
 WHERE r.bulletin_id = :id AND r.read_at IS NULL AND o.id = r.organisation_id AND o.path = ANY(:led)
""")


def _held(db: Connection, bulletin_id: UUID, action: str, *, actor: Actor) -> Row[Any]:
    """Return the bulletin, locked: whoever else edits or signs it waits. Raises NotFound, Forbidden."""
    row = db.execute(
        select(bulletins, organisations.c.path.label("issuer_path"))
        .join(organisations, organisations.c.id == bulletins.c.issuer_id)
        .where(bulletins.c.id == bulletin_id)
        .with_for_update(of=bulletins)
    ).one_or_none()
    if row is None:
        raise NotFound()
    actor.must(action, organisation=row.issuer_path)
    return row


def _move(db: Connection, row: Row[Any], move: str, *, actor: Actor, at: datetime, **columns: Any) -> None:
    """Move a bulletin that is held, and keep the step. Raises BulletinNotMovable."""
    sources, state = MOVES[move]
    if row.state not in sources:
        raise BulletinNotMovable(state=row.state, move=move)
    version = row.version + 1
    db.execute(update(bulletins).where(bulletins.c.id == row.id).values(state=state, version=version, **columns))
    _step(db, row.id, version, move, actor=actor, at=at, reason=columns.get("reason"))


def _step(
    db: Connection, bulletin_id: UUID, version: int, move: str, *, actor: Actor, at: datetime, reason: str | None = None
) -> None:
    who = {"by_id": actor.person_id, "by_name": actor.name}
    db.execute(
        insert(bulletin_steps).values(bulletin_id=bulletin_id, version=version, move=move, at=at, reason=reason, **who)
    )


def _told(db: Connection, bulletin_id: UUID, *, actor: Actor) -> BulletinView:
    return shown.bulletin(db, asked=BulletinAsked(bulletin_id), actor=actor)
