"""How a page tells the evidence behind a mark on a claim, as one sentence."""

from collections.abc import Callable
from typing import Any, Final

from flask import Flask
from flask_babel import gettext as _

from gateway.pages.formats import day, distance, moment
from gateway.pages.language import is_chinese

Facts = dict[str, Any]


def anomaly_words(mark: dict[str, Any]) -> str:
    """Return the evidence of a mark ({rule, facts, …}); of a rule that only a newer service knows, its facts.

    Nothing for a mark whose facts are of others' claims, which its reader does not see.
    """
    facts = mark["facts"]
    say = SAYINGS.get(mark["rule"]) if facts else None
    return say(facts) if say else ", ".join(f"{name}: {value}" for name, value in facts.items())


def _twice(facts: Facts) -> str:
    names = ("、" if is_chinese() else ", ").join(facts.get("names") or [])
    told = _(
        "%(count)s members were at %(site)s as well, %(moment)s",
        count=facts["members"],
        site=facts["site"],
        moment=moment(facts["at"]),
    )
    return f"{told}{_(': ')}{names}" if names else told


def _own(facts: Facts) -> str:
    if facts.get("is_keeper"):
        return _("The branch keeps the site")
    if facts.get("is_orderer"):
        return _("%(name)s ordered the visit and let the party in", name=facts["by"])
    return _("Whoever billed the visit belongs to the branch")


SAYINGS: Final[dict[str, Callable[[Facts], str]]] = {
    "member_twice": _twice,
    "duplicate_invoice": lambda f: _(
        "Number %(number)s: %(site)s, visit on %(day)s",
        number=" ".join(part for part in (f["code"], f["number"]) if part),
        site=f["site"],
        day=day(f["visit_on"]),
    ),
    "duplicate_attachment": lambda f: _(
        "%(name)s: %(site)s, visit on %(day)s", name=f["name"], site=f["site"], day=day(f["visit_on"])
    ),
    "headcount_over_party": lambda f: _(
        "Closed with %(heads)s, ordered for %(party)s", heads=f["headcount"], party=f["party_size"]
    ),
    "headcount_over_roster": lambda f: _(
        "Closed with %(heads)s; the branch has %(members)s members", heads=f["headcount"], members=f["members"]
    ),
    "far_check_in": lambda f: _(
        "%(distance)s away (more than %(most)s); by %(name)s",
        distance=distance(f["distance_m"]),
        most=distance(f["limit_m"]),
        name=f["by"],
    ),
    "month_end_burst": lambda f: _(
        "%(at_end)s of the month's %(claims)s claims lie in its last %(days)s days",
        at_end=f["at_end"],
        claims=f["claims"],
        days=f["days"],
    ),
    "own_branch": _own,
    "device_at_many_sites": lambda f: _(
        "Device %(device)s, at %(sites)s sites; at %(site)s on %(moment)s",
        device=f["device"],
        sites=f["sites"],
        site=f["site"],
        moment=moment(f["at"]),
    ),
    "check_in_outside_slot": lambda f: _(
        "At %(moment)s; the visit was from %(start)s to %(end)s",
        moment=moment(f["at"]),
        start=moment(f["starts_at"]),
        end=moment(f["ends_at"]),
    ),
    "always_same_headcount": lambda f: _(
        "The last %(claims)s visits had %(heads)s heads each", claims=f["claims"], heads=f["headcount"]
    ),
}


def register(app: Flask) -> None:
    """Give the sentence to the templates."""
    app.jinja_env.filters.update(anomaly_words=anomaly_words)
