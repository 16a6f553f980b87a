"""All branches' lights of a month, for those who watch over them: the red ones first."""

from typing import Final

from chassis import clock
from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from gateway.clients import assessment
from gateway.identity import current, needs
from gateway.pages.branches import month_asked
from gateway.pages.forms import given
from gateway.pages.parts import together

blueprint = Blueprint("lights", __name__)

ON_A_PAGE: Final = 100
LIGHTS: Final = ("red", "yellow", "green")


@blueprint.get("/lights")
@needs("read_lights")
def index() -> ResponseReturnValue:
    """List the branches of one colour, or all."""
    who = current()
    month = month_asked()
    light = request.args.get("light")
    light = light if light in LIGHTS else None
    fields = given(month=month, light=light, cursor=request.args.get("cursor") or None, limit=ON_A_PAGE)
    parts = together(lights=lambda: assessment.lights.lights(fields, who=who))
    return render_template(
        "lights/index.html", **parts, month=month, light=light, this_month=clock.month_of(clock.now())
    )
