"""Home: what waits for this person, by the roles they hold. A visitor's home is the map."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from chassis import clock
from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import assessment, roster, sites
from gateway.identity import Identity, current, public
from gateway.pages.formats import instant
from gateway.pages.frame import navigation
from gateway.pages.inbox import unread_of, unread_reads
from gateway.pages.parts import Part, found_or_none, part, together

blueprint = Blueprint("home", __name__)

SHOWN = 5
LOOKED_THROUGH = 100
ROUNDS_SHOWN = 20
TOLD_FOR = timedelta(days=14)


@blueprint.get("/")
@public
def show() -> ResponseReturnValue:
    """Show what waits; send a visitor to the map."""
    who = current()
    if not who.is_signed_in:
        return redirect(url_for("pages.map.show"), code=303)
    me = part(lambda: roster.sessions.me({}, who=who))
    branch = _branch(me)
    parts = together(**_reads(who, branch)) if who.roles else {}
    return render_template(
        "home/show.html",
        person=me,
        branch=branch,
        parts=parts,
        doors=_doors(who) if who.roles else [],
        upcoming=_upcoming(parts.get("orders", Part())),
        rounds=_rounds(parts),
        unread=unread_of(parts),
        shown=SHOWN,
        month=clock.month_of(clock.now()),
    )


def _branch(me: Part) -> dict[str, Any] | None:
    """Return the branch that the person leads or keeps the records of, else the one they belong to: {id, name}."""
    if not me.data:
        return None
    for grant in me.data["roles"]:
        if grant["role"] in ("secretary", "administrator") and grant["organisation_id"]:
            return {"id": grant["organisation_id"], "name": grant["organisation_name"]}
    return {"id": me.data["branch_id"], "name": me.data["branch_name"]} if me.data["branch_id"] else None


def _doors(who: Identity) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the pages of this person that the menu's first row does not name, by section: text, address."""
    within = [
        (section.text, [(entry.text, entry.address) for entry in section.entries])
        for section in navigation()
        if len(section.entries) > 1
    ]
    entries = [
        (_("Admission of sites"), "admissions.index", who.may("read_admission") and who.may("read_site_record")),
        (_("Sites as files"), "site_files.show", who.may("import_sites") or who.may("export_sites")),
        (_("My dues"), "member_dues.mine", "member" in who.roles),
        (_("Payees"), "payees.index", who.may("read_payees")),
        (_("Publicity of subsidies"), "publicity.index", True),
        (_("Objections"), "publicity.objections", who.may("read_objections")),
        (_("Overpayments"), "overpayments.index", who.may("read_overpayments")),
        (_("Public holidays"), "calendars.holidays", who.may("announce_holidays")),
        (_("Training cases"), "training_cases.index", True),
        (_("Appeals against no-shows"), "appeals.index", who.may("read_appeals")),
        (_("Claims to check"), "claim_queue.queue", who.may("read_claim_queue")),
        (_("My site's claims"), "claim_queue.mine", who.may("bring_papers")),
        (_("Headcounts to confirm"), "claim_queue.waiting", who.may("confirm_headcount")),
        (_("Appeals against decisions on claims"), "claim_papers.appeals", who.may("decide_claim_appeal")),
        (_("Field reviews"), "field_reviews.index", who.may("read_field_reviews")),
        (_("Waiting lists"), "waiting.index", who.may("book_seats")),
        (_("Visits in my calendar"), "calendar_feeds.index", who.may("book_seats")),
        (_("Devices at the door"), "devices.index", who.may("enrol_device")),
    ]
    besides = [(text, url_for(f"pages.{endpoint}")) for text, endpoint, is_shown in entries if is_shown]
    return [*within, (_("Besides"), besides)] if besides else within


