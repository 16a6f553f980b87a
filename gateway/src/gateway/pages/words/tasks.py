"""The words of the five lists and of branches' tasks; in `TONES`, how a state looks."""

from flask_babel import lazy_gettext as _

WORDS: dict[str, dict[str, object]] = {
    "list_code": {
        "study": _("Study"),
        "activities": _("Activities"),
        "basic_tasks": _("Basic tasks"),
        "contact_point": _("Leaders' contact point"),
        "field_specific": _("Specific to the field"),
    },
    "task_level": {"branch": _("Branches"), "joint_branch": _("Joint branches")},
    "task_evidence": {
        "record": _("A record of the activity"),
        "text": _("A few sentences"),
        "none": _("The word of the branch"),
    },
    "task_doer": {
        "secretary": _("Secretary of the branch"),
        "administrator": _("Administrator of the branch"),
        "committee": _("Members of the branch committee"),
        "group_leaders": _("Leaders of the groups"),
        "members": _("All members"),
        "contact_leader": _("Leader whose contact point it is"),
    },
    "task_state": {
        "open": _("Still to be done"),
        "overdue": _("Overdue"),
        "done": _("Task done"),
        "waiting": _("Waits to be accepted"),
        "returned": _("Returned, do it again"),
        "accepted": _("Task accepted"),
        "exempt": _("Exempted"),
    },
    "task_move": {
        "do": _("Task done"),
        "accept": _("Task accepted"),
        "return": _("Given back"),
        "reopen": _("Opened anew"),
        "exempt": _("Exempted"),
    },
    "task_mover": {"record": _("By its record"), "timer": _("By the platform"), "platform": _("By the platform")},
    "task_reason": {
        "dissolved": _("The branch was dissolved."),
        "not_assessed": _("The branch is not assessed any more."),
        "other_list": _("Another list is for this branch now."),
        "record_changed": _("The record that showed it was changed."),
    },
    "version_state": {"draft": _("Draft"), "adopted": _("Version adopted"), "withdrawn": _("Version put away")},
}

TONES: dict[str, dict[str, str]] = {
    "task_state": {
        "open": "info",
        "overdue": "bad",
        "done": "good",
        "waiting": "warn",
        "returned": "bad",
        "accepted": "good",
        "exempt": "none",
    },
    "version_state": {"draft": "info", "adopted": "good", "withdrawn": "none"},
}
