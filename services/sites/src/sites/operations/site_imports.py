"""Taking over a file of sites (S1): a job that looks it through, a job that writes all of it or nothing.

Rows are matched by their code. What is new is proposed, what is the same is left alone, what differs is written with a
row of history: a file taken over twice changes nothing the second time.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, BinaryIO, Final
from uuid import UUID, uuid4

from chassis import jobs
from chassis.actors import Actor
from chassis.files import FileStore
from chassis.refusals import NotFound, Refusal
from contracts.rights import lies_in
from contracts.sites.imports import ApplySiteImport, PreviewSiteImport, SiteImportView
from sqlalchemy import Connection, Row, insert, text, update

from sites.domain.geography import Point
from sites.domain.site_tables import COLUMNS, NEEDED_BY_NEW, Fault, SiteRow, read
from sites.operations.bank_files import ROWS_MAX, BankFileUnreadable, rows_of
from sites.operations.site_records import TRAINING_BASE
from sites.operations.sites import NewSite, pinyin_of, register_all
from sites.tables.places import site_history, sites

PREVIEW: Final = "preview_sites"
TAKE_OVER: Final = "take_over_sites"
FAULTS_TOLD: Final = 500
UNCHECKED: Final = "A site becomes a training base on its record, once sign, area and equipment are checked."
GEOJSON_MAX_BYTES: Final = 10 * 1024 * 1024
SAME_DEGREES: Final = 1e-8
"""A millimetre: what comes back from an export in another datum has not moved."""
COMPARED: Final = (
    *("name", "category", "kind", "district", "town", "address", "capacity", "visit_minutes", "hours_text"),
)

_KNOWN: Final = text("""
SELECT id, code, name, category, kind, district, town, address, capacity, visit_minutes, hours_text, state,
       ST_X(point) AS lon, ST_Y(point) AS lat, managing_path, version
  FROM sites WHERE code = ANY(:codes) ORDER BY id FOR NO KEY UPDATE
""")
_KEEPERS: Final = text("SELECT id, code, name, path FROM organisations WHERE code = ANY(:codes) AND NOT dissolved")
_ASKED: Final = text("SELECT params, state, result FROM jobs WHERE id = :id AND kind = :kind AND asked_by = :by")


class SitesFileUnreadable(Refusal):
    """The file must be XLSX, CSV (UTF-8 or GB 18030) or GeoJSON with points, of at most 20 000 rows."""


class ImportNotReady(Refusal):
    """Only a file that was looked through to its end without a fault can be taken over."""


class ImportFaulty(Refusal):
    """Meanwhile {faults} cells cannot be taken any more; look the file through again."""


def preview(db: Connection, *, asked: PreviewSiteImport, actor: Actor, at: datetime) -> SiteImportView:
    """Have a file looked through. Raises Forbidden."""
    paths = importing_paths(actor)
    params = {
        "file": asdict(asked.file),
        "datum": asked.datum,
        "paths": paths,
        "by_name": actor.name,
        "by_id": str(actor.person_id),
    }
    return found(db, jobs.ask(db, PREVIEW, params=params, at=at, asked_by=actor.person_id))


def take_over(db: Connection, *, asked: ApplySiteImport, actor: Actor, at: datetime) -> SiteImportView:
    """Have a file taken over that was looked through. Raises Forbidden, NotFound, ImportNotReady."""
    paths = importing_paths(actor)
    row = db.execute(_ASKED, {"id": asked.import_id, "kind": PREVIEW, "by": actor.person_id}).one_or_none()
    if row is None:
        raise NotFound()
    if row.state != "done" or row.result["faults"]:
        raise ImportNotReady()
    params = {**row.params, "paths": paths, "by_name": actor.name, "by_id": str(actor.person_id)}
    return found(db, jobs.ask(db, TAKE_OVER, params=params, at=at, asked_by=actor.person_id))


def progress_of(db: Connection, import_id: UUID, *, actor: Actor) -> SiteImportView:
    """Return how far an import is that the actor asked for. Raises Forbidden, NotFound."""
    importing_paths(actor)
    view = jobs.find(db, import_id)
    if view is None or view.kind not in (PREVIEW, TAKE_OVER) or view.asked_by != actor.person_id:
        raise NotFound()
    return found(db, import_id)


def found(db: Connection, import_id: UUID) -> SiteImportView:
    """Return the job as an import."""
    view = jobs.find(db, import_id)
    assert view is not None
    names = ("id", "state", "done", "total", "asked_at", "ended_at", "result", "error")
    return SiteImportView(**{name: getattr(view, name) for name in names})


def importing_paths(actor: Actor) -> list[str]:
    """Return the parts of the tree in which the actor may import sites. Raises Forbidden."""
    paths = [grant.path for grant in actor.grants if actor.may("import_sites", site=grant.path)]
    if not paths:
        actor.must("import_sites")
    return sorted(paths)


def run(
    db: Connection,
    files: FileStore,
    *,
    params: dict[str, Any],
    writes: bool,
    at: datetime,
    progress: Callable[..., None],
) -> dict[str, Any]:
    """Look the file through and, with `writes`, take it over; returns the counts and faults.

    Raises SitesFileUnreadable; ImportFaulty when a file that was sound is not any more.
    """
    with files.open(params["file"]["sha256"]) as stream:
        rows, faults = read(table_of(stream), datum=params["datum"])
    progress(0, len(rows))
    known = {row.code: row for row in db.execute(_KNOWN, {"codes": [row.fields["code"] for row in rows]})}
    codes = {row.fields[NEEDED_BY_NEW] for row in rows if row.fields[NEEDED_BY_NEW]}
    keepers = {row.code: row for row in db.execute(_KEEPERS, {"codes": sorted(codes)})}
    faults += [fault for row in rows if (fault := _misplaced(row, known, keepers, paths=params["paths"]))]
    new = [row for row in rows if row.fields["code"] not in known]
    changed = [(row, changes) for row in rows if (changes := _changes(row, known.get(row.fields["code"])))]
    told = {
        "rows": len(rows),
        "new": len(new),
        "changed": len(changed),
        "unchanged": len(rows) - len(new) - len(changed),
        "applied": writes,
        "faults": [asdict(fault) for fault in sorted(faults, key=lambda fault: fault.row)[:FAULTS_TOLD]],
    }
    if not writes:
        return told
    if faults:
        raise ImportFaulty(faults=len(faults))
    who = {"by_id": UUID(params["by_id"]), "by_name": params["by_name"]}
    proposed = [_new_site(row, keepers, datum=params["datum"]) for row in new]
    register_all(db, proposed, at=at, by=(who["by_id"], who["by_name"]), state="proposed")
    for number, (row, changes) in enumerate(changed, start=1):
        _write(db, known[row.fields["code"]], row, changes, who=who, at=at, datum=params["datum"])
        progress(number, len(rows))
    return told


def table_of(stream: BinaryIO) -> Sequence[Sequence[str]]:
    """Return the file's rows as text, the headings first; of GeoJSON one row a feature. Raises SitesFileUnreadable."""
    start = stream.read(64)
    stream.seek(0)
    if not start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        try:
            return rows_of(stream)
        except BankFileUnreadable:
            raise SitesFileUnreadable() from None
    try:
        features = json.loads(stream.read(GEOJSON_MAX_BYTES))["features"]
        if len(features) > ROWS_MAX:
            raise SitesFileUnreadable()
        names = list(COLUMNS)
        rows = [names]
        for feature in features:
            lon, lat = feature["geometry"]["coordinates"][:2]
            cells = {**feature["properties"], "lon": lon, "lat": lat}
            row = ["" if cells.get(name) is None else str(cells[name]) for name in names]
            "".join(row).encode()  # half a character, as JSON may escape it, can be stored nowhere
            rows.append(row)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise SitesFileUnreadable() from None
    return rows


