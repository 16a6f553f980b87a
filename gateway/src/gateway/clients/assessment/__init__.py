"""The doors of the assessment, by what they open on, as its own package `doors` has them."""

from gateway.clients.assessment import (
    activities,
    burden,
    compliance,
    half_year_meetings,
    lights,
    notices,
    records,
    review_consequences,
    review_meetings,
    reviews,
    round_visits,
    rounds,
    task_lists,
    tasks,
)

__all__ = [
    "activities",
    "burden",
    "compliance",
    "half_year_meetings",
    "lights",
    "notices",
    "records",
    "review_consequences",
    "review_meetings",
    "reviews",
    "round_visits",
    "rounds",
    "task_lists",
    "tasks",
]
