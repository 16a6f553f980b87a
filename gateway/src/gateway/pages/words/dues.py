"""The words for dues; in `TONES`, how a state looks."""

from flask_babel import lazy_gettext as _

WORDS: dict[str, dict[str, object]] = {
    "dues_kind": {
        "wage": _("Wage (after tax)"),
        "pension": _("Pension"),
        "farmer": _("Farmer, a fixed amount"),
        "minimum": _("Student, unemployed or on relief"),
    },
    "dues_method": {"cash": _("Cash"), "transfer": _("Bank transfer"), "online": _("Paid online")},
    "not_owing": {
        "no_base": _("Nothing to reckon from is entered"),
        "exempt": _("Exempt from dues"),
        "lost": _("Out of contact"),
        "not_reckoned": _("Not reckoned yet"),
    },
    "dues_state": {
        "paid": _("Dues paid"),
        "due": _("To be paid"),
        "arrears": _("In arrears"),
        "nothing": _("Nothing owed"),
    },
    "viewed_field": {
        "identity_number": _("Identity number"),
        "phone": _("Telephone number"),
        "dues_base": _("Base of the dues"),
        "record": _("The record, numbers masked"),
    },
}

TONES: dict[str, dict[str, str]] = {
    "dues_state": {"paid": "good", "due": "info", "arrears": "bad", "nothing": "none"},
    "not_owing": {"no_base": "warn", "not_reckoned": "info"},
}
