"""A token that says what has to be done first opens nothing else, whatever it would grant."""

from pathlib import Path
from uuid import uuid4

import pytest
from chassis.actors import NotSignedIn, PasswordChangeNeeded, SecondFactorNeeded, SecondFactorSetupNeeded
from chassis.tokens import Signer, Verifier, make_key, write_public_keys
from contracts.rights import FIRST

from tests.articles import NOON


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Signer, Verifier]:
    path, entry = make_key(tmp_path, key_id="spring")
    write_public_keys(tmp_path / "public.json", [entry])
    return Signer(path), Verifier(tmp_path / "public.json")


@pytest.mark.parametrize(
    ("first", "refusal"),
    [
        ("code", SecondFactorNeeded),
        ("password", PasswordChangeNeeded),
        ("second_factor", SecondFactorSetupNeeded),
        ("something newer", NotSignedIn),
    ],
)
def test_only_its_own_doors_are_open(keys: tuple[Signer, Verifier], first: str, refusal: type) -> None:
    signer, verifier = keys
    token = signer.sign(
        person_id=uuid4(), session_id=uuid4(), name="x", grants=[("admin", "3703")], at=NOON, first=first
    )
    actor = verifier.actor(token, at=NOON)
    assert (actor.first, actor.grants) == (first, ())
    for door in FIRST.get(first, ()):
        actor.must_be_done_first(door)
    for door in ("place_order", "grant_role", "administer_account"):
        with pytest.raises(refusal):
            actor.must_be_done_first(door)


def test_a_token_of_a_complete_sign_in_says_nothing_of_it(keys: tuple[Signer, Verifier]) -> None:
    signer, verifier = keys
    token = signer.sign(person_id=uuid4(), session_id=uuid4(), name="x", grants=[("admin", "3703")], at=NOON)
    actor = verifier.actor(token, at=NOON)
    assert actor.first is None
    actor.must_be_done_first("place_order")
