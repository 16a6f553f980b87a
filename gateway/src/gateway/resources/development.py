"""The way to membership: applicants, steps, stages."""

from contracts.roster.development import (
    AdvanceStage,
    DevelopmentAsked,
    DevelopmentsAsked,
    DevelopmentView,
    EndDevelopment,
    EnterApplicant,
    ExtendProbation,
    MemberRuleView,
    RecordStep,
    RulesAsked,
    StrikeStep,
)

from gateway.clients.roster import development as doors
from gateway.nouns import Many, Noun

development = Noun("development")

development.read(
    "/organisations/<uuid:organisation_id>/developments",
    doors.developments,
    needs=("read_development",),
    takes=DevelopmentsAsked,
    answers=Many(DevelopmentView),
    refusals=("not-found",),
)
development.act(
    "/developments",
    doors.enter_applicant,
    needs=("develop_member",),
    takes=EnterApplicant,
    answers=DevelopmentView,
    status=201,
    refusals=("not-found", "not-a-branch", "too-young", "identity-number-taken", "not-yet"),
)
development.read(
    "/developments/<uuid:person_id>",
    doors.development,
    needs=("read_development",),
    takes=DevelopmentAsked,
    answers=DevelopmentView,
    refusals=("not-found",),
)
development.act(
    "/developments/<uuid:person_id>/steps",
    doors.record_step,
    needs=("develop_member",),
    takes=RecordStep,
    answers=DevelopmentView,
    status=201,
    refusals=("not-found", "not-yet", "before-it-began", "way-ended"),
)
development.act(
    "/developments/<uuid:person_id>/steps/<int:step_id>/strike",
    doors.strike_step,
    needs=("develop_member",),
    takes=StrikeStep,
    answers=DevelopmentView,
    refusals=("not-found",),
)
development.act(
    "/developments/<uuid:person_id>/stage",
    doors.advance_stage,
    needs=("develop_member",),
    takes=AdvanceStage,
    answers=DevelopmentView,
    refusals=(
        "not-found",
        "precondition-failed",
        "out-of-order",
        "way-ended",
        "stage-too-early",
        "steps-missing",
        "not-yet",
        "before-it-began",
        "not-a-member",
        "member-elsewhere",
    ),
)
development.act(
    "/developments/<uuid:person_id>/extension",
    doors.extend_probation,
    needs=("develop_member",),
    takes=ExtendProbation,
    answers=DevelopmentView,
    refusals=("not-found", "precondition-failed", "not-extendable"),
)
development.act(
    "/developments/<uuid:person_id>/end",
    doors.end_development,
    needs=("develop_member",),
    takes=EndDevelopment,
    answers=DevelopmentView,
    refusals=("not-found", "precondition-failed", "way-ended", "not-yet"),
)
development.read(
    "/member-rules",
    doors.member_rules,
    needs=("read_organisation",),
    takes=RulesAsked,
    answers=Many(MemberRuleView),
)
