"""The words for files that are imported and exported; in `TONES`, how a state looks."""

from flask_babel import lazy_gettext as _

WORDS: dict[str, dict[str, object]] = {
    "import_subject": {"members": _("Members"), "organisations": _("Organisations")},
    "platform": {
        "dengta": "灯塔",
        "e_branch": "新时代e支部",
        "party_building_e_home": "党建e家",
        "other": _("Another platform"),
    },
    "import_state": {
        "reading": _("Being read"),
        "mapping": _("Columns to confirm"),
        "checking": _("Being looked through"),
        "checked": _("Waits to be applied"),
        "applying": _("Being applied"),
        "applied": _("Applied"),
        "cancelled": _("Cancelled"),
        "failed": _("Failed"),
    },
    "import_stage": {
        "reading": _("Reading the headings"),
        "checking": _("Looking through the rows"),
        "comparing": _("Comparing with the register"),
        "writing_errors": _("Writing the workbook of rows to mend"),
        "applying": _("Taking over"),
        "telling": _("Telling the other services"),
    },
    "import_verdict": {
        "new": _("New"),
        "changed": _("Changed"),
        "missing": _("Not in the file"),
        "unchanged": _("The same"),
    },
    "import_members": {
        "person_id": _("System id"),
        "name": _("Full name"),
        "identity_number": _("Identity number"),
        "sex": _("Sex"),
        "ethnicity": _("Ethnicity"),
        "born_on": _("Birthday"),
        "education": _("Education"),
        "native_place": _("Native place"),
        "work_unit": _("Work unit"),
        "phone": _("Telephone number"),
        "branch_code": _("Code of the branch"),
        "branch": _("Branch"),
        "status": _("Full or probationary"),
        "state": _("On the rolls, floating or lost"),
        "joined_on": _("Joined"),
        "full_on": _("Full member since"),
        "since": _("In the branch since"),
        "party_group": _("Party group"),
        "file_place": _("Where the paper file is"),
    },
    "import_organisations": {
        "code": _("Code"),
        "name": _("Name"),
        "kind": _("Kind"),
        "field": _("Field"),
        "parent_code": _("Code of the one above"),
        "parent": _("The one above"),
        "division_code": _("Division code"),
        "division_code_system": _("System of the division code"),
    },
    "division_system": {"nbs": _("Statistics Bureau"), "mca": _("Ministry of Civil Affairs")},
}

TONES: dict[str, dict[str, str]] = {
    "import_state": {
        "reading": "info",
        "mapping": "warn",
        "checking": "info",
        "checked": "warn",
        "applying": "info",
        "applied": "good",
        "cancelled": "none",
        "failed": "bad",
    },
}
