"""The assessment's doors: inspections and draws."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "assessment"


def inspections(fields: Fields, *, who: Holder) -> Answer:
    """List inspections (InspectionsAsked → Page of InspectionView)."""
    return call(SERVICE, "inspections", fields, who=who)


def inspection(fields: Fields, *, who: Holder) -> Answer:
    """Return an inspection with what it found (InspectionAsked → InspectionView)."""
    return call(SERVICE, "inspection", fields, who=who)


def record_inspection(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write down an inspection with its problems (RecordInspection → InspectionView)."""
    return call(SERVICE, "record_inspection", fields, who=who, command_id=command_id)


def samples(fields: Fields, *, who: Holder) -> Answer:
    """List the draws of supervisions and samplings (SamplesAsked → SamplesView)."""
    return call(SERVICE, "samples", fields, who=who)


def sample(fields: Fields, *, who: Holder) -> Answer:
    """Return a draw with those drawn (SampleAsked → SampleView)."""
    return call(SERVICE, "sample", fields, who=who)


def sample_entries(fields: Fields, *, who: Holder) -> Answer:
    """List all who could be drawn, to repeat the draw (SampleEntriesAsked → Page of SampleEntryView)."""
    return call(SERVICE, "sample_entries", fields, who=who)


def announce_sample(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Announce a draw with its seed (AnnounceSample → SampleView)."""
    return call(SERVICE, "announce_sample", fields, who=who, command_id=command_id)


def draw_sample(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Draw what was announced (DrawSample → SampleView)."""
    return call(SERVICE, "draw_sample", fields, who=who, command_id=command_id)


def close_sample(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Close a draw with its bulletin (CloseSample → SampleView)."""
    return call(SERVICE, "close_sample", fields, who=who, command_id=command_id)
