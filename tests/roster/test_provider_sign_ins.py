"""Signing in by an OpenID provider that really runs: there, back, bound by a proof, and what a crooked one tries."""

import base64
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from chassis import clock, personal
from chassis.actors import Forbidden, PasswordChangeNeeded, SecondFactorNeeded, TokenTooOld
from chassis.config import ConfigFaults
from chassis.refusals import NotFound, Refusal
from contracts.roster.identity_providers import (
    BindByPassword,
    BindIdentity,
    FinishProviderSignIn,
    UnbindIdentity,
    UnbindMyIdentity,
)
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from roster.domain.attempts import AccountNotOpen, TooManyAttempts, WrongCode, WrongCredentials
from roster.domain.identity_providers import (
    IdentityBound,
    ProviderAway,
    ProviderNotProved,
    SignInNotBegun,
    is_safe,
)
from roster.operations import accounts, provider_sign_ins, sessions
from roster.operations.accounts import NewGrant, grant_all
from roster.providers import Providers, providers_in
from roster.queries import identity_providers as queries
from roster.relying_party import KEYS_ASKED_EVERY_S, RelyingParty
from sqlalchemy import Connection, Engine, text

from tests.articles import an_actor
from tests.races import at_once
from tests.roster.factories import a_branch, a_committee, a_member, an_account, path_of
from tests.roster.oidc import OpenIdProvider, described, running_provider

pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")
REDIRECT = "https://zhendi.example/sign-in/with/gov/callback"


