"""Ratings: the branch writes on its order's page; the site's keepers read, reply, and decide what stays."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages import orders
from gateway.pages.forms import Faults, faults, given, typed, typed_number
from gateway.pages.parts import part

blueprint = Blueprint("ratings", __name__)

ON_A_PAGE: Final = 20
STARS: Final = "stars-"
AT_RATING: Final = dict.fromkeys(
    ("not-visited", "keepers-do-not-rate", "rating-over", "rating-answered", "rating-changed"), "stars"
)


@blueprint.post("/orders/<uuid:order_id>/rating")
@needs("rate_visit")
def rate(order_id: UUID) -> ResponseReturnValue:
    """Rate the visit, or change what was said."""
    stars = {name.removeprefix(STARS): typed_number(name) for name in request.form if name.startswith(STARS)}
    if not stars:
        return orders.page_of(order_id, Faults({"stars": [_("Give stars on every criterion.")]}))
    fields = given(
        order_id=order_id,
        stars=stars,
        feedback=typed("feedback"),
        summary=typed("summary"),
        version=typed_number("version"),
    )
    try:
        sites.visits.rate_visit(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return orders.page_of(order_id, faults(refusal, at=AT_RATING))
    flash(_("Thank you. The site reads it and can reply."), "good")
    return redirect(url_for("pages.orders.show", order_id=order_id) + "#rating", code=303)


@blueprint.get("/sites/<uuid:site_id>/ratings")
@needs("read_ratings")
def index(site_id: UUID) -> ResponseReturnValue:
    """List what visitors said, to who keeps the site or oversees it."""
    return _page(site_id, Faults(status=200))


@blueprint.post("/sites/<uuid:site_id>/ratings/<uuid:rating_id>/reply")
@needs("reply_to_rating")
def reply(site_id: UUID, rating_id: UUID) -> ResponseReturnValue:
    """Reply for the site."""
    fields = given(rating_id=rating_id, reply=typed("reply"), version=typed_number("version"))
    return _do(site_id, rating_id, lambda: sites.visits.reply_to_rating(fields, who=current(), command_id=command_id()))


@blueprint.post("/sites/<uuid:site_id>/ratings/<uuid:rating_id>/judgement")
@needs("judge_rating")
def judge(site_id: UUID, rating_id: UUID) -> ResponseReturnValue:
    """Flag, hide or show it again."""
    fields = given(rating_id=rating_id, move=typed("move"), reason=typed("reason"))
    return _do(site_id, rating_id, lambda: sites.visits.judge_rating(fields, who=current(), command_id=command_id()))


def _do(site_id: UUID, rating_id: UUID, act: Callable[[], Any]) -> ResponseReturnValue:
    try:
        act()
    except Refusal as refusal:
        at = {"rating-changed": "reply", "rating-not-movable": "reason"}
        return _page(site_id, faults(refusal, at=at), tried=str(rating_id))
    flash(_("Done. The branch finds it on the page of its order."), "good")
    return redirect(url_for("pages.ratings.index", site_id=site_id), code=303)


def _page(site_id: UUID, told: Faults, *, tried: str | None = None) -> ResponseReturnValue:
    who = current()
    site = sites.places.site_record({"site_id": site_id}, who=who).data
    state = request.args.get("state") or None
    asked = given(site_id=site_id, state=state, cursor=request.args.get("cursor") or None, limit=ON_A_PAGE)
    page = render_template(
        "ratings/index.html",
        site=site,
        found=part(lambda: sites.visits.ratings(asked, who=who)),
        state_asked=state,
        may_reply=who.may("reply_to_rating", site=site["managing_path"]),
        may_judge=who.may("judge_rating", site=site["managing_path"]),
        tried=tried,
        wrong=told.errors,
        # The forms stand once for each rating: a fault of one is told at that one.
        errors={f"{name}-{tried}": sentences for name, sentences in told.errors.items()} if tried else told.errors,
        values=request.form,
    )
    return page, told.status
