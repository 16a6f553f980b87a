"""What is known of branches when their lights are read, gathered for many of them in one statement."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select

from assessment.domain.facts import ActivityOfBranch, BranchFacts
from assessment.domain.months import SHANGHAI, Month
from assessment.tables.activities import activities


def facts_of(db: Connection, branches: Sequence[Row[Any]], *, month: Month, at: datetime) -> dict[UUID, BranchFacts]:
    """Return the facts of each branch (rows of `organisations`) for the month, as they stand at `at`.

    A month that is over is seen as it ended: on its last day, without what was recorded later.
    """
    today = min(at.astimezone(SHANGHAI).date(), month.last)
    held = defaultdict(list)
    rows = db.execute(
        select(
            activities.c.branch_id, activities.c.kind, activities.c.state, activities.c.held_on, activities.c.place
        ).where(
            activities.c.branch_id.in_([branch.id for branch in branches]),
            activities.c.held_on.between(month.first, month.last),
            activities.c.recorded_at < month.ends_at,
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
