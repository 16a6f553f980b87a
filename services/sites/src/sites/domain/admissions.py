"""How a place becomes a site (S14).

    applied ──check──▶ checked ──approve──▶ approved, and a site is proposed or open
      │ │                │ └──refuse──▶ refused
      │ └──refuse────────┼────────────▶ refused
      └─────retract──────┴────────────▶ retracted

A field check may be done again until it is decided; approving takes a check that every item passed.
"""

from typing import Final

from chassis.refusals import Refusal

APPLIED: Final = "applied"
CHECKED: Final = "checked"
APPROVED: Final = "approved"
REFUSED: Final = "refused"
RETRACTED: Final = "retracted"
STATES: Final = (APPLIED, CHECKED, APPROVED, REFUSED, RETRACTED)

MOVES: Final[dict[str, tuple[set[str], str]]] = {
    "check": ({APPLIED, CHECKED}, CHECKED),
    "approve": ({CHECKED}, APPROVED),
    "refuse": ({APPLIED, CHECKED}, REFUSED),
    "retract": ({APPLIED, CHECKED}, RETRACTED),
}


class AdmissionNotMovable(Refusal):
    """The application is {state} now; it cannot be {move} any more."""


class FieldCheckFailed(Refusal):
    """The field check did not pass {failed} items; check the place again, or refuse the application."""


class SamePersonChecks(Refusal):
    """Who checked the place does not decide on it as well."""
