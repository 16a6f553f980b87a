"""Imports as pages show them: the list, one with its counts, its bad cells, its differences."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor, Forbidden
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from chassis.sheets import letter_of
from contracts.envelope import Page
from contracts.roster.import_reasons import said_of
from contracts.roster.imports import (
    SUBJECTS,
    FaultsAsked,
    FaultView,
    ImportDifferencesAsked,
    ImportDifferenceView,
    ImportsAsked,
    ImportView,
    ReasonCount,
)
from sqlalchemy import Connection, Row, text

from roster.queries.organisations import literal

_RIGHTS: Final = {subject: f"import_{subject}" for subject in SUBJECTS}

# A job that was given up says why when the import itself could not.
_SHOWN: Final = """
SELECT i.*, o.name AS organisation_name, o.path,
       CASE WHEN j.state = 'failed' AND i.state IN ('reading', 'checking', 'applying') THEN 'failed' ELSE i.state END
           AS state_now,
       coalesce(i.error, CASE WHEN j.state = 'failed' THEN j.error END) AS error_now
FROM imports i JOIN organisations o ON o.id = i.organisation_id LEFT JOIN jobs j ON j.id = i.job_id
"""


def found(db: Connection, import_id: UUID, *, actor: Actor) -> Row[Any]:
    """Return an import's row; raises NotFound for whoever may not import in every part of the tree that it speaks of:
    a file of somebody with two branches shows what stands in both."""
    row = db.execute(text(f"{_SHOWN} WHERE i.id = :id"), {"id": import_id}).one_or_none()
    if row is None or not all(actor.may(_RIGHTS[row.subject], organisation=path) for path in row.paths):
        raise NotFound()
    return row


def view(db: Connection, import_id: UUID, *, actor: Actor) -> ImportView:
    """Return an import with its counts. Raises NotFound."""
    row = found(db, import_id, actor=actor)
    reasons = db.execute(
        text(
            "SELECT code, is_warning, count(*) AS number FROM import_faults WHERE import_id = :id"
            " GROUP BY code, is_warning ORDER BY is_warning, count(*) DESC, code"
        ),
        {"id": import_id},
    )
    return _view(row, [ReasonCount(one.code, one.number, one.is_warning) for one in reasons], actor=actor)


def page(db: Connection, asked: ImportsAsked, *, actor: Actor) -> Page:
    """Return the imports of the actor's part of the tree, newest first; raises Forbidden."""
    where: list[str] = []
    values: dict[str, Any] = {"limit": asked.limit + 1}
    for subject, right in _RIGHTS.items():
        paths = actor.paths_for(right)
        if paths:
            where.append(
                f"(i.subject = '{subject}' AND NOT EXISTS (SELECT FROM unnest(i.paths) AS said(path) WHERE NOT EXISTS"  # noqa: S608
                f" (SELECT FROM unnest(CAST(:{subject} AS text[])) AS part(path)"
                " WHERE starts_with(said.path || '.', part.path || '.'))))"
            )
            values[subject] = paths
    if not where:
        raise Forbidden()
    condition = f"({' OR '.join(where)})"
    if asked.cursor:
        values["at"], values["id"] = key_in(asked.cursor, datetime.fromisoformat, UUID)
        condition += " AND (i.asked_at, i.id) < (:at, CAST(:id AS uuid))"
    rows = db.execute(
        text(f"{_SHOWN} WHERE {condition} ORDER BY i.asked_at DESC, i.id DESC LIMIT :limit"), values
    ).all()
    return page_of(
        rows,
        limit=asked.limit,
        view=lambda row: _view(row, [], actor=actor),
        key=lambda row: (row.asked_at, row.id),
    )


def _view(row: Row[Any], reasons: list[ReasonCount], *, actor: Actor) -> ImportView:
    hidden = ("signature", "places", "fields")
    return ImportView(
        **{
            name: getattr(row, name)
            for name in (
                "id",
                "subject",
                "purpose",
                "platform",
                "organisation_id",
                "organisation_name",
                "stage",
                "done",
            )
        },
        **{name: getattr(row, name) for name in ("total", "asked_at", "asked_by", "ended_at", "version", "skips_bad")},
        state=row.state_now,
        file_name=row.file["name"],
        file_size=row.file["size"],
        is_mine=row.asked_by_id == actor.person_id,
        has_errors_file=row.errors_file is not None,
        is_forgotten=row.forgotten_at is not None,
        sheets=[{name: value for name, value in sheet.items() if name not in hidden} for sheet in row.sheets],
        counts=row.counts,
        reasons=reasons,
        error=row.error_now,
    )


