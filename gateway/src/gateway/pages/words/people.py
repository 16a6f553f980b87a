"""The words for the roster and the assessment; in `TONES`, how a state looks."""

from flask_babel import lazy_gettext as _

WORDS: dict[str, dict[str, object]] = {
    "role": {
        "member": _("Party member"),
        "secretary": _("Branch secretary"),
        "administrator": _("Branch administrator"),
        "steward": _("Site steward"),
        "assessor": _("Assessor"),
        "officer": _("Organisation department"),
        "preparer": _("Finance preparer"),
        "approver": _("Finance approver"),
        "payer": _("Finance payer"),
        "auditor": _("Auditor"),
        "admin": _("System administrator"),
    },
    "account_state": {"open": _("In use"), "locked": _("Locked"), "closed": _("Closed account")},
    "account_move": {
        "open": _("Account opened"),
        "reopen": _("Account opened again"),
        "lock": _("Account locked"),
        "unlock": _("Account unlocked"),
        "close": _("Account closed"),
        "reset_password": _("First password given anew"),
        "remove_second_factor": _("Second factor taken away"),
        "end_sessions": _("Signed out everywhere"),
    },
    "grant_state": {"in_force": _("In force now"), "to_come": _("To come"), "ended": _("Ended")},
    "organisation_kind": {
        "committee": _("Party committee"),
        "working_committee": _("Working committee"),
        "leading_group": _("Leading group"),
        "general_branch": _("General branch"),
        "branch": _("Branch"),
        "joint_branch": _("Joint branch"),
    },
    "field": {
        "rural": _("Villages"),
        "community": _("Urban communities"),
        "government": _("Government organs"),
        "public_institution": _("Public institutions"),
        "state_owned": _("State-owned enterprises"),
        "private": _("Private enterprises"),
        "social_organisation": _("Social organisations"),
        "school": _("Schools"),
        "hospital": _("Hospitals"),
    },
    "member_status": {
        "full": _("Full member"),
        "probationary": _("Probationary member"),
    },
    "post": {
        "secretary": _("Secretary"),
        "deputy_secretary": _("Deputy secretary"),
        "committee_member": _("Committee member"),
        "organisation": _("Committee member for organisation"),
        "publicity": _("Committee member for publicity"),
        "discipline": _("Committee member for discipline"),
    },
    "activity_kind": {
        "theme_day": _("Theme day"),
        "assembly": _("Branch assembly"),
        "committee_meeting": _("Committee meeting"),
        "group_meeting": _("Group meeting"),
        "lecture": _("Party lecture"),
        "organisational_life_meeting": _("Organisational-life meeting"),
    },
    "activity_state": {
        "planned": _("Planned"),
        "held": _("Held"),
        "cancelled": _("Activity cancelled"),
    },
    "light": {"green": _("Green"), "yellow": _("Yellow"), "red": _("Red")},
    "severity": {
        "breach": _("Breach"),
        "finding": _("Finding"),
        "remark": _("Remark"),
        "warning": _("Remark"),
        "error": _("Breach"),
    },
}

TONES: dict[str, dict[str, str]] = {
    "account_state": {"open": "good", "locked": "warn", "closed": "bad"},
    "grant_state": {"in_force": "good", "to_come": "info"},
    "activity_state": {"planned": "info", "held": "good"},
    "severity": {"breach": "bad", "finding": "bad", "error": "bad", "remark": "warn", "warning": "warn"},
}
