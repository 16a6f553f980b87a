"""Calendar feeds: made and revoked by whoever is signed in, fetched by a calendar programme that cannot sign in."""

from typing import Any

from contracts.sites.feeds import FeedAsked, FeedsAsked, FeedView, MakeFeed, RevokeFeed
from flask import Response

from gateway import calendars
from gateway.clients import sites
from gateway.nouns import Declared, Many, Noun, path_fields, resource

feeds = Noun("calendar_feeds")

feeds.read("/calendar-feeds", sites.orders.feeds, needs=("make_feed",), takes=FeedsAsked, answers=Many(FeedView))
feeds.act(
    "/calendar-feeds",
    sites.orders.make_feed,
    needs=("make_feed",),
    takes=MakeFeed,
    answers=FeedView,
    status=201,
    refusals=("not-found", "shown-once"),
)
feeds.act(
    "/calendar-feeds/<uuid:feed_id>/revocation",
    sites.orders.revoke_feed,
    needs=("make_feed",),
    takes=RevokeFeed,
    answers=FeedView,
    refusals=("not-found",),
)


def calendar(token: str) -> Response:
    """Return the feed's visits; the secret in the address is the right."""
    found: dict[str, Any] = sites.orders.calendar(path_fields({"token": token})).data
    body = calendars.of_feed(found, name=found["name"] or "组织生活")
    response = resource(body, media_type=f"{calendars.ICALENDAR}; charset=utf-8", is_public=False)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


feeds.own(
    "/calendar-feeds/<token>/visits.ics",
    "GET",
    calendar,
    Declared(
        summary="Return the visits of a calendar feed",
        needs=frozenset(),
        takes=FeedAsked,
        answers=None,
        refusals=("not-found",),
        media_types=(calendars.ICALENDAR,),
    ),
)
