"""On-site rounds for the officer: planned, their teams, the published seed, the days on the map, what they came to."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from chassis.refusals import Refusal
from contracts.assessment.rounds import PERIODS, ROUND_KINDS, USUAL_KINDS
from contracts.roster.organisations import FIELDS
from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import assessment, roster
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages import district_map
from gateway.pages.forms import (
    Faults,
    day_in,
    done_or_told,
    faults,
    given,
    typed,
    typed_again,
    typed_decimal,
    typed_number,
)
from gateway.pages.parts import part, together

blueprint = Blueprint("on_site_rounds", __name__)

ON_A_PAGE: Final = 100
FOUND_MAX: Final = 20
AT_FIELD: Final = {"not-found": "organisation_id", "forbidden": "organisation_id"}
READS: Final = ("read_on_site_rounds", "assess_visit")


@blueprint.get("/on-site-rounds")
@needs(*READS)
def index() -> ResponseReturnValue:
    """List the rounds."""
    fields = given(cursor=request.args.get("cursor") or None)
    return render_template(
        "on_site_rounds/index.html", **together(rounds=lambda: assessment.rounds.on_site_rounds(fields, who=current()))
    )


@blueprint.get("/on-site-rounds/new")
@needs("keep_on_site_round")
def new() -> ResponseReturnValue:
    """Show the form of a new round."""
    return _form(Faults(status=200))


@blueprint.post("/on-site-rounds/new")
@needs("keep_on_site_round")
def make() -> ResponseReturnValue:
    """Plan a round."""
    try:
        made = assessment.rounds.make_on_site_round(_plan_typed(), who=current(), command_id=command_id())
    except Refusal as refusal:
        return _form(faults(refusal, at=AT_FIELD))
    flash(_("Planned. Set up the teams next, then publish the seed."), "good")
    return redirect(url_for("pages.on_site_rounds.show", round_id=made["id"]), code=303)


@blueprint.get("/on-site-rounds/<uuid:round_id>/plan")
@needs("keep_on_site_round")
def plan_form(round_id: UUID) -> ResponseReturnValue:
    """Show the form of a round's plan, filled in; once the seed is published there is none."""
    found = assessment.rounds.on_site_round({"round_id": round_id}, who=current()).data
    if found["state"] != "planned":
        flash(_("The seed of this round is published or the round is given up: its plan stays as it is."), "bad")
        return redirect(url_for("pages.on_site_rounds.show", round_id=round_id), code=303)
    return _form(Faults(status=200), found)


