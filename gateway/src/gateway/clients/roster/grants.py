"""Roles that are granted, and the policy of signing in."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "roster"


def grants(fields: Fields, *, who: Holder) -> Answer:
    """List the grants of a part of the tree (GrantsAsked → Page of GrantRecord)."""
    return call(SERVICE, "grants", fields, who=who)


def grant_role(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Grant a role for some days (GrantRole → GrantRecord)."""
    return call(SERVICE, "grant_role", fields, who=who, command_id=command_id)


def end_grant(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """End a grant; it stays on record (EndGrant → GrantRecord)."""
    return call(SERVICE, "end_grant", fields, who=who, command_id=command_id)


def sign_in_policy(fields: Fields, *, who: Holder) -> Answer:
    """Return the policy of signing in (SignInPolicyAsked → SignInPoliciesView)."""
    return call(SERVICE, "sign_in_policy", fields, who=who)


def set_sign_in_policy(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Set the policy of signing in from a day on (SetSignInPolicy → SignInPoliciesView)."""
    return call(SERVICE, "set_sign_in_policy", fields, who=who, command_id=command_id)
