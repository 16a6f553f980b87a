"""The code that a site shows at its door."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from chassis.actors import Forbidden
from chassis.refusals import NotFound
from hypothesis import given
from hypothesis import strategies as st
from sites.domain.door_codes import (
    STEP,
    code_at,
    is_shown,
)
from sites.operations import door_codes
from sqlalchemy import Connection, text

from tests.sites.articles import (
    NOON,
    a_site,
    a_steward,
)
from tests.sites.parties import Party

SECRET = b"\x01" * 32


class TestTheCode:
    @pytest.mark.parametrize(("counter", "code"), [(0x1, "119246"), (0x23523EC, "084774"), (0x27BC86AA, "737706")])
    def test_is_that_of_rfc_6238(self, counter: int, code: str) -> None:
        """The last six of the eight digits of its appendix B, by the counter."""
        assert code_at(b"12345678901234567890123456789012", datetime.fromtimestamp(counter * 60, UTC)) == code

    @given(st.binary(min_size=16, max_size=64), st.integers(0, 10**8))
    def test_lives_its_minute_and_the_next(self, secret: bytes, minute: int) -> None:
        at = datetime.fromtimestamp(minute * 60, UTC)
        code = code_at(secret, at)
        assert code_at(secret, at + STEP - timedelta(seconds=1)) == code
        assert is_shown(secret, code, at)
        assert is_shown(secret, f" {code[:3]} {code[3:]} ", at + 2 * STEP - timedelta(seconds=1))
        codes_later = {code_at(secret, at + 2 * STEP), code_at(secret, at + STEP)}
        assert is_shown(secret, code, at + 2 * STEP) == (code in codes_later)

    def test_wide_digits_are_digits(self) -> None:
        wide = "".join(chr(ord("０") + int(digit)) for digit in code_at(SECRET, NOON))
        assert is_shown(SECRET, wide, NOON)

    def test_nothing_is_no_code(self) -> None:
        assert not is_shown(SECRET, "", NOON)

    def test_each_site_shows_its_own(self, db: Connection, party: Party) -> None:
        other = Party(db)
        shown = door_codes.show(db, party.slot.site.id, actor=party.steward, at=NOON)
        assert shown.changes_at - shown.shown_at <= STEP
        assert shown == door_codes.show(db, party.slot.site.id, actor=party.steward, at=NOON)
        assert [party.code(NOON + n * STEP) for n in range(4)] != [other.code(NOON + n * STEP) for n in range(4)]

    def test_only_for_the_steward_of_the_site(self, db: Connection, party: Party) -> None:
        with pytest.raises(Forbidden):
            door_codes.show(db, party.slot.site.id, actor=a_steward(a_site(db)), at=NOON)
        with pytest.raises(NotFound):
            door_codes.show(db, uuid4(), actor=party.steward, at=NOON)

    def test_the_secret_stands_sealed(self, db: Connection, party: Party) -> None:
        party.code()
        kept = bytes(db.execute(text("SELECT secret FROM door_secrets")).scalar_one())
        assert door_codes.secret_of(kept) not in kept
