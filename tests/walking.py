"""The services behind the gateway in this very process: each call is answered by the real door, and undone.

What a test asks of the gateway goes through its real views to the services' real doors on real databases; only the
broker is left out, and the commit. So a walk of every address costs milliseconds a step and leaves the world as it was.
"""

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from chassis import clock
from chassis.caller import Answer
from chassis.database import Access, DirectCursor, connect
from chassis.files import FileStore
from chassis.rpc import Request
from chassis.tokens import Signer, Verifier, make_key, write_public_keys
from contracts.envelope import Outcome, schema_of
from contracts.refusals import REFUSALS
from contracts.rights import ROLES
from cryptography.fernet import Fernet
from flask import Flask
from gateway.app import create_app
from gateway.config import GatewayConfig
from gateway.nouns import Declared
from marshmallow import ValidationError, fields
from sqlalchemy import Engine, text

from tests.conftest import TestDatabase

ID = "00000000-0000-4000-8000-000000000000"
WORDS = (
    *(
        "x",
        "abcd",
        "2026-11",
        "2026",
        "2026-11-12",
        "13853312345",
        "12345678",
        "0" * 64,
        "a" * 40,
        "AAAA-AAAA",
        "10:00",
    ),
    *("123456", "370302", "1.00", "12-20", "correct horse battery", "0.1"),
)
NUMBERS = (1, 2, 3, 10, 12, 60, 100, 480, 2026, 50, 8, 0, 202611, 600, 900, 3600)


class Undone(Access):
    """A call's access to the database that commits only while the world is being made."""

    is_kept = False

    def commit(self) -> None:
        """Leave everything undone, as it will be when the access is closed."""
        self.record = None
        if self.is_kept:
            super().commit()

    @property
    def direct(self) -> DirectCursor:
        """A raw cursor inside a transaction."""
        if self._cursor is None:
            super().direct  # noqa: B018 - it makes the cursor
            self._fairy.dbapi_connection.autocommit = False
        assert self._cursor is not None
        return self._cursor

    def close(self) -> None:
        if self._fairy is not None:
            self._fairy.dbapi_connection.rollback()
        super().close()


@dataclass(frozen=True)
class Called:
    """One call that the gateway made of a service."""

    service: str
    door: str
    body: bytes
    command_id: str | None


@dataclass
class InProcess:
    """Stands in for the gateway's way to the services."""

    services: dict[str, type]
    engines: dict[str, Engine]
    signer: Signer
    verifier: Verifier
    files: FileStore
    providers: Any
    calls: list[Called] = field(default_factory=list)
    addresses: list[str | None] = field(default_factory=list)
    is_kept: bool = False
    """Whether calls are committed, for making the world."""

    def call(
        self,
        service: str,
        method: str,
        body: bytes,
        *,
        timeout_s: float,
        token: str | None = None,
        command_id: str | None = None,
        address: str | None = None,
        **_other: Any,
    ) -> Answer:
        """Ask a door as the broker would, and undo what it did."""
        self.calls.append(Called(service, method, body, command_id))
        self.addresses.append(address)
        door: Callable[..., Any] = getattr(self.services[service], method)
        standing = self.services[service]()
        access = Undone(self.engines[service], service=service)
        access.is_kept = self.is_kept
        with access:
            for name, provided in (
                ("database", access),
                ("signer", self.signer),
                ("files", self.files),
                ("providers", self.providers),
            ):
                setattr(standing, name, provided)
            reply = door(
                standing,
                Request(
                    service=service,
                    method=method,
                    body=body,
                    deadline=time.time() + 250,
                    token=(token or "").encode(),
                    command_id=command_id or str(uuid4()),
                    request_id="walk",
                    traceparent="",
                    verifier=self.verifier,
                    address=address or "",
                ),
            )
        assert reply is not None
        return Answer(reply.outcome, reply.body)

    def close(self) -> None:
        """Nothing was connected."""


def code_of(answer: Answer) -> str:
    """Return ok, fault, or the refusal's code."""
    return str(orjson.loads(answer.body)["code"]) if answer.outcome == Outcome.REFUSAL else answer.outcome


def is_refused(code: str) -> bool:
    """Say whether a code means: not you, or nothing that you may see."""
    return code in REFUSALS and REFUSALS[code].status in (401, 403, 404)


