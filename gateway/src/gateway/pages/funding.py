"""Which funds bear a place's visits, proposed by one person and adopted by another; and what they owe each other."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, done_or_told, faults, given, typed, typed_fen, typed_number
from gateway.pages.organisations import organisation_named
from gateway.pages.parts import together

blueprint = Blueprint("funding", __name__)

SHARES_SHOWN: Final = 3
AT_FIELD: Final = {"funding-taken": "active_from", "transfer-repeated": "document_number"}


@blueprint.get("/funds/sharing")
@needs("read_fund")
def index() -> ResponseReturnValue:
    """Show the rules, and what funds owe each other this year."""
    return _page(Faults(status=200))


@blueprint.post("/funds/sharing")
@needs("propose_funding")
def propose() -> ResponseReturnValue:
    """Propose which funds bear a place's visits."""
    name = typed("organisation")
    place, wrong = organisation_named(name) if name else (None, _("Write the organisation's name."))
    fields = given(
        organisation_id=place,
        active_from=typed("active_from"),
        citation=typed("citation"),
        shares=[
            {"fund_id": fund, "percent": typed_number(f"percent_{number}") or 0}
            for number in range(1, SHARES_SHOWN + 1)
            if (fund := typed(f"fund_{number}"))
        ],
    )
    if wrong:
        return _page(Faults({"organisation": [wrong]}), "propose")
    try:
        sites.funding.propose_funding(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(_flat(faults(refusal, at=AT_FIELD)), "propose")
    flash(_("Proposed. It counts once another person has adopted it, for visits from its day on."), "good")
    return redirect(url_for("pages.funding.index"), code=303)


@blueprint.post("/funds/sharing/<uuid:rule_id>/adoption")
@needs("adopt_funding")
def adopt(rule_id: UUID) -> ResponseReturnValue:
    """Adopt another person's rule."""
    return _move(
        sites.funding.adopt_funding, rule_id, _("Adopted. Orders placed already keep the funds that bear them.")
    )


@blueprint.post("/funds/sharing/<uuid:rule_id>/withdrawal")
@needs("withdraw_funding")
def withdraw(rule_id: UUID) -> ResponseReturnValue:
    """Take a proposal back."""
    return _move(sites.funding.withdraw_funding, rule_id, _("Withdrawn. Nothing changes."))


@blueprint.post("/funds/transfers")
@needs("record_transfer")
def transfer() -> ResponseReturnValue:
    """Record that one fund's account paid another's."""
    source, _between, target = (typed("between") or "").partition(":")
    fields = given(
        from_fund_id=source,
        to_fund_id=target,
        year=_year(),
        amount_fen=typed_fen("amount_fen"),
        document_number=typed("document_number"),
    )
    try:
        sites.funding.record_transfer(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(faults(refusal, at=AT_FIELD), "transfer")
    flash(_("Recorded. What is still owed is shown below."), "good")
    return redirect(url_for("pages.funding.index"), code=303)


def _move(door: Any, rule_id: UUID, done: str) -> ResponseReturnValue:
    return done_or_told(door, {"rule_id": rule_id}, done=done, back=url_for("pages.funding.index"))


def _page(told: Faults, tried: str | None = None) -> ResponseReturnValue:
    who = current()
    parts = together(
        rules=lambda: sites.funding.funding_rules({"limit": 50}, who=who),
        funds=lambda: sites.funds.funds({}, who=who),
        owed=lambda: sites.funding.owed_between_funds({"year": _year()}, who=who),
    )
    page = render_template(
        "funds/sharing.html",
        **parts,
        choices=[(fund["id"], fund["name"]) for fund in parts["funds"].rows],
        shares_shown=range(1, SHARES_SHOWN + 1),
        year=_year(),
        errors=told.errors,
        tried=tried,
        values=request.form,
        key=request.form.get("idempotency_key"),
    )
    return page, told.status


def _flat(told: Faults) -> Faults:
    """Say what is wrong with one of the shares at the shares."""
    errors: dict[str, list[str]] = {}
    for name, sentences in told.errors.items():
        errors.setdefault("shares" if name.startswith("shares") else name, []).extend(_sentences(sentences))
    return Faults(errors, told.status)


def _sentences(told: Any) -> list[str]:
    if isinstance(told, Mapping):
        return [sentence for each in told.values() for sentence in _sentences(each)]
    return list(told)


def _year() -> int:
    return clock.today(clock.now()).year
