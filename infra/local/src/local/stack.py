"""What one stack consists of: two servers, three services with two processes each, the gateway.

.run/ports.json        chosen once                 .run/data/       the servers' folders
.run/secrets/          made once, 0600             .run/files/      the file store
.run/logs/             one log per process         .run/up.json     what the supervisor says of itself
"""

import http.client
import os
import ssl
import sys
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

from local.clone import CLONE
from local.databases import SERVICES, owner_of
from local.keys import personal_data_keys, session_key, token_private_key, token_public_keys, voucher_secret
from local.ports import port_of
from local.postgres import Postgres
from local.processes import Program
from local.rabbitmq import RabbitMQ
from local.tls import own_addresses, own_certificate

LOOPBACK = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - asked for by name, and guarded
# What may come from the caller's own environment: knobs, never addresses or secrets of somewhere else.
KNOBS = (
    *("PATH", "HOME", "LANG", "LC_*", "LOG_LEVEL", "RPC_TIMEOUT_S", "PATIENCE", "TILE_*"),
    *("*_WORKERS", "*_THREADS", "*_POOL_SIZE", "RATE_LIMITS", "PROXIES", "PYTHONDEVMODE"),
)
# What the roster alone is told of identity platforms: it holds their secrets.
OF_ROSTER = ("PUBLIC_URL", "OIDC_*")


