"""The assessment's tables, a module per noun. The database is the referee.

organisations                           roster's tree, copied from its events
rolls ── members                        its branches' rolls, copied too
activities ── activity_history          what a branch held
   └── record_forms, record_attendance, record_decisions, joint_parts, record_history, record_rules
standings ── unpaid_dues                what roster tells of them besides: dues owed, rules broken
lights, member_lights ── light_corrections; frozen_months, check_numbers    how a month looks, and by which numbers
exemptions ── exemption_steps           whom the health check leaves out
task_lists ── list_versions ── list_items, added_tasks          what branches have to do
tasks ── task_steps, task_notes; task_months                    what they did about it

The migrations make them, the drift check compares both.
"""

from assessment.tables import (
    activities,
    exemptions,
    lights,
    organisations,
    records,
    rolls,
    standings,
    task_lists,
    tasks,
)
from assessment.tables.metadata import metadata

__all__ = [
    "activities",
    "exemptions",
    "lights",
    "metadata",
    "organisations",
    "records",
    "rolls",
    "standings",
    "task_lists",
    "tasks",
]
