"""The tree and its findings."""

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "roster"


def organisations(fields: Fields, *, who: Holder) -> Answer:
    """List organisations (OrganisationsAsked → Page of OrganisationView)."""
    return call(SERVICE, "organisations", fields, who=who)


def organisation(fields: Fields, *, who: Holder) -> Answer:
    """Return one organisation (OrganisationAsked → OrganisationView)."""
    return call(SERVICE, "organisation", fields, who=who)


def findings(fields: Fields, *, who: Holder) -> Answer:
    """Return the setting rules that an organisation breaks (OrganisationAsked → FindingsView)."""
    return call(SERVICE, "findings", fields, who=who)