@blueprint.post("/on-site-rounds/<uuid:round_id>/plan")
@needs("keep_on_site_round")
def change(round_id: UUID) -> ResponseReturnValue:
    """Plan a round otherwise."""
    fields = {**_plan_typed(), **given(round_id=round_id, version=typed_number("version"))}
    try:
        assessment.rounds.change_on_site_round(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        found = assessment.rounds.on_site_round({"round_id": round_id}, who=current()).data
        return _form(faults(refusal, at=AT_FIELD), found)
    flash(_("The plan is changed; the teams stay as they are."), "good")
    return redirect(url_for("pages.on_site_rounds.show", round_id=round_id), code=303)


@blueprint.get("/on-site-rounds/<uuid:round_id>")
@needs(*READS)
def show(round_id: UUID) -> ResponseReturnValue:
    """Show a round with its teams, how far it is, and its visits in order of name."""
    return _show(round_id)


@blueprint.post("/on-site-rounds/<uuid:round_id>/members")
@needs("keep_on_site_round")
def add_member(round_id: UUID) -> ResponseReturnValue:
    """Put a person into a team; one beyond the last makes a new team."""
    teams = _teams(round_id)
    number = int(request.form.get("team", "0")) if request.form.get("team", "").isdecimal() else len(teams) + 1
    if not 1 <= number <= len(teams):
        teams.append({"name": _("Team %(number)s", number=len(teams) + 1), "members": []})
        number = len(teams)
    member = given(person_id=typed("person_id"), name=typed("name"), organisation_id=typed("organisation_id"))
    members = teams[number - 1]["members"]
    if "is_leader" in request.form:
        for one in members:
            one["is_leader"] = False
    members.append({**member, "is_leader": "is_leader" in request.form or not members})
    return _set_teams(round_id, teams, done=_("In the team."))


@blueprint.post("/on-site-rounds/<uuid:round_id>/members/<uuid:person_id>/removal")
@needs("keep_on_site_round")
def remove_member(round_id: UUID, person_id: UUID) -> ResponseReturnValue:
    """Take a person out of their team; the next one leads it then."""
    teams = _teams(round_id)
    for team in teams:
        team["members"] = [one for one in team["members"] if one["person_id"] != str(person_id)]
        if team["members"] and not any(one["is_leader"] for one in team["members"]):
            team["members"][0]["is_leader"] = True
    return _set_teams(round_id, [team for team in teams if team["members"]], done=_("Taken out of the team."))


@blueprint.post("/on-site-rounds/<uuid:round_id>/announcement")
@needs("keep_on_site_round")
def announce(round_id: UUID) -> ResponseReturnValue:
    """Publish the seed of the draw."""
    draw_at = typed("draw_at")
    fields = given(
        round_id=round_id,
        seed_on=typed("seed_on"),
        seed_number=typed("seed_number"),
        draw_at=f"{draw_at}+08:00" if draw_at else None,
    )
    try:
        assessment.rounds.announce_on_site_round(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _show(round_id, faults(refusal))
    flash(_("The seed is published. The draw is made by itself at its time."), "good")
    return redirect(url_for("pages.on_site_rounds.show", round_id=round_id), code=303)


@blueprint.post("/on-site-rounds/<uuid:round_id>/withdrawal")
@needs("keep_on_site_round")
def withdraw(round_id: UUID) -> ResponseReturnValue:
    """Give a round up."""
    fields = given(round_id=round_id, reason=typed("reason"))
    return _do(round_id, assessment.rounds.withdraw_on_site_round, fields, done=_("The round is given up."))


@blueprint.post("/on-site-rounds/<uuid:round_id>/closing")
@needs("keep_on_site_round")
def close(round_id: UUID) -> ResponseReturnValue:
    """End a round."""
    return _do(round_id, assessment.rounds.close_on_site_round, {"round_id": round_id}, done=_("The round is ended."))


@blueprint.post("/on-site-rounds/<uuid:round_id>/sending")
@needs("judge_round_report")
def send_reports(round_id: UUID) -> ResponseReturnValue:
    """Send the reports of all closed visits."""
    fields = {"round_id": round_id}
    return _do(round_id, assessment.round_visits.send_round_reports, fields, done=_("The reports are sent."))


@blueprint.get("/on-site-rounds/<uuid:round_id>/draw")
@needs("read_on_site_draw")
def draw(round_id: UUID) -> ResponseReturnValue:
    """Say what a round is drawn from, and how anyone repeats it."""
    drawn = assessment.rounds.on_site_draw({"round_id": round_id}, who=current()).data
    names = {team["id"]: team["name"] for team in drawn["teams"]}
    return render_template("on_site_rounds/draw.html", drawn=drawn, names=names)


@blueprint.get("/on-site-rounds/<uuid:round_id>/summary")
@needs("read_on_site_rounds")
def summary(round_id: UUID) -> ResponseReturnValue:
    """Show what a round came to: by town, by item, by kind of problem."""
    who, fields = current(), {"round_id": round_id}
    parts = together(
        round=lambda: assessment.rounds.on_site_round(fields, who=who),
        summary=lambda: assessment.rounds.round_summary(fields, who=who),
    )
    return render_template("on_site_rounds/summary.html", **parts)


@blueprint.get("/on-site-rounds/<uuid:round_id>/days")
@needs(*READS)
def days(round_id: UUID) -> ResponseReturnValue:
    """Show a day of the teams, one team's way on the map."""
    return _days(round_id)


@blueprint.post("/on-site-rounds/<uuid:round_id>/days")
@needs("keep_on_site_round")
def plan(round_id: UUID) -> ResponseReturnValue:
    """Have the days planned anew."""
    return done_or_told(
        assessment.rounds.plan_days,
        {"round_id": round_id},
        done=_("The days are being planned anew; look again in a few seconds."),
        back=_days_address(round_id),
    )


@blueprint.post("/on-site-rounds/<uuid:round_id>/days/<uuid:visit_id>")
@needs("keep_on_site_round")
def move(round_id: UUID, visit_id: UUID) -> ResponseReturnValue:
    """Put a visit on a day by hand."""
    return done_or_told(
        assessment.rounds.move_visit,
        given(visit_id=visit_id, visit_on=typed("visit_on"), stop=typed_number("stop")),
        done=_("The visit has its new place; the times follow."),
        back=_days_address(round_id, on=typed("visit_on")),
    )


@blueprint.post("/on-site-rounds/<uuid:round_id>/places/<uuid:organisation_id>")
@needs("keep_on_site_round")
def place(round_id: UUID, organisation_id: UUID) -> ResponseReturnValue:
    """Say where an organisation is."""
    return done_or_told(
        assessment.rounds.set_visit_place,
        given(organisation_id=organisation_id, lon=typed_decimal("lon"), lat=typed_decimal("lat")),
        done=_("The place is known. Plan the days anew to use it for the order."),
        back=_days_address(round_id, on=typed("on")),
    )


@blueprint.get("/round-criteria")
@needs("read_criteria")
def criteria() -> ResponseReturnValue:
    """List the criteria, each with its newest version."""
    return render_template(
        "on_site_rounds/criteria.html", **together(criteria=lambda: assessment.rounds.criteria({}, who=current()))
    )


@blueprint.get("/round-criteria/<uuid:criteria_id>")
@needs("read_criteria")
def criteria_whole(criteria_id: UUID) -> ResponseReturnValue:
    """Show criteria with all their versions."""
    found = assessment.rounds.criteria_versions({"criteria_id": criteria_id}, who=current()).data
    return render_template("on_site_rounds/criteria_whole.html", found=found)


def _plan_typed() -> dict[str, Any]:
    names = ("name", "period_kind", "period", "organisation_id", "version_id", "starts_on", "ends_on", "departs_at")
    numbers = ("sample_percent", "visit_minutes", "visits_a_day")
    return given(
        **{name: typed(name) for name in names},
        **{name: typed_number(name) for name in numbers},
        fields=request.form.getlist("fields"),
        kinds=request.form.getlist("kinds"),
        is_cross="is_cross" in request.form,
        is_stratified="is_stratified" in request.form,
    )


def _form(told: Faults, found: dict[str, Any] | None = None) -> ResponseReturnValue:
    """Show the form of a plan: of a new round, or of one that is `found`."""
    who = current()
    parts = together(
        criteria=lambda: assessment.rounds.criteria({}, who=who),
        own=lambda: assessment.tasks.task_overview({"limit": ON_A_PAGE}, who=who),
    )
    own = parts["own"].data["parts"] if parts["own"].data else []
    asked = {"organisation_id": own[0]["organisation_id"], "limit": ON_A_PAGE} if len(own) == 1 else None
    below = part(lambda: assessment.tasks.task_overview(asked, who=who)).data["parts"] if asked else []
    places = [(one["organisation_id"], one["name"]) for one in (*own, *below)]
    versions = [
        (one["versions"][0]["id"], f"{one['name']} · {one['versions'][0]['number']}")
        for one in parts["criteria"].rows
        if one["versions"]
    ]
    if found:  # what the round has is offered even where nothing else leads to it
        places = _with(places, found["organisation_id"], found["organisation_name"])
        versions = _with(versions, found["version_id"], f"{found['criteria_name']} · {found['criteria_number']}")
    page = render_template(
        "on_site_rounds/new.html",
        found=found,
        versions=versions,
        places=places,
        periods=PERIODS,
        fields=FIELDS,
        kinds=ROUND_KINDS,
        values=typed_again("fields", "kinds") if request.form else found or {"kinds": USUAL_KINDS, "fields": []},
        errors=told.errors,
        key=request.form.get("idempotency_key"),
    )
    return page, told.status


def _with(choices: list[tuple[str, str]], value: str, name: str | None) -> list[tuple[str, str]]:
    return choices if value in dict(choices) else [(value, name or value), *choices]


def _show(round_id: UUID, told: Faults | None = None) -> ResponseReturnValue:
    who = current()
    found = assessment.rounds.on_site_round({"round_id": round_id}, who=who).data
    q = (request.args.get("q") or "").strip()
    reads: dict[str, Any] = {}
    if found["state"] not in ("planned", "withdrawn"):
        asked = given(round_id=round_id, limit=ON_A_PAGE, cursor=request.args.get("cursor") or None)
        reads["visits"] = lambda: assessment.round_visits.round_visits(asked, who=who)
    if q and found["state"] == "planned" and who.may("keep_on_site_round"):
        reads["people"] = lambda: roster.accounts.find_people({"q": q[:50], "limit": FOUND_MAX}, who=who)
    parts = together(**reads) if reads else {}
    page = render_template(
        "on_site_rounds/show.html",
        found=found,
        **{"visits": None, "people": None, **parts},
        q=q,
        errors=told.errors if told else {},
        values=request.form,
    )
    return page, told.status if told else 200


def _days(round_id: UUID) -> ResponseReturnValue:
    who = current()
    found = assessment.rounds.on_site_round({"round_id": round_id}, who=who).data
    team = next((one for one in found["teams"] if one["id"] == request.args.get("team")), None)
    on = day_in(request.args.get("on"))
    asked = given(round_id=round_id, team_id=team and team["id"], on=on and on.isoformat())
    plan = part(lambda: assessment.rounds.day_plan(asked, who=who))
    days = plan.data["days"] if plan.data else []
    shown = days[0] if days else None
    stops = shown["stops"] if shown else []
    settings = {
        "districts": url_for("static", filename="data/zibo_districts.geojson"),
        "tiled": bool(current_app.extensions["zhendi.config"].tile_url),
        "stops": [{"at": stop["point"], "name": stop["name"]} for stop in stops if stop["point"]],
        "words": {"zoom_in": _("Zoom in"), "zoom_out": _("Zoom out"), "source": _("Outlines: Tianditu")},
    }
    return render_template(
        "on_site_rounds/days.html",
        map=district_map.draw(current_app.extensions["zhendi.config"], settings=settings, module="trip_layer"),
        scripts=district_map.SCRIPTS,
        styles=district_map.STYLES,
        found=found,
        plan=plan,
        days=days,
        shown=shown,
        team=team,
        on=on.isoformat() if on else (shown["on"] if shown else None),
    )


def _teams(round_id: UUID) -> list[dict[str, Any]]:
    found = assessment.rounds.on_site_round({"round_id": round_id}, who=current()).data
    names = ("person_id", "name", "organisation_id", "is_leader")
    return [
        {"name": team["name"], "members": [{name: one[name] for name in names} for one in team["members"]]}
        for team in found["teams"]
    ]


def _set_teams(round_id: UUID, teams: list[dict[str, Any]], *, done: str) -> ResponseReturnValue:
    fields = {"round_id": round_id, "teams": teams}
    return _do(round_id, assessment.rounds.set_round_teams, fields, done=done)


def _days_address(round_id: UUID, *, on: str | None = None) -> str:
    """Return the address of the day and the team that the form stood beside."""
    return url_for("pages.on_site_rounds.days", round_id=round_id, **given(on=on, team=typed("team")))


def _do(round_id: UUID, act: Callable[..., Any], fields: dict[str, Any], *, done: str) -> ResponseReturnValue:
    return done_or_told(act, fields, done=done, back=url_for("pages.on_site_rounds.show", round_id=round_id))
