"""The words of bulletins, supervision slips and reminder talks; in `TONES`, how a state looks."""

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext

WORDS: dict[str, dict[str, object]] = {
    "slip_state": {
        "issued": _("Waits for a reply"),
        "replied": _("Waits to be judged"),
        "returned": _("Given back, answer again"),
        "closed": lazy_pgettext("slip", "Closed"),
        "withdrawn": lazy_pgettext("slip", "Withdrawn"),
    },
    "slip_filter": {
        "open": _("Waiting for a reply"),
        "overdue": _("Overdue"),
        "waiting": _("Waiting to be judged"),
        "closed": lazy_pgettext("slip", "Closed"),
        "withdrawn": lazy_pgettext("slip", "Withdrawn"),
    },
    "slip_move": {
        "issue": _("Slip issued"),
        "reply": _("Slip answered"),
        "return": _("Answer given back"),
        "accept": _("Answer accepted, slip closed"),
        "withdraw": _("Slip withdrawn"),
        "escalate": _("Reported upward, for it is overdue"),
    },
    "slip_subject": {
        "light": _("Light"),
        "card": lazy_pgettext("slip", "Card"),
        "problem": _("Problem"),
        "other": _("Something else"),
    },
    "bulletin_kind": {
        "daily": _("Daily bulletin"),
        "monthly": _("Monthly bulletin"),
        "quarterly": _("Rectification list of a quarter"),
    },
    "bulletin_state": {
        "draft": lazy_pgettext("bulletin", "Draft"),
        "signed": lazy_pgettext("bulletin", "Signed, to be sent"),
        "sent": lazy_pgettext("bulletin", "Sent"),
        "withdrawn": lazy_pgettext("bulletin", "Put away"),
    },
    "talk_state": {"due": _("To be held"), "overdue": _("Overdue"), "held": lazy_pgettext("talk", "Held")},
    "figure": {
        "branches": _("Branches checked"),
        "green": _("Green"),
        "yellow": _("Yellow"),
        "red": _("Red"),
        "exempt": _("Exempt"),
        "share_green": _("Share of green"),
        "red_branches": _("Branches that were red"),
        "red_months": _("Red months of branches"),
        "slips_opened": _("Slips issued"),
        "slips_closed": _("of them closed"),
        "slips_overdue": _("of them overdue"),
        "talks_opened": _("Reminder talks to hold"),
        "talks_held": _("of them held"),
    },
    "figure_source": {
        "standing": _("lights as they stood"),
        "frozen": _("lights as the month froze them"),
        "slips": _("register of slips"),
        "talks": _("register of reminder talks"),
    },
    "supervisor": {"platform": _("By the platform")},
}

TONES: dict[str, dict[str, str]] = {
    "slip_state": {"issued": "info", "replied": "warn", "returned": "bad", "closed": "good", "withdrawn": "none"},
    "bulletin_state": {"draft": "info", "signed": "warn", "sent": "good", "withdrawn": "none"},
    "talk_state": {"due": "info", "overdue": "bad", "held": "good"},
}
