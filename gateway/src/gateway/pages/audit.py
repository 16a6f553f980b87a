"""The audit: who did or saw what, over all services; the proof of its chains, and how long records are kept."""

import io
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from chassis.cursors import cursor_after
from chassis.refusals import Refusal
from chassis.workbooks import workbook
from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import roster
from gateway.clients.audit import SERVICES
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.formats import moment
from gateway.pages.forms import Faults, day_in, faults, given, typed, typed_number
from gateway.pages.parts import PASSING, Part, part, together
from gateway.pages.words import word

blueprint = Blueprint("audit", __name__)

ON_A_PAGE: Final = 50
EXPORTED_MAX: Final = 10_000
AT_ONCE: Final = 1000
NAMES_AT_ONCE: Final = 500
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEXTS: Final = ("door", "outcome", "address", "request_id")


@blueprint.get("/administration/audit")
@needs("read_audit")
def search() -> ResponseReturnValue:
    """Search all services at once, newest first; one that is away is named."""
    asked, people = _asked()
    cursors: dict[str, str | None] = {name: request.args.get(f"after_{name}") or None for name in SERVICES}
    who = current()
    parts: dict[str, Part] = {}
    if asked is not None:
        wanted = [request.args["service"]] if request.args.get("service") in SERVICES else list(SERVICES)
        parts = together(
            **{
                name: partial(SERVICES[name].records, given(**asked, limit=ON_A_PAGE, cursor=cursors[name]), who=who)
                for name in wanted
            }
        )
    rows = sorted(
        ({**row, "service": name} for name, one in parts.items() for row in one.rows),
        key=lambda row: (datetime.fromisoformat(row["at"]), row["number"]),
        reverse=True,
    )
    shown = rows[:ON_A_PAGE]
    for row in shown:
        cursors[row["service"]] = cursor_after(datetime.fromisoformat(row["at"]), row["number"])
    is_more = len(rows) > len(shown) or any(one.data and one.data["next"] for one in parts.values())
    kept = _kept()
    after: dict[str, Any] = {f"after_{name}": at for name, at in cursors.items() if at}
    return render_template(
        "audit/search.html",
        rows=shown,
        names=_names(shown),
        people=people,
        missing=[name for name, one in parts.items() if not one.available],
        asked=kept,
        next_address=url_for("pages.audit.search", **kept, **after) if is_more else None,
        first_address=url_for("pages.audit.search", **kept)
        if any(name.startswith("after_") for name in request.args)
        else None,
    )


@blueprint.get("/administration/audit/records.xlsx")
@needs("read_audit")
def export() -> ResponseReturnValue:
    """Hand out what the search finds as a workbook, a sheet for each service."""
    asked, _people = _asked()
    if asked is None:
        return redirect(url_for("pages.audit.search", **_kept()), code=303)
    made = io.BytesIO()
    with workbook(made) as book:
        for name in SERVICES:
            _fill(book.add_worksheet(word(name, "service")), name, asked)
    response = Response(made.getvalue(), mimetype=XLSX)
    response.headers["Content-Disposition"] = 'attachment; filename="audit.xlsx"'
    return response


@blueprint.get("/administration/audit/chain")
@needs("prove_audit")
def chain() -> ResponseReturnValue:
    """Show how each service's chain stands, and how long its records are kept."""
    return _chain()


@blueprint.post("/administration/audit/chain/<any('roster','sites','assessment'):service>/proofs")
@needs("prove_audit")
def prove(service: str) -> ResponseReturnValue:
    """Have a chain proved."""
    made = SERVICES[service].prove({}, who=current(), command_id=command_id())
    return redirect(url_for("pages.audit.proof", service=service, proof_id=made["id"]), code=303)


@blueprint.get("/administration/audit/chain/<any('roster','sites','assessment'):service>/proofs/<uuid:proof_id>")
@needs("prove_audit")
def proof(service: str, proof_id: UUID) -> ResponseReturnValue:
    """Show how far a proof is, or what it found."""
    found = SERVICES[service].proof({"proof_id": proof_id}, who=current()).data
    return render_template("audit/proof.html", service=service, found=found, result=found["result"] or {})


