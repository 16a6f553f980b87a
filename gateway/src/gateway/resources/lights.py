"""Lights: how a branch is doing this month."""

from contracts.assessment.lights import LightAsked, LightsAsked, LightView

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
lights.read("/lights", assessment.lights.lights, needs=("read_lights",), takes=LightsAsked, answers=Many(LightView))
