"""The way into the Party, stage by stage, by 《中国共产党发展党员工作细则》.

    applicant ──▶ activist ──▶ development object ──▶ probationary ──▶ full
        │             │                │                   │
        └─────────────┴──── end ───────┘                   └── cancelled, as a membership ends (`members`)

Each stage names the steps that must be done before the next, and how long it lasts at least. The numbers are rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from chassis.refusals import Refusal

from roster.domain.periods import months_after

APPLICANT: Final = "applicant"
ACTIVIST: Final = "activist"
OBJECT: Final = "object"
PROBATIONARY: Final = "probationary"
FULL: Final = "full"
ENDED: Final = "ended"

NEXT: Final[dict[str, str]] = {
    APPLICANT: ACTIVIST,
    ACTIVIST: OBJECT,
    OBJECT: PROBATIONARY,
    PROBATIONARY: FULL,
}
"""The stage that follows; nothing follows full membership, nor an end."""

NEEDED: Final[dict[str, tuple[str, ...]]] = {
    APPLICANT: ("talk", "recommendation", "committee_decision", "filed_above"),
    ACTIVIST: ("mentors_named", "inspection", "opinions_heard", "object_decision", "object_filed"),
    OBJECT: (
        "introducers_named",
        "political_review",
        "training",
        "committee_review",
        "pre_review",
        "application_form",
        "assembly_vote",
        "talk_above",
        "approval_above",
    ),
    PROBATIONARY: ("oath", "full_application", "full_opinions", "full_vote", "full_approval"),
}
"""The steps to be done in a stage before the next one."""

CITED: Final[dict[str, str]] = {"talk": "talk", "inspection": "inspection", "training": "training"}
"""The rule whose citation a step's lack names."""

Numbers = Mapping[str, Mapping[str, int]]


class StageTooEarly(Refusal):
    """This can be done from {not_before} on: the period before it has not passed."""


class StepsMissing(Refusal):
    """{count} steps are missing before the next stage; the page lists them."""


class OutOfOrder(Refusal):
    """From this stage the next one is {next_stage}."""


class WayEnded(Refusal):
    """This person goes no further; enter a new application."""


class NotExtendable(Refusal):
    """A probation is extended once, by {least} to {most} months."""


class TooYoung(Refusal):
    """Whoever applies is {years} years old at least."""


@dataclass(frozen=True)
class Step:
    """A step that was done and not struck out."""

    step: str
    done_on: date
    hours: int | None = None


@dataclass(frozen=True)
class Way:
    """Where somebody stands, with the day of each stage reached."""

    stage: str
    applied_on: date | None = None
    activist_on: date | None = None
    object_on: date | None = None
    probationary_on: date | None = None
    probation_until: date | None = None
    extended_until: date | None = None


@dataclass(frozen=True)
class Missing:
    """What is missing: a step (so many more times), or time until a day. `late_since` when the time for it ran out."""

    step: str | None
    count: int = 1
    not_before: date | None = None
    late_since: date | None = None
    rule: str | None = None


def missing(way: Way, steps: Sequence[Step], numbers: Numbers, *, on: date) -> list[Missing]:
    """Say what is missing before the next stage on a day, in the order in which it is done."""
    if way.stage not in NEXT:
        return []
    found: list[Missing] = []
    not_before, rule = earliest(way, numbers)
    if not_before is not None and on < not_before:
        found.append(Missing(step=None, not_before=not_before, rule=rule))
    for step in NEEDED[way.stage]:
        lacking = _lacking(way, step, steps, numbers)
        if lacking > 0:
            late = _late_since(way, step, steps, numbers)
            found.append(
                Missing(
                    step=step,
                    count=lacking,
                    late_since=late if late and late < on else None,
                    rule=CITED.get(step),
                )
            )
    return found


def earliest(way: Way, numbers: Numbers) -> tuple[date | None, str | None]:
    """Return the first day on which the next stage can be taken, and the rule that says so; None where none does."""
    if way.stage == ACTIVIST and way.activist_on:
        return months_after(way.activist_on, numbers["activist-period"]["months"]), "activist-period"
    if way.stage == PROBATIONARY and way.probation_until:
        if way.extended_until:
            return way.extended_until, "extension"
        return way.probation_until, "probation"
    return None, None


def inspections_needed(way: Way, numbers: Numbers) -> int:
    """Return how many half-yearly inspections the shortest time as an activist holds."""
    return max(1, numbers["activist-period"]["months"] // numbers["inspection"]["months"])


def probation_ends(voted_on: date, numbers: Numbers) -> date:
    """Return the day on which a probation is over that began with the assembly's vote."""
    return months_after(voted_on, numbers["probation"]["months"])


def check_extension(way: Way, until: date, numbers: Numbers, *, on: date) -> None:
    """Raise NotExtendable unless a probation can be extended until a day."""
    bounds = numbers["extension"]
    least, most = bounds["least"], bounds["most"]
    ends = way.probation_until
    if way.stage != PROBATIONARY or ends is None or way.extended_until is not None:
        raise NotExtendable(least=least, most=most)
    if not months_after(ends, least) <= until <= months_after(ends, most):
        raise NotExtendable(least=least, most=most)


def check_age(born_on: date | None, applied_on: date, numbers: Numbers) -> None:
    """Raise TooYoung for an applicant who is not of age; one whose birthday is not known passes."""
    years = numbers["applicant-age"]["years"]
    if born_on is not None and months_after(born_on, 12 * years) > applied_on:
        raise TooYoung(years=years)


def _lacking(way: Way, step: str, steps: Sequence[Step], numbers: Numbers) -> int:
    done = [known for known in steps if known.step == step]
    if step == "inspection":
        return inspections_needed(way, numbers) - len(done)
    if step == "training":
        return 0 if sum(known.hours or 0 for known in done) >= numbers["training"]["hours"] else 1
    return 1 - len(done)


def _late_since(way: Way, step: str, steps: Sequence[Step], numbers: Numbers) -> date | None:
    """Return the last day on which the step was in time, where the regulation names one."""
    if step == "talk" and way.applied_on:
        return months_after(way.applied_on, numbers["talk"]["months"])
    if step == "inspection" and way.activist_on:
        last = max((known.done_on for known in steps if known.step == "inspection"), default=way.activist_on)
        return months_after(last, numbers["inspection"]["months"])
    if step == "approval_above":
        voted = max((known.done_on for known in steps if known.step == "assembly_vote"), default=None)
        return months_after(voted, numbers["approval"]["months"]) if voted else None
    return None


def numbers_of(rows: Sequence[Any]) -> dict[str, dict[str, int]]:
    """Return the rules' numbers by name, of rows with `rule` and `numbers`."""
    return {row.rule: dict(row.numbers) for row in rows}
