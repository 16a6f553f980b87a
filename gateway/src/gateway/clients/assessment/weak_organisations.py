"""The assessment's doors: the list of weak organisations."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "assessment"


def weak_organisations(fields: Fields, *, who: Holder) -> Answer:
    """List the weak organisations (WeakOrganisationsAsked → Page of WeakEntryView)."""
    return call(SERVICE, "weak_organisations", fields, who=who)


def weak_entries_of(fields: Fields, *, who: Holder) -> Answer:
    """List an organisation's entries in the list of weak ones (WeakEntriesOfAsked → Page of WeakEntryView)."""
    return call(SERVICE, "weak_entries_of", fields, who=who)


def weak_entry(fields: Fields, *, who: Holder) -> Answer:
    """Return an entry of the list of weak organisations (WeakEntryAsked → WeakEntryView)."""
    return call(SERVICE, "weak_entry", fields, who=who)


def propose_weak_organisation(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Propose an organisation for the list of weak ones (ProposeWeakOrganisation → WeakEntryView)."""
    return call(SERVICE, "propose_weak_organisation", fields, who=who, command_id=command_id)


def propose_weak_by_rating(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Propose those that a rating's rules name for the list of weak ones (ProposeWeakByRating → WeakProposalsView)."""
    return call(SERVICE, "propose_weak_by_rating", fields, who=who, command_id=command_id)


def list_weak_organisation(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Put an organisation on the list of weak ones (ListWeakOrganisation → WeakEntryView)."""
    return call(SERVICE, "list_weak_organisation", fields, who=who, command_id=command_id)


def dismiss_weak_organisation(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Decide that an organisation does not belong on the list (DismissWeakOrganisation → WeakEntryView)."""
    return call(SERVICE, "dismiss_weak_organisation", fields, who=who, command_id=command_id)


def add_weak_item(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Add something to mend to an entry (AddWeakItem → WeakEntryView)."""
    return call(SERVICE, "add_weak_item", fields, who=who, command_id=command_id)


def do_weak_item(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Say that an item is mended, with what shows it (DoWeakItem → WeakEntryView)."""
    return call(SERVICE, "do_weak_item", fields, who=who, command_id=command_id)


def accept_weak_item(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Accept what an organisation mended (AcceptWeakItem → WeakEntryView)."""
    return call(SERVICE, "accept_weak_item", fields, who=who, command_id=command_id)


def return_weak_item(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Give an item back (ReturnWeakItem → WeakEntryView)."""
    return call(SERVICE, "return_weak_item", fields, who=who, command_id=command_id)


def release_weak_organisation(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take an organisation off the list of weak ones (ReleaseWeakOrganisation → WeakEntryView)."""
    return call(SERVICE, "release_weak_organisation", fields, who=who, command_id=command_id)
