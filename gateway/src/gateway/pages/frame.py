"""What the layout needs on every page: who is signed in, where one can go, addresses of assets."""

from dataclasses import dataclass
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
    **dict.fromkeys(("committees", "elections", "records"), "branches"),
    **dict.fromkeys(("payees", "publicity", "overpayments", "reconciliation"), "batches"),
    **dict.fromkeys(("fund_settings", "file_layouts"), "batches"),
    "claim_rules": "claims",
    "my_data": "me",
    "findings": "organisations",
    "structure": "organisations",
    "dues": "branches",
    "member_dues": "branches",
    "member_dues.mine": "me",
    "my_tokens": "me",
    "my_identities": "me",
    "my_light": "me",
    **dict.fromkeys(("lights.index", "lights.board"), "lights"),
    "lights.members": "branches",
    "all_tokens": "administration",
    **dict.fromkeys(("audit", "purges"), "administration"),
    "imports": "organisations",
    **dict.fromkeys(("round_criteria", "round_visits"), "on_site_rounds"),
    "round_visits.reports": "branches",
    **dict.fromkeys(("tasks.mine", "tasks.branch"), "tasks.mine"),
    "slips.mine": "slips.mine",
    **dict.fromkeys(("stars.mine", "stars.of_branch"), "branches"),
    **dict.fromkeys(("problems.mine", "problems.organisation"), "problems.mine"),
    "review_follow": "reviews",
    "burden.branch": "branches",
    "talks.rules": "slips",
    "records.rules": "checks",
}
"""Which pages, or one page of them, stand under another entry of the menu."""


@dataclass(frozen=True)
class Entry:
    """A link of the menu; `is_here` says that the page belongs to it."""

    text: str
    address: str
    is_here: bool


@dataclass(frozen=True)
class Section(Entry):
    """A link of the menu's first row, to the first of its entries; while one is in it, the second row shows them."""

    entries: list[Entry]


def navigation() -> list[Section]:
    """Return the main menu of this person. A section of one entry is that entry; one section alone is its entries."""
    who = current()
    if who.actor is not None and who.actor.first is not None:
        return []
    here = _group_of((request.endpoint or "").removeprefix("pages."))
    if here == "checks" and not (who.may("set_check") or who.may("simulate_check")):
        here = "branches"
    if here == "members" and not who.may("look_up_member"):
        here = "branches"
    if here == "stars" and not who.may("read_star_ratings"):
        here = "branches"
    if here == "weak_organisations" and not who.may("read_weak_list"):
        here = "branches"
    if here in ("problems", "cards", "inspections") and not who.may("export_problems"):
        here = "problems.mine"
    if here == "problems.mine" and not who.may("mend_problem"):
        here = "problems"
    if here in ("tasks", "tasks.mine"):
        here = _tasks_entry(here)
    if here in ("slips", "talks", "daily_list") and not who.may("read_lights"):
        here = "slips.mine" if who.may("do_task") else "home"
    sections = []
    for title, named in _sections():
        entries = [
            Entry(text, url_for(f"pages.{endpoint}"), _group_of(endpoint) == here)
            for text, endpoint, is_shown in named
            if is_shown
        ]
        if entries:
            text = title if len(entries) > 1 else entries[0].text
            is_here = any(entry.is_here for entry in entries)
            sections.append(Section(text, entries[0].address, is_here, entries if len(entries) > 1 else []))
    if len(sections) == 1:
        return [Section(entry.text, entry.address, entry.is_here, []) for entry in sections[0].entries] or sections
    return sections