@dataclass(frozen=True)
class Stack:
    """One platform on this machine. Two stacks in two folders run beside each other."""

    folder: Path
    port: int
    bind: str = LOOPBACK
    durable: bool = True
    demo: bool = True
    clock_offset_s: int = 0
    clock_offset_file: Path | None = None
    """The file that holds the offset instead, where a test moves the clock of the running platform."""
    demo_towns: str = ""
    """Whose villages the demonstration loads, by the towns' codes; empty: all."""
    rate_limits: str = ""
    """What the gateway is told; empty: its defaults, or what the environment says."""

    @cached_property
    def postgres(self) -> Postgres:
        return Postgres(folder=self.folder, durable=self.durable)

    @cached_property
    def rabbitmq(self) -> RabbitMQ:
        return RabbitMQ(folder=self.folder)

    @property
    def is_public(self) -> bool:
        return self.bind != LOOPBACK

    @property
    def base_url(self) -> str:
        """Give the address under which this machine itself reaches the gateway."""
        host = LOOPBACK if self.bind == EVERYWHERE else self.bind
        return f"{'https' if self.is_public else 'http'}://{host}:{self.port}"

    @property
    def addresses(self) -> list[str]:
        """Give all addresses to open in a browser."""
        others = own_addresses() if self.bind == EVERYWHERE else []
        return [self.base_url, *(f"https://{address}:{self.port}" for address in others)]

    @property
    def demo_is_there(self) -> bool:
        """Say whether the demo's users, with their known passwords, may be in the databases."""
        return self._demo_note.exists()

    @property
    def demo_is_whole(self) -> bool:
        return self.demo_is_there and self._demo_note.read_text() == "whole"

    def note_demo(self, how_far: str) -> None:
        """Remember that loading the demo has begun, or that it is whole."""
        self._demo_note.write_text(how_far)

    @property
    def _demo_note(self) -> Path:
        return self.folder / "demo"

    def migrations(self) -> list[Program]:
        return [
            self._python(
                f"{service}-migrations",
                "chassis.migrations",
                "upgrade",
                service,
                DATABASE_URL=self.postgres.url(user=service, database=service),
                MIGRATION_DATABASE_URL=self.postgres.url(user=owner_of(service), database=service),
            )
            for service in SERVICES
        ]

    def services(self) -> list[Program]:
        return [self._service(service, kind) for service in SERVICES for kind in ("serve", "work")]

    def gateway(self) -> Program:
        settings = {
            "AMQP_URL": self.rabbitmq.url(),
            "TOKEN_PUBLIC_KEYS": str(token_public_keys(self.folder)),
            "SECRET_KEY": session_key(self.folder),
            "FILE_STORE": str(self._file_store()),
            "PORT": str(self.port),
            "BIND": self.bind,
        }
        if self.rate_limits:
            settings["RATE_LIMITS"] = self.rate_limits
        if self.is_public:
            made = own_certificate(self.folder, bind=self.bind)
            settings |= {"TLS_CERT": str(made.certificate), "TLS_KEY": str(made.key)}
        return self._python("gateway", "gateway", **settings)

    def demo_loader(self) -> Program:
        """Give the program that loads the demo; a second run of it changes nothing."""
        urls = {
            f"{service.upper()}_DATABASE_URL": self.postgres.url(user=service, database=service) for service in SERVICES
        }
        return self._python(
            "demo-loader",
            "demo.load",
            **urls,
            AMQP_URL=self.rabbitmq.url(),
            PERSONAL_DATA_KEYS=personal_data_keys(self.folder),
            FILE_STORE=str(self._file_store()),
            DEMO_TOWNS=self.demo_towns,
            # Importing nameko without patching first makes eventlet print a page about its future.
            PYTHONWARNINGS="ignore:::nameko.extensions",
        )

    def is_ready(self) -> bool:
        """Ask the gateway whether everything answers."""
        return self.readiness()[0]

    def readiness(self) -> tuple[bool, str]:
        """Ask the gateway whether everything answers, and what it says about it."""
        host = LOOPBACK if self.bind == EVERYWHERE else self.bind
        try:
            if self.is_public:
                made = own_certificate(self.folder, bind=self.bind)
                trusted = ssl.create_default_context(cafile=str(made.certificate))
                connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                    host, self.port, timeout=10, context=trusted
                )
            else:
                connection = http.client.HTTPConnection(host, self.port, timeout=10)
            try:
                connection.request("GET", "/readyz")
                answer = connection.getresponse()
                return answer.status == http.client.OK, answer.read(4096).decode(errors="replace").strip()
            finally:
                connection.close()
        except (OSError, http.client.HTTPException) as error:
            return False, str(error)

    def _service(self, service: str, kind: str) -> Program:
        settings = {
            "DATABASE_URL": self.postgres.url(user=service, database=service),
            "AMQP_URL": self.rabbitmq.url(),
            "TOKEN_PUBLIC_KEYS": str(token_public_keys(self.folder)),
            "FILE_STORE": str(self._file_store()),
            "METRICS_PORT": str(port_of(self.folder, f"{service}-{kind}")),
        }
        if service == "roster":
            settings["TOKEN_PRIVATE_KEY"] = str(token_private_key(self.folder))
            settings |= _from_outside(OF_ROSTER)
        if service == "sites":
            settings["VOUCHER_SECRET"] = voucher_secret(self.folder)
        if service in ("roster", "sites"):
            settings["PERSONAL_DATA_KEYS"] = personal_data_keys(self.folder)
        return self._python(f"{service}-{kind}", f"chassis.{kind}", service, **settings)

    def _python(self, name: str, module: str, *words: str, **settings: str) -> Program:
        inherited = _from_outside(KNOBS)
        return Program(
            name=name,
            folder=self.folder,
            argv=(sys.executable, "-m", module, *words),
            env={
                **inherited,
                "PYTHONUNBUFFERED": "1",
                "TZ": "UTC",
                "PROCESS_NAME": name,
                "CLOCK_OFFSET_S": str(self.clock_offset_s),
                **({"CLOCK_OFFSET_FILE": str(self.clock_offset_file)} if self.clock_offset_file else {}),
                "DEMO": "1" if self.demo else "0",
                **settings,
            },
            cwd=CLONE,
        )

    def _file_store(self) -> Path:
        store = self.folder / "files"
        store.mkdir(parents=True, exist_ok=True)
        return store


def _from_outside(names: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if any(fnmatchcase(name, knob) for knob in names)}
