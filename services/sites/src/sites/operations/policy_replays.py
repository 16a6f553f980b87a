"""What if (S9): a job works past visits out under a version or a draft, and keeps sums and one row a visit as files.

Memory stays small whatever the period: visits are read and written in passing, and only sums are kept.
"""

import csv
import io
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date, datetime
from typing import IO, Any, BinaryIO, Final, cast
from uuid import UUID

from chassis import jobs
from chassis.actors import Actor
from chassis.files import CSV, XLSX, FileStore
from chassis.refusals import InvalidInput, Refusal
from chassis.workbooks import inert, workbook
from contracts.sites.policies import ReplayPolicy, ReplayView
from sqlalchemy import Connection, Row, insert, text, update

from sites.domain.amounts import yuan
from sites.domain.days import month_after
from sites.domain.replays import PastVisit, Replay
from sites.domain.subsidy import Estimate, Heads
from sites.queries.policies import version_or_draft
from sites.queries.policy_replays import replay
from sites.queries.scopes import must_oversee_funds
from sites.tables.money import policy_replays

JOB: Final = "replay_policy"
MONTHS_MAX: Final = 36
AT_ONCE_MAX: Final = 3
AT_ONCE: Final = 2000
FILE_MAX_BYTES: Final = 256 * 1024 * 1024
HEADINGS: Final = (
    *("参访日期", "活动点", "镇街", "党支部", "计补人数", "原金额（元）", "新金额（元）", "差额（元）"),
    *("封顶规则", "订单编号"),
)
CAP_WORDS: Final = {
    "visit_cap": "单次上限",
    "site_month_cap": "活动点月上限",
    "site_year_cap": "活动点年上限",
    "branch_year_cap": "支部年上限",
    "fund_share": "经费占比上限",
}

# What was decided otherwise than by the policy stays: other reasons to pay nothing, and claims that came to nothing.
_FROM: Final = """
  FROM orders o
  JOIN sites s ON s.id = o.site_id
  LEFT JOIN organisations b ON b.id = o.branch_id
  LEFT JOIN claims c ON c.order_id = o.id
 WHERE o.state = 'used' AND o.branch_id IS NOT NULL AND o.visit_on >= :first AND o.visit_on < :until
   AND o.subsidy_explanation -> 0 ->> 'rule' <> 'unsubsidised'
   AND (c.state IS NULL OR c.state NOT IN ('rejected', 'lapsed'))
"""
_COUNT: Final = text(f"SELECT count(*) {_FROM}")
_VISITS: Final = text(f"""
SELECT o.id, o.visit_on, o.site_id, s.name AS site_name, coalesce(s.town, '') AS town, s.kind, s.category, s.star,
       s.grade, o.branch_id, b.name AS branch_name, o.fund_id, o.party_size, coalesce(o.checked_in, 0) AS checked_in,
       coalesce(o.headcount, 0) AS headcount, c.headcount_confirmed, coalesce(c.approved_fen, c.asked_fen, 0) AS fen
{_FROM} ORDER BY o.placed_at, o.id
""")
_APPROPRIATED: Final = text("SELECT fund_id, year, appropriated_fen + brought_fen AS granted_fen FROM fund_years")


_WAITING: Final = text(
    "SELECT count(*) FROM policy_replays r JOIN jobs j ON j.id = r.id"
    " WHERE r.asked_by_id = :by AND j.state IN ('waiting', 'running')"
)


class TooManyReplays(Refusal):
    """{most} trials of yours are being worked out; wait for one of them."""


def ask(db: Connection, *, asked: ReplayPolicy, actor: Actor, at: datetime) -> ReplayView:
    """Have past months worked out under a version or a draft.

    Raises InvalidInput, NotFound, Forbidden; TooManyReplays while others of the person are being worked out.
    """
    must_oversee_funds(db, "replay_policy", actor=actor)
    version_or_draft(db, asked.policy_id)
    first, until = _first_of(asked.first_month), month_after(_first_of(asked.last_month))
    months = (until.year - first.year) * 12 + until.month - first.month
    if months < 1:
        raise InvalidInput({"last_month": ["The last month is before the first."]})
    if months > MONTHS_MAX:
        raise InvalidInput({"last_month": [f"At most {MONTHS_MAX} months at once."]})
    db.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"replays {actor.person_id}"})
    if db.execute(_WAITING, {"by": actor.person_id}).scalar_one() >= AT_ONCE_MAX:
        raise TooManyReplays(most=AT_ONCE_MAX)
    params = {"policy_id": asked.policy_id, "first": first, "until": until}
    replay_id = jobs.ask(db, JOB, params=params, at=at, asked_by=actor.person_id)
    db.execute(
        insert(policy_replays).values(
            id=replay_id,
            policy_id=asked.policy_id,
            first_month=asked.first_month,
            last_month=asked.last_month,
            asked_by_id=actor.person_id,
            asked_by=actor.name,
            asked_at=at,
        )
    )
    return replay(db, replay_id)


