"""Which setting rules organisations break: of one, of a part of the tree as a list and in counts."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.roster.findings import (
    FindingCount,
    FindingCounts,
    FindingCountsAsked,
    FindingRow,
    FindingsListed,
    FindingsView,
    FindingView,
    LastCheck,
    OverrideView,
)
from contracts.roster.structure import FindingAfter
from sqlalchemy import Connection, Row, text

from roster.domain.setting_rules import RULES_BY_NAME
from roster.queries.organisations import name_of, path_the_actor_may

CLOSED_SHOWN: Final = 50

_FINDINGS: Final = """
SELECT f.*, r.citation, o.name AS organisation_name, o.kind, u.name AS above_name
FROM findings f JOIN organisations o ON o.id = f.organisation_id
LEFT JOIN organisations u ON u.id = o.parent_id
LEFT JOIN setting_rules r ON r.rule = f.rule AND r.active_from = f.rule_from
"""
_OVERRIDES: Final = text(
    "SELECT t.*, o.name = t.name AND t.withdrawn_at IS NULL AS is_in_force FROM name_overrides t"
    " JOIN organisations o ON o.id = t.organisation_id WHERE t.organisation_id = :id ORDER BY t.at DESC LIMIT 50"
)


def of(db: Connection, organisation_id: UUID, *, actor: Actor) -> FindingsView:
    """Return an organisation's findings, open and closed; raises NotFound, Forbidden."""
    path_the_actor_may(db, "read_findings", organisation_id, actor=actor)
    return view_of(db, organisation_id)


def view_of(db: Connection, organisation_id: UUID) -> FindingsView:
    """Return an organisation's findings."""
    still = db.execute(
        text(f"{_FINDINGS} WHERE f.organisation_id = :id AND f.closed_on IS NULL"), {"id": organisation_id}
    ).all()
    closed = db.execute(
        text(
            f"{_FINDINGS} WHERE f.organisation_id = :id AND f.closed_on IS NOT NULL"
            " ORDER BY f.closed_on DESC, f.id DESC LIMIT :most"
        ),
        {"id": organisation_id, "most": CLOSED_SHOWN},
    ).all()
    order = list(RULES_BY_NAME)
    return FindingsView(
        organisation_id=organisation_id,
        findings=[finding_of(row) for row in sorted(still, key=lambda row: _place(row.rule, order))],
        closed=[finding_of(row) for row in closed],
        overrides=[_override(row) for row in db.execute(_OVERRIDES, {"id": organisation_id})],
    )


def _place(rule: str, order: Sequence[str]) -> tuple[int, str]:
    return (order.index(rule) if rule in order else len(order), rule)


def finding_of(row: Row[Any]) -> FindingView:
    """Return the view of a finding; a rule that there is no code for any more is told by its name alone."""
    rule = RULES_BY_NAME.get(row.rule)
    said: Mapping[str, Any] = row.said

    def filled(sentences: Mapping[str, str], language: str) -> str:
        try:
            return sentences[language].format(**said)
        except (KeyError, IndexError):
            return ""

    return FindingView(
        rule=row.rule,
        severity=row.severity,
        title_zh=rule.title_zh if rule else row.rule,
        title_en=rule.title_en if rule else row.rule,
        why_zh=filled(rule.why, "zh") if rule else "",
        why_en=filled(rule.why, "en") if rule else "",
        mend_zh=filled(rule.mend, "zh") if rule else "",
        mend_en=filled(rule.mend, "en") if rule else "",
        citation=row.citation or "",
        opened_on=row.opened_on,
        closed_on=row.closed_on,
        may_be_overridden=bool(rule and rule.may_be_overridden),
    )


def _override(row: Row[Any]) -> OverrideView:
    rule = RULES_BY_NAME.get(row.rule)
    shown = tuple(name for name in OverrideView.__dataclass_fields__ if not name.startswith("title_"))
    return OverrideView(
        **{name: getattr(row, name) for name in shown},
        title_zh=rule.title_zh if rule else row.rule,
        title_en=rule.title_en if rule else row.rule,
    )


# ---- a part of the tree ------------------------------------------------------------------------------------------


def page(db: Connection, asked: FindingsListed, *, actor: Actor) -> Page:
    """Return a page of the open findings of a part of the tree, by place. Raises NotFound, Forbidden, BadRequest."""
    path = path_the_actor_may(db, "read_findings", asked.organisation_id, actor=actor)
    where, values = narrowed(db, asked, path=path)
    if asked.rule:
        where.append("f.rule = :rule")
        values["rule"] = asked.rule
    if asked.cursor:
        values["after"], values["after_rule"] = key_in(asked.cursor, str, str)
        where.append("(f.path, f.rule) > (:after, :after_rule)")
    rows = listed(db, where, {**values, "limit": asked.limit + 1})
    return page_of(rows, limit=asked.limit, view=row_view, key=lambda row: (row.path, row.rule))


def listed(db: Connection, where: Iterable[str], values: Mapping[str, Any]) -> list[Row[Any]]:
    """Return open findings in the order of place and rule, at most `limit` of them."""
    chosen = (
        f"SELECT * FROM findings f WHERE f.closed_on IS NULL AND {' AND '.join(where)}"  # noqa: S608 - made of constants
        " ORDER BY f.path, f.rule LIMIT :limit"
    )
    shown = _FINDINGS.replace("FROM findings f", f"FROM ({chosen}) f")
    return list(db.execute(text(f"{shown} ORDER BY f.path, f.rule"), dict(values)))


