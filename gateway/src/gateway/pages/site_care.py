"""The life of a site in its keepers' hands: its state, pictures, checks of the "three same", yearly evaluations."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import Answer, sites
from gateway.edge import takes_files
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, faults, given, typed, typed_number
from gateway.pages.parts import Part, together
from gateway.pictures import uploaded_picture, uploaded_pictures

blueprint = Blueprint("site_care", __name__)

MOVES_OF: Final = {
    "proposed": ("open", "withdraw"),
    "open": ("suspend", "withdraw"),
    "suspended": ("resume", "withdraw"),
}
SHOWN: Final = 20
FILE_FAULTS: Final = dict.fromkeys(
    ("payload-too-large", "unsupported-media-type", "picture-unreadable", "too-many-pictures", "picture-repeated"),
    "file",
)
AT_FIELD: Final = {
    **FILE_FAULTS,
    "ground-unknown": "ground",
    "notice-too-short": "keep_until",
    "evaluated-already": "year",
    "year-not-over": "year",
}


@blueprint.get("/sites/<uuid:site_id>/care")
@needs("read_site_record")
def show(site_id: UUID) -> ResponseReturnValue:
    """Show state, pictures, checks and evaluations of a site, with what the reader may do."""
    return _page(site_id, Faults(status=200))


@blueprint.post("/sites/<uuid:site_id>/moves")
@needs("move_site")
def move(site_id: UUID) -> ResponseReturnValue:
    """Open, suspend, resume or withdraw the site."""
    names = ("move", "reason", "ground", "keep_until")
    fields = given(site_id=site_id, **{name: typed(name) for name in names})
    try:
        moved = sites.calendars.move_site(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(site_id, faults(refusal, at=AT_FIELD))
    if moved["keep_until"]:
        told = _("Done. Orders cancelled: %(cancelled)s; kept: %(kept)s.")
        flash(told % {"cancelled": moved["cancelled_orders"], "kept": moved["kept_orders"]}, "good")
    else:
        flash(_("Done. The site is open."), "good")
    return _back(site_id)


@blueprint.post("/sites/<uuid:site_id>/pictures")
@takes_files
@needs("edit_site")
def add_picture(site_id: UUID) -> ResponseReturnValue:
    """Add a picture."""

    def add() -> Any:
        fields = given(site_id=site_id, alt=typed("alt"), picture=uploaded_picture())
        return sites.calendars.add_picture(fields, who=current(), command_id=command_id())

    return _do(site_id, add, done=_("The picture stands on the site's page."))


@blueprint.post("/sites/<uuid:site_id>/pictures/<uuid:picture_id>/first")
@needs("edit_site")
def move_picture(site_id: UUID, picture_id: UUID) -> ResponseReturnValue:
    """Put a picture in front of the others."""

    def put() -> Any:
        there = [picture["id"] for picture in sites.places.site_record({"site_id": site_id}, who=current())["pictures"]]
        ids = [str(picture_id), *(each for each in there if each != str(picture_id))]
        return sites.calendars.order_pictures(
            {"site_id": site_id, "picture_ids": ids}, who=current(), command_id=command_id()
        )

    return _do(site_id, put, done=_("The picture comes first now."))


@blueprint.post("/sites/<uuid:site_id>/pictures/<uuid:picture_id>/removal")
@needs("edit_site")
def remove_picture(site_id: UUID, picture_id: UUID) -> ResponseReturnValue:
    """Take a picture away."""
    fields = {"site_id": site_id, "picture_id": picture_id}
    return _do(
        site_id,
        lambda: sites.calendars.remove_picture(fields, who=current(), command_id=command_id()),
        done=_("The picture is removed."),
    )


@blueprint.post("/sites/<uuid:site_id>/checks")
@takes_files
@needs("check_site")
def check(site_id: UUID) -> ResponseReturnValue:
    """Record a check of sign, area and equipment."""

    def record() -> Any:
        same = {name: request.form.get(name) == "yes" for name in ("sign", "area", "equipment")}
        fields = given(site_id=site_id, checked_on=typed("checked_on"), note=typed("note"), **same)
        fields["pictures"] = uploaded_pictures()
        return sites.places.record_site_check(fields, who=current(), command_id=command_id())

    return _do(site_id, record, done=_("The check is recorded."))


@blueprint.post("/sites/<uuid:site_id>/evaluations")
@needs("evaluate_site")
def evaluate(site_id: UUID) -> ResponseReturnValue:
    """Evaluate the site for a year."""
    points = {name.removeprefix("points-"): typed_number(name) for name in request.form if name.startswith("points-")}
    fields = given(site_id=site_id, year=typed_number("year"), note=typed("note"), points=points)
    return _do(
        site_id,
        lambda: sites.places.evaluate_site(fields, who=current(), command_id=command_id()),
        done=_("The evaluation is recorded; the star counts from today."),
    )


def _ratings(site_id: UUID) -> Answer:
    """Return what visitors said, as the yearly evaluation wants to know it; nothing of a site that nobody sees yet."""
    try:
        return sites.visits.site_ratings({"site_id": site_id, "limit": 1})
    except Refusal as refusal:
        if refusal.code != "not-found":
            raise
        return Answer(b"null")


def _do(site_id: UUID, act: Callable[[], Any], *, done: str) -> ResponseReturnValue:
    try:
        act()
    except Refusal as refusal:
        return _page(site_id, _at_fields(faults(refusal, at=AT_FIELD)))
    flash(done, "good")
    return _back(site_id)


def _at_fields(told: Faults) -> Faults:
    """Return the faults with the points of a criterion at their field: points.reception.value → points-reception."""
    errors: dict[str, list[str]] = {}
    for name, sentences in told.errors.items():
        kind, dot, rest = name.partition(".")
        field = f"points-{rest.partition('.')[0]}" if kind == "points" and dot else name
        errors.setdefault(field, []).extend(sentences)
    return Faults(errors, told.status)


def _back(site_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("pages.site_care.show", site_id=site_id), code=303)


def _page(site_id: UUID, told: Faults) -> ResponseReturnValue:
    who = current()
    site = sites.places.site_record({"site_id": site_id}, who=who).data
    asked = {"site_id": site_id, "limit": SHOWN}
    reads = {
        "checks": lambda: sites.places.site_checks(asked, who=who),
        "evaluations": lambda: sites.places.evaluations(asked, who=who),
        "rules": lambda: sites.places.site_rules({}),
        "ratings": lambda: _ratings(site_id),
    }
    if who.may("move_site"):
        reads["affected"] = lambda: sites.calendars.affected_orders(asked, who=who)
    parts = {"affected": Part(), **together(**reads)}
    page = render_template(
        "sites/care.html",
        site=site,
        **parts,
        moves=MOVES_OF.get(site["state"], ()) if who.may("move_site") else (),
        may_edit=who.may("edit_site"),
        may_check=who.may("check_site"),
        may_evaluate=who.may("evaluate_site"),
        today=clock.today(clock.now()).isoformat(),
        errors=told.errors,
        values=request.form,
    )
    return page, told.status
