"""How a page tells why an amount is what it is: the lines of a subsidy's explanation, as sentences.

A line is {rule, inputs, amount_fen}; a rule that only a newer service knows is shown by its code and inputs.
"""

import re
from collections.abc import Callable
from typing import Any

from flask import Flask
from flask_babel import gettext as _

from gateway.pages.formats import count, moment, yuan
from gateway.pages.words import word

TIMER = "timer"
IMPORT = "import"
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
Line = dict[str, Any]
Inputs = dict[str, Any]


def rule_words(line: Line) -> str:
    """Return what the line's rule is called."""
    words = {
        "policy": _("Policy in force on the day of the visit"),
        "heads_paid": _("Heads that count: the lowest of the counts"),
        "minimum_attendance": _("Too few came for a subsidy"),
        "base": _("Base for a visit"),
        "heads": _("For each head"),
        "factor": _("The site's factor"),
        "visit_cap": _("Cut to the most for one visit"),
        "site_month_cap": _("Cut to what the site's month leaves"),
        "site_year_cap": _("Cut to what the site's year leaves"),
        "branch_year_cap": _("Cut to what the branch's year leaves"),
        "fund_share": _("Cut to the share of the fund"),
        "tier": _("For the heads of a tier"),
        "invoice": _("What the invoice says"),
        "invoice_expected": _("The most, until the invoice is there"),
        "last_spending_day": _("After the last day of the year that is subsidised"),
        "site_kind": _("Sites of this kind are not subsidised"),
        "encumbrance": _("Cut to what was set aside for the order"),
        "lowered": _("Lowered by finance"),
        "unsubsidised": _("No subsidy"),
        "funding": _("Borne by several funds"),
    }
    return words.get(line["rule"], str(line["rule"]))


def input_words(line: Line) -> str:
    """Return the line's inputs as one sentence; empty when it has none."""
    inputs = line.get("inputs") or {}
    say = SAYINGS.get(line["rule"])
    return say(inputs) if say else _list([f"{name}: {value}" for name, value in inputs.items()])


def _policy(inputs: Inputs) -> str:
    name = _("default") if inputs.get("name") == "default" else inputs.get("name", "")
    return _("“%(name)s”, version %(version)s. %(citation)s", name=name, **_all(inputs, "version", "citation"))


def _heads_paid(inputs: Inputs) -> str:
    counts = {
        "ordered": _("ordered %(heads)s", heads=inputs.get("ordered")),
        "checked_in": _("checked in %(heads)s", heads=inputs.get("checked_in")),
        "closed": _("closed with %(heads)s", heads=inputs.get("closed")),
        "confirmed": _("branch says %(heads)s", heads=inputs.get("confirmed")),
        "heads": _("counted: %(heads)s", heads=inputs.get("heads")),
    }
    return _list([text for name, text in counts.items() if name in inputs])


def _minimum(inputs: Inputs) -> str:
    return _("%(heads)s heads; at least %(heads_min)s are needed", **_all(inputs, "heads", "heads_min"))


def _base(inputs: Inputs) -> str:
    return _("%(amount)s a visit", amount=yuan(inputs.get("per_visit_fen")))


def _heads(inputs: Inputs) -> str:
    return _("%(heads)s heads at %(amount)s", heads=inputs.get("heads"), amount=yuan(inputs.get("per_head_fen")))


def _cap(inputs: Inputs) -> str:
    before, cap = yuan(inputs.get("before_fen")), yuan(inputs.get("cap_fen"))
    return _("%(before)s before, at most %(cap)s", before=before, cap=cap)


def _lowered(inputs: Inputs) -> str:
    return _(
        "%(why)s: %(before)s were due",
        why=word(inputs.get("code"), "claim_reason"),
        before=yuan(inputs.get("before_fen")),
    )


def _shared_cap(inputs: Inputs) -> str:
    return _(
        "%(before)s before; of %(cap)s %(used)s are used, %(left)s are left",
        before=yuan(inputs.get("before_fen")),
        cap=yuan(inputs.get("cap_fen")),
        used=yuan(inputs.get("used_fen")),
        left=yuan(inputs.get("left_fen")),
    )


def _tier(inputs: Inputs) -> str:
    said = {"heads": inputs.get("heads"), "amount": yuan(inputs.get("per_head_fen")), "first": inputs.get("heads_from")}
    if inputs.get("heads_to") is None:
        return _("From head %(first)s on: %(heads)s heads at %(amount)s", **said)
    return _("Heads %(first)s to %(last)s: %(heads)s heads at %(amount)s", **said, last=inputs["heads_to"])


