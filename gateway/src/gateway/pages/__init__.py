"""The pages that people see. Complete without JavaScript; every page composes reads only and writes by one command."""

from chassis.refusals import Refusal
from flask import Blueprint, Flask, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway import problems
from gateway.pages import (
    about,
    admissions,
    allocation_rounds,
    anomalies,
    appeals,
    batches,
    books,
    branch_members,
    branches,
    budgets,
    calendar_feeds,
    calendars,
    check_ins,
    claim_papers,
    claim_queue,
    claim_rules,
    claims,
    desk,
    devices,
    door,
    door_codes,
    explanations,
    field_reviews,
    file_layouts,
    formats,
    frame,
    fund_settings,
    funding,
    funds,
    guides,
    home,
    incidents,
    language,
    ledger,
    ledger_chain,
    lights,
    map,
    member_development,
    member_transfers,
    members,
    my_data,
    orders,
    organisations,
    overpayments,
    parties,
    payees,
    policies,
    programmes,
    publicity,
    quotas,
    ratings,
    reconciliation,
    reports,
    routes,
    run_sheets,
    self_check_ins,
    series,
    sheets,
    sign_in,
    site_care,
    site_files,
    site_records,
    sites,
    statistics,
    training_cases,
    waiting,
    walk_ins,
    words,
)

NOUNS = (
    about,
    admissions,
    allocation_rounds,
    appeals,
    batches,
    books,
    branches,
    budgets,
    calendars,
    calendar_feeds,
    check_ins,
    claims,
    claim_papers,
    claim_queue,
    claim_rules,
    field_reviews,
    file_layouts,
    fund_settings,
    desk,
    devices,
    door,
    door_codes,
    funding,
    funds,
    guides,
    home,
    incidents,
    language,
    ledger,
    ledger_chain,
    lights,
    map,
    orders,
    organisations,
    members,
    branch_members,
    member_development,
    member_transfers,
    my_data,
    overpayments,
    parties,
    policies,
    payees,
    quotas,
    ratings,
    reconciliation,
    routes,
    self_check_ins,
    series,
    sheets,
    programmes,
    publicity,
    run_sheets,
    sign_in,
    site_care,
    site_files,
    site_records,
    sites,
    waiting,
    walk_ins,
    training_cases,
    statistics,
    reports,
)
SIGN_IN_FIRST = frozenset({"not-signed-in", "session-ended"})


def register(app: Flask) -> None:
    """Put all pages into the app."""
    pages = Blueprint("pages", __name__)
    for noun in NOUNS:
        pages.register_blueprint(noun.blueprint)
    pages.register_error_handler(Refusal, _answer)
    pages.after_request(_for_this_reader)
    app.register_blueprint(pages)
    language.register(app)
    formats.register(app)
    words.register(app)
    explanations.register(app)
    anomalies.register(app)
    frame.register(app, demo=app.extensions["zhendi.config"].demo)


def _answer(refusal: Refusal) -> ResponseReturnValue:
    """Send those who are not signed in to the sign-in page, and back afterwards; tell the rest as a problem."""
    if refusal.code not in SIGN_IN_FIRST or not problems.is_for_a_person():
        return problems.answer(refusal)
    if request.method == "GET":
        return redirect(url_for("pages.sign_in.show", next=request.full_path.removesuffix("?")), code=303)
    flash(_("You were signed out, and nothing was done. Sign in and send it once more."), "warn")
    return redirect(url_for("pages.sign_in.show"), code=303)


def _for_this_reader(response: Response) -> Response:
    """Let nobody keep a page for somebody else, or show it again after signing out without asking."""
    response.headers.setdefault("Cache-Control", "private, no-cache")
    response.vary.update(("Accept-Language", "Cookie"))
    return response