def _misplaced(
    row: SiteRow, known: dict[str, Row[Any]], keepers: dict[str, Row[Any]], *, paths: list[str]
) -> Fault | None:
    """Return the fault of a row whose site or keeper the importer has no right to, or that names no keeper."""
    site, code = known.get(row.fields["code"]), row.fields[NEEDED_BY_NEW]

    def fault(name: str, found: str, reason: str) -> Fault:
        return Fault(row.row, COLUMNS[name], found, reason)

    # What is new was checked by nobody yet; what is known becomes a training base through its record alone.
    if row.fields["kind"] == TRAINING_BASE and (site is None or site.kind != TRAINING_BASE):
        return fault("kind", TRAINING_BASE, UNCHECKED)
    if site is not None:
        is_theirs = any(lies_in(site.managing_path, path) for path in paths)
        return None if is_theirs else fault("code", site.code, "This site is not in your part of the tree.")
    if code is None:
        return fault(NEEDED_BY_NEW, "", "Missing data for required field.")
    keeper = keepers.get(code)
    if keeper is None:
        return fault(NEEDED_BY_NEW, code, "This organisation is not known.")
    if not any(lies_in(keeper.path, path) for path in paths):
        return fault(NEEDED_BY_NEW, code, "This organisation is not in your part of the tree.")
    return None


def _changes(row: SiteRow, site: Row[Any] | None) -> dict[str, list[Any]]:
    """Return what of a known site differs, as [before, after] by field; nothing for a new one."""
    if site is None:
        return {}
    changes = {
        name: [getattr(site, name), row.fields[name]] for name in COMPARED if row.fields[name] != getattr(site, name)
    }
    if abs(site.lon - row.point.lon) > SAME_DEGREES or abs(site.lat - row.point.lat) > SAME_DEGREES:
        ends = (Point(lon=site.lon, lat=site.lat), row.point)
        changes["point"] = [[round(end.lon, 6), round(end.lat, 6)] for end in ends]
    return changes


def _write(
    db: Connection,
    site: Row[Any],
    row: SiteRow,
    changes: dict[str, list[Any]],
    *,
    who: dict[str, Any],
    at: datetime,
    datum: str,
) -> None:
    columns = {name: after for name, (_, after) in changes.items() if name != "point"}
    if "name" in columns:
        columns["pinyin"], columns["initials"] = pinyin_of(columns["name"])
    if "point" in changes:
        columns |= {"point": _ewkt(row.point), "point_datum": datum, "point_source": "import"}
    db.execute(update(sites).where(sites.c.id == site.id).values(**columns, version=sites.c.version + 1))
    step = {"move": "import", "state": site.state, "at": at, **who}
    db.execute(insert(site_history).values(site_id=site.id, **step, changes=changes))


def _ewkt(point: Point) -> str:
    return f"SRID=4326;POINT({point.lon!r} {point.lat!r})"


def _new_site(row: SiteRow, keepers: dict[str, Row[Any]], *, datum: str) -> NewSite:
    keeper = keepers[row.fields[NEEDED_BY_NEW]]
    return NewSite(
        id=uuid4(),
        **{name: row.fields[name] for name in ("code", *COMPARED)},
        point=row.point,
        point_datum="WGS-84",
        point_source=f"import ({datum})",
        point_checked_on=None,
        managing_organisation_id=keeper.id,
        managing_organisation=keeper.name,
        managing_path=keeper.path,
        synthetic=False,
    )
