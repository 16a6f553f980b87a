"""Personal data over time: names for the audit's ids, what is held of me, the purge of those who left."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "roster"


def names_for_audit(fields: Fields, *, who: Holder) -> Answer:
    """Return whom or what ids stand for (NamesAsked → NamesView)."""
    return call(SERVICE, "names_for_audit", fields, who=who)


def held_of_me(fields: Fields, *, who: Holder) -> Answer:
    """Return everything that is held of me (HeldOfMeAsked → HeldOfMe)."""
    return call(SERVICE, "held_of_me", fields, who=who)


def purges(fields: Fields, *, who: Holder) -> Answer:
    """Return rules and reports of the purge (PurgeRulesAsked → PurgesView)."""
    return call(SERVICE, "purges", fields, who=who)


def purge_list(fields: Fields, *, who: Holder) -> Answer:
    """List whose personal data is due to be purged (PurgeListAsked → Page of PurgeCandidate)."""
    return call(SERVICE, "purge_list", fields, who=who)


def set_purge_rule(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Say after how many months data is purged (SetPurgeRule → PurgesView)."""
    return call(SERVICE, "set_purge_rule", fields, who=who, command_id=command_id)


def purge_people(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Purge whoever is due, in the background (PurgePeople → PurgeReportView)."""
    return call(SERVICE, "purge_people", fields, who=who, command_id=command_id)
