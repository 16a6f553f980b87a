"""The pages that people see. Complete without JavaScript; every page composes reads only and writes by one command."""

from chassis.refusals import Refusal
from flask import Blueprint, Flask, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway import browsers, problems
from gateway.identity import current
from gateway.pages import (
    about,
    administration,
    admissions,
    all_tokens,
    allocation_rounds,
    anomalies,
    appeals,
    audit,
    batches,
    books,
    branch_members,
    branches,
    budgets,
    bulletins,
    burden,
    calendar_feeds,
    calendars,
    cards,
    check_ins,
    checks,
    claim_papers,
    claim_queue,
    claim_rules,
    claims,
    committees,
    compliance,
    daily_list,
    desk,
    devices,
    door,
    door_codes,
    dues,
    elections,
    exemptions,
    explanations,
    field_reviews,
    file_layouts,
    findings,
    formats,
    frame,
    fund_settings,
    funding,
    funds,
    guides,
    home,
    imports,
    inbox,
    incidents,
    inspections,
    language,
    ledger,
    ledger_chain,
    lights,
    map,
    me,
    member_development,
    member_dues,
    member_transfers,
    members,
    my_data,
    my_identities,
    my_light,
    my_tokens,
    on_site_rounds,
    orders,
    organisations,
    overpayments,
    parties,
    payees,
    policies,
    problem_register,
    programmes,
    provider_sign_in,
    publicity,
    purges,
    quotas,
    ratings,
    reconciliation,
    records,
    reports,
    review_follow,
    reviews,
    round_criteria,
    round_visits,
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
    slips,
    stars,
    statistics,
    structure,
    supervision_papers,
    talks,
    task_lists,
    tasks,
    terms,
    training_cases,
    visit_forms,
    waiting,
    walk_ins,
    weak_organisations,
    words,
)

NOUNS = (
    about,
    administration,
    admissions,
    all_tokens,
    allocation_rounds,
    appeals,
    audit,
    purges,
    batches,
    books,
    branches,
    records,
    budgets,
    calendars,
    calendar_feeds,
    check_ins,
    claims,
    claim_papers,
    claim_queue,
    claim_rules,
    compliance,
    burden,
    reviews,
    review_follow,
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
    inbox,
    daily_list,
    bulletins,
    slips,
    talks,
    supervision_papers,
    imports,
    incidents,
    language,
    ledger,
    ledger_chain,
    lights,
    exemptions,
    checks,
    my_light,
    tasks,
    stars,
    problem_register,
    inspections,
    cards,
    task_lists,
    map,
    me,
    on_site_rounds,
    orders,
    organisations,
    structure,
    findings,
    members,
    branch_members,
    member_development,
    member_transfers,
    committees,
    elections,
    terms,
    dues,
    member_dues,
    my_data,
    my_identities,
    my_tokens,
    overpayments,
    parties,
    policies,
    payees,
    quotas,
    ratings,
    reconciliation,
    round_criteria,
    round_visits,
    routes,
    self_check_ins,
    series,
    sheets,
    programmes,
    publicity,
    run_sheets,
    sign_in,
    provider_sign_in,
    site_care,
    site_files,
    site_records,
    sites,
    visit_forms,
    waiting,
    walk_ins,
    weak_organisations,
    training_cases,
    statistics,
    reports,
)
SIGN_IN_FIRST = frozenset({"not-signed-in", "session-ended"})
COMPLETE_FIRST = {
    "code": "pages.sign_in.code",
    "password": "pages.me.password",
    "second_factor": "pages.me.second_factor",
}
"""The page on which a sign-in is completed, by what has to be done first."""
MEANWHILE = frozenset(
    {
        "pages.sign_in.code",
        "pages.sign_in.give_code",
        "pages.sign_in.sign_out",
        "pages.me.password",
        "pages.me.change_password",
        "pages.me.second_factor",
        "pages.me.set_up",
        "pages.me.confirm",
        "pages.language.choose",
    }
)
"""What is open before a sign-in is complete; a page of another step than the token's is refused by its own right."""


def register(app: Flask) -> None:
    """Put all pages into the app."""
    pages = Blueprint("pages", __name__)
    for noun in NOUNS:
        pages.register_blueprint(noun.blueprint)
    pages.register_error_handler(Refusal, _answer)
    pages.before_request(_complete_the_sign_in)
    pages.after_request(_for_this_reader)
    app.register_blueprint(pages)
    language.register(app)
    formats.register(app)
    words.register(app)
    explanations.register(app)
    anomalies.register(app)
    frame.register(app, demo=app.extensions["zhendi.config"].demo)


def _complete_the_sign_in() -> ResponseReturnValue | None:
    """Lead whoever has something to do first to its page, wherever they go."""
    if request.endpoint in MEANWHILE or not browsers.has_token() or "Authorization" in request.headers:
        return None
    actor = current().actor
    if actor is None or actor.first is None:
        return None
    path = request.full_path.removesuffix("?") if request.method == "GET" else None
    return redirect(url_for(COMPLETE_FIRST[actor.first], next=path), code=303)


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