TOO_PARTICULAR: dict[str, dict[str, Any]] = {
    "SetSignInPolicy": {
        "numbers": {
            **{"length_min": 10, "remembered": 3, "wrong_max": 5, "first_wait_s": 60, "longest_wait_s": 3600},
            **{"forgotten_after_s": 86400, "idle_max_s": 7200, "session_max_s": 86400, "second_factor_roles": []},
        },
    },
    "EditSite": {"point": "117.9,36.6"},
    "ApplyForAdmission": {"point": "117.9,36.6"},
    "EvaluateSite": {"points": {"x": 1}},
    "CheckAdmission": {"answers": {"x": True}},
    "RateVisit": {"stars": {"x": 1}},
    "CheckIn": {"count": 1},
    "ReturnClaim": {"code": "late"},
    "MoveClaimWithReason": {"code": "late"},
    "ProposePayee": {"bank_code": "102453000001", "credit_code": "91350100M000100Y43"},
    "IssueTransfer": {"to_name": "某党委"},
    "LookUpMember": {"phone": "13853312345"},
    "ChangeStructure": {"verb": "rename", "name": "甲村新支部"},
    "SetSettingRule": {"rule": "group-size", "numbers": {"most": 9}, "severity": "remark"},
    "MakeDuesDocument": {"document": "rollup", "month": "2026-10"},
    "SetDuesTable": {
        "rates": [
            *({"kind": kind, "above_fen": 0, "rate_bp": 50} for kind in ("wage", "pension")),
            *({"kind": kind, "above_fen": 0, "least_fen": 20, "most_fen": 20} for kind in ("farmer", "minimum")),
        ],
    },
}
"""What no sampling finds: bodies whose parts have to agree. By the message's name, on top of what was found."""


class Samples:
    """Finds for each field of a message a value that its schema takes; ids are those of rows that exist."""

    def __init__(self, ids: dict[str, str]) -> None:
        self._ids = ids

    def body_of(self, message: type, *, all_fields: bool = False) -> dict[str, Any]:
        """Return a body with the required fields (or all of them)."""
        schema = schema_of(message)
        found = {
            name: self.value_of(name, one)
            for name, one in schema.fields.items()
            if one.required or all_fields or (name.endswith("_id") and name in self._ids)
        }
        return found | TOO_PARTICULAR.get(message.__name__, {})

    def value_of(self, name: str, one: fields.Field) -> Any:
        """Return a value that the field takes."""
        if isinstance(one, fields.Nested):
            value = self.body_of_schema(one.schema)
            return [value] if one.many else value
        if isinstance(one, fields.List):
            least = max((getattr(check, "min", None) or 1 for check in one.validators), default=1)
            first = self.value_of(name.removesuffix("s"), one.inner)
            return [first, *(str(uuid4()) if isinstance(one.inner, fields.UUID) else first for _ in range(least - 1))]
        if isinstance(one, fields.UUID):
            return self._ids.get(name, ID)
        if isinstance(one, fields.Dict):
            return {}
        ahead = clock.now() + timedelta(days=1)
        tries: tuple[Any, ...] = (True,) if isinstance(one, fields.Boolean) else (*_choices(one), *WORDS, *NUMBERS)
        if isinstance(one, fields.DateTime | fields.AwareDateTime) and not isinstance(one, fields.Date):
            tries = (ahead.isoformat(),)
        elif isinstance(one, fields.Date):
            tries = (clock.today(ahead).isoformat(),)
        if one.allow_none and one.load_default is None and not one.required:
            tries = (*tries, None)
        for tried in tries:
            try:
                one.deserialize(tried)
            except ValidationError:
                continue
            return tried
        return "x"

    def body_of_schema(self, schema: Any) -> dict[str, Any]:
        return {name: self.value_of(name, one) for name, one in schema.fields.items() if one.required}


def _choices(one: fields.Field) -> tuple[Any, ...]:
    return tuple(choice for check in one.validators for choice in getattr(check, "choices", ()))


