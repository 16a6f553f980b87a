"""Tokens: only what the right key signed counts, and only as long as it says."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
import pytest
from chassis.actors import Grant, NotSignedIn
from chassis.tokens import LENIENCE, LIFETIME, Signer, Verifier, make_key, write_public_keys

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
PERSON, SESSION = UUID(int=7), UUID(int=8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    _, entry = make_key(tmp_path, key_id="spring")
    write_public_keys(tmp_path / "public.json", [entry])
    return tmp_path


def sign(folder: Path, *, key_id: str = "spring", at: datetime = AT) -> str:
    return Signer(folder / f"{key_id}.pem").sign(
        person_id=PERSON,
        session_id=SESSION,
        name="蒲松龄",
        grants=[("secretary", "1.2"), ("member", "1")],
        at=at,
    )


def verifier(folder: Path) -> Verifier:
    return Verifier(folder / "public.json")


def test_a_signed_token_tells_the_actor(folder: Path) -> None:
    actor = verifier(folder).actor(sign(folder), at=AT)

    assert (actor.person_id, actor.session_id, actor.name, actor.issued_at) == (PERSON, SESSION, "蒲松龄", AT)
    assert actor.grants == (Grant("secretary", "1.2"), Grant("member", "1"))
    assert actor.expires_at == AT + LIFETIME


def test_the_private_key_is_its_owners_alone(folder: Path) -> None:
    assert (folder / "spring.pem").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("remembered", [False, True])
def test_it_expires_although_it_was_verified_before(folder: Path, remembered: bool) -> None:
    judge, token = verifier(folder), sign(folder)
    if remembered:
        judge.actor(token, at=AT)

    judge.actor(token, at=AT + LIFETIME - timedelta(seconds=1))
    with pytest.raises(NotSignedIn):
        judge.actor(token, at=AT + LIFETIME)


def test_a_lenient_door_takes_it_half_an_hour_longer(folder: Path) -> None:
    judge, token = verifier(folder), sign(folder)

    judge.actor(token, at=AT + LIFETIME + LENIENCE - timedelta(seconds=1), lenient=True)
    with pytest.raises(NotSignedIn):
        judge.actor(token, at=AT + LIFETIME + LENIENCE, lenient=True)


def test_another_key_of_the_same_name_does_not_count(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    make_key(elsewhere, key_id="spring")

    with pytest.raises(NotSignedIn):
        verifier(folder).actor(sign(elsewhere), at=AT)


def test_a_new_key_counts_without_a_restart_and_an_old_one_no_longer(folder: Path) -> None:
    judge, old = verifier(folder), sign(folder)
    judge.actor(old, at=AT)

    _, entry = make_key(folder, key_id="summer")
    write_public_keys(folder / "public.json", [entry])

    assert judge.actor(sign(folder, key_id="summer"), at=AT).person_id == PERSON
    with pytest.raises(NotSignedIn):
        judge.actor(old, at=AT)


def _part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _with_claims(token: str, **changed: Any) -> str:
    head, claims, signature = token.split(".")
    decoded = json.loads(base64.urlsafe_b64decode(claims + "=="))
    return f"{head}.{_part({**decoded, **changed})}.{signature}"


@pytest.mark.parametrize(
    "tamper",
    [
        lambda token: _with_claims(token, grants=[["admin", "1"]]),
        lambda token: _with_claims(token, exp=2**31),
        lambda token: token[:-4] + "AAAA",
        lambda token: token.rsplit(".", 1)[0] + ".",
        lambda token: f"{_part({'alg': 'none', 'kid': 'spring'})}.{token.split('.')[1]}.",
        lambda token: token.split(".")[1],
        lambda token: "",
        lambda token: "a.b.c",
        lambda token: "令牌",
        lambda token: token + "x" * 20_000,
    ],
)
def test_a_tampered_token_does_not_count(folder: Path, tamper: Callable[[str], str]) -> None:
    judge, token = verifier(folder), sign(folder)
    judge.actor(token, at=AT)

    with pytest.raises(NotSignedIn):
        judge.actor(tamper(token), at=AT)


@pytest.mark.parametrize(
    "changed",
    [{"sub": "nobody"}, {"grants": "all"}, {"grants": [["admin"]]}, {"exp": "later"}, {"exp": 10**30}, {"sub": None}],
)
def test_a_well_signed_token_with_senseless_claims_does_not_count(folder: Path, changed: dict[str, Any]) -> None:
    claims = {"sub": str(PERSON), "sid": str(SESSION), "iat": 0, "exp": 2**31, "grants": [], **changed}
    key = (folder / "spring.pem").read_bytes()

    token = jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": "spring"})

    with pytest.raises(NotSignedIn):
        verifier(folder).actor(token, at=AT)


def test_the_public_key_is_no_secret_that_signs(folder: Path) -> None:
    """The old trick: an HMAC over the token, keyed with what everybody knows."""
    (entry,) = json.loads((folder / "public.json").read_text())["keys"]
    claims = {"sub": str(PERSON), "sid": str(SESSION), "iat": 0, "exp": 2**31, "grants": [["admin", "1"]]}

    token = jwt.encode(claims, entry["x"] * 2, algorithm="HS256", headers={"kid": "spring"})

    with pytest.raises(NotSignedIn):
        verifier(folder).actor(token, at=AT)