def _why_not(inputs: Inputs) -> str:
    why = str(inputs.get("why", ""))
    words = {
        "member_booking": _("Members' own bookings are not subsidised."),
        "external_branch": _("Branches from outside the district are not subsidised."),
        "no_fund": _("No fund pays for this branch."),
        "below_minimum": _("The party is smaller than the policy's minimum."),
        "decided_unpaid": _("The check-in was in doubt, and finance decided that no fund pays for it."),
        "telephone": _("The site entered it for somebody who called; such visits are not subsidised."),
        "walk_in": _("The party came without an order; such visits are not subsidised."),
        "month_used": _("The branch has used its subsidised visit of this month."),
    }
    return words.get(why, why)


def _all(inputs: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: inputs.get(name, "") for name in names}


def _list(parts: list[str]) -> str:
    return _(", ").join(part for part in parts if part)


SAYINGS: dict[str, Callable[[Inputs], str]] = {
    "policy": _policy,
    "heads_paid": _heads_paid,
    "minimum_attendance": _minimum,
    "base": _base,
    "heads": _heads,
    "factor": lambda inputs: f"× {inputs.get('factor')}",
    "visit_cap": _cap,
    "encumbrance": _cap,
    "lowered": _lowered,
    "unsubsidised": _why_not,
    "funding": lambda inputs: _list([f"{part['fund']} {yuan(part['amount_fen'])}" for part in inputs.get("parts", ())]),
    "site_month_cap": _shared_cap,
    "site_year_cap": _shared_cap,
    "branch_year_cap": _shared_cap,
    "fund_share": _shared_cap,
    "tier": _tier,
    "invoice": lambda inputs: yuan(inputs.get("invoice_fen")),
    "invoice_expected": lambda inputs: _("%(amount)s are set aside", amount=yuan(inputs.get("visit_cap_fen"))),
    "last_spending_day": lambda inputs: _("Visits after %(day)s get nothing", day=inputs.get("last_spending_day")),
    "site_kind": lambda inputs: _list([word(kind, "site_kind") for kind in inputs.get("site_kinds") or []]),
}


def series_words(code: str) -> str:
    """Return why a date of a recurring order was skipped."""
    words = {
        "not-found": _("The site has no such time on this day, or its times are not made yet."),
        "slot-full": _("Not enough seats are free."),
        "groups-full": _("No further group may come."),
        "slot-closed": _("The time is closed."),
        "slot-past": _("The time takes no more orders."),
        "not-yet-bookable": _("The time takes no orders yet."),
        "quota-reached": _("The branch would have too many open orders."),
        "quota-full": _("A quota would be exceeded."),
        "fund-exhausted": _("The fund has no money left for it."),
        "in-allocation-round": _("The time is given out in an allocation round."),
        "party-outside-programme": _("The programme does not take parties of this size."),
        "branch-unknown": _("The branch does not exist any more."),
    }
    return words.get(code, code)


def outcome_words(tried: Line) -> str:
    """Return what was against a wish when its turn came in a draw."""
    code, params = str(tried["code"]), tried.get("params") or {}
    if code == "slot-full":
        return _("Only %(left)s seats were left when its turn came.", left=params.get("seats_left"))
    if code == "groups-full":
        return _("It had its %(most)s groups when its turn came.", most=params.get("groups_max"))
    if code == "quota-reached":
        return _("The branch had %(most)s open orders already.", most=params.get("limit"))
    if code == "not-found":
        return _("The site took no visits any more.")
    return series_words(code)


def _cut(line: Line) -> str:
    return _("%(rule)s (%(inputs)s)", rule=rule_words(line), inputs=input_words(line))


def booking_rule_words(rule: Line) -> str:
    """Return what a rule of ordering asks."""
    words = {
        "slot_open": _("The time is not closed"),
        "not_too_late": _("It still takes orders"),
        "not_too_early": _("It takes orders already"),
        "seats": _("Enough seats are free"),
        "groups": _("One more group may come"),
        "open_orders": _("The branch may have one more open order"),
        "fund": _("The fund has money for it"),
        "subsidy_caps": _("The policy pays the whole amount"),
        "subsidised_branch": _("Branches of the district are subsidised"),
        "subsidised_visit_of_month": _("The month's subsidised visit is free"),
        "confirmed_at_once": _("The site confirms by itself"),
        "came_before": _("The branch came when it had ordered"),
        "quota": _("The quotas leave room"),
        "site_open": _("The site takes visits"),
        "allocation": _("It is ordered by whoever comes first"),
        "party": _("The programme takes parties of this size"),
    }
    return words.get(rule["rule"], str(rule["rule"]))