def ids_in(engine: Engine) -> dict[str, str]:
    """Return by field name (`order_id`) the newest row of the table (`orders`) of a database, of each that has rows."""
    found: dict[str, str] = {}
    with engine.connect() as db:
        tables = db.execute(
            text(
                "SELECT table_name FROM information_schema.columns JOIN information_schema.tables"
                " USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
                " AND column_name = 'id' AND data_type = 'uuid'"
            )
        ).scalars()
        for table in list(tables):
            row = db.execute(text(f"SELECT id FROM {table} ORDER BY ctid LIMIT 1")).scalar()  # noqa: S608
            if row is not None:
                one = (
                    "person"
                    if table == "people"
                    else table.removesuffix("es")
                    if table.endswith("ches")
                    else table[:-1]
                )
                found[f"{one}_id"] = str(row)
    return found


def a_world(clone_of: Callable[[str], TestDatabase], *, signer: Signer, verifier: Verifier, folder: Path) -> InProcess:
    """Return the three services on fresh databases."""
    from assessment.service import SERVICE as assessment
    from roster.providers import Providers
    from roster.service import SERVICE as roster
    from sites.service import SERVICE as sites

    services: dict[str, type] = {"roster": roster, "sites": sites, "assessment": assessment}
    return InProcess(
        services=services,
        engines={name: connect(clone_of(name).url, service=name) for name in services},
        signer=signer,
        verifier=verifier,
        files=FileStore(folder),
        providers=Providers([], public_url=""),
    )


# ---- the walk ------------------------------------------------------------------------------------------------------

ROOT, INSIDE, OUTSIDE = "3703", "3703.370302", "3703.370399"


@dataclass(frozen=True)
class Step:
    """One call of the API, the rights that it asks for, and what it makes of a service."""

    address: str
    needs: frozenset[str]
    called: Called
    is_command: bool


@dataclass
class Walk:
    """The world, and all steps through it."""

    world: InProcess
    app: Flask
    person_id: UUID
    ids: dict[str, dict[str, str]]
    steps: list[Step]
    silent: list[str]

    def token(self, role: str, path: str, *, person_id: UUID | None = None) -> str:
        return self.world.signer.sign(
            person_id=person_id or self.person_id,
            session_id=uuid4(),
            name="某人",
            grants=[(role, path)],
            at=clock.now(),
        )

    def ask(self, step: Step, token: str) -> Any:
        called = step.called
        return self.world.call(
            called.service, called.door, called.body, timeout_s=1, token=token, command_id=str(uuid4())
        )


@contextmanager
def a_walk(clone_of: Callable[[str], TestDatabase], *, folder: Path) -> Iterator[Walk]:
    """Make the world, and find all steps through it."""
    patch = pytest.MonkeyPatch()
    if not os.environ.get("PERSONAL_DATA_KEYS"):
        patch.setenv("PERSONAL_DATA_KEYS", Fernet.generate_key().decode())
    patch.setenv("VOUCHER_SECRET", "for these tests alone")
    patch.setenv("FILE_STORE", str(folder))
    private, entry = make_key(folder, key_id="spring")
    public = folder / "public.json"
    write_public_keys(public, [entry])
    world = a_world(clone_of, signer=Signer(private), verifier=Verifier(public), folder=folder)
    first = peopled(world)
    config = GatewayConfig(
        amqp_url="amqp://nobody@127.0.0.1/none",
        token_public_keys=public,
        secret_key="for these tests alone, and nothing else",
        file_store=folder,
        log_level="WARNING",
    )
    app = create_app(config, caller=world)  # type: ignore[arg-type]
    made = Walk(world, app, first["person_id"], {}, [], [])
    # Twice all that makes something new, so that there is something of most nouns below INSIDE.
    for world.is_kept in (True, True, False):
        made.ids = {name: ids_in(engine) for name, engine in world.engines.items()}
        made.ids["roster"] |= {name: str(one) for name, one in first.items()}
        find_steps(made)
    yield made
    for engine in world.engines.values():
        engine.dispose()
    patch.undo()


