"""What is known of branches when their lights are read, gathered for many of them in one statement."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select, union_all

from assessment.domain.facts import ActivityOfBranch, BranchFacts
from assessment.domain.months import SHANGHAI, Month
from assessment.domain.records import CONFIRMED
from assessment.tables.activities import activities
from assessment.tables.records import joint_parts


def facts_of(db: Connection, branches: Sequence[Row[Any]], *, month: Month, at: datetime) -> dict[UUID, BranchFacts]:
    """Return the facts of each branch (rows of `organisations`) for the month, as they stand at `at`.

    A month that is over is seen as it ended: on its last day, without what was recorded later. What a branch held
    with others counts for it once it has confirmed its part, by word or by silence.
    """
    today = min(at.astimezone(SHANGHAI).date(), month.last)
    held = defaultdict(list)
    ids = [branch.id for branch in branches]
    about = (activities.c.kind, activities.c.state, activities.c.held_on, activities.c.place)
    in_month = (activities.c.held_on.between(month.first, month.last), activities.c.recorded_at < month.ends_at)
    own = select(activities.c.branch_id, *about).where(activities.c.branch_id.in_(ids), *in_month)
    joint = (
        select(joint_parts.c.branch_id, *about)
        .join(activities, activities.c.id == joint_parts.c.activity_id)
        .where(
            joint_parts.c.branch_id.in_(ids),
            joint_parts.c.state == CONFIRMED,
            joint_parts.c.decided_at < month.ends_at,
            *in_month,
        )
    )
    rows = db.execute(union_all(own, joint))
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
