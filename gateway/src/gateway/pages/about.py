"""What this is, how a visit runs from order to payment, where the data come from."""

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from gateway.identity import public

blueprint = Blueprint("about", __name__)


@blueprint.get("/about")
@public
def show() -> ResponseReturnValue:
    """Show the page."""
    return render_template("about.html", config=current_app.extensions["zhendi.config"])
