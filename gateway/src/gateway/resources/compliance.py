"""The compliance switch: what holds from which day on."""

from contracts.assessment.compliance import ComplianceAsked, ComplianceView, SetCompliance

from gateway.clients import assessment
from gateway.nouns import Noun

compliance = Noun("compliance")

compliance.read(
    "/compliance",
    assessment.compliance.compliance,
    needs=("read_compliance",),
    takes=ComplianceAsked,
    answers=ComplianceView,
)
compliance.act(
    "/compliance",
    assessment.compliance.set_compliance,
    needs=("set_compliance",),
    takes=SetCompliance,
    answers=ComplianceView,
    status=201,
)