@blueprint.post("/administration/audit/chain/<any('roster','sites','assessment'):service>/rules")
@needs("set_audit_rule")
def set_rule(service: str) -> ResponseReturnValue:
    """Say for how long a service's records are kept."""
    fields = given(
        kept_months=typed_number("kept_months"), citation=typed("citation"), active_from=typed("active_from")
    )
    try:
        SERVICES[service].set_rule(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _chain(service, faults(refusal))
    flash(_("The rule is set."), "good")
    return redirect(url_for("pages.audit.chain"), code=303)


def _chain(tried: str = "", told: Faults | None = None) -> ResponseReturnValue:
    who = current()
    parts = together(**{name: partial(SERVICES[name].state, {}, who=who) for name in SERVICES})
    page = render_template(
        "audit/chain.html",
        parts=parts,
        tried=tried,
        errors=told.errors if told else {},
        values=request.form,
        may_set=who.may("set_audit_rule"),
    )
    return page, told.status if told else 200


def _asked() -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """Return what the address asks for, and the people among whom a typed name leaves a choice.

    Nothing is asked for while nobody, or more than one, has the name.
    """
    texts = {name: request.args.get(name, "").strip()[:100] for name in (*TEXTS, "person_id", "target_id", "who")}
    people: list[dict[str, Any]] = []
    if texts["who"] and not texts["person_id"]:
        people = roster.accounts.find_people({"q": texts["who"][:50], "limit": 20}, who=current())["items"]
        if len(people) != 1:
            return None, people
        texts["person_id"] = people[0]["id"]
    asked = {name: text for name, text in texts.items() if text and name != "who"}
    for name in ("person_id", "target_id"):
        if name in asked and _uuid_in(asked[name]) is None:
            return None, []
    days = {f"{end}_day": day for end in ("from", "until") if (day := day_in(request.args.get(end)))}
    return {**asked, **days}, people


def _kept() -> dict[str, Any]:
    """Return what the address searches by, to be asked again; of what else stands in it, nothing is passed on."""
    names = (*TEXTS, "person_id", "target_id", "who", "from", "until", "service")
    return {name: value for name in names if (value := request.args.get(name))}


def _uuid_in(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _names(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return whom or what the ids of the rows stand for, as far as roster says so now."""
    ids = list(dict.fromkeys(one for row in rows for one in (row["person_id"], *row["targets"]) if one))
    names: dict[str, dict[str, Any]] = {}
    who = current()
    for start in range(0, len(ids), NAMES_AT_ONCE):
        some = ids[start : start + NAMES_AT_ONCE]
        told = part(partial(roster.privacy.names_for_audit, {"ids": some}, who=who))
        names |= {one["id"]: one for one in told.rows}
    return names


def _fill(sheet: Any, service: str, asked: dict[str, Any]) -> None:
    """Write one service's records; what begins like a formula is written as the text that it is."""
    heads = (
        _("When"),
        _("Who"),
        _("What"),
        _("Outcome"),
        _("About"),
        _("Fields"),
        _("Address"),
        _("Request"),
        _("Session"),
        _("Times"),
        _("Number"),
    )
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head)
    rows: list[dict[str, Any]] = []
    said = ""
    try:
        for page in _pages(service, asked):
            rows.extend(page)
            if len(rows) >= EXPORTED_MAX:
                said = _("There are more; narrow the search to get them.")
                break
    except Refusal as refusal:
        if refusal.code not in PASSING:
            raise
        said = _("This service does not answer; what stands here is not all.")
    names = _names(rows)
    line = 0
    for line, row in enumerate(rows, start=1):
        person = names.get(row["person_id"], {}).get("name", row["person_id"] or "")
        about = "、".join(names.get(one, {}).get("name", one) for one in row["targets"])
        written = (
            moment(row["at"]),
            person,
            word(row["door"], "door"),
            word(row["outcome"], "audit_outcome"),
            about,
            ", ".join(row["fields"]),
            row["address"],
            row["request_id"],
            row["session_id"] or "",
            str(row["times"]),
            str(row["number"]),
        )
        for column, text in enumerate(written):
            sheet.write_string(line, column, text[:32_000])
    if said:
        sheet.write_string(line + 1, 0, said)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(heads) - 1, 20)


def _pages(service: str, asked: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    cursor = None
    while True:
        found = SERVICES[service].records(given(**asked, limit=AT_ONCE, cursor=cursor), who=current()).data
        yield found["items"]
        cursor = found["next"]
        if cursor is None:
            return
