"""Doors: accounts, and the people they are opened for."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.envelope import Page
from contracts.roster.accounts import (
    AccountAsked,
    AccountRecord,
    AccountsAsked,
    AccountStep,
    AccountView,
    FirstPassword,
    OpenAccount,
    PeopleAsked,
)
from contracts.roster.sessions import SessionsEnded

from roster.doors.resources import Doors
from roster.doors.sessions import HASHED
from roster.operations import accounts
from roster.queries import accounts as queries


class AccountDoors(Doors):
    """Doors: accounts, and the people they are opened for."""

    @query(PeopleAsked, returns=Page)
    def find_people(self, asked: PeopleAsked, *, actor: Actor, at: datetime) -> Page:
        """People whose name or user name begins so."""
        return queries.people(self.database.transaction, asked, actor=actor)

    @query(AccountsAsked, returns=Page)
    def accounts(self, asked: AccountsAsked, *, actor: Actor, at: datetime) -> Page:
        """The accounts of a part of the tree."""
        return queries.page(self.database.transaction, asked, actor=actor)

    @query(AccountAsked, returns=AccountRecord)
    def account(self, asked: AccountAsked, *, actor: Actor, at: datetime) -> AccountRecord:
        """One account."""
        return queries.record(self.database.transaction, asked, actor=actor, at=at)

    @command(OpenAccount, returns=FirstPassword, shows_once=True)
    def open_account(self, asked: OpenAccount, *, actor: Actor, at: datetime) -> FirstPassword:
        """Open an account for a person."""
        return accounts.open_account(self.database.transaction, asked, actor=actor, at=at, hashed=HASHED)

    @command(AccountStep, returns=FirstPassword, shows_once=True)
    def reset_password(self, asked: AccountStep, *, actor: Actor, at: datetime) -> FirstPassword:
        """Give a first password anew."""
        return accounts.reset_password(self.database.transaction, asked, actor=actor, at=at, hashed=HASHED)

    @command(AccountStep, returns=AccountView)
    def lock_account(self, asked: AccountStep, *, actor: Actor, at: datetime) -> AccountView:
        """Lock an account."""
        return accounts.move(self.database.transaction, asked, "lock", actor=actor, at=at)

    @command(AccountStep, returns=AccountView)
    def unlock_account(self, asked: AccountStep, *, actor: Actor, at: datetime) -> AccountView:
        """Unlock an account."""
        return accounts.move(self.database.transaction, asked, "unlock", actor=actor, at=at)

    @command(AccountStep, returns=AccountView)
    def close_account(self, asked: AccountStep, *, actor: Actor, at: datetime) -> AccountView:
        """Close an account."""
        return accounts.move(self.database.transaction, asked, "close", actor=actor, at=at)

    @command(AccountStep, returns=AccountView)
    def take_second_factor(self, asked: AccountStep, *, actor: Actor, at: datetime) -> AccountView:
        """Forget the second factor of somebody who lost it."""
        return accounts.remove_second_factor(self.database.transaction, asked, actor=actor, at=at)

    @command(AccountStep, returns=SessionsEnded)
    def end_sessions(self, asked: AccountStep, *, actor: Actor, at: datetime) -> SessionsEnded:
        """Sign a person out everywhere."""
        return accounts.end_sessions(self.database.transaction, asked, actor=actor, at=at)
