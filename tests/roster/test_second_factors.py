"""The second factor: set up with the password, asked for at sign-in, each code taken once."""

import base64
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from chassis.actors import Actor
from chassis.refusals import Refusal
from chassis.tokens import Signer, Verifier
from contracts.roster.second_factors import (
    ConfirmSecondFactor,
    RemoveSecondFactor,
    RenewRecoveryCodes,
    SecondFactorConfirmed,
    SetUpSecondFactor,
)
from contracts.roster.sessions import OpenSession, PassSecondFactor, TokenView
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from roster.domain.accounts import NoSecondFactor, SecondFactorDemanded, SecondFactorIsSetUp
from roster.domain.attempts import SessionEnded, TooManyAttempts, WrongCode, WrongCredentials
from roster.domain.sign_in_policies import HALF_OPEN_MAX
from roster.operations import second_factors, sessions
from roster.operations.accounts import NewGrant, grant_all
from sqlalchemy import Connection, Engine, text

from tests.articles import NOON
from tests.races import at_once
from tests.roster.factories import a_committee, an_account

STEP = timedelta(seconds=30)


@pytest.fixture(autouse=True)
def keys_of_personal_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONAL_DATA_KEYS", Fernet.generate_key().decode())


def digits(secret: str, *, at) -> str:
    return TOTP(base64.b32decode(secret), 6, SHA1(), 30).generate(int(at.timestamp())).decode()  # noqa: S303


class Phone:
    """Somebody with an account and, once it is set up, an authenticator."""

    def __init__(self, db: Connection, signer: Signer, verifier: Verifier) -> None:
        self.db, self.signer, self.verifier = db, signer, verifier
        self.secret = ""
        self.recovery_codes: list[str] = []

    def signs_in(self, *, at=NOON) -> Actor:
        opened = sessions.open_session(self.db, OpenSession("wang", "right"), signer=self.signer, at=at)
        assert isinstance(opened, TokenView), opened
        return self.verifier.actor(opened.access_token, at=at)

    def sets_up(self, actor: Actor, *, at=NOON) -> Actor:
        made = second_factors.set_up(self.db, SetUpSecondFactor("right"), actor=actor, at=at)
        self.secret = made.secret
        confirmed = self.confirms(actor, digits(self.secret, at=at), at=at)
        assert isinstance(confirmed, SecondFactorConfirmed), confirmed
        self.recovery_codes = confirmed.recovery_codes
        return self.verifier.actor(confirmed.token.access_token, at=at)

    def confirms(self, actor: Actor, code: str, *, at=NOON, command: UUID | None = None):
        return second_factors.confirm(
            self.db, ConfirmSecondFactor(code), actor=actor, signer=self.signer, command_id=command or uuid4(), at=at
        )

    def gives(self, actor: Actor, code: str, *, at, command: UUID | None = None) -> TokenView | Refusal:
        return second_factors.pass_code(
            self.db, PassSecondFactor(code), actor=actor, signer=self.signer, command_id=command or uuid4(), at=at
        )


@pytest.fixture
def phone(db: Connection, signer, verifier) -> Phone:
    an_account(db)
    return Phone(db, signer, verifier)


def test_the_codes_are_those_of_the_rfc():
    """RFC 6238, appendix B, the six last digits of the SHA-1 vectors."""
    secret = base64.b32encode(b"12345678901234567890").decode()
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")):
        assert second_factors.step_of(secret, code, at=datetime.fromtimestamp(seconds, UTC)) == seconds // 30