@pytest.fixture(scope="session")
def running() -> Iterator[OpenIdProvider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(running: OpenIdProvider) -> Iterator[OpenIdProvider]:
    running.straighten()
    yield running
    running.straighten()


@pytest.fixture
def party(provider: OpenIdProvider) -> RelyingParty:
    return RelyingParty(described(provider, trusted_amr=frozenset({"otp"})), redirect_uri=REDIRECT)


def begins(db: Connection, party: RelyingParty, *, at=None):
    begun, row = provider_sign_ins.addressed(party)
    provider_sign_ins.keep(db, row, at=at or clock.now())
    return begun


def comes_back(db: Connection, party: RelyingParty, provider: OpenIdProvider, subject: str) -> FinishProviderSignIn:
    begun = begins(db, party)
    back = provider.signs_in(begun.address, subject)
    assert back["state"] == begun.state
    return FinishProviderSignIn(code=back["code"], state=back["state"], binding=begun.binding, device="Chrome")


def finishes(db: Connection, party: RelyingParty, asked: FinishProviderSignIn, signer):
    """What the door does."""
    at = clock.now()
    taken = provider_sign_ins.take(db, asked, at=at)
    proof = party.proof(code=asked.code, nonce=taken.nonce, code_verifier=taken.code_verifier, at=at)
    return provider_sign_ins.settle(db, asked, proof, party.provider, signer=signer, at=at)


def binds(db: Connection, ticket: str, signer, *, username="wang", password="right", code=""):  # noqa: S107
    asked = BindByPassword(ticket, username, password, code)
    return provider_sign_ins.bind_by_password(db, asked, signer=signer, at=clock.now())


def bound(db: Connection, party: RelyingParty, provider: OpenIdProvider, signer, subject: str = "g-1"):
    """Somebody who has signed in by the provider once."""
    person = an_account(db)
    finished = finishes(db, party, comes_back(db, party, provider, subject), signer)
    return person, binds(db, finished.ticket, signer)


class TestTheWayThereAndBack:
    def test_the_address_has_all_that_is_needed_and_no_secret(self, db, party, provider):
        begun = begins(db, party)
        assert begun.address.startswith(f"{provider.issuer}/oauth2/authorize?")
        for part in ("code_challenge=", "code_challenge_method=S256", "nonce=", "scope=openid", "client_id=zhendi"):
            assert part in begun.address
        row = db.execute(text("SELECT * FROM provider_sign_ins")).one()
        assert row.code_verifier not in begun.address
        for secret in (begun.state, begun.binding):
            assert secret not in str(row)

    def test_first_a_password_then_never_again(self, db, party, provider, signer, verifier):
        person, token = bound(db, party, provider, signer)
        assert verifier.actor(token.access_token, at=clock.now()).person_id == person
        again = finishes(db, party, comes_back(db, party, provider, "g-1"), signer)
        assert again.ticket is None
        actor = verifier.actor(again.token.access_token, at=clock.now())
        assert (actor.person_id, again.token.first) == (person, None)
        assert queries.of(db, person).identities[0].last_used_at is not None
        renewed = sessions.renew(db, actor=actor, signer=signer, at=clock.now())
        assert renewed.first is None

    def test_another_subject_with_the_same_address_and_name_is_nobody(self, db, party, provider, signer):
        """Of an e-mail address, verified or not, and of names nothing is believed."""
        bound(db, party, provider, signer, "g-1")
        provider.alters = lambda claims: {
            **claims,
            **{"email": "wang@gov.example", "email_verified": True, "name": "王建国", "preferred_username": "wang"},
        }
        other = finishes(db, party, comes_back(db, party, provider, "g-2"), signer)
        assert (other.token, bool(other.ticket)) == (None, True)

    def test_signing_out_leads_to_the_provider_too(self, db, party, provider, signer, verifier):
        _, token = bound(db, party, provider, signer)
        came_by = sessions.close(db, actor=verifier.actor(token.access_token, at=clock.now()), at=clock.now())
        assert came_by == "gov"
        providers = Providers([party.provider], public_url="https://zhendi.example")
        address = providers.sign_out_address(came_by)
        assert address.startswith(f"{provider.issuer}/oauth2/end_session?client_id=zhendi&post_logout_redirect_uri=")
        assert providers.sign_out_address(None) is None
        provider.is_away = True
        assert Providers([party.provider], public_url="https://zhendi.example").sign_out_address("gov") is None


class TestWhatComesBackWrong:
    @pytest.mark.parametrize("what", ["state", "binding", "both"])
    def test_a_forged_state_or_another_browser(self, db, party, provider, signer, what):
        asked = comes_back(db, party, provider, "g-1")
        forged = {**asked.__dict__, **{name: "x" * 43 for name in ("state", "binding") if what in (name, "both")}}
        with pytest.raises(SignInNotBegun):
            finishes(db, party, FinishProviderSignIn(**forged), signer)
        # Nothing was asked of the provider, and the right browser can still come back.
        assert "/oauth2/token" not in provider.asked
        assert finishes(db, party, asked, signer).ticket

    def test_a_code_of_another_sign_in(self, db, party, provider, signer):
        """Login by somebody else's code: it belongs to another proof key."""
        mine, theirs = (comes_back(db, party, provider, subject) for subject in ("g-1", "g-2"))
        mixed = FinishProviderSignIn(code=theirs.code, state=mine.state, binding=mine.binding)
        with pytest.raises(ProviderNotProved):
            finishes(db, party, mixed, signer)

    def test_twice(self, db, party, provider, signer):
        asked = comes_back(db, party, provider, "g-1")
        finishes(db, party, asked, signer)
        with pytest.raises(SignInNotBegun):
            finishes(db, party, asked, signer)

    def test_a_code_that_was_used(self, db, party, provider, signer):
        first = comes_back(db, party, provider, "g-1")
        finishes(db, party, first, signer)
        second = begins(db, party)
        with pytest.raises(ProviderNotProved):
            finishes(
                db, party, FinishProviderSignIn(code=first.code, state=second.state, binding=second.binding), signer
            )

    def test_too_late(self, db, party, provider, signer):
        begun = begins(db, party, at=clock.now() - timedelta(minutes=11))
        back = provider.signs_in(begun.address, "g-1")
        with pytest.raises(SignInNotBegun):
            finishes(db, party, FinishProviderSignIn(back["code"], back["state"], begun.binding), signer)
        assert provider_sign_ins.sweep(db, at=clock.now()) == 1

    @pytest.mark.parametrize(
        "changed",
        [
            {"nonce": "another"},
            {"nonce": None},
            {"aud": "somebody-else"},
            {"aud": ["somebody-else", "zhendi"], "azp": "somebody-else"},
            {"aud": None},
            {"iss": "https://evil.example"},
            {"exp": -300},
            {"exp": None},
            {"iat": 600},
            {"sub": None},
            {"sub": ""},
            {"sub": ["g-1"]},
            {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        ],
        ids=str,
    )
    def test_an_id_token_that_says_something_else(self, db, party, provider, signer, changed):
        bound(db, party, provider, signer, "g-1")
        now = int(time.time())

        def alter(claims: dict[str, Any]) -> dict[str, Any]:
            told = {name: now + value if name in ("exp", "iat") and value else value for name, value in changed.items()}
            return {name: value for name, value in {**claims, **told}.items() if value is not None}

        provider.alters = alter
        with pytest.raises(ProviderNotProved):
            finishes(db, party, comes_back(db, party, provider, "g-1"), signer)

    def test_within_the_clocks_difference_is_taken(self, db, party, provider, signer):
        now = int(time.time())
        provider.alters = lambda claims: {**claims, "iat": now + 60, "exp": now - 60}
        assert finishes(db, party, comes_back(db, party, provider, "g-1"), signer).ticket

    @pytest.mark.parametrize("how", ["none", "hs256", "own key", "nonsense"])
    def test_an_id_token_that_the_provider_did_not_sign(self, db, party, provider, signer, how):
        bound(db, party, provider, signer, "g-1")

        def plain(part: dict[str, Any]) -> str:
            return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()

        kid = json.loads(base64.urlsafe_b64decode(provider.signed({}).split(".")[0] + "=="))["kid"]
        forged = {
            "none": lambda claims: f"{plain({'alg': 'none', 'kid': kid})}.{plain(claims)}.",
            # The public key, or the client's secret, taken for a shared one.
            "hs256": lambda claims: jwt.encode({"alg": "HS256"}, claims, OctKey.import_key("known to both" * 3)),
            "own key": lambda claims: jwt.encode({"alg": "RS256", "kid": kid}, claims, RSAKey.generate_key(2048)),
            "nonsense": lambda claims: "a.b.c",
        }
        provider.writes = forged[how]
        with pytest.raises(ProviderNotProved):
            finishes(db, party, comes_back(db, party, provider, "g-1"), signer)

    def test_a_new_key_is_fetched_and_not_at_each_nonsense(self, db, party, provider, signer, monkeypatch):
        bound(db, party, provider, signer, "g-1")
        provider.rotate()
        with pytest.raises(ProviderNotProved):  # the keys were asked for a moment ago
            finishes(db, party, comes_back(db, party, provider, "g-1"), signer)
        party._keys_at -= KEYS_ASKED_EVERY_S
        assert finishes(db, party, comes_back(db, party, provider, "g-1"), signer).token
        provider.asked.clear()
        provider.writes = lambda claims: "a.b.c"
        for _ in range(3):
            with pytest.raises(ProviderNotProved):
                finishes(db, party, comes_back(db, party, provider, "g-1"), signer)
        assert provider.asked.count("/jwks") == 0

    def test_a_provider_that_is_away(self, db, party, provider, signer):
        asked = comes_back(db, party, provider, "g-1")
        provider.is_away = True
        with pytest.raises(Refusal) as told:
            finishes(db, party, asked, signer)
        assert isinstance(told.value, (ProviderAway, ProviderNotProved))
        with pytest.raises(ProviderAway):
            begins(db, RelyingParty(party.provider, redirect_uri=REDIRECT))
        gone = RelyingParty(described(provider, issuer="http://127.0.0.1:9"), redirect_uri=REDIRECT)
        with pytest.raises(ProviderAway):
            begins(db, gone)

    def test_a_discovery_document_of_another_issuer(self, db, provider):
        other = RelyingParty(described(provider, issuer=provider.issuer + "/"), redirect_uri=REDIRECT)
        with pytest.raises(ProviderAway):
            begins(db, other)


class TestTheProof:
    def ticket(self, db, party, provider, signer, subject="g-1"):
        return finishes(db, party, comes_back(db, party, provider, subject), signer).ticket

    def test_a_wrong_password_is_counted_as_at_the_sign_in(self, db, party, provider, signer):
        an_account(db)
        ticket = self.ticket(db, party, provider, signer)
        for username in ("wang", "nobody"):
            told = [type(binds(db, ticket, signer, username=username, password="wrong")) for _ in range(5)]
            assert told == [WrongCredentials] * 4 + [TooManyAttempts]
        assert db.execute(text("SELECT count(*) FROM external_identities")).scalar_one() == 0

    def test_who_knows_the_password_alone_does_not_get_round_the_second_factor(self, db, party, provider, signer):
        person = an_account(db)
        db.execute(
            text(
                "INSERT INTO second_factors (person_id, sealed_secret, made_at, confirmed_at)"
                " SELECT :person, :sealed, now(), now()"
            ),
            {"person": person, "sealed": personal.seal("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")},
        )
        ticket = self.ticket(db, party, provider, signer)
        with pytest.raises(SecondFactorNeeded):
            binds(db, ticket, signer)
        assert isinstance(binds(db, ticket, signer, code="000000"), WrongCode)
        assert queries.of(db, person).identities == []

    def test_not_with_a_password_that_an_administrator_saw(self, db, party, provider, signer):
        person = an_account(db)
        db.execute(text("UPDATE accounts SET must_change = true WHERE person_id = :person"), {"person": person})
        with pytest.raises(PasswordChangeNeeded):
            binds(db, self.ticket(db, party, provider, signer), signer)

    def test_a_ticket_is_good_once_and_for_one_account(self, db, party, provider, signer):
        an_account(db)
        an_account(db, username="li", name="李明")
        ticket = self.ticket(db, party, provider, signer)
        binds(db, ticket, signer)
        with pytest.raises(SignInNotBegun):
            binds(db, ticket, signer, username="li")
        with pytest.raises(IdentityBound):
            binds(db, self.ticket(db, party, provider, signer, "g-2"), signer)

    @pytest.mark.parametrize(("amr", "first"), [(["pwd"], "second_factor"), (["pwd", "otp"], None)])
    def test_the_second_factor_of_a_trusted_provider_counts(self, db, party, provider, signer, *, amr, first):
        person, _ = bound(db, party, provider, signer)
        grant_all(db, [NewGrant(person, "preparer", a_committee(db))], at=clock.now())
        provider.alters = lambda claims: {**claims, "amr": amr}
        finished = finishes(db, party, comes_back(db, party, provider, "g-1"), signer)
        assert finished.token.first == first

    def test_a_closed_account_is_not_entered(self, db, party, provider, signer):
        bound(db, party, provider, signer)
        db.execute(text("UPDATE accounts SET state = 'locked'"))
        with pytest.raises(AccountNotOpen):
            finishes(db, party, comes_back(db, party, provider, "g-1"), signer)


class TestByAnAdministrator:
    def test_binds_and_ends_in_their_part_with_a_fresh_token(self, db, party, provider, signer):
        town = a_committee(db, parent=a_committee(db))
        person = a_member(db, branch=a_branch(db, parent=town))
        accounts.open_accounts(db, [accounts.NewAccount(person, "li", "x")], at=clock.now())
        path, now = path_of(db, town), clock.now()
        asked = BindIdentity(person, "gov", "g-7", "新任")
        refused = (
            (an_actor(("admin", path), at=now - timedelta(seconds=61)), TokenTooOld),
            (an_actor(("admin", "elsewhere"), at=now), NotFound),
            (an_actor(("officer", path), at=now), Forbidden),
        )
        for nobody, refusal in refused:
            with pytest.raises(refusal):
                provider_sign_ins.bind(db, asked, party.provider, actor=nobody, at=now)
        admin = an_actor(("admin", path), at=now)
        (identity,) = provider_sign_ins.bind(db, asked, party.provider, actor=admin, at=now).identities
        assert finishes(db, party, comes_back(db, party, provider, "g-7"), signer).token
        with pytest.raises(NotFound):
            provider_sign_ins.unbind_mine(db, UnbindMyIdentity(identity.id), actor=an_actor(), at=now)
        ended = provider_sign_ins.unbind(db, UnbindIdentity(person, identity.id, "离岗"), actor=admin, at=now)
        assert ended.identities == []
        alive = db.execute(text("SELECT count(*) FROM sessions WHERE ended_at IS NULL")).scalar_one()
        assert alive == 0
        moves = db.execute(text("SELECT move FROM account_moves WHERE person_id = :p ORDER BY id"), {"p": person})
        assert [move for (move,) in moves] == ["bind_identity", "unbind_identity"]


class TestRaces:
    def test_two_who_come_back_with_one_state(self, database: Engine, party, provider, signer):
        with database.begin() as db:
            asked = comes_back(db, party, provider, f"g-{uuid4()}")

        def finish() -> str:
            with database.begin() as db:
                provider_sign_ins.take(db, asked, at=clock.now())
            return "taken"

        assert sorted(at_once([finish] * 4)) == ["sign-in-not-begun"] * 3 + ["taken"]

    def test_two_who_bind_one_ticket(self, database: Engine, party, provider, signer):
        subject = f"g-{uuid4()}"
        with database.begin() as db:
            an_account(db, username="wang")
            an_account(db, username="li", name="李明")
            ticket = finishes(db, party, comes_back(db, party, provider, subject), signer).ticket

        def bind(username: str) -> str:
            with database.begin() as db:
                return type(binds(db, ticket, signer, username=username)).__name__

        told = at_once([lambda: bind("wang"), lambda: bind("li")])
        assert sorted(told) == ["TokenView", "sign-in-not-begun"]
        with database.connect() as db:
            assert db.execute(text("SELECT count(*) FROM external_identities")).scalar_one() == 1


class TestSettings:
    GOOD = {  # noqa: RUF012
        "PUBLIC_URL": "https://zhendi.example/",
        "OIDC_PROVIDERS": "gov",
        "OIDC_GOV_ISSUER": "https://id.example",
        "OIDC_GOV_CLIENT_ID": "zhendi",
        "OIDC_GOV_CLIENT_SECRET": "s",
        "OIDC_GOV_TRUSTED_AMR": "otp hwk",
    }

    def test_are_read_and_off_by_default(self):
        assert providers_in({}).parties == {}
        (party,) = providers_in(self.GOOD).parties.values()
        assert party.redirect_uri == "https://zhendi.example/sign-in/with/gov/callback"
        assert party.provider.trusted_amr == {"otp", "hwk"}
        assert party.provider.title == "gov"

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("PUBLIC_URL", ""),
            ("PUBLIC_URL", "http://zhendi.example"),
            ("OIDC_GOV_ISSUER", "http://169.254.169.254"),
            ("OIDC_GOV_ISSUER", "file:///etc/passwd"),
            ("OIDC_GOV_CLIENT_SECRET", ""),
            ("OIDC_GOV_CERTIFICATES", "/nowhere.pem"),
            ("OIDC_PROVIDERS", "gov,Über"),
        ],
    )
    def test_are_refused_at_the_start(self, name, value):
        with pytest.raises(ConfigFaults):
            providers_in({**self.GOOD, name: value})

    @pytest.mark.parametrize(
        ("address", "safe"),
        [("https://a.example/x", True), ("http://127.0.0.1:1", True), ("http://a.example", False), ("//a", False)],
    )
    def test_an_address_is_over_tls_or_here(self, address, safe):
        assert is_safe(address) is safe
