"""One's own pages: what the register knows of me, and who looked at it."""

from typing import Final

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from gateway.clients import roster, sites
from gateway.identity import current, needs
from gateway.pages.forms import given
from gateway.pages.parts import found_or_none, together

blueprint = Blueprint("my_data", __name__)

ON_A_PAGE: Final = 50


@blueprint.get("/me/data")
@needs("read_own_record")
def show() -> ResponseReturnValue:
    """Show one's own record."""
    who = current()
    parts = together(record=lambda: found_or_none(lambda: roster.members.my_record({}, who=who)))
    return render_template("members/my_data.html", **parts)


@blueprint.get("/me/views")
@needs("read_own_views")
def views() -> ResponseReturnValue:
    """Show who looked at one's data."""
    who = current()
    asked = given(limit=ON_A_PAGE, cursor=request.args.get("cursor") or None)
    return render_template("members/my_views.html", **together(views=lambda: roster.members.my_views(asked, who=who)))


@blueprint.get("/me/held-data.html")
@needs("export_own_data")
def held() -> Response:
    """Hand out everything that is held of oneself, as a page to keep (PIPL article 45)."""
    who = current()
    held_of_me = roster.privacy.held_of_me({}, who=who).data
    parts = together(orders=lambda: sites.orders.orders({"limit": 1000}, who=who))
    mine = [order for order in parts["orders"].rows if order.get("branch_id") is None]
    page = render_template("me/held.html", held=held_of_me, orders=parts["orders"], mine=mine)
    response = Response(page, mimetype="text/html")
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.html"'
    response.headers["Cache-Control"] = "no-store"
    return response
