"""The way to membership."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "roster"


def developments(fields: Fields, *, who: Holder) -> Answer:
    """List who is on the way to membership (DevelopmentsAsked → Page of DevelopmentView)."""
    return call(SERVICE, "developments", fields, who=who)


def development(fields: Fields, *, who: Holder) -> Answer:
    """Return where somebody stands on the way (DevelopmentAsked → DevelopmentView)."""
    return call(SERVICE, "development", fields, who=who)


def member_rules(fields: Fields, *, who: Holder) -> Answer:
    """List the regulation's periods (RulesAsked → Page of RuleView)."""
    return call(SERVICE, "member_rules", fields, who=who)


def enter_applicant(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Enter somebody who applied (EnterApplicant → DevelopmentView)."""
    return call(SERVICE, "enter_applicant", fields, who=who, command_id=command_id)


def record_step(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write down a step that was done (RecordStep → DevelopmentView)."""
    return call(SERVICE, "record_step", fields, who=who, command_id=command_id)


def strike_step(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Strike out a step entered by mistake (StrikeStep → DevelopmentView)."""
    return call(SERVICE, "strike_step", fields, who=who, command_id=command_id)


def advance_stage(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take the next stage (AdvanceStage → DevelopmentView)."""
    return call(SERVICE, "advance_stage", fields, who=who, command_id=command_id)


def extend_probation(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Extend a probation (ExtendProbation → DevelopmentView)."""
    return call(SERVICE, "extend_probation", fields, who=who, command_id=command_id)


def end_development(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Say that somebody goes no further (EndDevelopment → DevelopmentView)."""
    return call(SERVICE, "end_development", fields, who=who, command_id=command_id)