def _sections() -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """Return each section's title and its entries: text, endpoint, whether this person may see it."""
    who = current()
    queue = "claim_queue.queue" if who.may("approve_claim") else "claims.index"
    administration = "administration.accounts" if who.may("read_accounts") else "administration.roles"
    return [
        (
            _("Home"),
            [
                (_("Home"), "home.show", who.is_signed_in),
                (_("Inbox"), "inbox.show", who.may("read_inbox")),
            ],
        ),
        (_("Map"), [(_("Map"), "map.show", True), (_("Routes"), "routes.index", True)]),
        (
            _("Orders"),
            [
                (_("Orders"), "orders.index", who.may("book_seats")),
                (_("Allocation"), "allocation_rounds.index", who.may("open_round") or who.may("ask_in_round")),
            ],
        ),
        (
            _("My branch"),
            [
                (_("My branch"), "branches.mine", who.may("read_light")),
                (_("My month"), "tasks.mine", who.may("do_task")),
                (_("Problems and cards"), "problems.mine", who.may("mend_problem")),
                (_("The five lists"), "task_lists.index", who.may("do_task") and not who.may("read_task_overview")),
                (_("Exemptions"), "exemptions.index", who.may("consent_to_exemption")),
                (_("My slips"), "slips.mine", who.may("do_task")),
                (_("Bulletins"), "bulletins.index", who.may("do_task") and not who.may("read_lights")),
            ],
        ),
        (
            _("Sites"),
            [
                (_("Desk"), "desk.show", who.may("check_in")),
                (_("Door"), "door.show", who.may("check_in")),
                (_("Check-ins"), "check_ins.index", who.may("decide_check_in")),
                (_("Sites"), "site_records.index", who.may("read_site_record")),
                (_("Admission"), "admissions.index", who.may("read_admission") and not who.may("read_site_record")),
            ],
        ),
        (
            _("Subsidies"),
            [
                (_("Claims"), queue, who.may("read_claim")),
                (_("Settlement"), "batches.index", who.may("read_batch")),
                (_("Fund"), "funds.index", who.may("read_fund")),
                (_("Policy"), "policies.index", who.may("read_policies")),
                (_("Ledger"), "ledger.trial_balance", who.may("read_ledger")),
            ],
        ),
        (
            _("Lights"),
            [
                (_("District board"), "lights.board", who.may("read_light_board")),
                (_("Yellow and red today"), "daily_list.index", who.may("read_lights")),
                (_("Bulletins"), "bulletins.index", who.may("read_lights") and who.may("read_bulletins")),
                (_("Supervision slips"), "slips.index", who.may("read_lights")),
                (_("Reminder talks"), "talks.index", who.may("read_lights")),
                (_("Exemptions"), "exemptions.index", who.may("decide_exemption")),
                (_("Checks of the lights"), "checks.index", who.may("set_check") or who.may("simulate_check")),
            ],
        ),
        (
            _("Lists and tasks"),
            [
                (_("Tasks of branches"), "tasks.index", who.may("read_task_overview")),
                (_("The five lists"), "task_lists.index", who.may("read_task_overview")),
                (_("Burden meter"), "burden.index", who.may("read_burden_overview")),
                (_("Compliance"), "compliance.show", who.may("set_compliance")),
            ],
        ),
        (
            _("Assessment"),
            [
                (
                    _("On-site rounds"),
                    "on_site_rounds.index",
                    who.may("read_on_site_rounds") or who.may("assess_visit"),
                ),
                (_("My visits"), "visit_forms.show", who.may("assess_visit") and not who.may("read_on_site_rounds")),
                (_("Inspections"), "inspections.index", who.may("export_problems")),
                (_("Problems"), "problems.index", who.may("export_problems")),
                (_("Cards"), "cards.index", who.may("export_problems")),
                (_("Stars and levels"), "stars.index", who.may("read_star_ratings")),
                (_("Weak organisations"), "weak_organisations.index", who.may("read_weak_list")),
                (_("Annual reviews"), "reviews.index", who.may("read_reviews")),
            ],
        ),
        (
            _("Statistics"),
            [
                (_("Statistics"), "statistics.show", who.may("read_statistics")),
                (_("Reports"), "reports.index", who.may("make_report")),
            ],
        ),
        (
            _("Organisations"),
            [
                (_("Organisations"), "organisations.index", who.may("read_organisation")),
                (_("Members"), "members.search", who.may("look_up_member")),
                (_("Terms of office"), "terms.index", who.may("decide_election")),
            ],
        ),
        (_("Administration"), [(_("Administration"), administration, who.may("read_grants"))]),
        (_("Me"), [(_("Me"), "me.show", who.is_signed_in)]),
    ]


def _tasks_entry(here: str) -> str:
    """Return where a page of tasks stands: the overview for whoever has one, one's own month for whoever does them."""
    who = current()
    if who.may("do_task") and (here == "tasks.mine" or not who.may("read_task_overview")):
        return "tasks.mine"
    return "tasks" if who.may("read_task_overview") else "branches"


def _group_of(endpoint: str) -> str:
    """Return the entry of the menu under which a page stands."""
    pages = endpoint.partition(".")[0]
    return GROUPS.get(endpoint) or GROUPS.get(pages, pages)


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
