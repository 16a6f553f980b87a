"""Doors: lights."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import query
from contracts.assessment.lights import LightAsked, LightsAsked, LightView
from contracts.envelope import Page

from assessment.doors.resources import Doors
from assessment.queries import lights


class LightDoors(Doors):
    """Doors: lights."""

    @query(LightAsked, returns=LightView)
    def light(self, asked: LightAsked, *, actor: Actor, at: datetime) -> LightView:
        return lights.light(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(LightsAsked, returns=Page)
    def lights(self, asked: LightsAsked, *, actor: Actor, at: datetime) -> Page:
        return lights.lights_below(self.database.transaction, asked=asked, actor=actor, at=at)
