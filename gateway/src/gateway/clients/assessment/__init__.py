"""The doors of the assessment, by what they open on, as its own package `doors` has them."""

from gateway.clients.assessment import (
    activities,
    cards,
    inspections,
    lights,
    problems,
    records,
    round_visits,
    rounds,
    stars,
    task_lists,
    tasks,
    weak_organisations,
)

__all__ = [
    "activities",
    "cards",
    "inspections",
    "lights",
    "problems",
    "records",
    "round_visits",
    "rounds",
    "stars",
    "task_lists",
    "tasks",
    "weak_organisations",
]
