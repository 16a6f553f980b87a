"""Numbers without gaps: the counter's row is locked until the document that bears the number is committed with it."""

from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

_TAKE: Final = text("""
INSERT INTO document_numbers (issuer_id, series, year, last) VALUES (:issuer, :series, :year, 1)
ON CONFLICT (issuer_id, series, year) DO UPDATE SET last = document_numbers.last + 1
RETURNING last
""")


def take_number(db: Connection, *, issuer_id: UUID, series: str, year: int) -> int:
    """Return the next number of an organisation's series in a year, which nobody else takes meanwhile."""
    return int(db.execute(_TAKE, {"issuer": issuer_id, "series": series, "year": year}).scalar_one())
