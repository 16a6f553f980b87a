"""OpenID Connect, the side that relies: authorization code with PKCE (OpenID Connect Core 1.0, RFC 7636, RFC 9700).

    begin   discovery ──▶ the address at the provider, with state, nonce and the hash of a code verifier
    finish  code + verifier ──▶ ID token ──▶ signature by the provider's keys, issuer, audience, nonce, times ──▶ Proof

All is asked over TLS (but on this machine itself), no redirect is followed, answers are bounded in size and time. An
e-mail address or a name that a provider tells is never looked at: `sub` alone says who somebody is.
"""

import logging
import re
import threading
import time
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests.adapters import HTTPAdapter

from roster.domain.identity_providers import (
    SKEW,
    Proof,
    Provider,
    ProviderAway,
    ProviderNotProved,
    is_safe,
)

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""What an ID token may be signed with: the provider's private key, never a shared secret and never nothing."""
ANSWER_MAX_BYTES: Final = 512 * 1024
CONNECT_S: Final = 3.0
READ_S: Final = 4.0
ANSWER_S: Final = 6.0
METADATA_KEPT_S: Final = 3600.0
KEYS_ASKED_EVERY_S: Final = 10.0
"""A token with a key that is not known has the keys asked for anew, but not more often than this."""

log = logging.getLogger(__name__)


