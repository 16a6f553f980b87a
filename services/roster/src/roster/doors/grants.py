"""Doors: roles that are granted, and the policy of signing in."""

from datetime import datetime

from chassis import clock
from chassis.actors import Actor
from chassis.doors import command, query
from contracts.envelope import Page
from contracts.roster.grants import EndGrant, GrantRecord, GrantRole, GrantsAsked
from contracts.roster.sign_in_policies import SetSignInPolicy, SignInPoliciesView, SignInPolicyAsked

from roster.doors.resources import Doors
from roster.operations import grants, sign_in_policies
from roster.queries import grants as grant_queries
from roster.queries import sign_in_policies as policy_queries


class GrantDoors(Doors):
    """Doors: roles that are granted, and the policy of signing in."""

    @query(GrantsAsked, returns=Page)
    def grants(self, asked: GrantsAsked, *, actor: Actor, at: datetime) -> Page:
        """The grants of a part of the tree."""
        return grant_queries.page(self.database.transaction, asked, actor=actor, on=clock.today(at))

    @command(GrantRole, returns=GrantRecord)
    def grant_role(self, asked: GrantRole, *, actor: Actor, at: datetime) -> GrantRecord:
        """Grant a role."""
        return grants.grant(self.database.transaction, asked, actor=actor, at=at)

    @command(EndGrant, returns=GrantRecord)
    def end_grant(self, asked: EndGrant, *, actor: Actor, at: datetime) -> GrantRecord:
        """End a grant."""
        return grants.end(self.database.transaction, asked, actor=actor, at=at)

    @query(SignInPolicyAsked, returns=SignInPoliciesView)
    def sign_in_policy(self, asked: SignInPolicyAsked, *, actor: Actor, at: datetime) -> SignInPoliciesView:
        """The policy of signing in."""
        return policy_queries.all_rows(self.database.transaction, actor=actor, on=clock.today(at))

    @command(SetSignInPolicy, returns=SignInPoliciesView)
    def set_sign_in_policy(self, asked: SetSignInPolicy, *, actor: Actor, at: datetime) -> SignInPoliciesView:
        """Set the policy of signing in."""
        return sign_in_policies.set_policy(self.database.transaction, asked, actor=actor, at=at)
