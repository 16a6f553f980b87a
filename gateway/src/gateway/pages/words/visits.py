"""The words for orders, the ways to a seat, the door, and what is said after a visit; in `TONES`, how a state looks."""

from flask_babel import lazy_gettext as _

WORDS: dict[str, dict[str, object]] = {
    "order_state": {
        "placed": _("Waiting for the site"),
        "confirmed": _("Order confirmed"),
        "refused": _("Refused by the site"),
        "expired": _("Expired unanswered"),
        "cancelled": _("Order cancelled"),
        "used": _("Visit made"),
        "no_show": _("Nobody came"),
    },
    "order_source": {
        "online": _("ordered online"),
        "telephone": _("called"),
        "walk_in": _("came without an order"),
    },
    "confirmation": {
        "automatic": _("Confirmed at once"),
        "manual": _("The site confirms by hand"),
    },
    "waiting_state": {
        "waiting": _("On the waiting list"),
        "offered": _("Seats offered"),
        "ordered": _("Seats taken"),
        "declined": _("Offer declined"),
        "lapsed": _("Offer lapsed"),
        "left": _("Left the list"),
        "closed": _("Orders closed"),
    },
    "quota_period": {
        "day": _("same day"),
        "week": _("same week"),
        "month": _("same month"),
        "year": _("same year"),
    },
    "quota_each": {"day": _("a day"), "week": _("a week"), "month": _("a month"), "year": _("a year")},
    "quota_holder": {"branch": _("Each branch"), "member": _("Each member")},
    "quota_counts": {"orders": _("visits"), "minutes": _("minutes")},
    "round_state": {
        "announced": _("Announced"),
        "collecting": _("Requests are taken"),
        "collected": _("Waits for the draw"),
        "drawing": _("Is being drawn"),
        "drawn": _("Drawn"),
        "withdrawn": _("Withdrawn"),
    },
    "request_state": {
        "asked": _("Asked"),
        "withdrawn": _("Taken back"),
        "given": _("Given"),
        "waiting": _("On the waiting list"),
        "not_given": _("Not given"),
    },
    "appeal_state": {
        "filed": _("To be decided"),
        "excused": _("No-show excused"),
        "rejected": _("Appeal rejected"),
    },
    "device_state": {
        "waiting": _("Waits for its code"),
        "enrolled": _("Enrolled"),
        "revoked": _("Revoked"),
    },
    "check_in_state": {
        "flagged": _("In doubt"),
        "duplicate": _("Used twice"),
        "rejected": _("Does not count"),
        "valid": _("Valid"),
    },
    "check_in_flag": {
        "cancelled": _("the order was cancelled"),
        "superseded": _("an older voucher"),
        "leaked": _("a withdrawn key"),
        "early": _("too early"),
        "late": _("after the end"),
        "no_show": _("marked as a no-show"),
    },
    "sheet_kind": {
        "day": _("Day sheet"),
        "week": _("Week sheet"),
        "vouchers": _("List of vouchers"),
    },
    "rating_state": {
        "shown": _("In view"),
        "flagged": _("Flagged"),
        "hidden": _("Hidden"),
    },
    "rating_step": {
        "rate": _("Rated"),
        "change_rating": _("Rating changed"),
        "reply": _("Replied"),
        "change_reply": _("Reply changed"),
        "flag": _("Flagged"),
        "hide": _("Hidden"),
        "show": _("Shown again"),
    },
    "incident_kind": {
        "injury": _("Injury"),
        "damage": _("Damage"),
        "lost_item": _("Lost item"),
        "complaint": _("Complaint"),
        "other": _("Something else"),
    },
}

TONES: dict[str, dict[str, str]] = {
    "order_state": {
        "placed": "warn",
        "confirmed": "info",
        "refused": "bad",
        "expired": "none",
        "cancelled": "none",
        "used": "good",
        "no_show": "bad",
    },
    "waiting_state": {"waiting": "info", "offered": "good", "ordered": "good", "lapsed": "warn"},
    "round_state": {"collecting": "good", "collected": "info", "drawing": "info", "drawn": "good", "withdrawn": "bad"},
    "request_state": {"asked": "info", "given": "good", "waiting": "warn", "not_given": "bad"},
    "device_state": {"waiting": "warn", "enrolled": "good", "revoked": "none"},
    "check_in_state": {"flagged": "warn", "duplicate": "warn", "rejected": "bad", "valid": "good"},
    "rating_state": {"shown": "good", "flagged": "warn", "hidden": "bad"},
}
