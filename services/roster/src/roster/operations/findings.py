"""Keeping the findings what the facts and the rules of the day say they are.

Whatever changes members, groups, posts or the tree ends with `recheck` over the organisations it touched, in its own
transaction: one pass gathers the facts of all, one reads what is open, and at most four statements write the
difference. So an import of a district is checked as a whole, and a single move costs a few index look-ups. What breaks
by the passing of days, or by a new version of a rule, is found by the nightly check, which goes over everything.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock
from sqlalchemy import Connection, Row, text

from roster.domain.setting_rules import RULES_BY_NAME
from roster.operations import standings
from roster.queries.facts import Standing, facts_of_all
from roster.queries.setting_rules import RuleInForce, in_force

# The general branches above are measured by what lies below them. All are locked in the order of their ids, so that
# two changes never wait for each other in a ring, and who waited counts what the other one committed.
_LOCK: Final = text(
    """
    SELECT o.id FROM organisations o
    WHERE o.id IN (
        SELECT unnest(CAST(:ids AS uuid[]))
        UNION
        SELECT a.id FROM organisations t CROSS JOIN LATERAL unnest(string_to_array(t.path, '.')) c(code)
        JOIN organisations a ON a.code = c.code AND a.kind = 'general_branch'
        WHERE t.id = ANY(:ids)
    )
    ORDER BY o.id FOR NO KEY UPDATE
    """
)
_OPEN: Final = text("SELECT * FROM findings WHERE organisation_id = ANY(:ids) AND closed_on IS NULL")
_ROWS: Final = """
jsonb_to_recordset(CAST(:rows AS jsonb)) AS n(organisation_id uuid, rule text, rule_from date, severity text,
                                              said jsonb, path text, field text, id bigint)
"""
_REOPEN: Final = text(
    f"""
    UPDATE findings f
       SET closed_on = NULL, rule_from = n.rule_from, severity = n.severity, said = n.said, path = n.path,
           field = n.field
      FROM {_ROWS}
     WHERE f.id = (
         SELECT id FROM findings l
          WHERE l.organisation_id = n.organisation_id AND l.rule = n.rule AND l.closed_on >= :on
          ORDER BY l.closed_on DESC LIMIT 1)
    RETURNING f.organisation_id, f.rule
    """  # noqa: S608 - made of constants
)
_INSERT: Final = text(
    f"""
    INSERT INTO findings (organisation_id, rule, rule_from, severity, said, opened_on, path, field)
    SELECT organisation_id, rule, rule_from, severity, said, :on, path, field FROM {_ROWS}
    """  # noqa: S608 - made of constants
)
_UPDATE: Final = text(
    f"""
    UPDATE findings f
       SET rule_from = n.rule_from, severity = n.severity, said = n.said, path = n.path, field = n.field
      FROM {_ROWS} WHERE f.id = n.id
    """  # noqa: S608 - made of constants
)
# What opened today and is mended today held on no day.
_FORGET: Final = text("DELETE FROM findings WHERE id = ANY(:ids) AND opened_on >= :today")
_CLOSE: Final = text(
    "UPDATE findings SET closed_on = CASE WHEN opened_on < :on THEN :on ELSE :today END WHERE id = ANY(:ids)"
    " AND opened_on < :today"
)


@dataclass(frozen=True)
class Rechecked:
    """What a check changed; `strange` counts what changed although neither rule nor day can be the reason."""

    opened: int = 0
    closed: int = 0
    strange: int = 0


def lock(db: Connection, ids: Iterable[UUID]) -> list[UUID]:
    """Lock organisations with the general branches above them, and return all of them: these are to be checked."""
    return list(db.execute(_LOCK, {"ids": sorted(set(ids))}).scalars())


def recheck(db: Connection, ids: Iterable[UUID], *, at: datetime, on: date | None = None) -> Rechecked:
    """Bring the findings of these organisations, and of the general branches above them, up to date.

    What opens opens on the day of the change (`on`; today when nobody says).
    """
    return measure(db, lock(db, ids), at=at, on=on)


def measure(
    db: Connection,
    ids: Sequence[UUID],
    *,
    at: datetime,
    on: date | None = None,
    known_rules: Sequence[RuleInForce] | None = None,
) -> Rechecked:
    """Bring the findings of locked organisations up to date by the rules of today."""
    if not ids:
        return Rechecked()
    today = clock.today(at)
    rules = in_force(db, on=today) if known_rules is None else known_rules
    measured = facts_of_all(db, ids, on=today)
    broken = _broken(measured, rules)
    open_rows = {(row.organisation_id, row.rule): row for row in db.execute(_OPEN, {"ids": list(ids)})}
    new = [found for key, found in broken.items() if key not in open_rows]
    gone = [row for key, row in open_rows.items() if key not in broken]
    changed = [
        found | {"id": open_rows[key].id}
        for key, found in broken.items()
        if key in open_rows and _differs(open_rows[key], found)
    ]
    _write(db, new=new, changed=changed, gone=[row.id for row in gone], on=min(on or today, today), today=today)
    if told := {found["organisation_id"] for found in [*new, *changed]} | {row.organisation_id for row in gone}:
        standings.note(db, told)
    return Rechecked(
        opened=len(new),
        closed=len(gone),
        strange=_strange([found["rule"] for found in new] + [row.rule for row in gone], rules, today=today),
    )


def _broken(measured: dict[UUID, Standing], rules: Sequence[RuleInForce]) -> dict[tuple[UUID, str], dict[str, Any]]:
    broken = {}
    for organisation_id, standing in measured.items():
        if standing.is_dissolved:
            continue
        for row in rules:
            said = row.rule.broken(standing.facts, row.numbers)
            if said is not None:
                broken[organisation_id, row.rule.name] = {
                    "organisation_id": organisation_id,
                    "rule": row.rule.name,
                    "rule_from": row.active_from,
                    "severity": row.severity,
                    "said": dict(said),
                    "path": standing.path,
                    "field": standing.field,
                }
    return broken


def _differs(row: Row[Any], found: dict[str, Any]) -> bool:
    return any(getattr(row, name) != value for name, value in found.items())


def _write(
    db: Connection,
    *,
    new: list[dict[str, Any]],
    changed: list[dict[str, Any]],
    gone: list[int],
    on: date,
    today: date,
) -> None:
    if gone:
        db.execute(_FORGET, {"ids": gone, "today": today})
        db.execute(_CLOSE, {"ids": gone, "on": on, "today": today})
    if changed:
        db.execute(_UPDATE, {"rows": _json(changed)})
    if new:
        reopened = {tuple(row) for row in db.execute(_REOPEN, {"rows": _json(new), "on": on})}
        rest = [found for found in new if (found["organisation_id"], found["rule"]) not in reopened]
        if rest:
            db.execute(_INSERT, {"rows": _json(rest), "on": on})


def _strange(names: Iterable[str], rules: Sequence[RuleInForce], *, today: date) -> int:
    """Count the changes that no passing of time and no version of today explains."""
    fresh = {row.rule.name for row in rules if row.active_from == today}
    known = {row.rule.name for row in rules}
    return sum(1 for name in names if name in known and name not in fresh and not RULES_BY_NAME[name].changes_with_time)


def _json(rows: list[dict[str, Any]]) -> str:
    return json.dumps(rows, ensure_ascii=False, default=str)