def faults(db: Connection, asked: FaultsAsked, *, actor: Actor) -> Page:
    """Return the bad and doubtful cells in the order of the file; raises NotFound, BadRequest."""
    found(db, asked.import_id, actor=actor)
    where = ["f.import_id = :import_id"]
    values: dict[str, Any] = {"import_id": asked.import_id, "limit": asked.limit + 1}
    if asked.code:
        where.append("f.code = :code")
        values["code"] = asked.code
    if asked.q:
        where.append("(f.found LIKE :part OR f.heading LIKE :part OR r.name LIKE :part OR f.row::text = :exact)")
        values |= {"part": f"%{literal(asked.q)}%", "exact": asked.q}
    if asked.cursor:
        values["line"], values["id"] = key_in(asked.cursor, int, int)
        where.append("(f.line, f.id) > (:line, :id)")
    rows = db.execute(
        text(
            "SELECT f.* FROM import_faults f LEFT JOIN import_rows r ON r.import_id = f.import_id AND r.line = f.line"  # noqa: S608
            f" WHERE {' AND '.join(where)} ORDER BY f.line, f.id LIMIT :limit"
        ),
        values,
    ).all()
    return page_of(rows, limit=asked.limit, view=_fault, key=lambda row: (row.line, row.id))


def _fault(row: Row[Any]) -> FaultView:
    reason, suggestion = said_of(row.code, row.params, is_chinese=False)
    reason_zh, suggestion_zh = said_of(row.code, row.params, is_chinese=True)
    return FaultView(
        sheet=row.sheet,
        row=row.row,
        column="" if row.place is None else letter_of(row.place),
        heading=row.heading,
        field=row.field,
        found=row.found,
        code=row.code,
        reason=reason,
        reason_zh=reason_zh,
        suggestion=suggestion,
        suggestion_zh=suggestion_zh,
        is_warning=row.is_warning,
    )


# Who stands in the branches that the file speaks of and not in the file; for organisations, what stands beside those
# that the file names, under the same ones.
MISSING: Final = {
    "members": """
SELECT p.id AS target_id, p.name, o.name AS place, o.path,
       EXISTS (SELECT FROM entered_marks e WHERE e.person_id = p.id AND e.platform = :platform) AS is_entered
FROM members m JOIN people p ON p.id = m.person_id JOIN organisations o ON o.id = m.branch_id
WHERE m.branch_id IN (SELECT branch_id FROM import_rows WHERE import_id = :id AND branch_id IS NOT NULL)
  AND NOT EXISTS (SELECT FROM import_rows r WHERE r.import_id = :id AND r.target_id = p.id)
""",
    "organisations": """
SELECT o.id AS target_id, o.name, q.name AS place, o.path, false AS is_entered
FROM organisations o JOIN organisations q ON q.id = o.parent_id
WHERE o.parent_id IN (SELECT c.parent_id FROM import_rows r JOIN organisations c ON c.id = r.target_id
                      WHERE r.import_id = :id)
  AND CAST(:platform AS text) IS NOT DISTINCT FROM CAST(:platform AS text)
  AND NOT EXISTS (SELECT FROM import_rows r WHERE r.import_id = :id AND r.target_id = o.id)
""",
}
ROWS: Final = """
SELECT r.line, r.sheet, r.row, r.name, r.changes, r.target_id, o.name AS place,
       EXISTS (SELECT FROM entered_marks e WHERE e.person_id = r.target_id AND e.platform = :platform) AS is_entered
FROM import_rows r LEFT JOIN organisations o ON o.id = r.branch_id
WHERE r.import_id = :id AND r.verdict = :verdict
"""


def differences(db: Connection, asked: ImportDifferencesAsked, *, actor: Actor) -> Page:
    """Return what a file would change, or who is missing in it; raises NotFound, BadRequest."""
    row = found(db, asked.import_id, actor=actor)
    values: dict[str, Any] = {"id": row.id, "limit": asked.limit + 1, "platform": row.platform}
    if asked.verdict == "missing":
        condition = ""
        if asked.cursor:
            values["path"], values["after"] = key_in(asked.cursor, str, UUID)
            condition = ' WHERE (path, target_id) > (CAST(:path AS text) COLLATE "C", CAST(:after AS uuid))'
        rows = db.execute(
            text(f"SELECT * FROM ({MISSING[row.subject]}) missing{condition} ORDER BY path, target_id LIMIT :limit"),  # noqa: S608
            values,
        ).all()
        return page_of(rows, limit=asked.limit, view=_missing, key=lambda each: (each.path, each.target_id))
    values["verdict"] = asked.verdict
    condition = ""
    if asked.cursor:
        (values["after"],) = key_in(asked.cursor, int)
        condition = " AND r.line > :after"
    rows = db.execute(text(f"{ROWS}{condition} ORDER BY r.line LIMIT :limit"), values).all()
    return page_of(rows, limit=asked.limit, view=_difference, key=lambda each: (each.line,))


def _missing(row: Row[Any]) -> ImportDifferenceView:
    return ImportDifferenceView(row.name, row.place, None, None, row.target_id, {}, row.is_entered)


def _difference(row: Row[Any]) -> ImportDifferenceView:
    return ImportDifferenceView(
        row.name, row.place, row.sheet, row.row, row.target_id, row.changes or {}, row.is_entered
    )


def missing_count(db: Connection, import_id: UUID, *, subject: str) -> int:
    """Count who is in the register and not in the file."""
    return int(
        db.execute(
            text(f"SELECT count(*) FROM ({MISSING[subject]}) missing"),  # noqa: S608 - made of constants
            {"id": import_id, "platform": None},
        ).scalar_one()
    )