class RelyingParty:
    """This platform, as one provider sees it."""

    def __init__(self, provider: Provider, *, redirect_uri: str) -> None:
        self.provider = provider
        self.redirect_uri = redirect_uri
        self._metadata: dict[str, Any] | None = None
        self._metadata_at = 0.0
        self._keys: KeySet | None = None
        self._keys_at = 0.0
        self._lock = threading.Lock()

    def address(self, *, state: str, nonce: str, code_verifier: str) -> str:
        """Return where the browser signs in; raises ProviderAway."""
        with self._session() as session:
            address, _ = session.create_authorization_url(
                self._endpoint("authorization_endpoint"), state=state, code_verifier=code_verifier, nonce=nonce
            )
        return str(address)

    def proof(self, *, code: str, nonce: str, code_verifier: str, at: datetime) -> Proof:
        """Return whom the provider names for the code; raises ProviderAway, ProviderNotProved."""
        endpoint = self._endpoint("token_endpoint")
        try:
            with self._session() as session:
                told = session.fetch_token(
                    endpoint, grant_type="authorization_code", code=code, code_verifier=code_verifier
                )
        except (requests.RequestException, ValueError) as error:
            raise self._away(error) from error
        except AuthlibBaseError as error:
            raise self._not_proved(f"the code was not taken: {error.error}") from error
        id_token = told.get("id_token")
        if not isinstance(id_token, str):
            raise self._not_proved("there was no ID token")
        claims = self._verified(id_token, nonce=nonce, access_token=told.get("access_token"), at=at)
        amr, acr = claims.get("amr") or [], claims.get("acr")
        return Proof(
            issuer=self.provider.issuer,
            subject=claims["sub"],
            vouched=not self.provider.trusted_amr.isdisjoint(str(method) for method in amr)
            or (isinstance(acr, str) and acr in self.provider.trusted_acr),
        )

    def sign_out_address(self, *, back_to: str) -> str | None:
        """Return where the browser signs out of the provider too (RP-Initiated Logout 1.0); None when nowhere."""
        try:
            endpoint = self._endpoint("end_session_endpoint")
        except (ProviderAway, ProviderNotProved):
            return None
        asked = {"client_id": self.provider.client_id, "post_logout_redirect_uri": back_to}
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}"

    def _verified(self, id_token: str, *, nonce: str, access_token: Any, at: datetime) -> dict[str, Any]:
        try:
            decoded = self._decoded(id_token)
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                {
                    "iss": {"essential": True, "value": self.provider.issuer},
                    "aud": {"essential": True, "value": self.provider.client_id},
                },
                {"nonce": nonce, "client_id": self.provider.client_id, "access_token": access_token},
            )
            claims.validate(now=int(at.timestamp()), leeway=int(SKEW.total_seconds()))
        except (JoseError, AuthlibBaseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise self._not_proved(f"the ID token is not valid: {error}") from error
        subject = claims.get("sub")
        if not (isinstance(subject, str) and re.fullmatch(r"[!-~]{1,255}", subject)):
            raise self._not_proved("the ID token names nobody")
        return dict(claims)

    def _decoded(self, id_token: str) -> Any:
        keys = self._signing_keys(anew=False)
        try:
            return jwt.decode(id_token, keys, algorithms=list(ALGORITHMS))
        except (JoseError, ValueError):
            # Signed with a key that came after we asked for them, or with none of theirs.
            newer = self._signing_keys(anew=True)
            if newer is keys:
                raise
            return jwt.decode(id_token, newer, algorithms=list(ALGORITHMS))

    def _signing_keys(self, *, anew: bool) -> KeySet:
        age_s = time.monotonic() - self._keys_at
        if self._keys is not None and age_s < (KEYS_ASKED_EVERY_S if anew else METADATA_KEPT_S):
            return self._keys
        document = self._asked(self._endpoint("jwks_uri"))
        try:
            public = [key for key in document["keys"] if key.get("kty") in ("RSA", "EC", "OKP")]
            keys = KeySet.import_key_set({"keys": public})
        except (JoseError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise self._away(error) from error
        self._keys, self._keys_at = keys, time.monotonic()
        return keys

    def _endpoint(self, name: str) -> str:
        """Return an address of the discovery document; raises ProviderAway for one that is missing or not over TLS."""
        address = self._discovered().get(name)
        if not isinstance(address, str) or not is_safe(address):
            raise self._away(ValueError(f"the discovery document has no usable {name}"))
        return address

    def _discovered(self) -> dict[str, Any]:
        with self._lock:
            if self._metadata is None or time.monotonic() - self._metadata_at > METADATA_KEPT_S:
                document = self._asked(f"{self.provider.issuer.rstrip('/')}/.well-known/openid-configuration")
                if document.get("issuer") != self.provider.issuer:
                    raise self._away(ValueError("the discovery document names another issuer"))
                self._metadata, self._metadata_at = document, time.monotonic()
            return self._metadata

    def _asked(self, address: str) -> dict[str, Any]:
        try:
            with self._session() as session:
                answer = session.request("GET", address, withhold_token=True, allow_redirects=False)
            document = answer.json() if answer.status_code == requests.codes.ok else None
        except (requests.RequestException, ValueError) as error:
            raise self._away(error) from error
        if not isinstance(document, dict):
            raise self._away(ValueError(f"{address} answered {answer.status_code} and no object"))
        return document

    def _session(self) -> OAuth2Session:
        session = OAuth2Session(
            self.provider.client_id,
            self.provider.client_secret,
            redirect_uri=self.redirect_uri,
            scope="openid",
            code_challenge_method="S256",
            default_timeout=(CONNECT_S, READ_S),
        )
        session.trust_env = False
        session.max_redirects = 0
        session.verify = self.provider.certificates or True
        bounded = _Bounded()
        session.mount("https://", bounded)
        session.mount("http://", bounded)
        return session

    def _away(self, error: Exception) -> ProviderAway:
        log.warning("The identity provider %s cannot be asked: %s", self.provider.name, error)
        return ProviderAway(provider=self.provider.title)

    def _not_proved(self, why: str) -> ProviderNotProved:
        log.warning("The identity provider %s proved nothing: %s", self.provider.name, why)
        return ProviderNotProved(provider=self.provider.title)


class _Bounded(HTTPAdapter):
    """Reads no answer that is too long, or comes too slowly."""

    def send(self, request: Any, *given: Any, **more: Any) -> Any:
        """Send the request and read its whole answer."""
        more["timeout"] = more.get("timeout") or (CONNECT_S, READ_S)
        until = time.monotonic() + ANSWER_S
        answer = super().send(request, *given, **{**more, "stream": True})
        read = b""
        for part in answer.iter_content(16 * 1024):
            read += part
            if len(read) > ANSWER_MAX_BYTES or time.monotonic() > until:
                answer.close()
                raise requests.ConnectionError("the answer is too long, or comes too slowly")
        answer._content = read
        return answer
