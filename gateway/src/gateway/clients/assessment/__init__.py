"""The doors of the assessment, by what they open on, as its own package `doors` has them."""

from gateway.clients.assessment import activities, lights, records, round_visits, rounds, task_lists, tasks

__all__ = ["activities", "lights", "records", "round_visits", "rounds", "task_lists", "tasks"]
