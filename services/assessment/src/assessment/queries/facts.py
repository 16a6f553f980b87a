"""What is known of branches when their lights are read, gathered for many of them in one statement."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select

from assessment.domain.facts import ActivityOfBranch, BranchFacts
from assessment.domain.months import SHANGHAI, Month
from assessment.tables.records import branch_activities


def facts_of(db: Connection, branches: Sequence[Row[Any]], *, month: Month, at: datetime) -> dict[UUID, BranchFacts]:
    """Return the facts of each branch (rows of `organisations`) for the month, as they stand at `at`.

    A month that is over is seen as it ended: on its last day, without what was recorded later. What a branch held
    with others counts for it once it has confirmed its part, by word or by silence.
    """
    today = min(at.astimezone(SHANGHAI).date(), month.last)
    held = defaultdict(list)
    of = branch_activities.c
    rows = db.execute(
        select(of.branch_id, of.kind, of.state, of.held_on, of.place).where(
            of.branch_id.in_([branch.id for branch in branches]),
            of.held_on.between(month.first, month.last),
            of.recorded_at < month.ends_at,
        )
    )
    for row in rows:
        held[row.branch_id].append(ActivityOfBranch(row.kind, row.state, row.held_on, row.place))
    return {
        branch.id: BranchFacts(
            today=today,
            has_secretary=branch.secretary_id is not None,
            members_full=branch.members_full,
            activities=tuple(held[branch.id]),
        )
        for branch in branches
    }
