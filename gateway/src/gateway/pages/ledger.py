"""The books: the trial balance, and the entries of one account. Read only."""

from typing import Final

from chassis import clock
from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from gateway.clients import sites
from gateway.identity import current, needs
from gateway.pages.forms import day_in, given
from gateway.pages.parts import together

blueprint = Blueprint("ledger", __name__)

ON_A_PAGE: Final = 100


@blueprint.get("/ledger")
@needs("read_ledger")
def trial_balance() -> ResponseReturnValue:
    """Show the trial balance as at the end of a day."""
    who = current()
    on = day_in(request.args.get("on"))
    fund_id = request.args.get("fund") or None
    parts = together(
        balance=lambda: sites.funds.trial_balance(given(on=on, fund_id=fund_id), who=who),
        funds=lambda: sites.funds.funds({}, who=who),
    )
    return render_template(
        "ledger/trial_balance.html",
        **parts,
        on=on,
        fund_id=fund_id,
        fund_choices=[(fund["id"], fund["name"]) for fund in parts["funds"].rows],
        today=clock.today(clock.now()).isoformat(),
    )


@blueprint.get("/ledger/accounts/<path:account>")
@needs("read_ledger")
def statement(account: str) -> ResponseReturnValue:
    """Show the entries of one account."""
    who = current()
    fund_id = request.args.get("fund") or None
    first, last = day_in(request.args.get("from")), day_in(request.args.get("to"))
    cursor = request.args.get("cursor") or None
    fields = given(account=account, fund_id=fund_id, from_day=first, to_day=last, cursor=cursor, limit=ON_A_PAGE)
    parts = together(
        entries=lambda: sites.funds.statement(fields, who=who),
        balance=lambda: sites.funds.trial_balance(given(fund_id=fund_id), who=who),
    )
    accounts = parts["balance"].data["accounts"] if parts["balance"].data else []
    names = {each["account"]: each["name"] for each in accounts}
    return render_template(
        "ledger/statement.html",
        **parts,
        account=account,
        reversed={entry["reverses"] for entry in parts["entries"].rows},
        names=names,
        fund_id=fund_id,
        first=first,
        last=last,
        filters=given(fund=fund_id, **{"from": request.args.get("from") or None, "to": request.args.get("to") or None}),
        today=clock.today(clock.now()).isoformat(),
    )
