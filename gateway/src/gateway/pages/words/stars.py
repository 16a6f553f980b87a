"""The words of stars and levels, and of the list of weak organisations; in `TONES`, how a state looks."""

from flask_babel import lazy_gettext as _

WORDS: dict[str, dict[str, object]] = {
    "star_measure": {
        "round_score": _("Score of on-site rounds"),
        "green_share": _("Share of green months"),
        "tasks_done": _("Required tasks done"),
        "records_held": _("Records held a month"),
        "red_months": _("Red months"),
        "problems_found": _("Problems found"),
        "problems_open": _("Problems not mended"),
        "card_highest": _("Highest card of the period"),
        "card_open": _("Standing card"),
        "has_secretary": _("Has a secretary"),
    },
    "card_number": {"0": _("None"), "1": _("Yellow card"), "2": _("Orange card"), "3": _("Red card")},
    "star_level": {"advanced": _("Advanced"), "middle": _("Middle"), "lagging": _("Lagging")},
    "star_grade": {
        "5": _("Five stars"),
        "4": _("Four stars"),
        "3": _("Three stars"),
        "2": _("Two stars"),
        "1": _("One star"),
        "0": _("No star"),
        "advanced": _("Advanced"),
        "middle": _("Middle"),
        "lagging": _("Lagging"),
        "unrated": _("Not rated"),
    },
    "when_missing": {
        "left_out": _("the other parts carry its weight"),
        "zero": _("it counts as nothing"),
        "not_rated": _("the organisation is not rated"),
    },
    "comparison": {"at_least": _("at least"), "below": _("below"), "missing": _("is missing")},
    "formula_state": {"draft": _("Draft"), "adopted": _("Adopted"), "withdrawn": _("Put away")},
    "star_rating_state": {
        "drawing": _("Being calculated"),
        "draft": _("Drawn up"),
        "shown": _("Open to objections"),
        "published": _("Result published"),
        "withdrawn": _("Put away"),
    },
    "objection_answer": {"upheld": _("Upheld, a fact was corrected"), "rejected": _("Rejected")},
    "moved_by": {
        "veto": _("Lowered by a veto"),
        "share": _("Moved by a share"),
        "missing": _("A fact is missing"),
        "not_rated": _("Not rated"),
    },
    "weak_state": {
        "proposed": _("Proposed for the list"),
        "listed": _("On the list"),
        "released": _("Off the list"),
        "dismissed": _("Not put on the list"),
    },
    "weak_item_state": {
        "open": _("To be mended"),
        "done": _("Waits to be accepted"),
        "accepted": _("Mended and accepted"),
    },
    "weak_step": {
        "propose": _("Proposed for the list"),
        "list": _("Put on the list"),
        "dismiss": _("Not put on the list"),
        "add_item": _("Item added"),
        "do": _("Reported as mended"),
        "accept": _("Item accepted"),
        "return": _("Item given back"),
        "release": _("Taken off the list"),
    },
}
TONES: dict[str, dict[str, str]] = {
    "star_level": {"advanced": "good", "middle": "info", "lagging": "warn"},
    "formula_state": {"draft": "warn", "adopted": "good", "withdrawn": "none"},
    "star_rating_state": {
        "drawing": "info",
        "draft": "warn",
        "shown": "info",
        "published": "good",
        "withdrawn": "none",
    },
    "objection_answer": {"upheld": "good", "rejected": "none"},
    "weak_state": {"proposed": "warn", "listed": "bad", "released": "good", "dismissed": "none"},
    "weak_item_state": {"open": "warn", "done": "info", "accepted": "good"},
}