def _reads(who: Identity, branch: dict[str, Any] | None) -> dict[str, Callable[[], Any]]:
    """Return the reads of this person's parts: one for each list that may hold something to do."""
    today = clock.today(clock.now())
    reads: dict[str, Callable[[], Any]] = {}

    def orders(name: str, **asked: Any) -> None:
        reads[name] = lambda: sites.orders.orders({"limit": LOOKED_THROUGH, **asked}, who=who)

    def claims(state: str) -> None:
        reads[state] = lambda: sites.claims.claims({"limit": LOOKED_THROUGH, "state": state}, who=who)

    def batches(name: str, state: str) -> None:
        reads[name] = lambda: sites.settlement.batches({"limit": LOOKED_THROUGH, "state": state}, who=who)

    reads |= unread_reads(who, branch)
    if branch and who.may("ask_in_round"):
        reads["rounds"] = lambda: sites.allocation.allocation_rounds({"limit": ROUNDS_SHOWN})
        reads["requests"] = lambda: sites.allocation.allocation_requests(
            {"branch_id": branch["id"], "limit": SHOWN}, who=who
        )
    if branch and who.may("read_light"):
        # A branch from outside the district has no light.
        reads["light"] = lambda: found_or_none(lambda: assessment.lights.light({"branch_id": branch["id"]}, who=who))
    if who.may("place_order") and branch:
        orders("orders", branch_id=branch["id"])
        claims("submitted")
    elif "member" in who.roles:
        orders("orders", mine=True)
    if who.may("check_in"):
        orders("today", on=today)
        orders("placed", state="placed")
        claims("drafted")
        claims("returned")
    if who.may("approve_claim"):
        claims("confirmed")
        claims("disputed")
        claims("approved")
        batches("to_pay", "approved")
    if who.may("hand_over_batch"):
        batches("to_hand_over", "approved")
        batches("to_pay", "paying")
    for name, state in (("published", "published"), ("to_approve", "prepared")) if who.may("approve_batch") else ():
        batches(name, state)
    if who.may("read_fund"):
        reads["funds"] = lambda: sites.funds.funds({}, who=who)
    if who.may("read_lights"):
        reads["red"] = lambda: assessment.lights.lights({"light": "red", "limit": LOOKED_THROUGH}, who=who)
        reads["yellow"] = lambda: assessment.lights.lights({"light": "yellow", "limit": LOOKED_THROUGH}, who=who)
    if "auditor" in who.roles:
        reads["balance"] = lambda: sites.funds.trial_balance({}, who=who)
    return reads | _to_do(who, branch) | _to_receive(who, branch) | _to_decide(who)


def _to_do(who: Identity, branch: dict[str, Any] | None) -> dict[str, Callable[[], Any]]:
    """Return the read of the month's tasks that the branch has still to do, for who does them."""
    if branch is None or not who.may("do_task"):
        return {}
    asked = {"branch_id": branch["id"], "state": "open", "limit": LOOKED_THROUGH}
    return {"tasks": lambda: found_or_none(lambda: assessment.tasks.tasks(asked, who=who), "forbidden")}


def _to_receive(who: Identity, branch: dict[str, Any] | None) -> dict[str, Callable[[], Any]]:
    """Return the reads of what waits for the branch's word: members who are to come, joint activities."""
    reads: dict[str, Callable[[], Any]] = {}
    if branch is not None and who.may("confirm_transfer"):
        asked = {"organisation_id": branch["id"], "direction": "in", "state": "issued", "limit": SHOWN}
        reads["letters"] = lambda: roster.transfers.transfers(asked, who=who)
    if branch is not None and who.may("confirm_part"):
        # A branch that the assessment has not heard of yet has none.
        of_branch = {"branch_id": branch["id"], "limit": SHOWN}
        reads["joint"] = lambda: found_or_none(lambda: assessment.records.parts_asked(of_branch, who=who))
    return reads


def _to_decide(who: Identity) -> dict[str, Callable[[], Any]]:
    """Return the reads of what waits for a check or a decision about sites and those who did not come."""
    reads: dict[str, Callable[[], Any]] = {}
    if who.may("check_admission"):
        reads["to_check"] = lambda: sites.places.admissions({"limit": LOOKED_THROUGH, "state": "applied"}, who=who)
    if who.may("decide_admission"):
        reads["to_decide"] = lambda: sites.places.admissions({"limit": LOOKED_THROUGH, "state": "checked"}, who=who)
    if who.may("decide_objection"):
        asked = {"state": "open", "limit": LOOKED_THROUGH}
        reads["open_objections"] = lambda: sites.settlement.objections(asked, who=who)
    if who.may("decide_appeal"):
        reads["appeals"] = lambda: sites.orders.appeals({"limit": LOOKED_THROUGH, "state": "filed"}, who=who)
    return reads


def _upcoming(orders: Part) -> list[dict[str, Any]]:
    """Return the orders that are still to come, the next one first."""
    now = clock.now()
    ahead = [
        order
        for order in orders.rows
        if order["state"] in ("placed", "confirmed") and instant(order["slot"]["ends_at"]) > now
    ]
    return sorted(ahead, key=lambda order: str(order["slot"]["starts_at"]))


def _rounds(parts: dict[str, Part]) -> list[tuple[dict[str, Any], dict[str, Any] | None]]:
    """Return the rounds that take requests or were drawn in the last days, with what the branch asked in them."""
    now = clock.now()
    mine = {one["round_id"]: one for one in parts.get("requests", Part()).rows}
    return [
        (round, mine.get(round["id"]))
        for round in parts.get("rounds", Part()).rows
        if round["state"] in ("announced", "collecting")
        or (round["id"] in mine and instant(round["draw_at"]) > now - TOLD_FOR)
    ]
