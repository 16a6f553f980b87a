"""The terms of all committees below the reader, and what waits for their approval."""

import csv
import io
from typing import Any, Final

from chassis import clock
from contracts.roster.terms import TERM_FILTERS
from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import roster
from gateway.identity import current, needs
from gateway.pages.forms import given
from gateway.pages.parts import together
from gateway.pages.words import word

blueprint = Blueprint("terms", __name__)

ON_A_PAGE: Final = 100
EXPORTED_MAX: Final = 5_000


@blueprint.get("/terms")
@needs("read_terms")
def index() -> ResponseReturnValue:
    """List the terms that end first."""
    who = current()
    status = _status()
    fields = given(status=status, cursor=request.args.get("cursor") or None, limit=ON_A_PAGE)
    parts = together(
        terms=lambda: roster.terms.terms(fields, who=who),
        counts=lambda: roster.terms.term_counts({}, who=who),
    )
    return render_template("terms/index.html", **parts, status=status, may_approve=who.may("decide_election"))


@blueprint.get("/terms/approvals")
@needs("decide_election")
def approvals() -> ResponseReturnValue:
    """List what waits for the reader as the superior."""
    who = current()
    return render_template(
        "terms/approvals.html", **together(waiting=lambda: roster.terms.term_approvals({"limit": 100}, who=who))
    )


@blueprint.get("/terms.csv")
@needs("read_terms")
def export() -> ResponseReturnValue:
    """Return the list as a table for spreadsheets, at most EXPORTED_MAX rows."""
    who, status = current(), _status()
    rows: list[dict[str, Any]] = []
    cursor: str | None = None
    while len(rows) < EXPORTED_MAX:
        found = roster.terms.terms(given(status=status, cursor=cursor, limit=1000), who=who).data
        rows += found["items"]
        cursor = found["next"]
        if cursor is None:
            break
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(
        (
            *(_("Organisation"), _("Superior"), _("Kind"), _("Field"), _("Secretary"), _("Seats")),
            *(_("Term from"), _("Last day of the term"), _("State"), _("Postponed"), _("Election"), _("Reminded")),
        )
    )
    for row in rows[:EXPORTED_MAX]:
        cells = (
            row["organisation_name"],
            row["superior_name"],
            word(row["kind"], "organisation_kind"),
            word(row["field"], "field"),
            row["secretary_name"],
            row["seats"],
            row["active_from"],
            row["ends_on"],
            word(row["status"], "term_status"),
            _("yes") if row["is_postponed"] else "",
            word(row["election_state"], "election_state") if row["election_state"] else "",
            (row["told_at"] or "")[:10],
        )
        table.writerow([_plain(cell) for cell in cells])
    day = clock.today(clock.now()).isoformat()
    response = Response(written.getvalue().encode("utf-8-sig"), mimetype="text/csv")
    response.headers["Content-Disposition"] = f"attachment; filename=terms-{day}.csv"
    return response


def _status() -> str | None:
    status = request.args.get("status")
    return status if status in TERM_FILTERS else None


def _plain(cell: Any) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
