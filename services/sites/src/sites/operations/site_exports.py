"""The sites of one's part of the tree as a file (S1), which an import takes back: XLSX, CSV or GeoJSON."""

import io
import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from chassis.actors import Actor
from chassis.files import CSV, TEXT, XLSX, FileStore
from chassis.workbooks import as_csv as table_as_csv
from chassis.workbooks import workbook
from contracts.envelope import StoredFile
from contracts.sites.imports import SiteExportAsked
from sqlalchemy import Connection, Row, text

from sites.domain.geography import Point, in_datum
from sites.domain.site_tables import COLUMNS, WORDS
from sites.queries.scopes import visible_to

FILE_MAX_BYTES: Final = 64 * 1024 * 1024
DECIMALS: Final = 9
"""A tenth of a millimetre, so that a point comes back to where it was."""

_SITES: Final = """
SELECT s.code, s.name, s.category, s.kind, s.district, s.town, s.address, ST_X(s.point) AS lon, ST_Y(s.point) AS lat,
       s.capacity, s.visit_minutes, s.hours_text, o.code AS managing_organisation
  FROM sites s LEFT JOIN organisations o ON o.id = s.managing_organisation_id
 WHERE {condition} ORDER BY s.code
"""

Rows = Sequence[dict[str, Any]]
Aside = Callable[[Callable[[], bytes]], bytes]


def export(
    db: Connection, files: FileStore, *, asked: SiteExportAsked, actor: Actor, aside: Aside = lambda act: act()
) -> StoredFile:
    """Write the sites into the file store and return the reference. Raises Forbidden.

    A hundred thousand sites are seconds of computing; `aside` does them where nobody else waits.
    """
    condition, given = visible_to(actor, "export_sites", site="s.managing_path")
    found = db.execute(text(_SITES.format(condition=condition)), given).all()
    write, media_type = _FORMATS[asked.format]
    return files.put(
        io.BytesIO(aside(lambda: write(_placed(found, datum=asked.datum)))),
        name=f"sites-{asked.datum}.{asked.format}",
        media_types={media_type},
        max_bytes=FILE_MAX_BYTES,
    )


def _placed(found: Sequence[Row[Any]], *, datum: str) -> Rows:
    rows = []
    for row in found:
        point = in_datum(Point(lon=row.lon, lat=row.lat), datum=datum)
        rows.append({**row._mapping, "lon": round(point.lon, DECIMALS), "lat": round(point.lat, DECIMALS)})
    return rows


def as_csv(rows: Rows) -> bytes:
    """Return the sites as CSV, in UTF-8 with the mark by which Excel knows it."""
    return table_as_csv(COLUMNS.values(), ([_cell(name, row[name]) for name in COLUMNS] for row in rows))


def as_xlsx(rows: Rows) -> bytes:
    """Return the sites as a workbook; all cells are text, so that no coordinate loses digits."""
    out = io.BytesIO()
    with workbook(out, row_by_row=False) as book:
        sheet = book.add_worksheet("活动点")
        bold = book.add_format({"bold": True})
        for column, heading in enumerate(COLUMNS.values()):
            sheet.write_string(0, column, heading, bold)
        for number, row in enumerate(rows, start=1):
            for column, name in enumerate(COLUMNS):
                sheet.write_string(number, column, _cell(name, row[name]))
        sheet.set_column(0, len(COLUMNS), 16)
        sheet.freeze_panes(1, 0)
    return out.getvalue()


def as_geojson(rows: Rows) -> bytes:
    """Return the sites as a FeatureCollection; its coordinates are in the datum that was asked for."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
            "properties": {name: row[name] for name in COLUMNS if name not in ("lon", "lat")},
        }
        for row in rows
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    said = {code: word for word, code in WORDS.get(name, {}).items()}
    return said.get(value, f"{value:.{DECIMALS}f}" if isinstance(value, float) else str(value))


_FORMATS: Final[dict[str, tuple[Callable[[Rows], bytes], str]]] = {
    "xlsx": (as_xlsx, XLSX),
    "csv": (as_csv, CSV),
    "geojson": (as_geojson, TEXT),
}
