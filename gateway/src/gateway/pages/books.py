"""The books as files: journals for other programs, workbooks for people, vouchers for the unit's own accounts."""

from chassis import clock
from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from gateway.clients import sites
from gateway.identity import current, needs
from gateway.pages.parts import together

blueprint = Blueprint("books", __name__)

YEARS_BACK = 5


@blueprint.get("/ledger/exports")
@needs("read_ledger")
def exports() -> ResponseReturnValue:
    """Offer the books of a fund in the forms that programs and people take."""
    who = current()
    parts = together(funds=lambda: sites.funds.funds({}, who=who))
    this = clock.today(clock.now()).year
    return render_template(
        "ledger/exports.html",
        **parts,
        fund_choices=[(fund["id"], fund["name"]) for fund in parts["funds"].rows],
        years=[(str(year), str(year)) for year in range(this, this - YEARS_BACK, -1)],
    )