def booking_input_words(rule: Line) -> str:
    """Return what a rule of ordering was judged by, as one sentence; empty where there is nothing to say."""
    inputs = rule.get("inputs") or {}
    if rule.get("detail") and not rule["passes"] and rule["rule"] == "slot_open":
        return _("Reason: %(reason)s", reason=inputs.get("closed_reason"))
    say = BOOKING_SAYINGS.get(rule["rule"])
    return say(inputs) if say else ""


BOOKING_SAYINGS: dict[str, Callable[[Inputs], str]] = {
    "not_too_late": lambda i: _("Orders until %(moment)s", moment=moment(i["bookable_until"])),
    "not_too_early": lambda i: _("Orders from %(moment)s", moment=moment(i["bookable_from"])),
    "allocation": lambda i: _(
        "The round “%(title)s” gives it out, drawn on %(moment)s", title=i.get("title"), moment=moment(i["draw_at"])
    ),
    "party": lambda i: _(
        "%(party)s wanted; it takes %(least)s to %(most)s",
        party=i.get("party_size"),
        least=i.get("party_min"),
        most=i.get("party_max"),
    ),
    "seats": lambda i: _("%(party)s wanted, %(left)s free", party=i.get("party_size"), left=i.get("seats_left")),
    "groups": lambda i: _("%(taken)s of %(most)s groups", taken=i.get("groups_taken"), most=i.get("groups_max")),
    "open_orders": lambda i: _(
        "%(open)s open, at most %(most)s", open=i.get("open_orders"), most=i.get("open_orders_max")
    ),
    "quota": lambda i: _(
        "%(used)s of %(most)s used in the %(period)s",
        used=i.get("used"),
        most=i.get("most"),
        period=word(i.get("period"), "quota_period"),
    ),
    "fund": lambda i: _(
        "%(amount)s would be set aside; the fund has %(left)s left",
        amount=yuan(i.get("estimate_fen")),
        left=yuan(i.get("left_fen")),
    ),
    "subsidy_caps": lambda i: _list([_cut(line) for line in i.get("cuts") or []]),
    "subsidised_visit_of_month": lambda i: _(
        "%(taken)s of %(most)s used; a further visit can be ordered, unsubsidised",
        taken=i.get("subsidised"),
        most=i.get("subsidised_a_month_max"),
    ),
    "came_before": lambda i: (
        _(
            "Parties did not come repeatedly: orders are confirmed by hand until %(moment)s",
            moment=moment(i["by_hand_until"]),
        )
        if i.get("by_hand_until")
        else ""
    ),
}


def account_words(account: str, name: str | None = None) -> str:
    """Return what an account is called: its kind in the reader's language, and the site it stands for."""
    kind, _colon, site = account.partition(":")
    words = {
        "appropriations": _("Appropriations"),
        "available": _("Available money"),
        "encumbered": _("Set aside for orders"),
        "payable": _("Payable to sites"),
        "paid": _("Paid to sites"),
        "contributions": _("Borne by other funds"),
        "contributed": _("Borne for other funds' sites"),
    }
    if kind not in words:
        return name or account
    return f"{words[kind]} · {(name or site).rpartition('：')[2]}" if site else words[kind]


def register(app: Flask) -> None:
    """Give the explanations to the templates."""
    app.jinja_env.filters.update(
        series_words=series_words,
        outcome_words=outcome_words,
        booking_rule_words=booking_rule_words,
        booking_input_words=booking_input_words,
        rule_words=rule_words,
        input_words=input_words,
        people=people,
        mover=_mover,
        account_words=account_words,
    )


def people(number: int) -> str:
    """Return a number of heads as words."""
    return _("%(number)s people", number=count(number))


def _mover(name: str | None) -> str:
    """Return who moved something; a timer has no name, and whoever is known by their id alone goes unnamed."""
    if not name or name == TIMER:
        return _("by itself")
    if name == IMPORT:
        return _("by an import")
    return "" if ID.fullmatch(name) else name
