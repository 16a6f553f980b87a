"""Exemptions from the health check: applied for, consented to, approved, ended."""

from contracts.assessment.exemptions import (
    ApplyForExemption,
    ApproveExemption,
    ConsentToExemption,
    EndExemption,
    ExemptionAsked,
    ExemptionsAsked,
    ExemptionView,
    MyExemptionsAsked,
    RefuseExemption,
    WithdrawExemption,
)

from gateway.clients import assessment
from gateway.nouns import Many, Noun

exemptions = Noun("exemptions")

exemptions.read(
    "/exemptions",
    assessment.exemptions.exemptions,
    needs=("read_exemptions",),
    takes=ExemptionsAsked,
    answers=Many(ExemptionView),
    refusals=("not-found",),
)
exemptions.read(
    "/me/exemptions",
    assessment.exemptions.my_exemptions,
    needs=("read_my_light",),
    takes=MyExemptionsAsked,
    answers=Many(ExemptionView),
)
exemptions.read(
    "/exemptions/<uuid:exemption_id>",
    assessment.exemptions.exemption,
    needs=("read_exemptions",),
    takes=ExemptionAsked,
    answers=ExemptionView,
    refusals=("not-found",),
)
exemptions.act(
    "/exemptions",
    assessment.exemptions.apply_for_exemption,
    needs=("apply_for_exemption",),
    takes=ApplyForExemption,
    answers=ExemptionView,
    status=201,
    refusals=("not-found", "exemption-overlaps"),
    located=True,
)
exemptions.act(
    "/exemptions/<uuid:exemption_id>/consent",
    assessment.exemptions.consent_to_exemption,
    needs=("consent_to_exemption",),
    takes=ConsentToExemption,
    answers=ExemptionView,
    refusals=("not-found", "exemption-not-movable"),
)
exemptions.act(
    "/exemptions/<uuid:exemption_id>/approval",
    assessment.exemptions.approve_exemption,
    needs=("decide_exemption",),
    takes=ApproveExemption,
    answers=ExemptionView,
    refusals=("not-found", "exemption-not-movable", "exemption-over", "exemption-same-person"),
)
exemptions.act(
    "/exemptions/<uuid:exemption_id>/refusal",
    assessment.exemptions.refuse_exemption,
    needs=("consent_to_exemption", "decide_exemption"),
    takes=RefuseExemption,
    answers=ExemptionView,
    refusals=("not-found", "exemption-not-movable"),
)
exemptions.act(
    "/exemptions/<uuid:exemption_id>/withdrawal",
    assessment.exemptions.withdraw_exemption,
    needs=("apply_for_exemption",),
    takes=WithdrawExemption,
    answers=ExemptionView,
    refusals=("not-found", "exemption-not-movable"),
)
exemptions.act(
    "/exemptions/<uuid:exemption_id>/ending",
    assessment.exemptions.end_exemption,
    needs=("end_exemption",),
    takes=EndExemption,
    answers=ExemptionView,
    refusals=("not-found", "exemption-not-movable"),
)
