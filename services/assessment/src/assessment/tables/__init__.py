"""The assessment's tables, a module per noun. The database is the referee.

organisations                           roster's tree, copied from its events
rolls ── members                        its branches' rolls, copied too
activities ── activity_history          what a branch held
   └── record_forms, record_attendance, record_decisions, joint_parts, record_history, record_rules
lights, frozen_months, check_numbers    how its month looks, and by which numbers
task_lists ── list_versions ── list_items, added_tasks          what branches have to do
tasks ── task_steps, task_notes; task_months                    what they did about it
slips ── slip_steps; document_numbers, supervision_rules       who shall mend what by when, and did they
bulletins ── bulletin_lines, bulletin_steps, bulletin_receipts what is published about lights
followers, follow_ups, talks            who follows a branch up, what they note, what its secretary was told
notices ── notice_reads                 what was told to whom, and who has read it

The migrations make them, the drift check compares both.
"""

from assessment.tables import (
    activities,
    bulletins,
    lights,
    notices,
    organisations,
    records,
    rolls,
    slips,
    task_lists,
    tasks,
)
from assessment.tables.metadata import metadata

__all__ = [
    "activities",
    "bulletins",
    "lights",
    "metadata",
    "notices",
    "organisations",
    "records",
    "rolls",
    "slips",
    "task_lists",
    "tasks",
]
