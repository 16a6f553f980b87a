"""The inbox: what the services told this person, joined; a service that is away is said to be, the rest is shown (G5).

What the assessment told is read once it was opened; what a site's closure asks waits until it is answered.
"""

from typing import Any, Final
from uuid import UUID

from chassis.refusals import Refusal
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gateway.clients import assessment, roster, sites
from gateway.idempotency import command_id
from gateway.identity import Identity, current, needs
from gateway.pages.forms import given, tell, typed
from gateway.pages.parts import Part, Read, found_or_none, part, together

blueprint = Blueprint("inbox", __name__)

ON_A_PAGE: Final = 50
ADDRESSES: Final[dict[str, tuple[str, str]]] = {
    "branch": ("branches.show", "branch_id"),
    "bulletin": ("bulletins.show", "bulletin_id"),
    "slip": ("slips.show", "slip_id"),
    "talk": ("talks.show", "talk_id"),
    "review": ("reviews.show", "review_id"),
    "round_visit": ("round_visits.show", "visit_id"),
    "problem": ("problems.show", "problem_id"),
    "card": ("cards.show", "card_id"),
    "exemption": ("exemptions.show", "exemption_id"),
    "branch_stars": ("stars.of_branch", "branch_id"),
    "weak_entry": ("weak_organisations.show", "entry_id"),
}
"""Where the subject of a notice is shown, by its kind: the page and the name of its id."""


@blueprint.get("/inbox")
@needs("read_inbox")
def show() -> ResponseReturnValue:
    """Show what waits and what was told, the newest first."""
    who = current()
    only_unread = request.args.get("unread") == "1"
    me = part(lambda: found_or_none(lambda: roster.sessions.me({}, who=who)))
    asked = given(unread=only_unread or None, cursor=request.args.get("cursor") or None, limit=ON_A_PAGE)
    parts = together(told=lambda: assessment.notices.inbox(asked, who=who), **unread_reads(who, _led_branch(me.data)))
    return render_template(
        "inbox/show.html",
        told=parts["told"],
        waiting=parts.get("notices", Part()),
        unread=unread_of(parts),
        only_unread=only_unread,
        first_page=not request.args.get("cursor"),
    )


@blueprint.post("/inbox/<uuid:notice_id>/opening")
@needs("read_inbox")
def open_notice(notice_id: UUID) -> ResponseReturnValue:
    """Mark a notice as read and go to what it tells of."""
    _mark({"notice_ids": [str(notice_id)]})
    return redirect(_address(typed("subject_kind"), typed("subject_id")), code=303)


@blueprint.post("/inbox/readings")
@needs("read_inbox")
def read_all() -> ResponseReturnValue:
    """Mark all notices as read."""
    _mark({})
    return redirect(url_for("pages.inbox.show"), code=303)


def unread_reads(who: Identity, branch: dict[str, Any] | None) -> dict[str, Read]:
    """Return the reads, one of each service, that say how much waits in this person's inbox."""
    reads: dict[str, Read] = {}
    if who.may("read_inbox"):
        reads["inbox"] = lambda: assessment.notices.unread_notices({}, who=who)
    if who.may("read_notices") and (branch or "steward" in who.roles):
        of_branch = {"branch_id": branch["id"]} if branch and who.may("place_order") else {}
        reads["notices"] = lambda: sites.calendars.order_notices({"limit": 100, **of_branch}, who=who)
    return reads


def unread_of(parts: dict[str, Part]) -> dict[str, Any]:
    """Return how many notices are unread, of the services that answer; `whole` is False when one is away."""
    told, waiting = parts.get("inbox", Part()), parts.get("notices", Part())
    count = (told.data["unread"] if told.data else 0) + len(waiting.rows)
    return {"count": count, "whole": told.available and waiting.available}


def _mark(fields: dict[str, Any]) -> None:
    try:
        assessment.notices.mark_notices_read(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        tell(refusal)


def _address(kind: str | None, subject_id: str | None) -> str:
    endpoint, name = ADDRESSES.get(kind or "", ("", ""))
    try:
        named: dict[str, Any] = {name: UUID(subject_id or "")}
    except ValueError:
        endpoint = ""
    return url_for(f"pages.{endpoint}", **named) if endpoint else url_for("pages.inbox.show")


def _led_branch(me: Any) -> dict[str, Any] | None:
    """Return the branch that the person leads or keeps the records of, else the one they belong to."""
    if not me:
        return None
    led = [one["organisation_id"] for one in me["roles"] if one["role"] in ("secretary", "administrator")]
    found = next((one for one in [*led, me["branch_id"]] if one), None)
    return {"id": found} if found else None
