"""The words of on-site rounds and their visits; in `TONES`, how a state looks."""

from flask_babel import lazy_gettext as _

WORDS: dict[str, dict[str, object]] = {
    "criteria_kind": {
        "village": _("Villages"),
        "community": _("Communities"),
        "organ": _("Organs and institutions"),
        "two_new": _("New economic and social organisations"),
    },
    "round_period": {"half_year": _("Half-year"), "quarter": _("Quarter"), "batch": _("Batch")},
    "round_state": {
        "planned": _("Being planned"),
        "announced": _("Seed published"),
        "drawn": _("Drawn, under way"),
        "closed": _("Ended"),
        "withdrawn": _("Given up"),
    },
    "round_visit_state": {
        "listed": _("Waits for the draw"),
        "not_sampled": _("Not in the sample"),
        "unplaced": _("No team may go there"),
        "assigned": _("To be visited"),
        "finished": _("Filled in"),
        "closed": _("Closed, report not sent"),
        "sent": _("Report sent"),
        "acknowledged": _("Report acknowledged"),
        "disputed": _("Report disputed"),
        "settled": _("Dispute decided"),
    },
    "round_exclusion": {
        "own": _("their own organisation"),
        "superior": _("their superior"),
        "own_town": _("their own town"),
        "last_round": _("was there in the last round"),
    },
    "round_move": {
        "finish": _("Filled in"),
        "reopen": _("Opened again"),
        "close": _("Closed"),
        "send": _("Report sent"),
        "acknowledge": _("Acknowledged"),
        "dispute": _("Disputed"),
        "settle": _("Dispute decided"),
    },
    "no_evidence": {
        "not_done": _("It was not done"),
        "not_recorded": _("Done, but not recorded"),
        "not_at_hand": _("The papers are not at hand"),
        "lost": _("The papers are lost"),
        "not_due": _("It is not due yet"),
        "other": _("Another reason"),
    },
    "round_problem": {
        "setting": _("Setting of the organisation"),
        "committee": _("Committee"),
        "regular_meetings": _("Regular meetings and lectures"),
        "theme_day": _("Theme day"),
        "organisational_life": _("Organisational-life meeting and appraisal"),
        "members": _("Care of members"),
        "development": _("Development of members"),
        "dues": _("Dues"),
        "records": _("Records and files"),
        "place": _("Rooms"),
        "service": _("Service to the masses"),
        "other": _("Other"),
    },
}
TONES: dict[str, dict[str, str]] = {
    "round_state": {"planned": "none", "announced": "info", "drawn": "info", "closed": "good", "withdrawn": "none"},
    "round_visit_state": {
        "listed": "none",
        "not_sampled": "none",
        "unplaced": "warn",
        "assigned": "none",
        "finished": "info",
        "closed": "info",
        "sent": "info",
        "acknowledged": "good",
        "disputed": "warn",
        "settled": "good",
    },
}
