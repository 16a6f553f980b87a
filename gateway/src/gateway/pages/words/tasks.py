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
    "task_record": {
        "branch_profile": _("Profile of the branch"),
        "member_register": _("Register of members"),
        "year_plan": _("Plan of the year"),
        "assembly": _("Branch assembly"),
        "committee_meeting": _("Committee meeting"),
        "group_meeting": _("Group meeting"),
        "lecture": _("Party lecture"),
        "monthly_study": _("Study of the month"),
        "theme_day": _("Theme day"),
        "organisational_life_meeting": _("Organisational-life meeting"),
        "heart_to_heart_talk": _("Heart-to-heart talks"),
        "democratic_life_meeting": _("Democratic-life meeting"),
        "appraisal": _("Appraisal of members"),
        "self_examination": _("Self-examination"),
        "member_development": _("Development of members"),
        "floating_members": _("Floating members"),
        "dues_collection": _("Collection of dues"),
        "dues_publicity": _("Publicity of dues"),
        "commendation": _("Commendation"),
        "sanction": _("Sanction"),
        "election": _("Election"),
        "division_of_posts": _("Division of posts"),
        "contact_with_masses": _("Contact with the masses"),
        "party_affairs_publicity": _("Publicity of party affairs"),
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
