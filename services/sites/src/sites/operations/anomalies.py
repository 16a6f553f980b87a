"""Marks on claims (S11): computed when a claim is submitted and once more before it is decided."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Uuid, any_, delete, insert, literal, text

from sites.domain.days import day_of
from sites.queries import anomalies
from sites.tables.claims import claim_anomalies

_SCORE = text("""
UPDATE claims c
   SET score = m.score
  FROM (SELECT id, coalesce((SELECT sum(a.score) FROM claim_anomalies a WHERE a.claim_id = id), 0) AS score
          FROM unnest(CAST(:claims AS uuid[])) AS id) m
 WHERE c.id = m.id
RETURNING c.id, c.score
""")


def mark(db: Connection, claim_ids: Sequence[UUID], *, at: datetime) -> dict[UUID, int]:
    """Mark these claims anew, which the caller holds locked; returns the points of each."""
    ids = sorted(claim_ids)
    if not ids:
        return {}
    found = anomalies.found(db, ids, on=day_of(at))
    db.execute(delete(claim_anomalies).where(claim_anomalies.c.claim_id == any_(literal(ids, ARRAY(Uuid)))))
    if found:
        db.execute(insert(claim_anomalies), [{**mark, "found_at": at} for mark in found])
    return {row.id: row.score for row in db.execute(_SCORE, {"claims": ids})}
