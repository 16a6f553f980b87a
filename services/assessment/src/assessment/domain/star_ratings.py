"""Formulas and ratings as machines (A10).

    formula   draft ──adopt──▶ adopted                        by somebody other than whoever drafted it
                └──withdraw──▶ withdrawn

    rating    drawing ──(work)──▶ draft ──show──▶ shown ──publish──▶ published
                 └────────────────withdraw─────────┴──▶ withdrawn

A rating is published by somebody other than whoever drew it up, once its days for objections are over and each one is
answered. A correction makes a revision, drawn whole from the frozen facts; of a published rating a second person
confirms it, and the revisions before stay as they were.
"""

from datetime import date
from typing import Final

DRAFT, ADOPTED, WITHDRAWN = FORMULA_STATES = ("draft", "adopted", "withdrawn")

FORMULA_MOVES: Final[dict[str, tuple[frozenset[str], str]]] = {
    "adopt": (frozenset({DRAFT}), ADOPTED),
    "withdraw": (frozenset({DRAFT}), WITHDRAWN),
}

DRAWING, DRAWN, SHOWN, PUBLISHED, PUT_AWAY = RATING_STATES = ("drawing", "draft", "shown", "published", "withdrawn")

RATING_MOVES: Final[dict[str, tuple[frozenset[str], str]]] = {
    "draw": (frozenset({DRAWING}), DRAWN),
    "show": (frozenset({DRAWN}), SHOWN),
    "publish": (frozenset({SHOWN}), PUBLISHED),
    "withdraw": (frozenset({DRAWING, DRAWN, SHOWN}), PUT_AWAY),
}


def period_named(year: int, half: int | None) -> str:
    """Return the period's name: 2026, 2026-H1 or 2026-H2."""
    return f"{year}-H{half}" if half else str(year)


def days_of(period: str) -> tuple[date, date]:
    """Return the first and the last day of a period."""
    year, _, half = period.partition("-H")
    first = date(int(year), 7, 1) if half == "2" else date(int(year), 1, 1)
    last = date(int(year), 6, 30) if half == "1" else date(int(year), 12, 31)
    return first, last
