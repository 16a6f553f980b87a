"""The assessment's tables, a module per noun. The database is the referee.

organisations                           roster's tree, copied from its events
rolls ── members                        its branches' rolls, copied too
posts_told ── post_holders              who leads whom, copied too
activities ── activity_history          what a branch held
   └── record_forms, record_attendance, record_decisions, joint_parts, record_history, record_rules
standings ── unpaid_dues                what roster tells of them besides: dues owed, rules broken
lights, member_lights ── light_corrections; frozen_months, check_numbers    how a month looks, and by which numbers
exemptions ── exemption_steps           whom the health check leaves out
task_lists ── list_versions ── list_items, added_tasks          what branches have to do
compliance_settings                     the compliance switch
burden_rules, burden_months, burden_counted                     what the platform asks of branches
tasks ── task_steps, task_notes; task_months                    what they did about it
star_formulas ── star_ratings ── rated_organisations ── star_inputs, star_results ── star_steps     what they got, why
                    └── star_objections, star_corrections
weak_organisations ── weak_items, weak_steps                    who has to mend what
criteria, rounds ── round_visits ── visit_answers, visit_problems       what was found on site
inspections, samples ── sample_entries                          where problems are found, besides rounds and lights
problems ── problem_steps, problem_trainings, problem_kinds     what was found
   └── rectifications ── rectification_steps, rectification_rounds, evidence_files     how it is mended
   └── cards ── card_steps, card_consequences, card_objections; mending_rules          the warnings it earns
slips ── slip_steps; document_numbers, supervision_rules       who shall mend what by when, and did they
bulletins ── bulletin_lines, bulletin_steps, bulletin_receipts what is published about lights
followers, follow_ups, talks            who follows a branch up, what they note, what its secretary was told
notices ── notice_reads                 what was told to whom, and who has read it
review_rules, review_meetings ── meeting_members                 how secretaries are reviewed, who votes
reviews ── review_steps, review_checks, review_comments, review_ballots, review_votes, review_consequences,
           recommendations; half_year_meetings, reinspections

The migrations make them, the drift check compares both.
"""

from assessment.tables import (
    activities,
    bulletins,
    burden,
    cards,
    compliance,
    exemptions,
    lights,
    notices,
    organisations,
    posts,
    problems,
    records,
    rectifications,
    reviews,
    rolls,
    rounds,
    slips,
    standings,
    stars,
    task_lists,
    tasks,
    weak_organisations,
)
from assessment.tables.metadata import metadata

__all__ = [
    "activities",
    "bulletins",
    "burden",
    "cards",
    "compliance",
    "exemptions",
    "lights",
    "metadata",
    "notices",
    "organisations",
    "posts",
    "problems",
    "records",
    "rectifications",
    "reviews",
    "rolls",
    "rounds",
    "slips",
    "standings",
    "stars",
    "task_lists",
    "tasks",
    "weak_organisations",
]
