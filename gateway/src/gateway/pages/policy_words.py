"""A version of the subsidy policy told as a person would write it: sentence by sentence from its data, and compared."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from gateway.pages.formats import count, day, day_before, yuan
from gateway.pages.language import is_chinese
from gateway.pages.words import word

Rules = Mapping[str, Any]


def sentences(rules: Rules, *, active_from: str, active_until: str | None, grades: Mapping[str, str]) -> list[str]:
    """Return what the policy says, in the language being written. `grades` are the names of the evaluation's grades."""
    told = [_days(active_from, active_until), *amount_sentences(rules)]
    told += _factors(rules, grades=grades)
    told += _caps(rules)
    if rules.get("site_kinds"):
        told.append(_("Only visits to these kinds of sites are subsidised: %(kinds)s.", kinds=_kinds(rules)))
    if rules.get("last_spending_day"):
        last = _year_day(rules["last_spending_day"])
        told.append(_("Visits after %(day)s of a year are not subsidised.", day=last))
    told.append(
        _("What is set aside at the end of a year is carried over.")
        if rules.get("carries_over")
        else _("What is set aside at the end of a year is not carried over.")
    )
    if rules.get("collective_from_fen"):
        amount = yuan(rules["collective_from_fen"])
        told.append(
            _("From %(amount)s on, a batch is decided collectively: its approval names the minutes.", amount=amount)
        )
    if rules.get("second_signature_from_fen"):
        amount = yuan(rules["second_signature_from_fen"])
        told.append(_("From %(amount)s on, a claim needs a second signature.", amount=amount))
    told.append(_("Laid down in: %(citation)s.", citation=rules["citation"]))
    return told


def amount_sentences(rules: Rules) -> list[str]:
    """Return what the policy says of one visit before factors and shared limits."""
    least = count(rules["heads_min"])
    return [*_amount(rules), _("A visit with fewer than %(least)s heads gets nothing.", least=least)]


def labels() -> dict[str, str]:
    """Return what each rule is called on forms and in comparisons."""
    return {
        "name": _("Name"),
        "citation": _("Where it is laid down"),
        "active_from": _("Holds for visits from"),
        "mode": _("How a visit is paid"),
        "per_visit_fen": _("Base for a visit, yuan"),
        "per_head_fen": _("For each head, yuan"),
        "head_tiers": _("Tiers of heads"),
        "heads_min": _("Least heads"),
        "visit_cap_fen": _("At most for one visit, yuan"),
        "star_factors": _("Factors by star"),
        "category_factors": _("Factors by category"),
        "grade_factors": _("Factors by grade"),
        "site_kinds": _("Kinds of sites that are subsidised"),
        "site_month_cap_fen": _("At most for a site in a month, yuan"),
        "site_year_cap_fen": _("At most for a site in a year, yuan"),
        "branch_year_cap_fen": _("At most for a branch in a year, yuan"),
        "fund_share_percent": _("Share of the fund's year, percent"),
        "last_spending_day": _("Last day of the year that is subsidised"),
        "carries_over": _("Carried over at the end of a year"),
        "collective_from_fen": _("Decided collectively from, yuan"),
        "second_signature_from_fen": _("Second signature from, yuan"),
    }


