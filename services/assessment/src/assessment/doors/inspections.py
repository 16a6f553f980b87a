"""Doors: inspections, and the draws of whom they go to."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.assessment.inspections import (
    AnnounceSample,
    CloseSample,
    DrawSample,
    InspectionAsked,
    InspectionsAsked,
    InspectionView,
    RecordInspection,
    SampleAsked,
    SampleEntriesAsked,
    SamplesAsked,
    SamplesView,
    SampleView,
)
from contracts.envelope import Page

from assessment.doors.resources import Doors
from assessment.operations import inspections, samples
from assessment.queries import inspections as shown
from assessment.queries import samples as drawn


class InspectionDoors(Doors):
    """Doors: inspections, and the draws of whom they go to."""

    @query(InspectionsAsked, returns=Page)
    def inspections(self, asked: InspectionsAsked, *, actor: Actor, at: datetime) -> Page:
        return shown.inspections_asked(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(InspectionAsked, returns=InspectionView)
    def inspection(self, asked: InspectionAsked, *, actor: Actor, at: datetime) -> InspectionView:
        return shown.inspection(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(RecordInspection, returns=InspectionView)
    def record_inspection(self, asked: RecordInspection, *, actor: Actor, at: datetime) -> InspectionView:
        return inspections.record(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(SamplesAsked, returns=SamplesView)
    def samples(self, asked: SamplesAsked, *, actor: Actor, at: datetime) -> SamplesView:
        return drawn.samples_asked(self.database.transaction, asked=asked, actor=actor)

    @query(SampleAsked, returns=SampleView)
    def sample(self, asked: SampleAsked, *, actor: Actor, at: datetime) -> SampleView:
        return drawn.sample(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(SampleEntriesAsked, returns=Page)
    def sample_entries(self, asked: SampleEntriesAsked, *, actor: Actor, at: datetime) -> Page:
        return drawn.entries(self.database.transaction, asked=asked, actor=actor)

    @command(AnnounceSample, returns=SampleView)
    def announce_sample(self, asked: AnnounceSample, *, actor: Actor, at: datetime) -> SampleView:
        return samples.announce(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(DrawSample, returns=SampleView)
    def draw_sample(self, asked: DrawSample, *, actor: Actor, at: datetime) -> SampleView:
        return samples.draw(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(CloseSample, returns=SampleView)
    def close_sample(self, asked: CloseSample, *, actor: Actor, at: datetime) -> SampleView:
        return samples.close(self.database.transaction, asked=asked, actor=actor, at=at)
