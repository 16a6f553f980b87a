"""Access tokens: roster signs them (EdDSA, ten minutes), the gateway and every door verify them.

The public keys stand in a JWKS file; a token with an unknown `kid` makes the verifier look whether the file changed,
so a new key needs no restart. A verified token is remembered by its SHA-256 until it expires.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
from contracts.token_scopes import actions_of
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from chassis.actors import Actor, Grant, NotSignedIn

LIFETIME = timedelta(minutes=10)
LENIENCE = timedelta(minutes=30)
REMEMBERED_MAX = 20_000
TOKEN_MAX_BYTES = 16_384


class Signer:
    """Signs access tokens with the private key of a PEM file; the key's id is the file's name without its ending."""

    def __init__(self, path: Path) -> None:
        key = load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError(  # noqa: TRY004 - the file is wrong, no argument
                f"{path} does not hold an Ed25519 private key"
            )
        self._key = key
        self.key_id = path.stem

    def sign(
        self,
        *,
        person_id: UUID,
        session_id: UUID,
        name: str,
        grants: Iterable[tuple[str, str]],
        at: datetime,
        first: str | None = None,
        scope: Sequence[str] | None = None,
        within: str | None = None,
        lifetime: timedelta = LIFETIME,
    ) -> str:
        """Return a token for the person, valid from `at`; with `first` it opens only the doors of that.

        Such a token carries no grants, whatever is given. With `scope` (words of `contracts.token_scopes`) it is a
        program's and reaches no more than that; `within` names the part of the tree that its grants were narrowed to.
        """
        claims: dict[str, Any] = {
            "sub": str(person_id),
            "sid": str(session_id),
            "name": name,
            "iat": int(at.timestamp()),
            "exp": int((at + lifetime).timestamp()),
            "grants": [] if first else [list(grant) for grant in grants],
        }
        if first:
            claims["first"] = first
        if scope is not None:
            claims["scope"] = list(scope)
        if within is not None:
            claims["in"] = within
        return jwt.encode(claims, self._key, algorithm="EdDSA", headers={"kid": self.key_id})


class Verifier:
    """Turns a token into the actor it speaks of, trusting the keys of a JWKS file and nobody else."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._keys: dict[str, Any] = {}
        self._read_at: float | None = None
        self._remembered: dict[bytes, tuple[Actor, datetime]] = {}
        self._read_keys()

    def actor(self, token: str | bytes, *, at: datetime, lenient: bool = False) -> Actor:
        """Return the actor; raises NotSignedIn when the token is forged, malformed or expired.

        A lenient door (reads and check-ins, while nobody can renew tokens) takes one up to 30 minutes past expiry.
        """
        raw = token.encode() if isinstance(token, str) else token
        digest = hashlib.sha256(raw).digest()
        remembered = self._remembered.get(digest)
        if remembered is None:
            if len(raw) > TOKEN_MAX_BYTES:
                raise NotSignedIn()
            remembered = self._verified(raw)
            if len(self._remembered) >= REMEMBERED_MAX:
                self._remembered.clear()
            self._remembered[digest] = remembered
        actor, expires_at = remembered
        if at >= (expires_at + LENIENCE if lenient else expires_at):
            raise NotSignedIn()
        return actor

    def _verified(self, raw: bytes) -> tuple[Actor, datetime]:
        try:
            key_id = jwt.get_unverified_header(raw).get("kid")
            if key_id not in self._keys:
                self._read_keys()
            if not isinstance(key_id, str) or key_id not in self._keys:
                raise NotSignedIn()
            # Expiry is judged by the platform's clock, which CLOCK_OFFSET_S may have moved.
            claims = jwt.decode(
                raw,
                self._keys[key_id],
                algorithms=["EdDSA"],
                options={"verify_exp": False, "verify_iat": False, "require": ["sub", "sid", "iat", "exp", "grants"]},
            )
            expires_at = datetime.fromtimestamp(claims["exp"], UTC)
            actor = Actor(
                person_id=UUID(claims["sub"]),
                session_id=UUID(claims["sid"]),
                name=str(claims.get("name", "")),
                grants=tuple(Grant(str(role), str(path)) for role, path in claims["grants"]),
                issued_at=datetime.fromtimestamp(claims["iat"], UTC),
                expires_at=expires_at,
                first=None if claims.get("first") is None else str(claims["first"]),
                only=None if claims.get("scope") is None else actions_of(tuple(map(str, claims["scope"]))),
                within=None if claims.get("in") is None else str(claims["in"]),
            )
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, AttributeError, RecursionError) as error:
            raise NotSignedIn() from error
        return actor, expires_at

    def _read_keys(self) -> None:
        changed_at = self._path.stat().st_mtime
        if changed_at == self._read_at:
            return
        document = json.loads(self._path.read_text())
        self._keys = {entry["kid"]: jwt.PyJWK(entry, algorithm="EdDSA").key for entry in document["keys"]}
        self._read_at = changed_at
        # A key taken out of the file must stop counting.
        self._remembered.clear()


def make_key(folder: Path, *, key_id: str) -> tuple[Path, dict[str, str]]:
    """Write a new private key to `folder`/`key_id`.pem (0600) and return its path and its public JWKS entry."""
    key = Ed25519PrivateKey.generate()
    path = folder / f"{key_id}.pem"
    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    entry = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key()))
    return path, {**entry, "kid": key_id, "alg": "EdDSA", "use": "sig"}


def write_public_keys(path: Path, entries: Iterable[dict[str, str]]) -> None:
    """Write the JWKS file that everybody verifies with."""
    waiting = path.with_suffix(".new")
    waiting.write_text(json.dumps({"keys": list(entries)}, indent=1))
    waiting.replace(path)
