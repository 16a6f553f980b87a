"""The words for what a site offers: programmes and training cases; in `TONES`, how a state looks."""

from flask_babel import lazy_gettext as _

WORDS: dict[str, dict[str, object]] = {
    "programme_kind": {
        "tour": _("Guided or free tour"),
        "talk": _("Talk or lecture"),
        "activity": _("Activity"),
        "training_case": _("Training case"),
        "on_the_spot_meeting": _("On-the-spot meeting"),
    },
    "programme_move": {
        "add": _("Put on the menu"),
        "edit": _("Programme written anew"),
        "retire": _("Taken off the menu"),
        "offer": _("Offered again"),
    },
    "audience": {
        "everyone": _("Everybody"),
        "members": _("Party members"),
        "applicants": _("Applicants and activists"),
        "secretaries": _("Branch secretaries"),
        "workers": _("Party-affairs workers"),
    },
    "spoken": {
        "zh": _("Mandarin"),
        "dialect": _("Local dialect"),
        "sign": _("Sign language"),
        "en": _("English"),
        "ja": _("Japanese"),
        "ko": _("Korean"),
        "ru": _("Russian"),
        "fr": _("French"),
    },
    "theme": {
        "party_spirit_education": _("Party-spirit education"),
        "training": _("Training"),
        "volunteering": _("Volunteering"),
        "hearing_people_out": _("Hearing people out"),
        "visiting": _("Visiting people"),
    },
    "case_kind": {
        "assembly": _("Branch assembly"),
        "committee_meeting": _("Committee meeting"),
        "group_meeting": _("Group meeting"),
        "lecture": _("Party lecture"),
        "theme_day": _("Theme day"),
        "organisational_life_meeting": _("Organisational-life meeting"),
        "appraisal": _("Appraisal of members"),
    },
    "case_state": {"draft": _("Draft"), "published": _("Case published")},
    "role_colour": {
        "crimson": _("Crimson, circle"),
        "blue": _("Blue, square"),
        "green": _("Green, triangle"),
        "amber": _("Amber, diamond"),
        "violet": _("Violet, hexagon"),
        "teal": _("Teal, cross"),
    },
}

TONES: dict[str, dict[str, str]] = {
    "case_state": {"draft": "warn", "published": "good"},
}
