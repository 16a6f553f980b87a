"""Marks on claims (S11): computed when a claim is submitted and once more before it is decided."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from chassis.prepared import execute_prepared
from sqlalchemy import Connection, text

from sites.domain.days import day_of
from sites.queries import anomalies

FEW: Final = 10
"""Up to so many claims cost less than planning for them; for more it pays to look how many they are."""

# A row that keeps its points is not written anew: a claim is a long row with many indexes.
_MARK: Final = """
WITH found AS MATERIALIZED (@found@), gone AS (
    DELETE FROM claim_anomalies a
     WHERE a.claim_id = ANY(CAST(:claims AS uuid[]))
       AND NOT EXISTS (SELECT FROM found f WHERE f.claim_id = a.claim_id AND f.rule = a.rule)
), kept AS (
    INSERT INTO claim_anomalies (claim_id, rule, score, facts, other_claim_id, found_at)
    SELECT f.claim_id, f.rule, f.score, f.facts, f.other_claim_id, CAST(:at AS timestamptz) FROM found f
        ON CONFLICT (claim_id, rule) DO UPDATE
       SET score = excluded.score, facts = excluded.facts, other_claim_id = excluded.other_claim_id,
           found_at = excluded.found_at
), marked AS (
    SELECT c.id, coalesce((SELECT sum(f.score) FROM found f WHERE f.claim_id = c.id), 0)::integer AS score
      FROM unnest(CAST(:claims AS uuid[])) AS c (id)
), scored AS (
    UPDATE claims c SET score = m.score FROM marked m WHERE c.id = m.id AND c.score <> m.score
)
SELECT id, score FROM marked
"""


def mark(db: Connection, claim_ids: Sequence[UUID], *, at: datetime) -> dict[UUID, int]:
    """Mark these claims anew, which the caller holds locked; returns the points of each."""
    ids = sorted(claim_ids)
    if not ids:
        return {}
    found, given = anomalies.found_by(db, on=day_of(at))
    asked, given = _MARK.replace("@found@", found), {**given, "claims": ids, "at": at}
    if len(ids) <= FEW:
        rows = execute_prepared(db, asked, given, whatever_values=True)
    else:
        rows = db.execute(text(asked), given)
    return {row.id: row.score for row in rows}