def peopled(world: InProcess) -> dict[str, UUID]:
    """Fill the databases with the first rows, below INSIDE; return the ids that the calls shall name."""
    from assessment.operations.organisations import remember as remember_in_assessment
    from assessment.operations.task_making import make
    from sites.operations.organisations import remember

    from tests.articles import NOON
    from tests.roster.factories import a_member, an_account, an_organisation
    from tests.sites.articles import Branch, a_branch, a_change, a_placed_order, a_site, a_slot, money_in_the_fund
    from tests.sites.money import a_visit, submitted

    with world.engines["roster"].begin() as db:
        root = an_organisation(db, code="3703", kind="committee")
        district = an_organisation(db, code="370302", kind="committee", parent=root)
        branch = an_organisation(db, code="b1", parent=district)
        other = an_organisation(db, code="b2", parent=an_organisation(db, code="370399", kind="committee", parent=root))
        receiving = an_organisation(db, code="b3", parent=district)
        person_id = a_member(db, branch=branch, name="王建国")
        a_member(db, branch=other, name="李外人")
        an_account(db, username="insider", name="赵账号")
        db.execute(text("UPDATE organisations SET version = version"))
    branch_event = a_change(Branch(id=branch, path=f"{INSIDE}.b1", name="甲支部"), version=1)
    with world.engines["assessment"].begin() as db:
        remember_in_assessment(db, event=branch_event, at=NOON)
        make(db, at=clock.now())
    with world.engines["sites"].begin() as db:
        remember(db, event=branch_event)
        money_in_the_fund(db, path=INSIDE)
        site = a_site(db)
        visit = a_visit(db, site=site, branch=Branch(id=branch, path=f"{INSIDE}.b1", name="甲支部"))
        submitted(db, visit)
        a_placed_order(db, slot=a_slot(db, site=a_site(db)), branch=a_branch(db, path=f"{INSIDE}.b2"))
    return {"person_id": person_id, "branch_id": branch, "organisation_id": branch, "to_branch_id": receiving}


MAKES = re.compile(r"/api/v1/(?!purge|sign-in|grants)([a-z-]+|(sites|funds|orders|members)/<uuid:[a-z_]+>/[a-z-]+s)$")
"""The addresses that something new is posted to."""


def find_steps(walk: Walk) -> None:
    """Ask the gateway each call once, as somebody with all rights, and keep which door it opened with which body."""
    token = walk.world.signer.sign(
        person_id=walk.person_id,
        session_id=uuid4(),
        name="某人",
        grants=[(role, ROOT) for role in ROLES],
        at=clock.now(),
    )
    walk.steps.clear()
    walk.silent.clear()
    client = walk.app.test_client()
    ids = {**walk.ids["assessment"], **walk.ids["sites"], **walk.ids["roster"]}
    samples = Samples(ids)
    for rule in walk.app.url_map.iter_rules():
        declared: Declared | None = getattr(walk.app.view_functions[rule.endpoint], "declared", None)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if declared is None or not declared.needs:
                continue
            if walk.world.is_kept and (method != "POST" or not MAKES.search(rule.rule)):
                continue
            body = samples.body_of(declared.takes) if declared.takes else {}
            values = {name: sample(name, converter, ids, body) for name, converter in rule._converters.items()}
            path = walk.app.url_map.bind("localhost").build(rule.endpoint, values)
            known = {name: value for name, value in body.items() if name not in values}
            named = {inner: outer for outer, inner in declared.query_names.items()}
            how: dict[str, Any] = (
                {"query_string": {named.get(name, name): value for name, value in known.items()}}
                if method == "GET"
                else {"json": known}
            )
            walk.world.calls.clear()
            headers = {"Authorization": f"Bearer {token}", "If-Match": '"1"'}
            client.open(path, method=method, headers=headers, **how)
            if not walk.world.calls:
                walk.silent.append(f"{method} {rule.rule}")
                continue
            called = walk.world.calls[0]
            door = getattr(walk.world.services[called.service], called.door).door
            walk.steps.append(Step(f"{method} {rule.rule}", declared.needs, called, door.kind == "command"))


def sample(name: str, converter: Any, ids: dict[str, str], body: Mapping[str, Any] = MappingProxyType({})) -> Any:
    """Return what stands in the address for one of its parts: a word is the one that the call's message takes."""
    kind = type(converter).__name__
    if kind == "UnicodeConverter" and isinstance(body.get(name), str):
        return body[name]
    if kind == "AnyConverter":
        return sorted(converter.items)[0]
    return {"UUIDConverter": ids.get(name, str(uuid4())), "IntegerConverter": 2026}.get(kind, "1")
