"""Telling how branches stand: who owes dues for which months, which setting rules are broken.

Entries about dues note it by their triggers (sql/dues.sql), findings by `note`; the timer tells whole standings
set-wise. Who notes while the timer tells waits for it, and what they changed is told the next time.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from chassis.outbox import tell
from contracts.roster.standings import BranchStanding, UnpaidDues
from sqlalchemy import Connection, text

from roster.domain.dues import said
from roster.domain.organisations import BRANCHES

PART: Final = 500

_NOTE: Final = text(
    """
    INSERT INTO standings AS s (branch_id)
    SELECT id FROM organisations WHERE id = ANY(:ids) AND kind = ANY(:kinds) ORDER BY id
    ON CONFLICT (branch_id) DO UPDATE SET version = s.version + 1, is_told = false
    """
)
_TAKE: Final = text(
    """
    UPDATE standings SET is_told = true WHERE branch_id IN (
        SELECT branch_id FROM standings WHERE NOT is_told ORDER BY branch_id LIMIT :part FOR UPDATE SKIP LOCKED)
    RETURNING branch_id, version
    """
)
# A month is owed from its beginning on; what was paid or reckoned ahead is nobody's business here.
_UNPAID: Final = text(
    """
    SELECT branch_id, person_id, array_agg(month ORDER BY month) AS months FROM dues_obligations
    WHERE branch_id = ANY(:ids) AND payment_id IS NULL AND due_fen > 0
    GROUP BY branch_id, person_id ORDER BY branch_id, person_id
    """
)
_BREACHES: Final = text(
    """
    SELECT organisation_id, array_agg(rule ORDER BY rule) AS rules FROM findings
    WHERE organisation_id = ANY(:ids) AND closed_on IS NULL AND severity = 'breach' GROUP BY organisation_id
    """
)


def note(db: Connection, ids: Iterable[UUID]) -> None:
    """Note that these organisations, those of them that are branches, stand otherwise than they were told."""
    db.execute(_NOTE, {"ids": sorted(set(ids)), "kinds": sorted(BRANCHES)})


def note_all(db: Connection) -> None:
    """Note all, for a hearer that is empty or was restored."""
    db.execute(text("UPDATE standings SET version = version + 1, is_told = false"))


def tell_noted(db: Connection, *, at: datetime, part: int = PART) -> int:
    """Tell up to `part` branches that stand otherwise than they were told; returns how many."""
    taken = {row.branch_id: row.version for row in db.execute(_TAKE, {"part": part})}
    if not taken:
        return 0
    unpaid: dict[UUID, list[UnpaidDues]] = {}
    for row in db.execute(_UNPAID, {"ids": sorted(taken)}):
        unpaid.setdefault(row.branch_id, []).append(UnpaidDues(row.person_id, [said(month) for month in row.months]))
    broken = {row.organisation_id: row.rules for row in db.execute(_BREACHES, {"ids": sorted(taken)})}
    for branch_id in sorted(taken):
        standing = BranchStanding(branch_id, unpaid.get(branch_id, []), list(broken.get(branch_id, [])))
        tell(db, standing, aggregate="standing", aggregate_id=branch_id, version=taken[branch_id], at=at)
    return len(taken)
