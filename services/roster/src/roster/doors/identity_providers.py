"""Doors: signing in by an identity provider, and the identities that are bound to accounts."""

from datetime import datetime
from typing import Final

from chassis.actors import Actor
from chassis.doors import command, query
from chassis.guard import Command
from contracts.roster.identity_providers import (
    BeginProviderSignIn,
    BindByPassword,
    BindIdentity,
    FinishProviderSignIn,
    IdentitiesAsked,
    IdentitiesView,
    MyIdentitiesAsked,
    ProvidersAsked,
    ProviderSignInBegun,
    ProviderSignInFinished,
    ProvidersView,
    ProviderView,
    UnbindIdentity,
    UnbindMyIdentity,
)
from contracts.roster.sessions import TokenView

from roster.doors.resources import Doors, IdentityProviders
from roster.doors.sessions import FITS, SIGN_INS, Counter, Signing
from roster.operations import provider_sign_ins
from roster.queries import identity_providers as queries

ASKING: Final = Counter(at_a_time=8, waiting_max=24)
"""A provider that is slow keeps this many calls waiting for it, and no other."""


class IdentityProviderDoors(Doors):
    """Doors: signing in by an identity provider, and the identities that are bound to accounts."""

    signer = Signing()
    providers = IdentityProviders()

    @query(ProvidersAsked, returns=ProvidersView, public=True)
    def identity_providers(self, asked: ProvidersAsked, *, actor: Actor | None, at: datetime) -> ProvidersView:
        """By which providers can one sign in?"""
        return ProvidersView(
            [ProviderView(party.provider.name, party.provider.title) for party in self.providers.parties.values()]
        )

    # A token or a secret is in their answers, so none is stored: a sign-in that is begun twice is begun twice, and one
    # is finished once by its state.

    @command(BeginProviderSignIn, returns=ProviderSignInBegun, public=True, guarded_by="function")
    def begin_provider_sign_in(
        self, asked: BeginProviderSignIn, *, actor: Actor | None, at: datetime, command: Command
    ) -> ProviderSignInBegun:
        """Begin to sign in at a provider."""
        party = self.providers.named(asked.provider)
        with ASKING.turn():
            begun, row = provider_sign_ins.addressed(party)
        provider_sign_ins.keep(self.database.transaction, row, at=at)
        return begun

    @command(FinishProviderSignIn, returns=ProviderSignInFinished, public=True, guarded_by="function")
    def finish_provider_sign_in(
        self, asked: FinishProviderSignIn, *, actor: Actor | None, at: datetime, command: Command
    ) -> ProviderSignInFinished:
        """Sign in with what the provider sent the browser back with."""
        taken = provider_sign_ins.take(self.database.transaction, asked, at=at)
        self.database.commit()
        # While the provider is asked the call holds no connection.
        self.database.close()
        party = self.providers.named(taken.provider)
        with ASKING.turn():
            proof = party.proof(code=asked.code, nonce=taken.nonce, code_verifier=taken.code_verifier, at=at)
        return provider_sign_ins.settle(
            self.database.transaction, asked, proof, party.provider, signer=self.signer, at=at
        )

    @command(BindByPassword, returns=TokenView, public=True, guarded_by="function")
    def bind_by_password(
        self, asked: BindByPassword, *, actor: Actor | None, at: datetime, command: Command
    ) -> TokenView:
        """Bind the identity to one's account by its password, once."""
        with SIGN_INS.turn():
            return self.settled(
                provider_sign_ins.bind_by_password(
                    self.database.transaction, asked, signer=self.signer, at=at, fits=FITS
                )
            )

    @query(MyIdentitiesAsked, returns=IdentitiesView)
    def read_my_identities(self, asked: MyIdentitiesAsked, *, actor: Actor, at: datetime) -> IdentitiesView:
        """By which providers can I sign in?"""
        return queries.of(self.database.transaction, actor.person_id)

    @command(UnbindMyIdentity, returns=IdentitiesView)
    def unbind_my_identity(self, asked: UnbindMyIdentity, *, actor: Actor, at: datetime) -> IdentitiesView:
        """Sign in by a provider no more."""
        return provider_sign_ins.unbind_mine(self.database.transaction, asked, actor=actor, at=at)

    @query(IdentitiesAsked, returns=IdentitiesView)
    def identities(self, asked: IdentitiesAsked, *, actor: Actor, at: datetime) -> IdentitiesView:
        """By which providers can somebody sign in?"""
        return queries.of_somebody(self.database.transaction, asked, actor=actor)

    @command(BindIdentity, returns=IdentitiesView)
    def bind_identity(self, asked: BindIdentity, *, actor: Actor, at: datetime) -> IdentitiesView:
        """Bind what a provider calls somebody to their account."""
        provider = self.providers.named(asked.provider).provider
        return provider_sign_ins.bind(self.database.transaction, asked, provider, actor=actor, at=at)

    @command(UnbindIdentity, returns=IdentitiesView)
    def unbind_identity(self, asked: UnbindIdentity, *, actor: Actor, at: datetime) -> IdentitiesView:
        """End that somebody signs in by a provider."""
        return provider_sign_ins.unbind(self.database.transaction, asked, actor=actor, at=at)
