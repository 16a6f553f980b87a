"""Lights: how branches and members are doing this month, how they stand, and the checks they are made of."""

from contracts.assessment.check_settings import (
    CheckSettingsAsked,
    CheckSettingsView,
    SetCheck,
    SimulateCheck,
    SimulatedMember,
    SimulatedMembersAsked,
    SimulationAsked,
    SimulationView,
)
from contracts.assessment.lights import (
    CorrectedLightView,
    CorrectLight,
    LightAsked,
    LightBoardAsked,
    LightBoardView,
    LightHistoryAsked,
    LightHistoryView,
    LightsAsked,
    LightView,
    MemberLightsAsked,
    MemberLightsView,
    MyLightAsked,
    MyLightView,
)

from gateway.clients import assessment
from gateway.nouns import Many, Noun

lights = Noun("lights")

lights.read(
    "/branches/<uuid:branch_id>/light",
    assessment.lights.light,
    needs=("read_light",),
    takes=LightAsked,
    answers=LightView,
    refusals=("not-found",),
)
lights.read(
    "/branches/<uuid:branch_id>/light-history",
    assessment.lights.light_history,
    needs=("read_light",),
    takes=LightHistoryAsked,
    answers=LightHistoryView,
    refusals=("not-found",),
)
lights.read(
    "/branches/<uuid:branch_id>/member-lights",
    assessment.lights.member_lights,
    needs=("read_member_lights",),
    takes=MemberLightsAsked,
    answers=MemberLightsView,
    refusals=("not-found",),
)
lights.act(
    "/branches/<uuid:branch_id>/light-corrections",
    assessment.lights.correct_light,
    needs=("correct_light",),
    takes=CorrectLight,
    answers=CorrectedLightView,
    status=201,
    refusals=("not-found", "light-not-frozen", "light-same"),
)
lights.read("/me/light", assessment.lights.my_light, needs=("read_my_light",), takes=MyLightAsked, answers=MyLightView)
lights.read(
    "/lights",
    assessment.lights.lights,
    needs=("read_lights",),
    takes=LightsAsked,
    answers=Many(LightView),
    refusals=("not-found",),
)
lights.read(
    "/light-board",
    assessment.lights.light_board,
    needs=("read_light_board",),
    takes=LightBoardAsked,
    answers=LightBoardView,
    refusals=("not-found",),
)
lights.read(
    "/checks",
    assessment.lights.check_settings,
    needs=("read_checks",),
    takes=CheckSettingsAsked,
    answers=CheckSettingsView,
)
lights.act(
    "/checks/<check>/numbers",
    assessment.lights.set_check,
    needs=("set_check",),
    takes=SetCheck,
    answers=CheckSettingsView,
    status=201,
    refusals=("not-found", "rule-version-there"),
)
lights.act(
    "/checks/<check>/simulations",
    assessment.lights.simulate_check,
    needs=("simulate_check",),
    takes=SimulateCheck,
    answers=SimulationView,
    status=202,
    refusals=("not-found", "too-many-simulations"),
)
lights.read(
    "/simulations/<uuid:job_id>",
    assessment.lights.simulation,
    needs=("simulate_check",),
    takes=SimulationAsked,
    answers=SimulationView,
    refusals=("not-found",),
)
lights.read(
    "/simulations/<uuid:job_id>/members",
    assessment.lights.simulated_members,
    needs=("read_member_lights",),
    takes=SimulatedMembersAsked,
    answers=Many(SimulatedMember),
    refusals=("not-found",),
)
