"""The sentences of the assessment's notices, by kind; a notice's facts fill in the names in brackets."""

from typing import Any

from flask_babel import lazy_gettext as _

from gateway.pages.formats import date_of, month

SENTENCES: dict[str, object] = {
    "review_opened": _("The annual review of %(year)s is open: its secretary hands in the report by %(report_by_on)s."),
    "review_handed_in": _("%(name)s (%(organisation)s) has handed in the report for %(year)s."),
    "review_sent_back": _("Your report for %(year)s was given back: %(reason)s"),
    "review_published": _("The result of your annual review for %(year)s has come. Read it and take note of it."),
    "review_corrected": _("The result of your annual review for %(year)s was corrected. Take note of it anew."),
    "bulletin_sent": _("%(title)s (%(number)s) has come. Read it and sign for it."),
    "slip_issued": _("%(number)s to %(branch)s: %(subject)s. Answer by %(due_on)s."),
    "slip_replied": _("%(branch)s has answered %(number)s. Accept the answer or give it back."),
    "slip_returned": _("The answer to %(number)s was given back: %(reason)s. Answer by %(due_on)s."),
    "slip_closed": _("The answer to %(number)s is accepted; the slip is closed."),
    "slip_withdrawn": _("%(number)s is withdrawn: %(reason)s"),
    "slip_overdue": _("%(number)s to %(branch)s was due on %(due_on)s and is not answered."),
    "talk_due": _("%(branch)s was red in %(months)s: a reminder talk with its secretary is due by %(due_on)s."),
    "talk_held": _(
        "The reminder talk with the secretary of %(branch)s was held on %(held_on)s; the record stands here."
    ),
}


class _Facts(dict[str, Any]):
    """The facts of a notice: a day as people write it; one that is not told is a dash."""

    def __missing__(self, name: str) -> str:
        return "—"

    def __getitem__(self, name: str) -> str:
        value = super().__getitem__(name)
        if isinstance(value, list):
            return "、".join(month(one) if name == "months" else str(one) for one in value)
        return date_of(value) if name.endswith("_on") and isinstance(value, str) and value != "—" else str(value)


def sentence(kind: str, facts: dict[str, Any]) -> str:
    """Return what a notice says, in the reader's language; a kind that a newer service tells is shown as it is."""
    found = SENTENCES.get(kind)
    return kind if found is None else str(found) % _Facts(facts)
