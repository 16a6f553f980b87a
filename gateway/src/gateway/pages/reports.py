"""Reports: choose one, have it made, fetch its file; and the pages of what visits cost and what a site earned."""

import time
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import Refusal
from contracts.sites.reports import REPORT_SUBJECTS
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gateway.clients import sites
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, faults, given, typed
from gateway.pages.parts import Part, together

blueprint = Blueprint("reports", __name__)

ON_A_PAGE: Final = 30
YEARS_BACK: Final = 5
FIELDS: Final = (
    *("kind", "format", "period", "year", "fund_id", "batch_id", "claim_id", "site_id", "branch_id"),
    *("from_day", "to_day", "by", "town", "category", "site_kind"),
)
OF_THE_BOOKS: Final = ("ledger_book", "vouchers")
"""These are asked for where the books stand."""
READY_WITHIN_S: Final = 2.0
"""So long an answer waits for a short report, so that its page need not be looked at twice."""
LOOK_EVERY_S: Final = 0.2
OPEN: Final = ("waiting", "running")


@blueprint.get("/reports")
@needs("make_report")
def index() -> ResponseReturnValue:
    """Offer the reports of the fund, and list one's own of the last week."""
    return _index(Faults(status=200))


@blueprint.post("/reports")
@needs("make_report")
def ask() -> ResponseReturnValue:
    """Have a report made; a short one is ready when the next page comes."""
    who = current()
    try:
        made = sites.funds.ask_report(
            given(**{name: typed(name) for name in FIELDS}), who=who, command_id=command_id()
        ).data
    except Refusal as refusal:
        return _index(faults(refusal))
    until = time.monotonic() + READY_WITHIN_S
    while made["state"] in OPEN and time.monotonic() < until:
        time.sleep(LOOK_EVERY_S)
        made = sites.funds.report({"report_id": made["id"]}, who=who).data
    return redirect(url_for("pages.reports.show", report_id=made["id"]), code=303)


@blueprint.get("/reports/<uuid:report_id>")
@needs("make_report")
def show(report_id: UUID) -> ResponseReturnValue:
    """Show how far a report is, and its file once it is there."""
    found = sites.funds.report({"report_id": report_id}, who=current()).data
    return render_template("reports/show.html", report=found, is_open=found["state"] in OPEN)


@blueprint.get("/branches/<uuid:branch_id>/costs")
@needs("read_branch_costs")
def branch_costs(branch_id: UUID) -> ResponseReturnValue:
    """Show what a branch's visits of a year cost the fund."""
    year, years = _year()
    fields = given(branch_id=branch_id, year=year, fund_id=_fund())
    costs = sites.funds.branch_costs(fields, who=current()).data
    return render_template("reports/branch_costs.html", costs=costs, year=year, years=years)


@blueprint.get("/sites/<uuid:site_id>/account")
@needs("read_site_account")
def site_account(site_id: UUID) -> ResponseReturnValue:
    """Show what a site earned in a year, what was cut and when it is paid."""
    year, years = _year()
    fields = given(site_id=site_id, year=year, fund_id=_fund())
    account = sites.funds.site_account(fields, who=current()).data
    return render_template("reports/site_account.html", account=account, year=year, years=years)


def _index(told: Faults) -> ResponseReturnValue:
    who = current()
    cursor = request.args.get("cursor") or None
    reads: dict[str, Any] = {"reports": lambda: sites.funds.reports(given(cursor=cursor, limit=ON_A_PAGE), who=who)}
    if who.may("read_ledger"):
        reads["funds"] = lambda: sites.funds.funds({}, who=who)
    parts: dict[str, Part] = {"funds": Part(), **together(**reads)}
    today = clock.today(clock.now())
    page = render_template(
        "reports/index.html",
        **parts,
        fund_choices=[(fund["id"], fund["name"]) for fund in parts["funds"].rows],
        month=clock.month_of(clock.now()),
        years=[(str(year), str(year)) for year in range(today.year, today.year - YEARS_BACK, -1)],
        of_fund=[kind for kind, needed in REPORT_SUBJECTS.items() if "fund_id" in needed and kind not in OF_THE_BOOKS],
        tried=typed("kind"),
        values=request.form,
        errors=told.errors,
    )
    return page, told.status


def _fund() -> UUID | None:
    """Return the fund that the address names; none for anything else, so that all are shown."""
    try:
        return UUID(request.args.get("fund", ""))
    except ValueError:
        return None


def _year() -> tuple[int, list[int]]:
    this = clock.today(clock.now()).year
    text = request.args.get("year", "")
    year = int(text) if text.isascii() and text.isdecimal() and 2000 <= int(text) <= 2199 else this
    return year, list(range(this, this - YEARS_BACK, -1))
