"""On-site rounds: criteria, rounds with teams, the draw to be repeated by anyone, the days, what a round came to."""

from typing import Any, Final
from uuid import UUID

from chassis.files import CSV
from chassis.refusals import InvalidInput
from contracts.assessment.rounds import (
    AdoptCriteriaVersion,
    AnnounceOnSiteRound,
    ChangeOnSiteRound,
    CloseOnSiteRound,
    CriteriaAsked,
    CriteriaVersionsAsked,
    CriteriaView,
    DayPlanAsked,
    DayPlanView,
    DrawExportAsked,
    DrawExportView,
    MakeCriteria,
    MakeCriteriaVersion,
    MakeOnSiteRound,
    MoveVisit,
    OnSiteRoundAsked,
    OnSiteRoundsAsked,
    OnSiteRoundView,
    PlanDays,
    RoundSummaryAsked,
    RoundSummaryView,
    SetRoundTeams,
    SetVisitPlace,
    WithdrawCriteriaVersion,
    WithdrawOnSiteRound,
)
from flask import Response, request

from gateway import round_draws
from gateway.clients import assessment
from gateway.identity import must
from gateway.nouns import JSON, Declared, Many, Noun, resource

rounds = Noun("on_site_rounds")
ROUND: Final = "/on-site-rounds/<uuid:round_id>"
READS: Final = ("read_on_site_rounds", "assess_visit")

rounds.read(
    "/round-criteria",
    assessment.rounds.criteria,
    needs=("read_criteria",),
    takes=CriteriaAsked,
    answers=Many(CriteriaView),
)
rounds.read(
    "/round-criteria/<uuid:criteria_id>",
    assessment.rounds.criteria_versions,
    needs=("read_criteria",),
    takes=CriteriaVersionsAsked,
    answers=CriteriaView,
    refusals=("not-found",),
)
rounds.act(
    "/round-criteria",
    assessment.rounds.make_criteria,
    needs=("make_criteria",),
    takes=MakeCriteria,
    answers=CriteriaView,
    status=201,
    refusals=("not-found", "criteria-name-taken"),
    located=True,
)
rounds.act(
    "/round-criteria/<uuid:criteria_id>/versions",
    assessment.rounds.make_criteria_version,
    needs=("make_criteria",),
    takes=MakeCriteriaVersion,
    answers=CriteriaView,
    status=201,
    refusals=("not-found",),
)
rounds.act(
    "/criteria-versions/<uuid:version_id>/adoption",
    assessment.rounds.adopt_criteria_version,
    needs=("adopt_criteria",),
    takes=AdoptCriteriaVersion,
    answers=CriteriaView,
    refusals=("not-found", "criteria-not-movable", "criteria-same-drafter"),
)
rounds.act(
    "/criteria-versions/<uuid:version_id>/withdrawal",
    assessment.rounds.withdraw_criteria_version,
    needs=("withdraw_criteria",),
    takes=WithdrawCriteriaVersion,
    answers=CriteriaView,
    refusals=("not-found", "criteria-not-movable"),
)
rounds.read(
    "/on-site-rounds",
    assessment.rounds.on_site_rounds,
    needs=READS,
    takes=OnSiteRoundsAsked,
    answers=Many(OnSiteRoundView),
)
rounds.read(
    ROUND,
    assessment.rounds.on_site_round,
    needs=READS,
    takes=OnSiteRoundAsked,
    answers=OnSiteRoundView,
    refusals=("not-found",),
)
rounds.read(
    f"{ROUND}/summary",
    assessment.rounds.round_summary,
    needs=("read_on_site_rounds",),
    takes=RoundSummaryAsked,
    answers=RoundSummaryView,
    refusals=("not-found",),
)
rounds.read(
    f"{ROUND}/days",
    assessment.rounds.day_plan,
    needs=READS,
    takes=DayPlanAsked,
    answers=DayPlanView,
    refusals=("not-found",),
)
rounds.act(
    "/on-site-rounds",
    assessment.rounds.make_on_site_round,
    needs=("keep_on_site_round",),
    takes=MakeOnSiteRound,
    answers=OnSiteRoundView,
    status=201,
    refusals=("not-found",),
    located=True,
)
rounds.act(
    f"{ROUND}/plan",
    assessment.rounds.change_on_site_round,
    needs=("keep_on_site_round",),
    takes=ChangeOnSiteRound,
    answers=OnSiteRoundView,
    refusals=("not-found", "on-site-round-not-movable", "on-site-round-changed"),
)
rounds.act(
    f"{ROUND}/teams",
    assessment.rounds.set_round_teams,
    needs=("keep_on_site_round",),
    takes=SetRoundTeams,
    answers=OnSiteRoundView,
    refusals=("not-found", "on-site-round-not-movable"),
)
rounds.act(
    f"{ROUND}/announcement",
    assessment.rounds.announce_on_site_round,
    needs=("keep_on_site_round",),
    takes=AnnounceOnSiteRound,
    answers=OnSiteRoundView,
    refusals=("not-found", "on-site-round-not-movable", "round-without-teams", "round-without-organisations"),
)
rounds.act(
    f"{ROUND}/withdrawal",
    assessment.rounds.withdraw_on_site_round,
    needs=("keep_on_site_round",),
    takes=WithdrawOnSiteRound,
    answers=OnSiteRoundView,
    refusals=("not-found", "on-site-round-not-movable"),
)
rounds.act(
    f"{ROUND}/closing",
    assessment.rounds.close_on_site_round,
    needs=("keep_on_site_round",),
    takes=CloseOnSiteRound,
    answers=OnSiteRoundView,
    refusals=("not-found", "on-site-round-not-movable", "visits-open"),
)
rounds.act(
    f"{ROUND}/days",
    assessment.rounds.plan_days,
    needs=("keep_on_site_round",),
    takes=PlanDays,
    answers=DayPlanView,
    status=202,
    refusals=("not-found", "round-not-plannable"),
)
rounds.act(
    "/round-visits/<uuid:visit_id>/day",
    assessment.rounds.move_visit,
    needs=("keep_on_site_round",),
    takes=MoveVisit,
    answers=DayPlanView,
    refusals=("not-found", "round-not-plannable", "visit-not-plannable"),
)
rounds.act(
    "/organisations/<uuid:organisation_id>/visit-place",
    assessment.rounds.set_visit_place,
    needs=("keep_on_site_round",),
    takes=SetVisitPlace,
    answers=SetVisitPlace,
    refusals=("not-found",),
)


def draw(round_id: UUID) -> Response:
    """Return what a round was drawn from and what came of it, as JSON or CSV."""
    who = must("read_on_site_draw")
    wanted = request.args.get("format") or "json"
    if wanted not in ("json", "csv"):
        raise InvalidInput({"format": ["Must be one of: json, csv."]})
    told: Any = assessment.rounds.on_site_draw({"round_id": round_id}, who=who)
    body, media_type = (
        (told.body, JSON) if wanted == "json" else (round_draws.as_csv(told.data), f"{CSV}; charset=utf-8")
    )
    response = resource(body, media_type=media_type, is_public=False)
    response.headers["Content-Disposition"] = f'attachment; filename="draw-{round_id}.{wanted}"'
    return response


rounds.own(
    f"{ROUND}/draw",
    "GET",
    draw,
    Declared(
        summary="Return what a round was drawn from and what came of it, to be repeated by anyone",
        needs=frozenset({"read_on_site_draw"}),
        takes=DrawExportAsked,
        answers=DrawExportView,
        refusals=("not-found",),
        media_types=(JSON, CSV),
    ),
)
