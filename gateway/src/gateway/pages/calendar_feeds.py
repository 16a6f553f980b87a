"""Calendar feeds: one's visits in the calendar of one's phone, under an address that can be revoked."""

from uuid import UUID

from chassis import clock
from chassis.refusals import Refusal
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.formats import instant
from gateway.pages.forms import done_or_told, given, tell, typed
from gateway.pages.orders import led_branches
from gateway.pages.parts import together

blueprint = Blueprint("calendar_feeds", __name__)


@blueprint.get("/calendar-feeds")
@needs("make_feed")
def index() -> ResponseReturnValue:
    """List one's feeds, and all of the branches that one makes feeds for."""
    return _page(None)


@blueprint.post("/calendar-feeds")
@needs("make_feed")
def make() -> ResponseReturnValue:
    """Make a feed and show its address, this once."""
    fields = given(branch_id=typed("branch_id"))
    try:
        feed = sites.orders.make_feed(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("pages.calendar_feeds.index"), code=303)
    address = f"{request.host_url}api/v1/calendar-feeds/{feed['token']}/visits.ics"
    return _page(address)


@blueprint.post("/calendar-feeds/<uuid:feed_id>/revocation")
@needs("make_feed")
def revoke(feed_id: UUID) -> ResponseReturnValue:
    """Let the address answer no more."""
    return done_or_told(
        sites.orders.revoke_feed,
        {"feed_id": feed_id},
        done=_("This address answers no more."),
        back=url_for("pages.calendar_feeds.index"),
    )


def _page(address: str | None) -> ResponseReturnValue:
    parts = together(feeds=lambda: sites.orders.feeds({}, who=current()))
    lapsed = {feed["id"] for feed in parts["feeds"].rows if instant(feed["lapses_at"]) <= clock.now()}
    return render_template(
        "calendar_feeds/index.html", address=address, branches=led_branches(), lapsed=lapsed, **parts
    )
