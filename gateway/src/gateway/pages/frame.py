"""What the layout needs on every page: who is signed in, where one can go, addresses of assets."""

from typing import Any, Final

from flask import Flask, request, url_for
from flask_babel import gettext as _

from gateway.identity import current
from gateway.languages import CHINESE, current_language
from gateway.pages.words import word


def asset(path: str) -> str:
    """Return the address of a file of ours; it changes with the file's content, so that it may be kept for long."""
    return url_for("static", filename=path)


GROUPS: Final = {
    "books": "ledger",
    "ledger_chain": "ledger",
    "budgets": "funds",
    "funding": "funds",
    "claim_queue": "claims",
    "claim_papers": "claims",
    "field_reviews": "claims",
    **dict.fromkeys(("branch_members", "member_development", "member_transfers"), "branches"),
    **dict.fromkeys(("payees", "publicity", "overpayments", "reconciliation"), "batches"),
    **dict.fromkeys(("fund_settings", "file_layouts"), "batches"),
    "claim_rules": "claims",
    "my_data": "me",
    "imports": "organisations",
}
"""Which pages stand under another entry of the menu."""


def navigation() -> list[tuple[str, str, bool]]:
    """Return the main menu of this person: text, address, whether it is where they are."""
    who = current()
    if who.actor is not None and who.actor.first is not None:
        return []
    entries = [
        (_("Home"), "home.show", who.is_signed_in),
        (_("Map"), "map.show", True),
        (_("Routes"), "routes.index", True),
        (_("Orders"), "orders.index", who.may("book_seats")),
        (_("Allocation"), "allocation_rounds.index", who.may("open_round") or who.may("ask_in_round")),
        (_("My branch"), "branches.mine", who.may("read_light")),
        (_("Members"), "members.search", who.may("look_up_member")),
        (_("Desk"), "desk.show", who.may("check_in")),
        (_("Sites"), "site_records.index", who.may("read_site_record")),
        (_("Admission"), "admissions.index", who.may("read_admission") and not who.may("read_site_record")),
        (_("Door"), "door.show", who.may("check_in")),
        (_("Check-ins"), "check_ins.index", who.may("decide_check_in")),
        (_("Claims"), "claim_queue.queue" if who.may("approve_claim") else "claims.index", who.may("read_claim")),
        (_("Settlement"), "batches.index", who.may("read_batch")),
        (_("Fund"), "funds.index", who.may("read_fund")),
        (_("Policy"), "policies.index", who.may("read_policies")),
        (_("Ledger"), "ledger.trial_balance", who.may("read_ledger")),
        (_("Statistics"), "statistics.show", who.may("read_statistics")),
        (_("Reports"), "reports.index", who.may("make_report")),
        (_("Lights"), "lights.index", who.may("read_lights")),
        (_("Organisations"), "organisations.index", who.may("read_organisation")),
        (
            _("Administration"),
            "administration.accounts" if who.may("read_accounts") else "administration.roles",
            who.may("read_grants"),
        ),
        (_("Me"), "me.show", who.is_signed_in),
    ]
    here = _group_of((request.endpoint or "").removeprefix("pages."))
    return [
        (text, url_for(f"pages.{endpoint}"), _group_of(endpoint) == here)
        for text, endpoint, is_shown in entries
        if is_shown
    ]


def _group_of(endpoint: str) -> str:
    """Return the entry of the menu under which a page stands."""
    pages = endpoint.partition(".")[0]
    return GROUPS.get(pages, pages)


def context() -> dict[str, Any]:
    """Return the names that every template may use."""
    who = current()
    held = sorted(who.roles - {"member"}) or sorted(who.roles)
    between = "、" if current_language() == CHINESE else ", "
    return {
        "language": "zh" if current_language() == CHINESE else "en",
        "me": {"name": who.name, "roles_text": between.join(word(role, "role") for role in held)}
        if who.is_signed_in
        else None,
        "here": request.full_path.removesuffix("?"),
    }


def register(app: Flask, *, demo: bool) -> None:
    """Give the frame to the templates."""
    app.context_processor(context)
    app.jinja_env.globals.update(asset=asset, navigation=navigation, demo=demo)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
