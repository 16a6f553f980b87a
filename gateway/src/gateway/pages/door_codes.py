"""The screen at the door: a QR and six digits that change every minute, with which people check in themselves (S8)."""

from uuid import UUID

import segno
from chassis.refusals import NotFound
from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gateway.clients import sites
from gateway.identity import current, needs, public
from gateway.pages.formats import instant

blueprint = Blueprint("door_codes", __name__)


@blueprint.get("/desk/screen")
@needs("show_door_code")
def screen() -> ResponseReturnValue:
    """Show the code of now, large; the page fetches the next one by itself."""
    site_id = request.args.get("site") or _only_site()
    shown = sites.visits.door_code({"site_id": site_id}, who=current()).data
    address = url_for("pages.self_check_ins.show", site_id=shown["site"]["id"], code=shown["code"], _external=True)
    left = instant(shown["changes_at"]) - instant(shown["shown_at"])
    return render_template(
        "desk/screen.html",
        shown=shown,
        # A second more, so that the clock has certainly passed on when the page asks again.
        left_s=int(left.total_seconds()) + 1,
        qr=segno.make(address, error="m").svg_inline(border=2, omitsize=True),
    )


@blueprint.get("/sites/<uuid:site_id>/check-in/poster")
@public
def poster(site_id: UUID) -> ResponseReturnValue:
    """Show the door's poster: its link never changes and lets nobody in, for it asks for the code on the screen."""
    site = sites.places.site({"site_id": site_id}).data
    address = url_for("pages.self_check_ins.show", site_id=site_id, _external=True)
    qr = segno.make(address, error="q").svg_inline(border=1, omitsize=True)
    return render_template("sites/door_poster.html", site=site, qr=qr, address=address)


def _only_site() -> str:
    kept = sites.visits.door_sites({"limit": 1}, who=current())["items"]
    if not kept:
        raise NotFound()
    return str(kept[0]["id"])
