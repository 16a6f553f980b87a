"""What each problem's `type` leads to: its code, its status, its sentences."""

from typing import Final

import orjson
from chassis.refusals import NotFound
from contracts.refusals import REFUSALS
from flask import Blueprint, Response

from gateway.identity import public
from gateway.nouns import JSON, resource
from gateway.problems import title_of

problems: Final = Blueprint("api_problems", __name__, url_prefix="/api/problems")


@problems.get("/<code>")
@public
def problem(code: str) -> Response:
    """Say what a problem's code means."""
    told = REFUSALS.get(code)
    if told is None:
        raise NotFound()
    body = orjson.dumps(
        {"code": code, "status": told.status, "title": title_of(told.status, "en"), "sentence": told.zh}
    )
    return resource(body, media_type=JSON, is_public=True)
