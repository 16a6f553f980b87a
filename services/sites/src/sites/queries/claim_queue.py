"""The preparer's queue: claims filtered, sorted and counted; papers that miss; what a site earned (S11)."""

from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from contracts.envelope import Page
from contracts.sites.claims import (
    ClaimSumsAsked,
    ClaimSumsView,
    CountView,
    MissingPapersAsked,
    MissingPapersView,
    QueueAsked,
    QueueCountsView,
)
from contracts.sites.places import SiteRef
from sqlalchemy import Connection, Row, text

from sites.domain.days import day_of
from sites.queries.claim_rules import claim_rules_on
from sites.queries.claims import MISSING, SELECT, view_of
from sites.queries.scopes import visible_to

WAITING: Final = ("confirmed", "disputed", "signed")
WEEK: Final = timedelta(days=7)
SITES_MAX: Final = 100
NONE: Final = "none"
"""Stands among the anomalies for the claims that nothing is odd about: no mark, no dispute."""

# By which column each sequence goes, and how; the id decides between equals.
_SORTS: Final[dict[str, tuple[str, str, Any]]] = {
    "waiting": ("c.moved_at", "ASC", datetime.fromisoformat),
    "score": ("c.score", "DESC", int),
    "amount": ("c.asked_fen", "DESC", int),
    "visit": ("c.visit_on", "DESC", date.fromisoformat),
}

_FILTERS: Final[dict[str, str]] = {
    "state": "c.state = :state",
    "period": "c.period = :period",
    "site_id": "c.site_id = :site_id",
    "town": "s.town = :town",
    "score_min": "c.score >= :score_min",
    "waiting_days": "c.moved_at <= :waiting_since",
    "is_disputed": "(c.state = 'disputed') = :is_disputed",
    "misses_papers": f"(cardinality({MISSING}) > 0) = :misses_papers",
    "anomaly": "CASE WHEN :anomaly = 'none'"
    " THEN c.state <> 'disputed' AND NOT EXISTS (SELECT FROM claim_anomalies a WHERE a.claim_id = c.id)"
    " ELSE EXISTS (SELECT FROM claim_anomalies a WHERE a.claim_id = c.id AND a.rule = :anomaly) END",
}

_ROWS: Final = """
SELECT c.id, c.state, c.period, c.site_id, c.score, c.asked_fen, c.moved_at, s.name AS site_name, s.town,
       {conditions} cardinality({missing}) > 0 AS misses
  FROM claims c
  JOIN sites s ON s.id = c.site_id
  JOIN organisations b ON b.id = c.branch_id
  JOIN funds f ON f.id = c.fund_id
 WHERE {base}
"""

_STATES: Final = """
SELECT c.state, count(*) AS claims, sum(c.asked_fen)::bigint AS asked_fen
  FROM claims c
  JOIN sites s ON s.id = c.site_id
  JOIN organisations b ON b.id = c.branch_id
  JOIN funds f ON f.id = c.fund_id
 WHERE {conditions}
 GROUP BY c.state
 ORDER BY claims DESC, c.state
"""

_PAPERS: Final = """
WITH open AS (
    SELECT c.site_id, s.name, c.period, c.asked_fen, c.visit_on, {missing} AS missing
      FROM claims c
      JOIN sites s ON s.id = c.site_id
      JOIN funds f ON f.id = c.fund_id
     WHERE {conditions}
), sums AS (
    SELECT site_id, name, period, count(*) AS claims, count(*) FILTER (WHERE 'invoice' = ANY(missing)) AS invoices,
           count(*) FILTER (WHERE 'attachment' = ANY(missing)) AS attachments, sum(asked_fen)::bigint AS asked_fen,
           min(visit_on) AS oldest_on
      FROM open WHERE cardinality(missing) > 0
     GROUP BY site_id, name, period
)
SELECT * FROM sums WHERE {after} ORDER BY claims DESC, period, site_id LIMIT :limit
"""

