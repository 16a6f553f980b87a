"""The forms of on-site visits: a web app that an assessor's phone keeps, so that filling in goes on with no network.

The page holds no data and nobody's name; what it shows, the phone has fetched as its assessor and keeps itself.
"""

from typing import Final

import orjson
from contracts.assessment.rounds import NO_EVIDENCE, PROBLEM_KINDS
from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from gateway import browsers
from gateway.identity import needs, public
from gateway.pages.offline import Kept, worker_of

blueprint = Blueprint("visit_forms", __name__)

KEPT: Final = Kept(
    name="visits",
    page="/visit-forms",
    template="visit_forms/show.html",
    folders=("visits",),
    files=(
        *("style.css", "images/icon.svg", "images/icons.svg", "images/chevron.svg"),
        *("modules/main.js", "modules/visits.js"),
    ),
)


@blueprint.get("/visit-forms")
@public
def show() -> ResponseReturnValue:
    """Show the forms' page, the same for everybody."""
    return render_template("visit_forms/show.html", kinds=PROBLEM_KINDS, no_evidence=NO_EVIDENCE)


@blueprint.get("/visit-forms/worker.js")
@public
def worker() -> ResponseReturnValue:
    """Return the forms' service worker."""
    return worker_of(KEPT)


@blueprint.get("/visit-forms/pass")
@needs("assess_visit")
def form_pass() -> ResponseReturnValue:
    """Return the secret that this browser's forms carry: the kept page has none of its own, and may be days old."""
    response = Response(orjson.dumps({"csrf": browsers.csrf_token()}), content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