def run(
    db: Connection, files: FileStore, *, replay_id: UUID, params: dict[str, Any], progress: Callable[..., None]
) -> dict[str, int]:
    """Work the visits out and keep the result; returns how many there were."""
    period = {"first": date.fromisoformat(params["first"]), "until": date.fromisoformat(params["until"])}
    total = db.execute(_COUNT, period).scalar_one()
    granted = {(row.fund_id, row.year): row.granted_fen for row in db.execute(_APPROPRIATED)}
    played = Replay(version_or_draft(db, UUID(params["policy_id"])), granted)
    progress(0, total)
    with tempfile.TemporaryFile() as as_csv, tempfile.TemporaryFile() as as_xlsx:
        _write(_rows(db, played, period, lambda done: progress(done, total)), as_csv, as_xlsx)
        name = f"replay-{period['first']:%Y-%m}-{replay_id.hex[:8]}"
        stored = {
            kind: asdict(_stored(files, stream, name=f"{name}.{kind}", media_type=media_type))
            for kind, stream, media_type in (("csv", as_csv, CSV), ("xlsx", as_xlsx, XLSX))
        }
    result = {**played.result(), "files": stored}
    db.execute(update(policy_replays).where(policy_replays.c.id == replay_id).values(result=result))
    return {"visits": played.total.visits}


def _rows(
    db: Connection, played: Replay, period: dict[str, date], told: Callable[[int], None]
) -> Iterator[tuple[PastVisit, Estimate]]:
    reading = {"stream_results": True, "max_row_buffer": AT_ONCE}
    for number, row in enumerate(db.execute(_VISITS, period, execution_options=reading), start=1):
        visit = _visit(row)
        yield visit, played.add(visit)
        if number % AT_ONCE == 0:
            told(number)


def _visit(row: Row[Any]) -> PastVisit:
    return PastVisit(
        order_id=row.id,
        visit_on=row.visit_on,
        site_id=row.site_id,
        site_name=row.site_name,
        town=row.town,
        kind=row.kind,
        category=row.category,
        star=row.star,
        grade=row.grade,
        branch_id=row.branch_id,
        branch_name=row.branch_name,
        fund_id=row.fund_id,
        heads=Heads(row.party_size, row.checked_in, row.headcount, row.headcount_confirmed),
        before_fen=row.fen,
    )


def _write(rows: Iterator[tuple[PastVisit, Estimate]], as_csv: IO[bytes], as_xlsx: IO[bytes]) -> None:
    """Write one row a visit into both files; a row is forgotten once it is written."""
    told = io.TextIOWrapper(as_csv, encoding="utf-8-sig", newline="")
    with workbook(as_xlsx) as book:
        sheet = book.add_worksheet("试算")
        money = book.add_format({"num_format": "#,##0.00"})
        written = csv.writer(told)
        written.writerow(HEADINGS)
        for column, heading in enumerate(HEADINGS):
            sheet.write_string(0, column, heading)
        sheet.freeze_panes(1, 0)
        for number, (visit, worth) in enumerate(rows, start=1):
            names = [visit.visit_on.isoformat(), visit.site_name, visit.town, visit.branch_name or ""]
            amounts = (visit.before_fen, worth.amount_fen, worth.amount_fen - visit.before_fen)
            ends = [CAP_WORDS.get(worth.cap or "", ""), str(visit.order_id)]
            written.writerow([*map(inert, names), visit.heads.paid, *map(yuan, amounts), *ends])
            for column, name in enumerate(names):
                sheet.write_string(number, column, name)
            sheet.write_number(number, 4, visit.heads.paid)
            for column, fen in enumerate(amounts, start=5):
                sheet.write_number(number, column, fen / 100, money)
            for column, name in enumerate(ends, start=8):
                sheet.write_string(number, column, name)
    told.detach()  # which writes the rest, and leaves the file open


def _stored(files: FileStore, stream: IO[bytes], *, name: str, media_type: str) -> Any:
    stream.seek(0)
    return files.put(cast(BinaryIO, stream), name=name, media_types={media_type}, max_bytes=FILE_MAX_BYTES)


def _first_of(month: str) -> date:
    return date.fromisoformat(f"{month}-01")
