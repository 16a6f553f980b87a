"""Who asks, and what their roles let them ask. The services decide for good; the gateway refuses early.

Every view says who may use it, pages and API alike; a test walks the whole URL map and finds one that does not:

    @blueprint.get("/claims")
    @needs("read_claim")                  # one of these actions of contracts.rights.RIGHTS
    def claims(): ...

    @blueprint.get("/map")
    @public
    def district_map(): ...

`current()` is the Identity of the request at hand, from `Authorization: Bearer …` (a person's token, or at the API a
program's, which `gateway.programs` has exchanged) or from the browser's cookie; it is ANONYMOUS when nobody is signed
in. `current().may("place_order")` says whether to draw a button. Inside `@needs`, a browser's token is renewed when it
expires soon, or when the action takes only a fresh one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any, Final, TypeVar, cast
from uuid import UUID

from chassis import clock
from chassis.actors import FRESH, Actor, Forbidden, NotSignedIn, TokenOutside, TokenTooOld
from chassis.refusals import Refusal
from chassis.tokens import Verifier
from contracts.rights import NEEDS_FRESH_TOKEN, OF_ONESELF, RIGHTS
from flask import Flask, current_app, g, request

from gateway import browsers, programs

PUBLIC: Final[frozenset[str]] = frozenset()
"""The rights of a view that is open to everybody."""

RENEW_BEFORE: Final = timedelta(seconds=90)
"""A browser's token is renewed when it is valid for less than this."""
FRESH_ENOUGH: Final = FRESH / 2
"""An action on money renews a browser's token that is older than this, so that it is fresh when it arrives."""

_EXTENSION: Final = "zhendi.verifier"
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Identity:
    """The person who asks, with the token that says so."""

    actor: Actor | None = None
    token: str | None = None
    by_cookie: bool = False

    @property
    def is_signed_in(self) -> bool:
        """Say whether somebody is signed in."""
        return self.actor is not None

    @property
    def person_id(self) -> UUID | None:
        """The person's id."""
        return self.actor.person_id if self.actor else None

    @property
    def name(self) -> str:
        """The person's name; empty when nobody is signed in."""
        return self.actor.name if self.actor else ""

    @property
    def roles(self) -> frozenset[str]:
        """The roles that the person holds anywhere."""
        return frozenset(grant.role for grant in self.actor.grants) if self.actor else frozenset()

    def may(self, action: str, **subject: Any) -> bool:
        """Say whether one of the roles has the right to `action` on the subject (`site=path` …), or somewhere.

        Only for what is shown: the service decides.
        """
        allowed = RIGHTS[action]
        if self.actor is None or not self.actor.reaches(action):
            return False
        if subject:
            return self.actor.may(action, **subject)
        return action in OF_ONESELF or any(grant.role in allowed for grant in self.actor.grants)


ANONYMOUS: Final = Identity()


def register(app: Flask, verifier: Verifier) -> None:
    """Make the app verify tokens; templates can call `current_identity()`."""
    app.extensions[_EXTENSION] = verifier
    app.jinja_env.globals["current_identity"] = current


def current() -> Identity:
    """Return who asks; raises NotSignedIn for an Authorization header that does not hold a valid token."""
    identity: Identity | None = g.get("identity")
    if identity is None:
        given = request.headers.get("Authorization")
        identity = g.identity = _bearer(given) if given else _of_browser()
    return identity


def must(*actions: str) -> Identity:
    """Return who asks, when they have a right to one of `actions` somewhere.

    Raises NotSignedIn, CsrfFailed, Forbidden, TokenOutside, TokenTooOld, and what has to be done before a sign-in is
    complete.
    """
    identity = current()
    if identity.actor is None:
        raise NotSignedIn()
    if identity.by_cookie:
        browsers.must_come_from_our_form()
    identity.actor.must_be_done_first(*actions)
    if not any(identity.may(action) for action in actions):
        raise Forbidden() if any(identity.actor.reaches(action) for action in actions) else TokenOutside()
    if not NEEDS_FRESH_TOKEN.isdisjoint(actions):
        identity = _fresh(identity)
    return identity


def needs(*actions: str) -> Callable[[View], View]:
    """Let a view run only for a person with a right to one of the actions."""
    unknown = [action for action in actions if action not in RIGHTS]
    if unknown or not actions:
        raise ValueError(f"contracts.rights does not know {unknown or 'an action without a name'}")

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            must(*actions)
            return view(*args, **kwargs)

        guarded.rights = frozenset(actions)  # type: ignore[attr-defined]
        return cast(View, guarded)

    return decorate


def public(view: View) -> View:
    """Let everybody use a view."""
    view.rights = PUBLIC  # type: ignore[attr-defined]
    return view


def rights_of(view: Callable[..., Any]) -> frozenset[str] | None:
    """Return the actions of which a view asks for one, PUBLIC, or None when it never said."""
    return getattr(view, "rights", None)


def _bearer(header: str) -> Identity:
    kind, _, token = header.partition(" ")
    if kind.lower() != "bearer":
        raise NotSignedIn()
    token = token.strip()
    if programs.is_programs(token):
        if not request.path.startswith("/api/"):
            raise NotSignedIn()
        token = programs.current_programs().exchanged(token)
    return Identity(actor=_verifier().actor(token, at=clock.now()), token=token)


def _of_browser() -> Identity:
    if not browsers.has_token():
        return ANONYMOUS
    token, at = browsers.kept().token or "", clock.now()
    try:
        actor = _verifier().actor(token, at=at, lenient=True)
    except NotSignedIn:
        browsers.keep(None)
        return ANONYMOUS
    if actor.expires_at is None or actor.expires_at - at > RENEW_BEFORE:
        return Identity(actor=actor, token=token, by_cookie=True)
    try:
        renewed = browsers.renew()
    except Refusal:
        # Roster does not answer. The services take a token a little past its expiry for reading.
        return Identity(actor=actor, token=token, by_cookie=True)
    if renewed is None:
        return ANONYMOUS
    return Identity(actor=_verifier().actor(renewed, at=at), token=renewed, by_cookie=True)


def _fresh(identity: Identity) -> Identity:
    """Return the identity with a token young enough for money; raises TokenTooOld."""
    at = clock.now()
    assert identity.actor is not None
    age = at - identity.actor.issued_at
    if not identity.by_cookie:
        if age > FRESH:
            raise TokenTooOld()
        return identity
    if age <= FRESH_ENOUGH:
        return identity
    renewed = browsers.renew()
    if renewed is None:
        g.identity = ANONYMOUS
        raise NotSignedIn()
    g.identity = Identity(actor=_verifier().actor(renewed, at=clock.now()), token=renewed, by_cookie=True)
    return cast(Identity, g.identity)


def _verifier() -> Verifier:
    return cast(Verifier, current_app.extensions[_EXTENSION])
