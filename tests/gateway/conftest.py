"""The gateway's app with real keys on a real broker; with `services` the real roster, sites and assessment behind it.

They share one virtual host of the test broker, so tests that need services run on one worker (`pytestmark = STANDING`).
"""

import fcntl
import json
import os
import socket
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis import clock
from chassis.caller import Answer, Caller
from chassis.database import connect
from chassis.refusals import ServiceUnavailable
from chassis.tokens import Signer, make_key, write_public_keys
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from gateway.app import create_app
from gateway.config import GatewayConfig
from gateway.limit_policies import policies
from local.clone import CLONE, RUN, TEST_RUN
from local.platforms import UNREACHED
from local.processes import Program, start, stop
from local.testing import Servers
from sqlalchemy import Engine

from tests.conftest import TestDatabase
from tests.roster.oidc import OpenIdProvider, running_provider

VHOST = "services"
"""The virtual host of the services behind the gateway; no worker of `make test` has it as its own."""

EMPTY_VHOST = "empty"
"""Nobody ever listens here, whatever other tests do meanwhile."""

SILENT_VHOST = "silent"
"""Here a queue takes calls that nobody answers."""

PLACE = "3703.370302.370302001.370302001203"
SERVICES = ("roster", "sites", "assessment")


@dataclass(frozen=True)
class Keys:
    """Roster's keys, as the tests play roster."""

    private: Path
    public: Path

    def token(
        self,
        *roles: str,
        at: datetime | None = None,
        path: str = PLACE,
        person_id: UUID | None = None,
        session_id: UUID | None = None,
    ) -> str:
        return Signer(self.private).sign(
            person_id=person_id or uuid4(),
            session_id=session_id or uuid4(),
            name="王建国",
            grants=[(role, path) for role in roles],
            at=at or clock.now(),
        )


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    folder = tmp_path_factory.mktemp("keys")
    path, entry = make_key(folder, key_id="spring")
    write_public_keys(folder / "public.json", [entry])
    return Keys(private=path, public=folder / "public.json")


@pytest.fixture(scope="session")
def broker(servers: Servers) -> str:
    """The URL of the virtual host that the services stand on."""
    return servers.amqp_url_of(VHOST)


@pytest.fixture(scope="session")
def config(keys: Keys, broker: str, tmp_path_factory: pytest.TempPathFactory) -> GatewayConfig:
    return GatewayConfig(
        amqp_url=broker,
        token_public_keys=keys.public,
        secret_key="for these tests alone, and nothing else",
        file_store=tmp_path_factory.mktemp("files"),
        rpc_timeout_s=60.0,
        log_level="WARNING",
        rate_limits=policies(UNREACHED),
    )


@pytest.fixture(scope="session")
def app(config: GatewayConfig) -> Iterator[Flask]:
    caller = Caller(config.amqp_url)
    yield create_app(config, caller=caller)
    caller.close()


class _NobodyThere(Caller):
    """Says at once what a broker says of services that do not listen."""

    def call(self, service: str, method: str, body: bytes, **_: Any) -> Answer:
        raise ServiceUnavailable(service=service)


@pytest.fixture(scope="session")
def nobody_behind(config: GatewayConfig) -> Flask:
    """The app with no service behind it: whatever it lets through is answered 503."""
    return create_app(config, caller=_NobodyThere("amqp://"))


@pytest.fixture(scope="session")
def document(nobody_behind: Flask) -> dict[str, Any]:
    """The OpenAPI document as it is given out, drawn once: it takes as long as a thousand requests."""
    told: dict[str, Any] = nobody_behind.test_client().get("/api/openapi.json").get_json()
    return told


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def bearer(keys: Keys) -> Callable[..., dict[str, str]]:
    """Give a function that makes the headers of somebody with these roles, who reads English."""

    def headers(*roles: str, **who: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {keys.token(*roles, **who)}", "Accept-Language": "en"}

    return headers


@dataclass(frozen=True)
class Browser:
    """A browser with the gateway's cookie in it."""

    client: FlaskClient
    csrf: str


def a_browser(app: Flask, token: str | None, *, csrf: str = "the secret of this browser") -> Browser:
    jar = app.extensions["zhendi.browsers"]
    client = app.test_client()
    sealed = jar.fernet.encrypt(json.dumps({"token": token, "csrf": csrf}).encode()).decode()
    client.set_cookie(jar.name, sealed)
    return Browser(client, csrf)


@dataclass(frozen=True)
class Standing:
    """The three services, running; `engines` lead to their databases."""

    engines: dict[str, Engine]


STANDING = pytest.mark.xdist_group("services behind the gateway")


@pytest.fixture(scope="session")
def openid_provider() -> Iterator[OpenIdProvider]:
    """An OpenID provider that really runs; roster offers the sign-in by it as `gov`."""
    with running_provider() as provider:
        yield provider


@pytest.fixture(scope="session")
def services(
    clone_of: Callable[[str], TestDatabase],
    keys: Keys,
    broker: str,
    config: GatewayConfig,
    openid_provider: OpenIdProvider,
) -> Iterator[Standing]:
    """Roster, sites and assessment, each a process of its own with an empty migrated database."""
    personal_data_keys = Fernet.generate_key().decode()
    engines: dict[str, Engine] = {}
    running = []
    # Another run of these tests in this clone waits: calls would find its services as well as ours.
    alone = (TEST_RUN / "gateway-services.lock").open("w")
    fcntl.flock(alone, fcntl.LOCK_EX)
    try:
        for service in SERVICES:
            database = clone_of(service)
            engines[service] = connect(database.url, service=service)
            port = free_port()
            program = Program(
                name=f"{service}-serve",
                folder=RUN / "test-gateway",
                argv=(sys.executable, "-m", "chassis.serve", service),
                env={
                    **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
                    "DATABASE_URL": database.url,
                    "AMQP_URL": broker,
                    "TOKEN_PUBLIC_KEYS": str(keys.public),
                    "TOKEN_PRIVATE_KEY": str(keys.private),
                    "PERSONAL_DATA_KEYS": personal_data_keys,
                    "VOUCHER_SECRET": "for these tests alone",
                    "FILE_STORE": str(config.file_store),
                    "METRICS_PORT": str(port),
                    "PROCESS_NAME": f"{service}-serve",
                    "PYTHONWARNINGS": "ignore",
                    "PUBLIC_URL": "http://localhost",
                    "OIDC_PROVIDERS": "gov",
                    "OIDC_GOV_TITLE": "统一身份平台",
                    "OIDC_GOV_ISSUER": openid_provider.issuer,
                    "OIDC_GOV_CLIENT_ID": "zhendi",
                    "OIDC_GOV_CLIENT_SECRET": "known to both",
                },
                cwd=CLONE,
            )
            running.append((program, start(program, dies_with_parent=True), port))
        for program, process, port in running:
            eventually(partial(_is_ready, port, process, program), wait_s=240)
        yield Standing(engines)
    finally:
        stop([process.pid for _, process, _ in running])
        for _, process, _ in running:
            process.wait()
        for engine in engines.values():
            engine.dispose()
        alone.close()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _is_ready(port: int, process: Any, program: Program) -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"{program.name} ended: {program.log.read_text()[-2000:]}")
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=30) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def eventually(what: Callable[[], Any], *, wait_s: float = 240) -> Any:
    """Return what `what` gives as soon as it is true; fail after `wait_s`."""
    until = time.monotonic() + wait_s
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.3)