def narrowed(db: Connection, asked: Any, *, path: str) -> tuple[list[str], dict[str, Any]]:
    """Return the conditions on `f` of what is asked for below a path; raises NotFound for a part that is none of it."""
    if asked.under_id is not None:
        inner = db.execute(text("SELECT path FROM organisations WHERE id = :id"), {"id": asked.under_id}).scalar()
        if inner is None or not (inner == path or str(inner).startswith(path + ".")):
            raise NotFound()
        path = str(inner)
    where = ["f.path >= :path AND f.path < :path || '/' AND (f.path = :path OR f.path > :path || '.')"]
    values: dict[str, Any] = {"path": path}
    for column in ("severity", "field"):
        if wanted := getattr(asked, column):
            where.append(f"f.{column} = :{column}")
            values[column] = wanted
    return where, values


def row_view(row: Row[Any]) -> FindingRow:
    """Return a finding in a list."""
    return FindingRow(
        organisation_id=row.organisation_id,
        organisation_name=row.organisation_name,
        kind=row.kind,
        field=row.field,
        above_name=row.above_name,
        finding=finding_of(row),
    )


# An organisation breaks a rule once, so of a rule both counts are one; for the others each organisation is met once.
_COUNTS: Final = """
WITH open AS MATERIALIZED (
    SELECT f.rule, f.field, f.organisation_id,
           split_part(substr(f.path, length(CAST(:top AS text)) + 2), '.', 1) AS step
    FROM findings f WHERE f.closed_on IS NULL AND {where}
), each AS MATERIALIZED (
    SELECT organisation_id, min(field) AS field, min(step) AS step, count(*) AS findings
    FROM open GROUP BY organisation_id
)
SELECT 'rule' AS counted_by, rule AS code, count(*) AS findings, count(*) AS organisations FROM open GROUP BY rule
UNION ALL
SELECT 'field', field, CAST(sum(findings) AS bigint), count(*) FROM each GROUP BY field
UNION ALL
SELECT 'place', step, CAST(sum(findings) AS bigint), count(*) FROM each GROUP BY step
UNION ALL
SELECT 'all', NULL, CAST(coalesce(sum(findings), 0) AS bigint), count(*) FROM each
ORDER BY 3 DESC, 2
"""
_PLACES: Final = text(
    "SELECT id, code, name, kind IN ('branch', 'joint_branch') AS is_branch FROM organisations WHERE code = ANY(:codes)"
)


def counts(db: Connection, asked: FindingCountsAsked, *, actor: Actor) -> FindingCounts:
    """Count the open findings of a part of the tree in three ways. Raises NotFound, Forbidden."""
    path = path_the_actor_may(db, "read_findings", asked.organisation_id, actor=actor)
    where, values = narrowed(db, asked, path=path)
    rows = db.execute(text(_COUNTS.format(where=" AND ".join(where))), {**values, "top": path}).all()
    tables: dict[str, list[Row[Any]]] = {"rule": [], "field": [], "place": [], "all": []}
    for row in rows:
        tables[row.counted_by].append(row)
    whole = tables["all"][0] if tables["all"] else None
    name = name_of(db, asked.organisation_id)
    return FindingCounts(
        organisation_id=asked.organisation_id,
        organisation_name=name,
        findings=whole.findings if whole else 0,
        organisations=whole.organisations if whole else 0,
        by_rule=[_by_rule(row) for row in tables["rule"]],
        by_field=[FindingCount(row.code, "", "", row.findings, row.organisations) for row in tables["field"]],
        by_place=_by_place(db, tables["place"]),
        last_check=last_check(db),
    )


def _by_rule(row: Row[Any]) -> FindingCount:
    rule = RULES_BY_NAME.get(row.code)
    return FindingCount(
        row.code,
        rule.title_zh if rule else row.code,
        rule.title_en if rule else row.code,
        row.findings,
        row.organisations,
    )


def _by_place(db: Connection, rows: Sequence[Row[Any]]) -> list[FindingCount]:
    """Count by the organisations directly below; branches, and the organisation itself, count together."""
    known = {row.code: row for row in db.execute(_PLACES, {"codes": [row.code for row in rows]})}
    counted, findings, organisations = [], 0, 0
    for row in rows:
        place = known.get(row.code)
        if place is None or place.is_branch:
            findings, organisations = findings + row.findings, organisations + row.organisations
        else:
            counted.append(FindingCount(str(place.id), place.name, place.name, row.findings, row.organisations))
    if findings:
        counted.append(FindingCount("", "", "", findings, organisations))
    return counted


def last_check(db: Connection) -> LastCheck | None:
    """Return the last check of everything."""
    row = db.execute(text("SELECT * FROM finding_checks ORDER BY checked_on DESC LIMIT 1")).one_or_none()
    if row is None:
        return None
    return LastCheck(**{name: getattr(row, name) for name in LastCheck.__dataclass_fields__})


# ---- before and after a change -----------------------------------------------------------------------------------

Open = Mapping[tuple[UUID, str], Row[Any]]


def open_of(db: Connection, ids: Sequence[UUID]) -> Open:
    """Return the open findings of some organisations, by organisation and rule."""
    rows = db.execute(
        text(f"{_FINDINGS} WHERE f.organisation_id = ANY(:ids) AND f.closed_on IS NULL ORDER BY f.path, f.rule"),
        {"ids": list(ids)},
    )
    return {(row.organisation_id, row.rule): row for row in rows}


def differences(there: Open, elsewhere: Open) -> list[FindingAfter]:
    """Return the findings that are there and not elsewhere."""
    return [
        FindingAfter(row.organisation_id, row.organisation_name, finding_of(row))
        for key, row in there.items()
        if key not in elsewhere
    ]
