"""The words of the handbook's records: templates, headings, states, attendance; the contracts have them."""

from contracts.assessment.record_templates import HEADINGS, QUORUMS, RECORD_TEMPLATES
from contracts.assessment.records import RECORD_REMARKS
from contracts.words import Word, Words
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from gateway.pages.language import is_chinese


def said(word: Word) -> str:
    """Return a word of the contracts in the reader's language; an English one begins with a capital."""
    return word.zh if is_chinese() else word.en[:1].upper() + word.en[1:]


def _lazily(words: Words) -> dict[str, object]:
    return {code: LazyString(said, word) for code, word in words.items()}


_TITLES: dict[str, object] = _lazily({code: template.title for code, template in RECORD_TEMPLATES.items()})

WORDS: dict[str, dict[str, object]] = {
    "record_kind": _TITLES,
    "task_record": _TITLES,
    "record_heading": _lazily(HEADINGS),
    "record_remark": _lazily(RECORD_REMARKS),
    "quorum": _lazily(QUORUMS),
    "record_state": {
        "draft": _("Draft of a record"),
        "planned": _("Planned"),
        "recorded": _("Recorded"),
        "corrected": _("Corrected, with its reason"),
        "cancelled": _("Record cancelled"),
    },
    "record_move": {
        "record": _("Recorded"),
        "complete": _("Completed"),
        "correct": _("Corrected, with its reason"),
        "withdraw": _("Withdrawn: it never took place"),
    },
    "attendance": {
        "present": _("Present"),
        "leave": _("On leave"),
        "absent": _("Absent"),
        "not_expected": _("Not expected"),
    },
    "joint_part": {
        "named": _("Named"),
        "asked": _("Waiting for its word"),
        "confirmed": _("Took part"),
        "declined": _("Was not there"),
    },
    "record_rule_state": {"past": _("Past"), "in_force": _("In force"), "to_come": _("To come")},
    "votes": {
        "entitled": _("Entitled to vote"),
        "present": _("Voters present"),
        "for": _("In favour"),
        "against": _("Against"),
        "abstained": _("Abstained"),
    },
}
TONES: dict[str, dict[str, str]] = {
    "record_rule_state": {"past": "none", "in_force": "good", "to_come": "info"},
    "record_state": {"draft": "warn", "planned": "info", "recorded": "good", "corrected": "good", "cancelled": "none"},
    "joint_part": {"named": "none", "asked": "warn", "confirmed": "good", "declined": "bad"},
    "attendance": {"present": "good", "leave": "info", "absent": "warn", "not_expected": "none"},
}
