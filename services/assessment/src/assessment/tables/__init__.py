"""The assessment's tables, a module per noun. The database is the referee.

organisations                           roster's tree, copied from its events
rolls ── members                        its branches' rolls, copied too
posts_told ── post_holders              who leads whom, copied too
activities ── activity_history          what a branch held
   └── record_forms, record_attendance, record_decisions, joint_parts, record_history, record_rules
lights, frozen_months, check_numbers    how its month looks, and by which numbers
task_lists ── list_versions ── list_items, added_tasks          what branches have to do
tasks ── task_steps, task_notes; task_months                    what they did about it
star_formulas ── star_ratings ── rated_organisations ── star_inputs, star_results ── star_steps     what they got, why
                    └── star_objections, star_corrections
weak_organisations ── weak_items, weak_steps                    who has to mend what
criteria, rounds ── round_visits ── visit_answers, visit_problems       what was found on site
inspections, samples ── sample_entries                          where problems are found, besides rounds and lights
problems ── problem_steps, problem_trainings, problem_kinds     what was found
   └── rectifications ── rectification_steps, rectification_rounds, evidence_files     how it is mended
   └── cards ── card_steps, card_consequences, card_objections; mending_rules          the warnings it earns

The migrations make them, the drift check compares both.
"""

from assessment.tables import (
    activities,
    cards,
    lights,
    organisations,
    posts,
    problems,
    records,
    rectifications,
    rolls,
    rounds,
    stars,
    task_lists,
    tasks,
    weak_organisations,
)
from assessment.tables.metadata import metadata

__all__ = [
    "activities",
    "cards",
    "lights",
    "metadata",
    "organisations",
    "posts",
    "problems",
    "records",
    "rectifications",
    "rolls",
    "rounds",
    "stars",
    "task_lists",
    "tasks",
    "weak_organisations",
]
