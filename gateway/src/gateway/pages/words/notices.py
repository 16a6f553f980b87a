"""The sentences of the assessment's notices, by kind; a notice's facts fill in the names in brackets."""

from typing import Any, Final

from flask_babel import lazy_gettext as _

from gateway.pages.formats import date_of, half_year, month
from gateway.pages.words import mending, reviews

SENTENCES: dict[str, object] = {
    "review_opened": _("The annual review of %(year)s is open: its secretary hands in the report by %(report_by_on)s."),
    "review_handed_in": _("%(name)s (%(organisation)s) has handed in the report for %(year)s."),
    "review_sent_back": _("Your report for %(year)s was given back: %(reason)s"),
    "review_published": _("The result of your annual review for %(year)s has come. Read it and take note of it."),
    "review_corrected": _("The result of your annual review for %(year)s was corrected. Take note of it anew."),
    "light_yellow": _("Your branch is yellow for %(light_month)s. What is missing, and by when, stands here."),
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
    "review_consequence_due": _(
        "The review of %(name)s (%(organisation)s) for %(year)s has consequences: %(what)s. The first is due by"
        " %(due_on)s."
    ),
    "round_report_sent": _("The report of %(round)s has come. Read it, then acknowledge it or say what is wrong."),
    "round_report_put_aside": _(
        "The visit of %(round)s is open again: what it found is looked at once more. Its report stays readable until"
        " the next one comes."
    ),
    "mending_due": _("%(kind)s: report by %(due_on)s how it was mended."),
    "mending_returned": _("%(kind)s: your report was given back: %(reason)s. Mend it by %(due_on)s."),
    "mending_accepted": _("%(kind)s: your report is accepted; the problem is mended."),
    "card_given": _(
        "%(colour)s for %(kind)s. Mend it by %(due_on)s; whoever thinks it wrong objects by %(object_by_on)s."
    ),
    "card_raised": _(
        "The card for %(kind)s is raised: %(colour)s. Mend it by %(due_on)s; whoever thinks it wrong objects by"
        " %(object_by_on)s."
    ),
    "card_stepped_down": _("The card for %(kind)s is taken back by one colour: %(colour)s."),
    "card_cleared": _("The card for %(kind)s is cleared."),
    "card_objection_decided": _("Your objection to the card for %(kind)s is decided: %(decision)s. %(reason)s"),
    "exemption_approved": _("The exemption of %(who)s is approved: %(from_month)s to %(until_month)s."),
    "exemption_refused": _("The application to exempt %(who)s was refused: %(reason)s"),
    "rating_shown": _("Your branch's rating for %(period)s can be seen. Object by %(until_on)s if a fact is wrong."),
    "rating_published": _("The rating of branches for %(period)s is published; your branch's result stands here."),
    "weak_listed": _("Your organisation is on the list of weak organisations. What to mend by %(due_on)s stands here."),
    "weak_released": _("Your organisation is off the list of weak organisations: %(reason)s"),
}

_WORDS: Final = {
    "colour": mending.WORDS["card_colour"],
    "decision": mending.WORDS["objection_decision"],
    "what": reviews.WORDS["review_consequence"],
}
"""The facts that are told as codes, and the words for them."""


class _Facts(dict[str, Any]):
    """The facts of a notice: days and months as people write them, codes as words; one that is not told is a dash."""

    def __missing__(self, name: str) -> str:
        return "—"

    def __getitem__(self, name: str) -> str:
        value = super().__getitem__(name)
        if isinstance(value, list):
            return "、".join(self._word(name, one) for one in value)
        if name in _WORDS or name == "period" or name.endswith("_month"):
            return self._word(name, value)
        return date_of(value) if name.endswith("_on") and isinstance(value, str) and value != "—" else str(value)

    @staticmethod
    def _word(name: str, value: Any) -> str:
        if name == "months" or name.endswith("_month"):
            return month(value)
        if name == "period":
            return half_year(value)
        return str(_WORDS[name].get(value, value)) if name in _WORDS else str(value)


def sentence(kind: str, facts: dict[str, Any]) -> str:
    """Return what a notice says, in the reader's language; a kind that a newer service tells is shown as it is."""
    found = SENTENCES.get(kind)
    return kind if found is None else str(found) % _Facts(facts)