class TestSignIn:
    def test_without_one_is_complete_with_the_password(self, phone: Phone):
        assert phone.signs_in().first is None

    def test_with_one_is_complete_with_the_code_and_in_a_new_session(self, phone: Phone, db: Connection):
        town = a_committee(db)
        phone.sets_up(phone.signs_in())
        grant_all(db, [NewGrant(phone.signs_in().person_id, "officer", town)], at=NOON)
        half = phone.signs_in(at=NOON + STEP * 2)
        assert (half.first, half.grants) == ("code", ())
        later = NOON + STEP * 2
        passed = phone.gives(half, digits(phone.secret, at=later), at=later)
        whole = phone.verifier.actor(passed.access_token, at=later)
        assert whole.first is None
        assert [grant.role for grant in whole.grants] == ["officer"]
        assert whole.session_id != half.session_id
        assert sessions.renew(db, actor=whole, signer=phone.signer, at=later).first is None

    @pytest.mark.parametrize("steps", [-1, 0, 1])
    def test_a_clock_may_be_half_a_minute_off(self, phone: Phone, steps):
        phone.sets_up(phone.signs_in())
        later = NOON + STEP * 4
        assert isinstance(
            phone.gives(phone.signs_in(at=later), digits(phone.secret, at=later + STEP * steps), at=later), TokenView
        )

    @pytest.mark.parametrize("steps", [-2, 2, 100])
    def test_other_codes_are_wrong(self, phone: Phone, steps):
        phone.sets_up(phone.signs_in())
        later = NOON + STEP * 4
        half = phone.signs_in(at=later)
        assert isinstance(phone.gives(half, digits(phone.secret, at=later + STEP * steps), at=later), WrongCode)

    def test_no_code_is_taken_twice_nor_an_older_one_after_it(self, phone: Phone):
        phone.sets_up(phone.signs_in())
        later = NOON + STEP * 4
        code, older = digits(phone.secret, at=later), digits(phone.secret, at=later - STEP)
        assert isinstance(phone.gives(phone.signs_in(at=later), code, at=later), TokenView)
        assert isinstance(phone.gives(phone.signs_in(at=later), code, at=later), WrongCode)
        assert isinstance(phone.gives(phone.signs_in(at=later), older, at=later), WrongCode)

    def test_the_code_that_confirmed_it_opens_no_session(self, phone: Phone):
        phone.sets_up(phone.signs_in())
        assert isinstance(phone.gives(phone.signs_in(), digits(phone.secret, at=NOON), at=NOON), WrongCode)

    def test_wrong_codes_lock_the_name_though_the_password_is_right_each_time(self, phone: Phone):
        phone.sets_up(phone.signs_in())
        answers = [phone.gives(phone.signs_in(), "000000x", at=NOON) for _ in range(5)]
        assert [type(answer) for answer in answers] == [WrongCode] * 4 + [TooManyAttempts]
        refused = sessions.open_session(phone.db, OpenSession("wang", "right"), signer=phone.signer, at=NOON)
        assert isinstance(refused, TooManyAttempts)

    def test_the_code_must_come_soon(self, phone: Phone, db: Connection):
        phone.sets_up(phone.signs_in())
        half = phone.signs_in()
        late = NOON + HALF_OPEN_MAX + timedelta(seconds=1)
        with pytest.raises(SessionEnded):
            sessions.renew(db, actor=half, signer=phone.signer, at=late)

    def test_a_retry_gets_the_same_session(self, phone: Phone):
        phone.sets_up(phone.signs_in())
        later, command = NOON + STEP * 4, uuid4()
        half, code = phone.signs_in(at=later), digits(phone.secret, at=later)
        first, again = (phone.gives(half, code, at=later, command=command) for _ in range(2))
        ids = {phone.verifier.actor(token.access_token, at=later).session_id for token in (first, again)}
        assert len(ids) == 1

    def test_two_sign_ins_with_the_same_code_at_once_open_one(self, database: Engine, signer, verifier):
        with database.begin() as db:
            an_account(db)
            someone = Phone(db, signer, verifier)
            someone.sets_up(someone.signs_in())
            later = NOON + STEP * 4
            halves = [someone.signs_in(at=later) for _ in range(4)]
        code = digits(someone.secret, at=later)

        def give(half: Actor):
            def act():
                with database.begin() as db:
                    other = Phone(db, signer, verifier)
                    return type(other.gives(half, code, at=later)).__name__

            return act

        assert sorted(at_once([give(half) for half in halves])) == ["TokenView"] + ["WrongCode"] * 3


