"""A version of a list (A1): drafted by one person, adopted by another, in force from a month until the next one is.

    draft ──adopt──▶ adopted
      └──withdraw──▶ withdrawn

Nothing of a version is ever changed. It begins with a month to come, so that no month has two rules.
"""

from collections.abc import Sequence
from typing import Any

DRAFT, ADOPTED, WITHDRAWN = STATES = ("draft", "adopted", "withdrawn")

MOVES: dict[str, tuple[frozenset[str], str]] = {
    "adopt": (frozenset({DRAFT}), ADOPTED),
    "withdraw": (frozenset({DRAFT}), WITHDRAWN),
}


def faults_in(items: Sequence[Any]) -> dict[str, list[str]]:
    """Return what is wrong with the tasks of a version, by field: `items.0.record_template`."""
    faults: dict[str, list[str]] = {}
    for position, item in enumerate(items):
        if fault := fault_in(item):
            faults[f"items.{position}.record_template"] = [fault]
        if len(set(item.months)) < len(item.months):
            faults[f"items.{position}.months"] = ["One stands twice."]
    if len({item.text for item in items}) < len(items):
        faults["items"] = ["One stands twice."]
    return faults


def fault_in(task: Any) -> str | None:
    """Return what is wrong with a task's record, if anything."""
    if (task.evidence == "record") == (task.record_template is not None):
        return None
    return "A task that a record shows names the record; another one names none."
