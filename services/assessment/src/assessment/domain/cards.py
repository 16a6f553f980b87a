"""A warning card (A11): one problem of one organisation, which names that day's secretary.

    give ──▶ yellow ──escalate──▶ orange ──escalate──▶ red ◀── give, for a superior's finding
               ▲                   │   ▲                │
               └─────step_down─────┘   └───step_down────┘      with evidence, its consequences done
               └───────undo────────┘   └─────undo───────┘      an objection against the escalation is upheld

    standing ──clear──▶ cleared     the problem's rectification is accepted and every consequence is done
        └──────lift───▶ lifted      an objection against the card itself is upheld: it counts for nothing

A year's review is capped by the highest colour that a card reached in it and that no objection undid, even if the card
is cleared or has stepped down since.
"""

from dataclasses import dataclass
from typing import Final

YELLOW, ORANGE, RED = COLOURS = ("yellow", "orange", "red")
STANDING, CLEARED, LIFTED = STATES = ("standing", "cleared", "lifted")
MOVES = ("give", "escalate", "step_down", "undo", "lift", "clear")

ABOVE: Final = {YELLOW: ORANGE, ORANGE: RED}
BELOW: Final = {RED: ORANGE, ORANGE: YELLOW}

GROUNDS: Final[dict[str, tuple[str, ...]]] = {
    YELLOW: ("general_problem", "early_sign", "lagging"),
    ORANGE: ("perfunctory", "rebound", "weak_progress"),
    RED: ("false_mending", "refused", "severely_late", "superior_finding"),
}
"""For what a card of each colour is given or raised to."""

REVIEW_CAP: Final = {YELLOW: None, ORANGE: "fairly_good", RED: "fair"}
"""The best grade that the year's review may give: below 好 for an orange card, 一般 for a red one."""

CAP = "review_cap"


@dataclass(frozen=True)
class Consequence:
    """What follows from a colour. `days` names the number of days it has; none: it holds by itself from that day."""

    kind: str
    days: str | None


CONSEQUENCES: Final[dict[str, tuple[Consequence, ...]]] = {
    YELLOW: (),
    ORANGE: (
        Consequence(CAP, None),
        Consequence("superior_talk", "talk_days"),
        Consequence("mending_report", "report_days"),
    ),
    RED: (
        Consequence(CAP, None),
        Consequence("inquiry_letter", "letter_days"),
        Consequence("inquiry_talk", "talk_days"),
        Consequence("named_person", "person_days"),
        Consequence("placed_under_rectification", "person_days"),
    ),
}
REMOVAL: Final = Consequence("removal", "red_days")
"""Follows a red card only where the officer says that the case is grave; its proof says what was decided."""

KINDS: Final = (
    CAP,
    "superior_talk",
    "mending_report",
    "inquiry_letter",
    "inquiry_talk",
    "named_person",
    "placed_under_rectification",
    "removal",
)
IN_FORCE, DUE, DONE, VOID = CONSEQUENCE_STATES = ("in_force", "due", "done", "void")

OF_THE_BRANCH: Final = frozenset({"mending_report"})
"""What the organisation itself brings the proof of; of everything else its superior does."""


def following(colour: str, *, is_grave: bool = False) -> tuple[Consequence, ...]:
    """Return what follows when a card becomes this colour from below."""
    return (*CONSEQUENCES[colour], *((REMOVAL,) if colour == RED and is_grave else ()))