_SUMS: Final = """
SELECT c.site_id, s.name, c.period, count(*) AS claims, sum(c.asked_fen)::bigint AS asked_fen,
       coalesce(sum(c.approved_fen), 0)::bigint AS approved_fen, coalesce(sum(c.paid_fen), 0)::bigint AS paid_fen,
       coalesce(sum(CASE WHEN c.approved_fen IS NOT NULL THEN greatest(c.asked_fen - c.approved_fen, 0)
                         WHEN c.state IN ('rejected', 'lapsed') THEN c.asked_fen END), 0)::bigint AS cut_fen,
       count(*) FILTER (WHERE c.state NOT IN ('paid', 'rejected', 'lapsed')) AS waiting,
       count(*) FILTER (WHERE c.state IN ('drafted', 'returned')) AS to_submit,
       count(*) FILTER (WHERE c.state NOT IN ('paid', 'rejected', 'lapsed') AND cardinality({missing}) > 0)
           AS missing_papers
  FROM claims c
  JOIN sites s ON s.id = c.site_id
 WHERE {conditions}
 GROUP BY c.site_id, s.name, c.period
 ORDER BY c.period DESC, s.name
 LIMIT :limit
"""


def queue(db: Connection, *, asked: QueueAsked, actor: Actor, at: datetime) -> Page:
    """Return the claims that the filters leave, in the sequence asked for; the longest waiting first without one."""
    conditions, given = _conditions(asked, actor=actor, at=at)
    sort = asked.sort or "waiting"
    column, direction, parse = _SORTS[sort]
    if asked.cursor:
        given["after_key"], given["after_id"] = key_in(asked.cursor, parse, UUID)
        conditions.append(f"({column}, c.id) {'>' if direction == 'ASC' else '<'} (:after_key, :after_id)")
    rows = db.execute(
        # The conditions are constants of this module and of `scopes`; every value is bound.
        text(f"{SELECT} WHERE {' AND '.join(conditions)} ORDER BY {column} {direction}, c.id {direction} LIMIT :limit"),
        {**given, "limit": asked.limit + 1},
    ).all()
    name = column.removeprefix("c.")
    return page_of(rows, limit=asked.limit, view=view_of, key=lambda row: (getattr(row, name), row.id))


def queue_counts(db: Connection, *, asked: QueueAsked, actor: Actor, at: datetime) -> QueueCountsView:
    """Count the claims by each filter's values; a filter's own choice is left out of its counts."""
    base, given = _base(actor)
    chosen = _chosen(asked, given, at=at)
    of_state = chosen.pop("state", f"c.state IN {WAITING}")
    others = [*base, *chosen.values()]
    states = db.execute(text(_STATES.format(conditions=" AND ".join(others))), given).all()
    # Each waiting claim once, with what each filter says of it: a filter's counts are those that the others leave.
    said = "".join(f"({condition}) AS in_{name}, " for name, condition in chosen.items())
    rows = db.execute(
        text(_ROWS.format(conditions=said, missing=MISSING, base=" AND ".join([*base, of_state]))), given
    ).all()

    def left(but: str | None) -> list[Row[Any]]:
        return [row for row in rows if all(getattr(row, f"in_{name}") for name in chosen if name != but)]

    kept = left(None)
    marked = left("anomaly")
    rules: dict[str, tuple[int, int]] = {}
    asked_by = {row.id: row.asked_fen for row in marked}
    plain = {row.id for row in marked if row.state != "disputed"}
    for claim_id, rule in db.execute(
        text("SELECT claim_id, rule FROM claim_anomalies WHERE claim_id = ANY(CAST(:ids AS uuid[]))"),
        {"ids": list(asked_by)},
    ):
        count, fen = rules.get(rule, (0, 0))
        rules[rule] = (count + 1, fen + asked_by[claim_id])
        plain.discard(claim_id)
    if plain:
        rules[NONE] = (len(plain), sum(asked_by[claim_id] for claim_id in plain))
    numbers = claim_rules_on(db, day_of(at))
    scored = left("score_min")
    scores = [
        CountView(str(least), str(least), *_sum([row for row in scored if row.score >= least]))
        for least in sorted({1, numbers.medium_score, numbers.high_score, numbers.reason_score})
    ]
    return QueueCountsView(
        count=len(kept),
        asked_fen=sum(row.asked_fen for row in kept),
        states=[CountView(row.state, row.state, row.claims, row.asked_fen) for row in states],
        periods=sorted(_spread(left("period"), "period"), key=lambda one: one.value, reverse=True),
        sites=_spread(left("site_id"), "site_id", name="site_name")[:SITES_MAX],
        towns=_spread([row for row in left("town") if row.town], "town"),
        anomalies=[
            CountView(rule, rule, count, fen) for rule, (count, fen) in sorted(rules.items(), key=lambda r: -r[1][0])
        ],
        scores=scores,
        disputed=sum(row.state == "disputed" for row in left("is_disputed")),
        missing_papers=sum(row.misses for row in left("misses_papers")),
        waiting_week=sum(row.moved_at <= at - WEEK for row in left("waiting_days")),
        reason_score=numbers.reason_score,
    )


