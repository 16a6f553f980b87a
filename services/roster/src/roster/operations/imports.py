"""A file that is imported: sent, mapped, confirmed, cancelled. What takes long is done by `import_work`.

    reading ─▶ mapping ─▶ checking ─▶ checked ─▶ applying ─▶ applied
       └──────────┴───────────┴──────────┴───────────┴─────▶ cancelled, or failed

Each step is one compare-and-set on the state, so a button pressed twice, or two people, do it once. Only who sent the
file maps, confirms and cancels it; everybody who may import there sees it.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from chassis import jobs
from chassis.actors import Actor, Forbidden
from chassis.files import FileStore, store_in
from chassis.pictures import sweep
from chassis.refusals import InvalidInput, NotFound, PreconditionFailed, Refusal
from contracts.roster.imports import (
    IMPORTS_FOLDER,
    ApplyImport,
    CancelImport,
    ImportView,
    MapColumns,
    Marked,
    MarkEntered,
    StartImport,
)
from sqlalchemy import Connection, Row, insert, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql import bindparam

from roster.domain.import_columns import missing
from roster.operations.import_subjects import SUBJECTS
from roster.queries import imports as queries
from roster.tables.imports import imports

JOB: Final = "work_on_import"
KEPT: Final = timedelta(days=7)
OPEN_MAX: Final = 3

MOVES: Final[dict[str, tuple[frozenset[str], str]]] = {
    "map": (frozenset({"mapping", "checked"}), "checking"),
    "apply": (frozenset({"checked"}), "applying"),
    "cancel": (frozenset({"reading", "mapping", "checking", "checked", "applying"}), "cancelled"),
}


class ImportNotMovable(Refusal):
    """This import is {state} now; this cannot be done with it."""


class TooManyImports(Refusal):
    """{most} files of yours are not finished; apply or cancel one of them first."""


class ImportHasBadCells(Refusal):
    """{count} rows hold cells that cannot be taken; mend them, or say that these rows stay out."""


class ImportOutdated(Refusal):
    """The register has changed since the differences were shown; they were looked at again. See what is new."""


class NothingToImport(Refusal):
    """The file changes nothing in the register."""


def store() -> FileStore:
    """Return the folder of the file store in which imported and exported files stand."""
    return store_in(IMPORTS_FOLDER)


def start(db: Connection, *, asked: StartImport, actor: Actor, at: datetime) -> ImportView:
    """Have a file looked through. Raises Forbidden, TooManyImports, InvalidInput for a comparison of nothing known."""
    paths = paths_of(actor, SUBJECTS[asked.subject].right)
    if (asked.purpose == "compare") != (asked.platform is not None):
        raise InvalidInput({"platform": ["Say which platform the file comes from."]})
    db.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"import {actor.person_id}"})
    waiting = db.execute(
        text(
            "SELECT count(*) FROM imports i LEFT JOIN jobs j ON j.id = i.job_id WHERE i.asked_by_id = :by"
            " AND i.state IN ('reading', 'checking', 'applying') AND j.state IN ('waiting', 'running')"
        ),
        {"by": actor.person_id},
    ).scalar_one()
    if waiting >= OPEN_MAX:
        raise TooManyImports(most=OPEN_MAX)
    organisation_id = db.execute(
        text("SELECT id FROM organisations WHERE path = ANY(:paths) ORDER BY path LIMIT 1"), {"paths": paths}
    ).scalar_one_or_none()
    if organisation_id is None:
        raise Forbidden()
    import_id = uuid4()
    db.execute(
        insert(imports).values(
            id=import_id,
            subject=asked.subject,
            purpose=asked.purpose,
            platform=asked.platform,
            organisation_id=organisation_id,
            paths=paths,
            file=asdict(asked.file),
            stage="reading",
            asked_at=at,
            asked_by_id=actor.person_id,
            asked_by=actor.name,
        )
    )
    _hand_over(db, import_id, actor=actor, at=at)
    return queries.view(db, import_id, actor=actor)


def map_columns(db: Connection, *, asked: MapColumns, actor: Actor, at: datetime) -> ImportView:
    """Say how the sheets are read, keep it for the next file, and have the rows looked through.

    Raises NotFound, Forbidden, ImportNotMovable; InvalidInput when a needed column is named by no sheet or one twice.
    """
    found = own(db, asked.import_id, actor=actor)
    subject = SUBJECTS[found.subject]
    fields = {column.field for column in subject.columns}
    said = {mapping.sheet: mapping for mapping in asked.sheets}
    sheets, faults = [], []
    for sheet in found.sheets:
        mapping = said.get(sheet["name"])
        if mapping is None or not mapping.is_taken or sheet["header_row"] is None:
            sheets.append({**sheet, "is_taken": False})
            continue
        columns = {place: name for place, name in mapping.columns.items() if int(place) < len(sheet["headings"])}
        if not fields.issuperset(columns.values()) or len(set(columns.values())) < len(columns):
            faults.append("A field stands for two columns, or is none of this kind of file.")
        elif lacks := missing(columns.values(), subject.columns):
            faults.append(f"“{sheet['name']}” lacks: {'、'.join(lacks)}.")
        sheets.append({**sheet, "is_taken": True, "columns": columns, **_places(sheet, columns)})
    if not faults and not any(sheet["is_taken"] for sheet in sheets):
        faults.append("Take at least one sheet.")
    if faults:
        raise InvalidInput({"sheets": faults})
    _move(db, found, "map", sheets=sheets, stage="checking", done=0, total=None, counts={})
    for sheet in sheets:
        if sheet["is_taken"]:
            db.execute(
                _REMEMBER,
                {
                    "organisation": found.organisation_id,
                    "subject": found.subject,
                    "signature": sheet["signature"],
                    "columns": sheet["columns"],
                    "at": at,
                    "by": actor.name,
                },
            )
    _hand_over(db, found.id, actor=actor, at=at)
    return queries.view(db, found.id, actor=actor)


def apply(db: Connection, *, asked: ApplyImport, actor: Actor, at: datetime) -> ImportView:
    """Have what was shown taken over, in one transaction.

    Raises NotFound, Forbidden, ImportNotMovable, ImportHasBadCells, NothingToImport, PreconditionFailed when other
    differences were shown than those that stand.
    """
    found = own(db, asked.import_id, actor=actor)
    if found.purpose != "take_over":
        raise ImportNotMovable(state=found.state)
    if found.state == "checked":
        if found.version != asked.version:
            raise PreconditionFailed()
        if found.counts["bad"] and not asked.skip_bad:
            raise ImportHasBadCells(count=found.counts["bad"])
        if not found.counts["new"] and not found.counts["changed"]:
            raise NothingToImport()
    paths = paths_of(actor, SUBJECTS[found.subject].right)
    _move(db, found, "apply", stage="applying", done=0, paths=paths, skips_bad=bool(found.counts.get("bad")))
    _hand_over(db, found.id, actor=actor, at=at)
    return queries.view(db, found.id, actor=actor)


def cancel(db: Connection, *, asked: CancelImport, actor: Actor, at: datetime) -> ImportView:
    """Stop: nothing of the file is taken. Raises NotFound, Forbidden, ImportNotMovable once it is applied."""
    found = own(db, asked.import_id, actor=actor)
    _move(db, found, "cancel", ended_at=at)
    return queries.view(db, found.id, actor=actor)


def forget(db: Connection, files: FileStore, *, at: datetime) -> int:
    """Forget the rows and files of what is a week old, and remove the files that nothing names; returns how many.

    That the import was, who did it and its counts stay.
    """
    due = db.execute(
        text(
            "UPDATE imports SET forgotten_at = :at, errors_file = NULL, report_file = NULL,"
            " ended_at = coalesce(ended_at, :at),"
            " sheets = '[]', state = CASE WHEN ended_at IS NULL THEN 'cancelled' ELSE state END"
            " WHERE forgotten_at IS NULL AND asked_at <= :before"
            " AND NOT EXISTS (SELECT FROM jobs j WHERE j.id = job_id AND j.state IN ('waiting', 'running'))"
            " RETURNING id"
        ),
        {"at": at, "before": at - KEPT},
    ).scalars()
    ids = list(due)
    db.execute(text("DELETE FROM import_faults WHERE import_id = ANY(:ids)"), {"ids": ids})
    db.execute(text("DELETE FROM import_rows WHERE import_id = ANY(:ids)"), {"ids": ids})
    db.execute(
        text(
            "DELETE FROM jobs WHERE kind IN ('export_roster', 'work_on_import') AND asked_at <= :before"
            " AND state IN ('done', 'failed')"
        ),
        {"before": at - KEPT},
    )
    named = db.execute(
        text(
            "SELECT file ->> 'sha256' FROM imports WHERE forgotten_at IS NULL"
            " UNION SELECT errors_file ->> 'sha256' FROM imports WHERE errors_file IS NOT NULL"
            " UNION SELECT report_file ->> 'sha256' FROM imports WHERE report_file IS NOT NULL"
            " UNION SELECT result ->> 'sha256' FROM jobs WHERE kind = 'export_roster' AND state = 'done'"
        )
    )
    return sweep(files, set(named.scalars()), at=at)


# ---- how ---------------------------------------------------------------------------------------------------------

_REMEMBER: Final = text(
    "INSERT INTO import_mappings (organisation_id, subject, signature, columns, saved_at, saved_by)"
    " VALUES (:organisation, :subject, :signature, :columns, :at, :by)"
    " ON CONFLICT (organisation_id, subject, signature)"
    " DO UPDATE SET columns = excluded.columns, saved_at = excluded.saved_at, saved_by = excluded.saved_by"
).bindparams(bindparam("columns", type_=JSONB))


def paths_of(actor: Actor, right: str) -> list[str]:
    """Return the parts of the tree in which the actor may import. Raises Forbidden."""
    paths = sorted(set(actor.paths_for(right)))
    if not paths:
        raise Forbidden()
    return paths


def own(db: Connection, import_id: UUID, *, actor: Actor) -> Row[Any]:
    """Return one's own import. Raises NotFound, Forbidden for somebody else's."""
    found = queries.found(db, import_id, actor=actor)
    if found.asked_by_id != actor.person_id:
        raise Forbidden()
    return found


def _places(sheet: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    """Return where each field stands and under which heading, for the faults that the database tells."""
    return {
        "places": {name: int(place) for place, name in columns.items()},
        "fields": {name: sheet["headings"][int(place)] for place, name in columns.items()},
    }


def _move(db: Connection, found: Row[Any], verb: str, **values: Any) -> None:
    before, after = MOVES[verb]
    moved = db.execute(
        imports.update()
        .where(imports.c.id == found.id, imports.c.state.in_(before))
        .values(state=after, version=imports.c.version + 1, error=None, **values)
    )
    if moved.rowcount != 1:
        state = db.execute(text("SELECT state FROM imports WHERE id = :id"), {"id": found.id}).scalar_one()
        raise ImportNotMovable(state=state)


def _hand_over(db: Connection, import_id: UUID, *, actor: Actor, at: datetime) -> None:
    """Have *work* go on with it; only the job that the import names works on it."""
    job_id = jobs.ask(db, JOB, params={"import_id": str(import_id)}, at=at, asked_by=actor.person_id)
    db.execute(text("UPDATE imports SET job_id = :job WHERE id = :id"), {"job": job_id, "id": import_id})


def mark(db: Connection, *, asked: MarkEntered, actor: Actor, at: datetime) -> Marked:
    """Mark members as entered in the platform that a file was compared for, or take the mark away.

    Raises NotFound, Forbidden for a member outside the actor's part of the tree.
    """
    found = queries.found(db, asked.import_id, actor=actor)
    if found.platform is None or found.subject != "members":
        raise NotFound()
    places = db.execute(
        text(
            "SELECT m.person_id, o.path FROM members m JOIN organisations o ON o.id = m.branch_id"
            " WHERE m.person_id = ANY(:persons)"
        ),
        {"persons": asked.person_ids},
    ).all()
    for row in places:
        actor.must("import_members", organisation=row.path)
    given = {"platform": found.platform, "persons": [row.person_id for row in places], "at": at}
    if asked.is_entered:
        marked = db.execute(
            text(
                "INSERT INTO entered_marks (platform, person_id, marked_at, marked_by_id, marked_by)"
                " SELECT :platform, person, :at, :by_id, :by FROM unnest(CAST(:persons AS uuid[])) AS person"
                " ON CONFLICT DO NOTHING"
            ),
            {**given, "by_id": actor.person_id, "by": actor.name},
        )
    else:
        marked = db.execute(
            text("DELETE FROM entered_marks WHERE platform = :platform AND person_id = ANY(:persons)"), given
        )
    return Marked(marked.rowcount)
