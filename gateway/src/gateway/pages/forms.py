"""What a page's form brings, and how its faults are told: at the field, with what was typed kept.

Each form carries a key drawn with the page (`gateway.idempotency`), so a second click or a reload of the same form is
answered by what the first one did.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from chassis.refusals import Refusal
from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.idempotency import command_id
from gateway.identity import current
from gateway.pages.parts import PASSING
from gateway.problems import problem_of

EMPTY = ("必填。", "Missing data for required field.")
OF_FEN = re.compile(
    r"应为整数|(应在|不能[小大]于) -?\d|Not a valid integer|Must be (greater|less) than or equal to -?\d"
)
OF_DECIMALS = re.compile(r"[+-]?[0-9]{1,12}([.][0-9]{1,12})?")
FORM = "form"
"""The name under which a fault stands that belongs to no field."""


@dataclass(frozen=True)
class Faults:
    """What is wrong with a form, by field, and the HTTP status it is answered with."""

    errors: dict[str, list[str]] = field(default_factory=dict)
    status: int = 422


def typed(name: str) -> str | None:
    """Return the field's text, trimmed; None when nothing was typed."""
    return (request.form.get(name) or "").strip() or None


def typed_number(name: str) -> int | str | None:
    """Return the field as a number; what is none is passed on as typed, for the service to name the fault."""
    text = typed(name)
    if text is None:
        return None
    plain = text.replace(",", "").replace("，", "")
    return int(plain) if plain.removeprefix("-").isdecimal() and len(plain) < 18 else text


def typed_decimal(name: str, *, unit: str = "") -> float | str | None:
    """Return the field as a number that may have decimals; what is none is passed on as typed.

    A `unit` that was written behind it is taken for granted: 12.5% as 12.5.
    """
    text = typed(name)
    if text is None:
        return None
    plain = text.replace(",", "").replace("，", "").removesuffix(unit).rstrip()
    return float(plain) if OF_DECIMALS.fullmatch(plain) else text


def day_in(text: str | None) -> date | None:
    """Return the day that an address or a form names as 2026-01-31; None for anything else."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def typed_fen(name: str) -> int | str | None:
    """Return yuan as typed (1,234.5) in fen; what is no amount is passed on as typed."""
    text = typed(name)
    if text is None:
        return None
    whole, _dot, part = text.replace(",", "").replace("，", "").lstrip("¥￥").removesuffix("元").strip().partition(".")
    if not (whole.isdecimal() and len(whole) < 15 and (part == "" or (part.isdecimal() and len(part) <= 2))):
        return text
    return int(whole) * 100 + int(part.ljust(2, "0") if part else "0")


def typed_again(*lists: str) -> dict[str, Any]:
    """Return all that was typed, to be shown again; of the fields named in `lists` all that was chosen."""
    return {**request.form.to_dict(), **{name: request.form.getlist(name) for name in lists}}


def given(**fields: Any) -> dict[str, Any]:
    """Return the fields without those that were left empty."""
    return {name: value for name, value in fields.items() if value is not None}


def faults(refusal: Refusal, *, at: Mapping[str, str] | None = None, called: Mapping[str, str] | None = None) -> Faults:
    """Return what the form's page tells about the refusal.

    `at` names the field at which a refusal that is not about one field's content is told, by code; `called` says how
    the form calls fields that the command calls otherwise.
    """
    problem, called = problem_of(refusal), called or {}
    if problem.errors:
        errors = {name: [_filled(sentence, name) for sentence in told] for name, told in problem.errors.items()}
    else:
        errors = {(at or {}).get(refusal.code, FORM): [_sentence(refusal.code, problem.detail)]}
    return Faults({called.get(name, name): told for name, told in errors.items()}, problem.status)


def tell(refusal: Refusal) -> None:
    """Tell the refusal of a button (a form without fields) above the next page."""
    problem = problem_of(refusal)
    labels = {"reason": _("Reason"), "evidence": _("Evidence"), "due_on": _("Due by"), "points": _("Points")}
    labels |= dict.fromkeys(("text", "word", "report", "decision"), _("Your text"))
    sentences = [
        (labels[name] + _(": ") if name in labels else "") + _filled(sentence, name)
        for name, told in problem.errors.items()
        for sentence in told
    ] or [problem.detail]
    flash(_sentence(refusal.code, " ".join(sentences)), "bad")


def done_or_told(act: Callable[..., Any], fields: Mapping[str, Any], *, done: str, back: str) -> ResponseReturnValue:
    """Do what a button asks and go `back` to an address; told above that page: that it is done, or why it is not."""
    try:
        act(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        tell(refusal)
    else:
        flash(done, "good")
    return redirect(back, code=303)


def _filled(sentence: str, name: str) -> str:
    """Return the sentence about a field; of one that was left empty, or of an amount that is none, what to do.

    People write yuan, the message counts fen: a bound in fen would tell them a number a hundred times too large.
    """
    if sentence in EMPTY:
        return _("Please fill this in.")
    if name.endswith("_fen") and OF_FEN.match(sentence):
        return _("Write the amount in yuan, for example 50000 or 50000.00.")
    return sentence


def _sentence(code: str, detail: str) -> str:
    if code == "idempotency-key-reused":
        return _("This form was already sent with other content. Look whether it was done; if not, send it once more.")
    if code == "unsupported-media-type":
        return _("This file is of another kind. Choose one of the kinds named here.")
    if code == "payload-too-large":
        return _("This file is too large. Choose a smaller one.")
    if code in PASSING:
        return _("%(detail)s What you typed is kept; send it again in a minute, it is done only once.", detail=detail)
    return detail
