"""What both kinds of import do with their rows: write them down by COPY, and tell a fault that the register shows."""

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID, uuid4

from chassis.sheets import letter_of
from contracts.envelope import plain
from contracts.roster.import_reasons import REASONS
from sqlalchemy import Connection, text

from roster.domain.import_cells import Cell, Fault

FAULTS_KEPT: Final = 20_000
"""How many bad cells of one file are written down; one that has more is read by the wrong columns."""


@dataclass(frozen=True)
class Line:
    """A row of the file: which sheet and row, what stands in its columns by field, and where each field stands."""

    line: int
    sheet: str
    row: int
    cells: Mapping[str, Cell]
    places: Mapping[str, int]
    headings: Mapping[str, str]


@dataclass
class Staged:
    """A row ready to be written down; `fields` hold sealed numbers alone."""

    line: Line
    name: str
    fields: dict[str, Any]
    key: bytes | None = None
    branch_id: UUID | None = None
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_bad(self) -> bool:
        """Whether one of its cells cannot be taken."""
        return any(not REASONS[fault.code].is_warning for fault in self.faults)


def write_down(db: Connection, import_id: UUID, rows: Sequence[Staged], *, faults_before: int) -> int:
    """Write the rows and their faults; returns how many faults were written."""
    _copy(
        db,
        "import_rows (import_id, line, sheet, row, name, key, branch_id, fields, is_bad, verdict, new_id)",
        (
            (
                import_id,
                row.line.line,
                row.line.sheet,
                row.line.row,
                row.name,
                None if row.key is None else "\\x" + row.key.hex(),
                row.branch_id,
                json.dumps(plain(row.fields), ensure_ascii=False),
                "t" if row.is_bad else "f",
                "bad" if row.is_bad else None,
                uuid4(),
            )
            for row in rows
        ),
    )
    told = [(row.line, fault) for row in rows for fault in row.faults][: max(0, FAULTS_KEPT - faults_before)]
    _copy(
        db,
        "import_faults (import_id, line, sheet, row, place, heading, field, found, code, params, is_warning)",
        (
            (
                import_id,
                line.line,
                line.sheet,
                line.row,
                line.places.get(fault.field),
                line.headings.get(fault.field, ""),
                fault.field,
                fault.found,
                fault.code,
                json.dumps(plain(fault.params), ensure_ascii=False),
                "t" if REASONS[fault.code].is_warning else "f",
            )
            for line, fault in told
        ),
    )
    return len(told)


def _copy(db: Connection, table: str, rows: Iterable[Sequence[Any]]) -> None:
    lines = "".join("\t".join(map(_copied, row)) + "\n" for row in rows)
    if not lines:
        return
    raw = db.connection.driver_connection
    assert raw is not None
    with raw.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO(lines))


def _copied(value: Any) -> str:
    if value is None:
        return "\\N"
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


_REGISTER_FAULT: Final = """
INSERT INTO import_faults (import_id, line, sheet, row, place, heading, field, found, code, params, is_warning,
                           by_register)
SELECT r.import_id, r.line, r.sheet, r.row, CAST(s.said -> 'places' ->> :field AS integer),
       coalesce(s.said -> 'fields' ->> :field, :heading), :field, {found}, :code, {params}, :is_warning, true
FROM import_rows r
JOIN imports i ON i.id = r.import_id
LEFT JOIN LATERAL (
    SELECT each.said FROM jsonb_array_elements(i.sheets) AS each(said) WHERE each.said ->> 'name' = r.sheet LIMIT 1
) s ON true
{source}
WHERE r.import_id = :import_id AND {condition}
"""


def tell_of(
    db: Connection,
    import_id: UUID,
    *,
    field: str,
    heading: str,
    code: str,
    condition: str,
    source: str = "",
    found: str = "''",
    params: str = "'{}'::jsonb",
    values: Mapping[str, Any] | None = None,
) -> int:
    """Write down a fault for each row `r` that fulfils a condition of SQL, and count them; it makes the row bad unless
    it is a warning. `found` and `params` are expressions over the row and what `source` joins."""
    is_warning = REASONS[code].is_warning
    statement = _REGISTER_FAULT.format(found=found, params=params, source=source, condition=condition)
    given = {"import_id": import_id, "field": field, "heading": heading, "code": code, "is_warning": is_warning}
    return db.execute(text(statement), {**given, **(values or {})}).rowcount


MANY: Final = 2_000


def forget_verdicts(db: Connection, import_id: UUID) -> None:
    """Take back what the register said of the rows, before it is asked again.

    Rows that were just written have no statistics, and the planner takes them for few: it would look up each of fifty
    thousand in each of fifty thousand. Of many rows it is told so; few are looked up by a large register's indexes.
    """
    many = db.execute(
        text("SELECT count(*) >= :many FROM import_rows WHERE import_id = :id"), {"id": import_id, "many": MANY}
    ).scalar_one()
    db.execute(text(f"SET LOCAL enable_nestloop = {'off' if many else 'on'}"))
    db.execute(text("DELETE FROM import_faults WHERE import_id = :id AND by_register"), {"id": import_id})
    db.execute(
        text(
            "UPDATE import_rows SET target_id = NULL, changes = NULL, verdict = CASE WHEN is_bad THEN 'bad' END"
            " WHERE import_id = :id AND (target_id IS NOT NULL OR changes IS NOT NULL"
            " OR verdict IS DISTINCT FROM CASE WHEN is_bad THEN 'bad' END)"
        ),
        {"id": import_id},
    )


def bad_by_register(db: Connection, import_id: UUID) -> None:
    """Make the rows bad that the register found a fault in."""
    db.execute(
        text(
            "UPDATE import_rows r SET verdict = 'bad' WHERE r.import_id = :id AND EXISTS (SELECT FROM import_faults f"
            " WHERE f.import_id = r.import_id AND f.line = r.line AND f.by_register AND NOT f.is_warning)"
        ),
        {"id": import_id},
    )


def twice(db: Connection, import_id: UUID, *, field: str, heading: str, found: str) -> None:
    """Tell of each row whose key stands in an earlier row of the file."""
    tell_of(
        db,
        import_id,
        field=field,
        heading=heading,
        code="twice-in-file",
        source="JOIN (SELECT key, min(line) AS line FROM import_rows WHERE import_id = :import_id AND key IS NOT NULL"
        " GROUP BY key HAVING count(*) > 1) k ON k.key = r.key AND k.line < r.line"
        " JOIN import_rows e ON e.import_id = r.import_id AND e.line = k.line",
        condition="true",
        found=found,
        params="jsonb_build_object('sheet', e.sheet, 'row', e.row)",
    )


def column_of(place: int | None) -> str:
    """Return a column's letters; nothing for a fault that no column shows."""
    return "" if place is None else letter_of(place)