def changes_between(before: Rules, after: Rules, *, grades: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return what differs, as (what, before, after)."""
    return [
        (label, _value(name, before, grades=grades), _value(name, after, grades=grades))
        for name, label in labels().items()
        if name != "active_from" and (before.get(name) or None) != (after.get(name) or None)
    ]


def _value(name: str, rules: Rules, *, grades: Mapping[str, str]) -> str:
    value: Any = rules.get(name)
    say: dict[str, Callable[[], str]] = {
        "carries_over": lambda: _("yes") if value else _("no"),
        "name": lambda: _("default") if value == "default" else str(value),
        "mode": lambda: word(value, "policy_mode"),
        "head_tiers": lambda: _and(_tiers(value)),
        "site_kinds": lambda: _kinds(rules),
        "last_spending_day": lambda: _year_day(value),
        "fund_share_percent": lambda: f"{value}%",
    }
    if value is None or value in ("", [], {}):
        return "—"
    if name.endswith("_fen"):
        return yuan(value)
    if name.endswith("_factors"):
        return _and(_named_factors(name, value, grades=grades))
    return say.get(name, lambda: str(value))()


def _days(active_from: str, active_until: str | None) -> str:
    if active_until is None:
        return _("Holds for visits from %(first)s on.", first=day(active_from))
    return _("Holds for visits from %(first)s to %(last)s.", first=day(active_from), last=day(day_before(active_until)))


def _amount(rules: Rules) -> list[str]:
    base, rate = yuan(rules["per_visit_fen"]), yuan(rules["per_head_fen"])
    most = _("A visit gets at most %(most)s.", most=yuan(rules["visit_cap_fen"]))
    if rules["mode"] == "invoice_actual":
        return [_("A visit gets what its invoice says, at most %(most)s.", most=yuan(rules["visit_cap_fen"]))]
    if rules["mode"] == "per_visit":
        return [_("A visit gets %(base)s, however many come.", base=base), most]
    if rules["mode"] == "tiered":
        tiers = _and(_tiers(rules["head_tiers"]))
        return [_("A visit gets %(base)s, and for its heads: %(tiers)s.", base=base, tiers=tiers), most]
    return [_("A visit gets %(base)s and %(rate)s for each head.", base=base, rate=rate), most]


def _tiers(tiers: Sequence[Mapping[str, int | None]]) -> list[str]:
    told, first = [], 1
    for tier in tiers:
        rate = yuan(tier["per_head_fen"])
        if tier["heads_to"] is None:
            told.append(_("from head %(first)s on %(rate)s each", first=first, rate=rate))
        else:
            told.append(_("heads %(first)s to %(last)s %(rate)s each", first=first, last=tier["heads_to"], rate=rate))
            first = tier["heads_to"] + 1
    return told


def _factors(rules: Rules, *, grades: Mapping[str, str]) -> list[str]:
    told = []
    for name in ("star_factors", "category_factors", "grade_factors"):
        if rules.get(name) and rules["mode"] != "invoice_actual":
            parts = _and(_named_factors(name, rules[name], grades=grades))
            told.append(_("The amount is multiplied by the site's factor: %(parts)s.", parts=parts))
    return [*told, _("After the factors it is rounded half up to the fen, once.")] if told else []


def _named_factors(name: str, factors: Mapping[str, str], *, grades: Mapping[str, str]) -> list[str]:
    say = {
        "star_factors": lambda star: _("%(star)s stars", star=star),
        "category_factors": lambda category: word(category, "category"),
        "grade_factors": lambda grade: grades.get(grade, grade),
    }[name]
    return [f"{say(key)} × {factor}" for key, factor in sorted(factors.items(), reverse=name == "star_factors")]


def _caps(rules: Rules) -> list[str]:
    caps = {
        "site_month_cap_fen": _("a site in a month at most %(most)s", most=yuan(rules.get("site_month_cap_fen"))),
        "site_year_cap_fen": _("a site in a year at most %(most)s", most=yuan(rules.get("site_year_cap_fen"))),
        "branch_year_cap_fen": _("a branch in a year at most %(most)s", most=yuan(rules.get("branch_year_cap_fen"))),
    }
    told = [said for name, said in caps.items() if rules.get(name)]
    if rules.get("fund_share_percent"):
        share = rules["fund_share_percent"]
        told.append(_("all visits at most %(share)s percent of what the fund has for the year", share=share))
    return [_("Together, visits get: %(caps)s. The first limit that binds is named.", caps=_and(told))] if told else []


def _kinds(rules: Rules) -> str:
    return ("、" if is_chinese() else ", ").join(word(kind, "site_kind") for kind in rules["site_kinds"])


def _and(parts: Sequence[str]) -> str:
    return ("；" if is_chinese() else "; ").join(parts)


def _year_day(text: str) -> str:
    month, _dash, number = text.partition("-")
    return f"{int(month)}月{int(number)}日" if is_chinese() else text
