"""A real OpenID provider for tests (`oidc-provider-mock`, on Authlib's server side), and what a crooked one answers.

What it gives out passes through `OpenIdProvider`, which checks the proof key (PKCE), for the provider does not, and can
change an ID token on its way.
"""

import base64
import hashlib
import json
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from flask import Flask, g
from joserfc import jwt
from joserfc.jwk import RSAKey
from roster.domain.identity_providers import Provider
from werkzeug.serving import make_server
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

with warnings.catch_warnings(record=True):  # of its own imports, which Authlib says at any filter
    import oidc_provider_mock

Claims = dict[str, Any]


class OpenIdProvider:
    """A running provider; `alters` changes the claims of its next ID tokens, `writes` how they are signed."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.inner = Client(app.wsgi_app, Response)
        with app.test_request_context("/"):
            app.preprocess_request()
            self.storage = g.oidc_provider_mock_storage
        self.challenges: dict[str, str] = {}
        self.issuer = ""
        self.straighten()

    def straighten(self) -> None:
        self.alters: Callable[[Claims], Claims] | None = None
        self.writes: Callable[[Claims], str] | None = None
        self.is_away = False
        self.asked: list[str] = []

    def rotate(self) -> None:
        """Sign with another key from now on, and publish that one alone."""
        self.storage.jwk = self.storage.jwk.__class__.import_key(
            RSAKey.generate_key(2048, {"kid": hashlib.sha256(str(self.asked).encode()).hexdigest()[:8]}).as_dict(
                private=True
            )
        )

    def signed(self, claims: Claims) -> str:
        key = RSAKey.import_key(self.storage.jwk.as_dict(is_private=True))
        return jwt.encode({"alg": "RS256", "kid": key.as_dict().get("kid") or key.thumbprint()}, claims, key)

    def signs_in(self, address: str, subject: str) -> dict[str, str]:
        """Do what a person does there; return what the browser comes back with."""
        query = parse_qs(urlsplit(address).query)
        answer = requests.post(address, data={"sub": subject}, allow_redirects=False, timeout=30)
        back = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}
        assert query["code_challenge_method"] == ["S256"]
        self.challenges[back["code"]] = query["code_challenge"][0]
        return back

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        self.asked.append(request.path)
        if self.is_away:
            return Response("", 502)(environ, start_response)
        if request.path != "/oauth2/token":
            return self.app.wsgi_app(environ, start_response)
        digest = hashlib.sha256(request.form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if self.challenges.get(request.form["code"]) != challenge:
            return Response('{"error": "invalid_grant"}', 400, mimetype="application/json")(environ, start_response)
        answer = self.inner.post(
            "/oauth2/token",
            data=request.form.to_dict(),
            headers={"Authorization": request.headers.get("Authorization", ""), "Host": request.host},
        )
        body = json.loads(answer.get_data())
        if "id_token" in body and (self.alters or self.writes):
            part = body["id_token"].split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
            claims = self.alters(claims) if self.alters else claims
            body["id_token"] = (self.writes or self.signed)(claims)
        return Response(json.dumps(body), answer.status_code, mimetype="application/json")(environ, start_response)


@contextmanager
def running_provider() -> Iterator[OpenIdProvider]:
    """Run one on a port of its own."""
    provider = OpenIdProvider(oidc_provider_mock.app())
    server = make_server("localhost", 0, provider, threaded=True)
    provider.issuer = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield provider
    server.shutdown()
    thread.join()


def described(provider: OpenIdProvider, **more: Any) -> Provider:
    """Return it as an operator describes it."""
    told = {"name": "gov", "title": "统一身份平台", "issuer": provider.issuer, "client_id": "zhendi"}
    return Provider(**{**told, "client_secret": "known to both", **more})