class TestRecoveryCodes:
    def test_each_is_good_once(self, phone: Phone):
        phone.sets_up(phone.signs_in())
        code = phone.recovery_codes[0]
        assert isinstance(phone.gives(phone.signs_in(), code.upper(), at=NOON), TokenView)
        assert isinstance(phone.gives(phone.signs_in(), code, at=NOON), WrongCode)
        assert isinstance(phone.gives(phone.signs_in(), phone.recovery_codes[1], at=NOON), TokenView)

    def test_nobody_uses_anothers(self, phone: Phone, db: Connection):
        phone.sets_up(phone.signs_in())
        an_account(db, username="li")
        li = Phone(db, phone.signer, phone.verifier)
        opened = sessions.open_session(db, OpenSession("li", "right"), signer=phone.signer, at=NOON)
        actor = phone.verifier.actor(opened.access_token, at=NOON)
        li.sets_up(actor)
        opened = sessions.open_session(db, OpenSession("li", "right"), signer=phone.signer, at=NOON)
        half = phone.verifier.actor(opened.access_token, at=NOON)
        assert isinstance(phone.gives(half, phone.recovery_codes[0], at=NOON), WrongCode)

    def test_new_ones_replace_the_old(self, phone: Phone, db: Connection):
        whole = phone.sets_up(phone.signs_in())
        later = NOON + STEP * 4
        made = second_factors.renew_codes(db, RenewRecoveryCodes(digits(phone.secret, at=later)), actor=whole, at=later)
        assert isinstance(phone.gives(phone.signs_in(at=later), phone.recovery_codes[0], at=later), WrongCode)
        assert isinstance(phone.gives(phone.signs_in(at=later), made.recovery_codes[0], at=later), TokenView)

    def test_neither_they_nor_the_secret_are_kept_in_the_clear(self, phone: Phone, db: Connection):
        phone.sets_up(phone.signs_in())
        kept = str(db.execute(text("SELECT * FROM second_factors, recovery_codes")).all())
        assert phone.secret not in kept
        assert all(code.replace("-", "") not in kept and code not in kept for code in phone.recovery_codes)


class TestSettingUp:
    def test_needs_the_password_and_counts_wrong_ones(self, phone: Phone, db: Connection):
        actor = phone.signs_in()
        refused = second_factors.set_up(db, SetUpSecondFactor("wrong"), actor=actor, at=NOON)
        assert isinstance(refused, WrongCredentials)
        assert db.execute(text("SELECT wrong FROM sign_in_attempts")).scalar_one() == 1

    def test_asks_for_nothing_before_it_is_confirmed(self, phone: Phone, db: Connection):
        actor = phone.signs_in()
        second_factors.set_up(db, SetUpSecondFactor("right"), actor=actor, at=NOON)
        assert phone.signs_in().first is None
        assert isinstance(phone.confirms(actor, "000000x"), WrongCode)
        assert phone.signs_in().first is None

    def test_does_not_replace_one_that_is_asked_for(self, phone: Phone, db: Connection):
        whole = phone.sets_up(phone.signs_in())
        with pytest.raises(SecondFactorIsSetUp):
            second_factors.set_up(db, SetUpSecondFactor("right"), actor=whole, at=NOON)

    def test_ends_the_other_sessions(self, phone: Phone, db: Connection):
        other = phone.signs_in()
        whole = phone.sets_up(phone.signs_in())
        with pytest.raises(SessionEnded):
            sessions.renew(db, actor=other, signer=phone.signer, at=NOON)
        assert sessions.renew(db, actor=whole, signer=phone.signer, at=NOON)

    def test_is_demanded_of_who_pays(self, phone: Phone, db: Connection):
        person = phone.signs_in().person_id
        grant_all(db, [NewGrant(person, "preparer", a_committee(db))], at=NOON)
        actor = phone.signs_in()
        assert (actor.first, actor.grants) == ("second_factor", ())
        whole = phone.sets_up(actor)
        assert (whole.first, [grant.role for grant in whole.grants]) == (None, ["preparer"])
        later = NOON + STEP * 4
        with pytest.raises(SecondFactorDemanded):
            second_factors.remove(
                db, RemoveSecondFactor("right", digits(phone.secret, at=later)), actor=whole, at=later
            )

    def test_can_be_undone_with_password_and_code(self, phone: Phone, db: Connection):
        whole = phone.sets_up(phone.signs_in())
        later = NOON + STEP * 4
        code = digits(phone.secret, at=later)
        for wrong in (RemoveSecondFactor("wrong", code), RemoveSecondFactor("right", "000000x")):
            assert isinstance(second_factors.remove(db, wrong, actor=whole, at=later), Refusal)
        second_factors.remove(db, RemoveSecondFactor("right", code), actor=whole, at=later)
        assert phone.signs_in(at=later).first is None
        with pytest.raises(NoSecondFactor):
            second_factors.remove(db, RemoveSecondFactor("right", code), actor=whole, at=later)
