"""Who acts: the person behind a call, as roster's signed token tells it, and what the rights table lets them do."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from contracts.rights import FIRST, OF_ONESELF, RIGHTS, lies_in
from contracts.token_scopes import READS

from chassis.refusals import Refusal

FRESH = timedelta(seconds=60)


class NotSignedIn(Refusal):
    """Sign in first."""


class Forbidden(Refusal):
    """You do not have the right to do this."""


class TokenTooOld(Refusal):
    """This needs a token younger than one minute; renew the token and try again."""


class SecondFactorNeeded(Refusal):
    """Give the six digits of your authenticator first, or a recovery code."""


class PasswordChangeNeeded(Refusal):
    """Choose a password of your own first."""


class SecondFactorSetupNeeded(Refusal):
    """Your roles need a second factor; set one up first."""


class TokenOutside(Refusal):
    """This access token does not reach this; whoever gave it signs in to do it."""


_FIRST: dict[str, type[Refusal]] = {
    "code": SecondFactorNeeded,
    "password": PasswordChangeNeeded,
    "second_factor": SecondFactorSetupNeeded,
}


@dataclass(frozen=True)
class Grant:
    """A role at one node of the tree and everything below it."""

    role: str
    path: str


@dataclass(frozen=True)
class Actor:
    """A signed-in person with their grants."""

    person_id: UUID
    session_id: UUID
    name: str
    grants: tuple[Grant, ...]
    issued_at: datetime
    expires_at: datetime | None = field(default=None, compare=False)
    first: str | None = None
    """What has to be done before anything else: one of `contracts.rights.FIRST`; None when the sign-in is complete."""
    only: frozenset[str] | None = None
    """The actions that a program's token reaches; None for a person who has signed in."""
    within: str | None = None
    """The part of the tree that a program's token is kept to; its grants are narrowed to it already."""

    def must_be_done_first(self, *doors: str) -> None:
        """Raise what has to be done first, unless one of the doors does that.

        A program's token opens no door of its person's own account that its scope does not name.
        """
        if self.first is not None and FIRST.get(self.first, frozenset()).isdisjoint(doors):
            raise _FIRST.get(self.first, NotSignedIn)()
        if self.only is not None and not OF_ONESELF.isdisjoint(doors) and self.only.isdisjoint(doors):
            raise TokenOutside()

    def reaches(self, action: str) -> bool:
        """Say whether the token extends to an action at all; that of a person who signed in always does."""
        return self.only is None or action in self.only

    def grants_for(self, action: str) -> tuple[Grant, ...]:
        """Return the grants that may count for an action: none when the token does not reach it."""
        return self.grants if self.reaches(action) else ()

    def may(
        self,
        action: str,
        *,
        branch: str | None = None,
        site: str | None = None,
        fund: str | None = None,
        organisation: str | None = None,
        person: UUID | None = None,
    ) -> bool:
        """Say whether one of the grants allows `action` on the subject.

        The subject is named by the paths (and the person) it belongs to; a scope whose subject is not named is not met.
        Raises KeyError for an action that the rights table does not know.
        """
        scopes = RIGHTS[action]
        places = {"branch": branch, "site": site, "fund": fund, "organisation": organisation}
        for grant in self.grants_for(action):
            scope = scopes.get(grant.role)
            if scope is None:
                continue
            if scope == "anywhere":
                # A token that is kept to a part of the tree changes nothing that is everybody's.
                if self.within is None or action in READS:
                    return True
                continue
            if scope == "person":
                if person == self.person_id:
                    return True
                continue
            place = places[scope]
            if place is not None and lies_in(place, grant.path):
                return True
        return False

    def must(
        self,
        action: str,
        *,
        branch: str | None = None,
        site: str | None = None,
        fund: str | None = None,
        organisation: str | None = None,
        person: UUID | None = None,
    ) -> None:
        """Raise Forbidden unless the actor may do `action` on the subject."""
        if not self.may(action, branch=branch, site=site, fund=fund, organisation=organisation, person=person):
            raise Forbidden() if self.reaches(action) else TokenOutside()

    def must_be_fresh(self, at: datetime) -> None:
        """Raise TokenTooOld unless the token was signed in the last 60 seconds; a program's is never fresh."""
        if self.only is not None:
            raise TokenOutside()
        if at - self.issued_at > FRESH:
            raise TokenTooOld()

    def paths(self, *roles: str) -> list[str]:
        """Return the paths at which the actor holds one of the roles."""
        return [grant.path for grant in self.grants if grant.role in roles]

    def paths_for(self, action: str) -> list[str]:
        """Return the paths at which the actor holds a role that may do `action`; none when a program's token does not
        reach it. Who lists what lies there has asked for the right by this."""
        return [grant.path for grant in self.grants_for(action) if grant.role in RIGHTS[action]]
