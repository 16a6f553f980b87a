"""Draws of claims for field review, their export, and what is found at the place (S11)."""

import csv
import io
from typing import Any, Final
from uuid import UUID

from chassis.refusals import Refusal
from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.edge import takes_pictures
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages import claims
from gateway.pages.forms import Faults, faults, given, typed, typed_number
from gateway.pages.parts import together
from gateway.pictures import uploaded_pictures

blueprint = Blueprint("field_reviews", __name__)

PICTURES_MAX: Final = 4
ON_A_PAGE: Final = 50
COLUMNS: Final = ("stratum", "position", "claim_id", "digest", "score", "is_drawn", "seed", "draw_id", "share_percent")


@blueprint.get("/field-reviews")
@needs("read_field_reviews")
def index() -> ResponseReturnValue:
    """List the drawn claims."""
    state = request.args.get("state")
    state = state if state in ("awaited", "confirmed", "corrected", "not_found") else "awaited"
    asked = given(state=state, cursor=request.args.get("cursor") or None, limit=ON_A_PAGE)
    return render_template(
        "field_reviews/index.html", state=state, reviews=sites.claims.field_reviews(asked, who=current()).data
    )


@blueprint.post("/claims/<uuid:claim_id>/field-review")
@needs("record_finding")
@takes_pictures
def record(claim_id: UUID) -> ResponseReturnValue:
    """Record what was found at the place."""
    try:
        fields = given(
            claim_id=claim_id,
            finding=typed("finding"),
            notes=typed("notes"),
            headcount=typed_number("headcount"),
            pictures=uploaded_pictures(most=PICTURES_MAX) or None,
        )
        sites.claims.record_finding(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return claims.page(claim_id, faults(refusal), tried="finding")
    flash(_("The finding is recorded."), "good")
    return redirect(url_for("pages.claims.show", claim_id=claim_id, _anchor="review"), code=303)


@blueprint.get("/review-draws")
@needs("read_review_draws")
def draws() -> ResponseReturnValue:
    """List the draws; an officer announces one here."""
    return _draws()


@blueprint.post("/review-draws")
@needs("announce_review_draw")
def announce() -> ResponseReturnValue:
    """Announce a draw with its seed."""
    at = typed("draw_at")
    fields = given(
        fund_id=typed("fund_id"),
        period=typed("period"),
        seed_on=typed("seed_on"),
        seed_number=typed("seed_number"),
        draw_at=f"{at}:00+08:00" if at and len(at) == len("2026-12-01T09:00") else at,
    )
    try:
        draw = sites.claims.announce_review_draw(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        return _draws(faults(refusal, at={"draw-announced": "seed_number"}))
    flash(_("Announced. Until it is drawn no claim of the month is approved."), "good")
    return redirect(url_for("pages.field_reviews.draw", draw_id=draw["id"]), code=303)


@blueprint.get("/review-draws/<uuid:draw_id>")
@needs("read_review_draws")
def draw(draw_id: UUID) -> ResponseReturnValue:
    """Show a draw and how to repeat it."""
    return render_template(
        "field_reviews/draw.html", told=sites.claims.review_draw({"draw_id": draw_id}, who=current()).data
    )


@blueprint.get("/review-draws/<uuid:draw_id>/entries.csv")
@needs("read_review_draws")
def export(draw_id: UUID) -> ResponseReturnValue:
    """Give out everything that repeats the draw, as a table."""
    told = sites.claims.review_draw({"draw_id": draw_id}, who=current()).data
    response = Response(as_csv(told), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="field-review-{told["draw"]["period"]}.csv"'
    return response


def as_csv(told: dict[str, Any]) -> bytes:
    """Return the draw's entries as CSV in UTF-8 with its mark, so that spreadsheets read the Chinese of the seed."""
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(COLUMNS)
    one = told["draw"]
    seed = one["seed"]  # begins with a day's digits: no spreadsheet takes it for a formula
    for entry in told["entries"]:
        rows.writerow(
            [
                *(entry[name] for name in ("stratum", "position", "claim_id", "digest", "score")),
                int(entry["is_drawn"]),
                seed,
                one["id"],
                (one["shares"] or {}).get(entry["stratum"], ""),
            ]
        )
    return written.getvalue().encode("utf-8-sig")


def _draws(told: Faults | None = None) -> ResponseReturnValue:
    who = current()
    told = told or Faults(status=200)
    reads: dict[str, Any] = {
        "draws": lambda: sites.claims.review_draws(
            given(cursor=request.args.get("cursor") or None, limit=ON_A_PAGE), who=who
        )
    }
    if who.may("announce_review_draw"):
        reads["funds"] = lambda: sites.funds.funds({}, who=who)
    page = render_template(
        "field_reviews/draws.html", errors=told.errors, values=request.form, **{"funds": None, **together(**reads)}
    )
    return page, told.status
