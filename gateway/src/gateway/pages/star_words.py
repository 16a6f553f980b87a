"""What the steps of a rating say, in the reader's language."""

from typing import Any

from flask_babel import gettext as _

from gateway.pages.words import word

PERCENTAGES = ("green_share", "tasks_done")


def period(name: str) -> str:
    """Return the name of a period: 2026, 2026-H1, 2026-H2."""
    year, _dash, half = name.partition("-H")
    if half == "1":
        return _("First half of %(year)s", year=year)
    if half == "2":
        return _("Second half of %(year)s", year=year)
    return _("Year %(year)s", year=year)


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
        return _("The percentage is the points.")
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
    details, measure = step["details"], step["measure"]
    if step["code"] == "sum":
        return _("Weighted sum: %(points)s of 100", points=f"{step['points']:.2f}")
    if step["code"] == "threshold":
        return _("What this sum takes by the points that the formula sets")
    if step["code"] == "veto":
        rule = {"measure": measure, "comparison": details["comparison"], "number": details["number"]}
        return _("Veto: %(rule)s", rule=condition(rule))
    if step["code"] == "rank":
        return _("Place %(rank)s of %(of)s by the sum; %(sharing)s share it", **details)
    if step["code"] == "share":
        told = share(details)
        places = {"places": details["places"], "of": details["of"], "rule": told}
        if details["grade"] == "lagging":
            return _("Share: %(rule)s, that is %(places)s of %(of)s", **places)
        return _("Share: %(rule)s, that is %(places)s of %(of)s; the places are taken by higher sums", **places)
    if step["code"] == "not_rated":
        if measure:
            return _("Not rated: %(measure)s is missing", measure=word(measure, "star_measure"))
        return _("Not rated: nothing that counts is known")
    return _("Result")