def missing_papers(db: Connection, *, asked: MissingPapersAsked, actor: Actor) -> Page:
    """Return, by site and month, how many claims that were not decided against miss papers; the most first."""
    visible, given = visible_to(actor, "read_claim_evidence", site="s.managing_path", fund="f.path")
    conditions = [visible, "c.state NOT IN ('rejected', 'lapsed')"]
    for name in ("period", "site_id"):
        if (value := getattr(asked, name)) is not None:
            conditions.append(f"c.{name} = :{name}")
            given[name] = value
    after = "true"
    if asked.cursor:
        given["n"], given["p"], given["i"] = key_in(asked.cursor, int, str, UUID)
        after = "(-claims, period, site_id) > (-CAST(:n AS bigint), :p, :i)"
    rows = db.execute(
        text(_PAPERS.format(missing=MISSING, conditions=" AND ".join(conditions), after=after)),
        {**given, "limit": asked.limit + 1},
    ).all()
    return page_of(rows, limit=asked.limit, view=_papers, key=lambda row: (row.claims, row.period, row.site_id))


def claim_sums(db: Connection, *, asked: ClaimSumsAsked, actor: Actor) -> Page:
    """Return what the sites that the actor keeps earned, by month of the visit, the newest first."""
    visible, given = visible_to(actor, "bring_papers", site="s.managing_path")
    conditions = [visible]
    if asked.site_id:
        conditions.append("c.site_id = :site")
        given["site"] = asked.site_id
    rows = db.execute(
        text(_SUMS.format(missing=MISSING, conditions=" AND ".join(conditions))), {**given, "limit": asked.limit}
    ).all()
    return Page(
        [
            ClaimSumsView(
                site=SiteRef(row.site_id, row.name),
                **{name: value for name, value in row._mapping.items() if name not in ("site_id", "name")},
            )
            for row in rows
        ]
    )


def _base(actor: Actor) -> tuple[list[str], dict[str, Any]]:
    visible, given = visible_to(actor, "read_claim_queue", fund="f.path")
    return [visible], given


def _chosen(asked: QueueAsked, given: dict[str, Any], *, at: datetime) -> dict[str, str]:
    """Return the conditions of the filters that were chosen, and add their values to `given`."""
    chosen = {}
    for name, condition in _FILTERS.items():
        value = getattr(asked, name)
        if value is not None:
            chosen[name] = condition
            given[name] = value
    if asked.waiting_days is not None:
        given["waiting_since"] = at - timedelta(days=asked.waiting_days)
        del given["waiting_days"]
    return chosen


def _conditions(asked: QueueAsked, *, actor: Actor, at: datetime) -> tuple[list[str], dict[str, Any]]:
    base, given = _base(actor)
    chosen = _chosen(asked, given, at=at)
    if "state" not in chosen:
        base.append(f"c.state IN {WAITING}")
    return [*base, *chosen.values()], given


def _spread(rows: list[Row[Any]], column: str, *, name: str | None = None) -> list[CountView]:
    """Return the counts by a column's values, the most first."""
    counts: dict[str, list[Row[Any]]] = {}
    for row in rows:
        counts.setdefault(str(getattr(row, column)), []).append(row)
    return sorted(
        (CountView(value, str(getattr(of[0], name)) if name else value, *_sum(of)) for value, of in counts.items()),
        key=lambda one: (-one.count, one.value),
    )


def _sum(rows: list[Row[Any]]) -> tuple[int, int]:
    return len(rows), sum(row.asked_fen for row in rows)


def _papers(row: Row[Any]) -> MissingPapersView:
    return MissingPapersView(
        site=SiteRef(row.site_id, row.name),
        period=row.period,
        claims=row.claims,
        invoices=row.invoices,
        attachments=row.attachments,
        asked_fen=row.asked_fen,
        oldest_on=row.oldest_on,
    )
