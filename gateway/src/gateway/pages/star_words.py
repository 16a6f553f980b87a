"""What the steps of a rating say, in the reader's language."""

from collections.abc import Callable
from typing import Any, Final

from flask_babel import gettext as _

from gateway.pages.words import word

PERCENTAGES = ("green_share", "tasks_done")


def value(number: float | None, measure: str) -> str:
    """Return a value of a measure as people read it."""
    if number is None:
        return _("missing")
    if measure == "has_secretary":
        return _("yes") if number else _("no")
    if measure.startswith("card_"):
        return word(str(int(number)), "card_number")
    return f"{number:g}%" if measure in PERCENTAGES else f"{number:g}"


def grade(stars: int | None, level: str | None) -> str:
    """Return what an organisation got: stars and level."""
    if level is None:
        return word("unrated", "star_grade")
    return f"{word(str(stars), 'star_grade')} · {word(level, 'star_level')}"


def how(measure: str, number: int | None) -> str:
    """Return how a value of a measure becomes points."""
    if number is None:
        return _("This number is the points.")
    if measure == "records_held":
        return _("%(number)s a month are full marks.", number=number)
    return _("Each takes %(number)s points off 100.", number=number)


def condition(rule: dict[str, Any]) -> str:
    """Return a rule's condition."""
    measure, comparison = word(rule["measure"], "star_measure"), word(rule["comparison"], "comparison")
    if rule["number"] is None:
        return f"{measure}{_(': ')}{comparison}"
    if rule["measure"] == "has_secretary":
        return f"{measure}{_(': ')}{_('no') if rule['comparison'] == 'below' else _('yes')}"
    return f"{measure}{_(': ')}{comparison} {value(rule['number'], rule['measure'])}"


def reason(rule: dict[str, Any]) -> str:
    """Return why a rule proposes an organisation for the list of weak ones, with the value that met it."""
    if "level" in rule:
        return _("Rated as lagging")
    told = condition(rule)
    if rule["comparison"] == "missing" or rule["measure"] == "has_secretary":
        return told
    return _("%(rule)s (it is %(value)s)", rule=told, value=value(rule["value"], rule["measure"]))


def share(rule: dict[str, Any]) -> str:
    """Return a share of a formula: how many may have which grade."""
    among = [word(rule["field"], "field")] if rule["field"] else []
    among += [word(rule["kind"], "task_level")] if rule["kind"] else []
    of = " · ".join(among) or _("all that are rated")
    told = {"grade": word(rule["grade"], "star_grade"), "percent": rule["percent"], "of": of}
    if rule["grade"] == "lagging":
        return _("%(grade)s: at least %(percent)s%% of %(of)s", **told)
    return _("%(grade)s: at most %(percent)s%% of %(of)s", **told)


def sentence(step: dict[str, Any]) -> str:
    """Return what a step says that is no part of the sum."""
    return _SAID[step["code"]](step)


def _sum(step: dict[str, Any]) -> str:
    return _("Weighted sum: %(points)s of 100", points=f"{step['points']:.2f}")


def _threshold(_step: dict[str, Any]) -> str:
    return _("What this sum takes by the points that the formula sets")


def _veto(step: dict[str, Any]) -> str:
    return _("Veto: %(rule)s", rule=condition({**step["details"], "measure": step["measure"]}))


def _rank(step: dict[str, Any]) -> str:
    if step["details"]["sharing"] == 1:
        return _("Place %(rank)s of %(of)s by the sum", **step["details"])
    return _("Place %(rank)s of %(of)s by the sum; %(sharing)s share it", **step["details"])


def _share(step: dict[str, Any]) -> str:
    details = step["details"]
    told = {"places": details["places"], "of": details["of"], "rule": share(details)}
    if details["grade"] == "lagging":
        return _("Share: %(rule)s, that is %(places)s of %(of)s", **told)
    return _("Share: %(rule)s, that is %(places)s of %(of)s; the places are taken by higher sums", **told)


def _not_rated(step: dict[str, Any]) -> str:
    if step["measure"]:
        return _("Not rated: %(measure)s is missing", measure=word(step["measure"], "star_measure"))
    return _("Not rated: nothing that counts is known")


def _result(_step: dict[str, Any]) -> str:
    return _("Result")


_SAID: Final[dict[str, Callable[[dict[str, Any]], str]]] = {
    "sum": _sum,
    "threshold": _threshold,
    "veto": _veto,
    "rank": _rank,
    "share": _share,
    "not_rated": _not_rated,
    "result": _result,
}
