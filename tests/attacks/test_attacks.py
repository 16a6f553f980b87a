"""An attack pass: each attempt is made on the real pages, doors and databases, and refused.

What is walked here is found in the routes and the contracts, so a new call or page is attacked by itself.
"""

import base64
import dataclasses
import hashlib
import hmac
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import jwt
import orjson
import pytest
from chassis import clock
from chassis.tokens import Signer, make_key
from contracts.envelope import load, schema_of
from contracts.rights import OF_ONESELF, RIGHTS, ROLES
from contracts.roster.sessions import OpenSession
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient
from gateway.identity import PUBLIC, rights_of
from gateway.pages import audit as audit_pages
from marshmallow import fields
from PIL import Image
from roster.operations import sessions
from roster.operations.accounts import NewAccount, open_accounts
from roster.operations.members import Person, register_all
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from tests.walking import INSIDE, OUTSIDE, ROOT, Walk, code_of, is_refused, sample

pytestmark = pytest.mark.xdist_group("rights walk")

GOD = [[role, ROOT] for role in ROLES]


def everything(walk: Walk) -> str:
    return walk.world.signer.sign(
        person_id=walk.person_id,
        session_id=uuid4(),
        name="某人",
        grants=[(role, ROOT) for role in ROLES],
        at=clock.now(),
    )


def a_browser(walk: Walk, token: str | None, csrf: str = "the secret of this browser") -> FlaskClient:
    jar = walk.app.extensions["zhendi.browsers"]
    client = walk.app.test_client()
    client.set_cookie(jar.name, jar.fernet.encrypt(json.dumps({"token": token, "csrf": csrf}).encode()).decode())
    return client


def addresses(walk: Walk, *, methods: tuple[str, ...]) -> Iterator[tuple[str, str, Any]]:
    """Give each page's address with ids of rows that there are."""
    ids = {**walk.ids["assessment"], **walk.ids["sites"], **walk.ids["roster"]}
    for rule in walk.app.url_map.iter_rules():
        if not rule.endpoint.startswith("pages."):
            continue
        values = {name: sample(name, converter, ids) for name, converter in rule._converters.items()}
        for method in sorted((rule.methods or set()) & set(methods)):
            yield method, walk.app.url_map.bind("localhost").build(rule.endpoint, values), rule


# ---- ids of other branches ---------------------------------------------------------------------------------------


def test_an_id_of_another_branch_opens_nothing_in_the_roster(walk: Walk) -> None:
    """Everybody below INSIDE, with all the roles there are, asks for a member and a branch that lie elsewhere."""
    found = text(
        "SELECT m.person_id, m.branch_id FROM members m JOIN organisations o ON o.id = m.branch_id"
        " WHERE starts_with(o.path, :outside)"
    )
    with walk.world.engines["roster"].connect() as db:
        other = db.execute(found, {"outside": OUTSIDE}).one()
    swaps = {
        walk.ids["roster"]["person_id"].encode(): str(other.person_id).encode(),
        walk.ids["roster"]["branch_id"].encode(): str(other.branch_id).encode(),
    }
    token = walk.world.signer.sign(
        person_id=walk.person_id,
        session_id=uuid4(),
        name="x",
        grants=[(role, INSIDE) for role in ROLES],
        at=clock.now(),
    )
    reached, tried = [], 0
    for step in walk.steps:
        body = step.called.body
        for own, others in swaps.items():
            body = body.replace(own, others)
        scopes = {scope for action in step.needs for scope in RIGHTS[action].values()}
        if step.called.service != "roster" or body == step.called.body or "anywhere" in scopes:
            continue
        tried += 1
        called = dataclasses.replace(step.called, body=body)
        answer = walk.ask(dataclasses.replace(step, called=called), token)
        code = code_of(answer)
        if (not is_refused(code) and not (code == "ok" and str(other.person_id).encode() not in answer.body)) or (
            step.is_command and code == "ok"
        ):
            reached.append(f"{step.address}: {code}")
    assert "\n".join(reached) == ""
    assert tried > 20


# ---- tokens ------------------------------------------------------------------------------------------------------


def forged(walk: Walk, folder: Path) -> dict[str, str]:
    signer, now = walk.world.signer, clock.now()
    key_id = signer.key_id
    who: dict[str, Any] = {"person_id": uuid4(), "session_id": uuid4(), "name": "x", "grants": [("admin", ROOT)]}
    right = signer.sign(**who, at=now)
    head, body, mark = right.split(".")
    claims = jwt.decode(right, options={"verify_signature": False})
    public = signer._key.public_key().public_bytes_raw()

    def part(what: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(what).encode()).rstrip(b"=").decode()

    by_hmac = f"{part({'alg': 'HS256', 'kid': key_id})}.{part(claims)}"
    hmac_mark = (
        base64.urlsafe_b64encode(hmac.new(public, by_hmac.encode(), hashlib.sha256).digest()).rstrip(b"=").decode()
    )
    stranger, _ = make_key(folder, key_id=key_id)
    return {
        "no algorithm": f"{part({'alg': 'none', 'kid': key_id})}.{body}.",
        "the public key as a secret": f"{by_hmac}.{hmac_mark}",
        "another key under our id": Signer(stranger).sign(**who, at=now),
        "a key that nobody has": jwt.encode(
            claims, Ed25519PrivateKey.generate(), "EdDSA", headers={"kid": "../../etc/passwd"}
        ),
        "more rights under the same mark": f"{head}.{part(claims | {'grants': GOD})}.{mark}",
        "a cut mark": f"{head}.{body}.{mark[:-8]}",
        "expired": signer.sign(**who, at=now - timedelta(hours=2)),
        "without an end": jwt.encode(
            {k: v for k, v in claims.items() if k != "exp"}, signer._key, "EdDSA", headers={"kid": key_id}
        ),
        "words": "Bearer me",
    }


def test_no_forged_token_opens_a_door_or_a_call(walk: Walk, tmp_path: Path) -> None:
    tokens = forged(walk, tmp_path)
    opened = [
        f"{kind}: {step.called.door}"
        for kind, token in tokens.items()
        for step in walk.steps
        if code_of(walk.ask(step, token)) != "not-signed-in"
        and not getattr(walk.world.services[step.called.service], step.called.door).door.public
    ]
    assert opened == []
    client = walk.app.test_client()
    for kind, token in tokens.items():
        for path in ("/api/v1/me", "/api/v1/accounts", "/api/v1/audit/roster/records"):
            assert client.get(path, headers={"Authorization": f"Bearer {token}"}).status_code == 401, (kind, path)


# ---- more than was asked for --------------------------------------------------------------------------------------

SMUGGLED: dict[str, Any] = {
    **{"role": "admin", "roles": ["admin"], "grants": GOD, "is_admin": True, "actor": {"grants": GOD}, "first": None},
    **{"by_id": str(uuid4()), "by_name": "x", "granted_by": str(uuid4()), "placed_by_id": str(uuid4()), "path": ROOT},
    **{"state": "approved", "approved_fen": 1, "amount_fen": 1, "balance_fen": 1, "is_subsidised": True, "hash": "x"},
    **{"must_change": False, "password_hash": "x", "synthetic": True, "at": "2020-01-01T00:00:00Z", "command": "x"},
    **{"__class__": "x", "__proto__": {"role": "admin"}, "constructor": "x", "purged_at": None, "kept_months": 1},
}


def test_no_command_takes_a_field_that_it_does_not_name(walk: Walk) -> None:
    checked = 0
    for service in walk.world.services.values():
        for name in dir(service):
            door = getattr(getattr(service, name), "door", None)
            if door is None or door.kind != "command":
                continue
            step = next((step for step in walk.steps if step.called.door == name), None)
            if step is None:
                continue
            body = orjson.loads(step.called.body)
            unnamed = {key: value for key, value in SMUGGLED.items() if key not in schema_of(door.message).fields}
            try:
                plain = load(door.message, body)
            except Exception:  # noqa: S112 - a body that is refused as it is takes nothing either
                continue
            assert load(door.message, {**unnamed, **body}) == plain, name
            checked += 1
    assert checked > 80


def test_smuggled_fields_make_nobody_more_than_they_are(walk: Walk) -> None:
    token = walk.token("member", INSIDE, person_id=uuid4())
    let_in = []
    for step in walk.steps:
        if not step.is_command or step.needs & OF_ONESELF or any("member" in RIGHTS[action] for action in step.needs):
            continue
        named = schema_of(getattr(walk.world.services[step.called.service], step.called.door).door.message).fields
        unnamed = {key: value for key, value in SMUGGLED.items() if key not in named}
        body = orjson.dumps({**unnamed, **orjson.loads(step.called.body)})
        answer = walk.ask(dataclasses.replace(step, called=dataclasses.replace(step.called, body=body)), token)
        unread = code_of(answer) == "invalid-input" and code_of(walk.ask(step, token)) == "invalid-input"
        if not is_refused(code_of(answer)) and not unread and not all_refused(answer):
            let_in.append(step.address)
    assert let_in == []


def all_refused(answer: Any) -> bool:
    """Say whether each of several things that were asked for at once is refused."""
    items = orjson.loads(answer.body).get("items", [])
    return bool(items) and all(one.get("code") for one in items)


# ---- forms of others ---------------------------------------------------------------------------------------------


def test_no_page_acts_for_a_form_that_is_not_ours(walk: Walk) -> None:
    token, acted = everything(walk), []
    walk.world.calls.clear()
    for method, path, rule in addresses(walk, methods=("POST", "PUT", "PATCH", "DELETE")):
        for sent in ({}, {"csrf_token": "guessed"}, {"csrf_token": ""}):
            answer = a_browser(walk, token).open(
                path, method=method, data=sent, headers={"Origin": "https://evil.example"}
            )
            if answer.status_code != 403:
                acted.append(f"{method} {rule.rule}: {answer.status_code}")
    assert acted == []
    assert [
        called.door
        for called in walk.world.calls
        if getattr(walk.world.services[called.service], called.door).door.kind == "command"
    ] == []


def test_the_api_takes_no_cookie_without_the_secret_of_its_forms(walk: Walk) -> None:
    client, acted = a_browser(walk, everything(walk)), []
    for step in walk.steps:
        method, _, rule = step.address.partition(" ")
        if method == "GET":
            continue
        path = rule.replace("<int:", "<").split("<")[0]
        if path != rule:
            continue
        if client.open(path, method=method, json={}).status_code != 403:
            acted.append(step.address)
    assert acted == []


# ---- what people write -------------------------------------------------------------------------------------------

SCRIPT, PICTURE = "<script>alert(1)</script>", '"><img src=x onerror=alert(2)>'


def test_hostile_words_in_every_row_run_on_no_page(walk: Walk) -> None:
    """Whatever text the databases hold, no page gives it out as markup."""
    hostile = f"{SCRIPT}{PICTURE}"
    poisoned = 0
    for engine in walk.world.engines.values():
        with engine.begin() as db:
            columns = db.execute(
                text(
                    "SELECT c.table_name, c.column_name FROM information_schema.columns c"
                    " JOIN information_schema.tables t USING (table_schema, table_name)"
                    " WHERE c.table_schema = 'public' AND c.data_type = 'text'"
                    " AND t.table_type = 'BASE TABLE' AND c.column_name = ANY(:names)"
                ),
                {
                    "names": [
                        "name",
                        "title",
                        "reason",
                        "note",
                        "summary",
                        "address",
                        "group_name",
                        "branch_name",
                        "what",
                        *("text", "remark", "opening", "closing", "demand", "subject", "said", "promised", "cause"),
                        *("plan", "evidence", "in_charge", "measures", "comment", "report", "word", "decision"),
                        *("found", "checkers", "place", "minutes", "citation", "inspector", "notes", "basis", "town"),
                        *("secretary_name", "person_name", "organisation_name", "by_name", "made_by", "contact"),
                    ]
                },
            ).all()
            for table, column in columns:
                try:
                    with db.begin_nested():
                        change = text(f"UPDATE {table} SET {column} = :hostile")  # noqa: S608
                        poisoned += db.execute(change, {"hostile": hostile}).rowcount
                except DBAPIError:
                    continue  # a constraint keeps it out already
    assert poisoned > 20
    client = a_browser(walk, everything(walk))
    ran, shown = [], 0
    for _, path, rule in addresses(walk, methods=("GET",)):
        answer = client.get(path, headers={"Accept": "text/html", "Accept-Language": "en"})
        if answer.mimetype != "text/html":
            assert answer.headers.get("X-Content-Type-Options") == "nosniff"
            continue
        if SCRIPT.encode() in answer.data or b"<img src=x" in answer.data:
            ran.append(rule.rule)
        policy = answer.headers["Content-Security-Policy"]
        if "unsafe-inline" in policy or "unsafe-eval" in policy or "default-src 'none'" not in policy:
            ran.append(f"{rule.rule}: {policy}")
        shown += b"&lt;script&gt;" in answer.data
    assert ran == []
    assert shown > 5


@pytest.mark.parametrize("media_type", ["image/svg+xml", "image/png", "image/jpeg"])
@pytest.mark.parametrize(
    "content",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"GIF89a/*<script>*/=1;alert(1)//",
        b"<!doctype html><script>alert(1)</script>",
        b"\x89PNG\r\n\x1a\n<script>alert(1)</script>",
        b"\xff\xd8\xff\xe0<?php system($_GET[0]); ?>",
    ],
)
def test_no_picture_that_is_none_is_taken(walk: Walk, content: bytes, media_type: str) -> None:
    site = walk.ids["sites"]["site_id"]
    answer = walk.app.test_client().post(
        f"/api/v1/sites/{site}/pictures",
        data={
            "file": (io.BytesIO(content), "../../x.svg", media_type),
            "caption": "x",
            "licence": "own",
            "author": "x",
        },
        headers={"Authorization": f"Bearer {everything(walk)}"},
    )
    assert answer.status_code in (415, 422), answer.text
    assert "alt" not in answer.json.get("errors", {})  # it is the picture that is refused


def test_a_picture_is_drawn_anew_and_loses_what_hangs_on_it(walk: Walk) -> None:
    drawn = io.BytesIO()
    Image.new("RGB", (800, 600), "red").save(drawn, "PNG")
    content = drawn.getvalue() + SCRIPT.encode()
    answer = walk.app.test_client().post(
        f"/api/v1/sites/{walk.ids['sites']['site_id']}/pictures",
        data={"file": (io.BytesIO(content), "../../x.png", "image/png"), **ABOUT_PICTURES},
        headers={"Authorization": f"Bearer {everything(walk)}"},
    )
    assert answer.status_code == 201, answer.text
    kept = [path for path in walk.world.files.folder.rglob("*") if path.is_file() and "pictures" in str(path)]
    assert kept
    assert not any(SCRIPT.encode() in path.read_bytes() for path in kept)


ABOUT_PICTURES = {"alt": "x"}


# ---- what goes into SQL, and into spreadsheets --------------------------------------------------------------------

QUOTES = (
    "' OR '1'='1",
    "'; DROP TABLE people; --",
    "%' UNION SELECT password_hash FROM accounts --",
    "\\",
    "%_\\%",
    "$1",
    ":x",
    "%(x)s",
    "{0}",
)


def test_every_text_is_a_value_and_no_statement(walk: Walk) -> None:
    token, failed, tried = everything(walk), [], 0
    for step in walk.steps:
        door = getattr(walk.world.services[step.called.service], step.called.door).door
        body = orjson.loads(step.called.body)
        for name, one in schema_of(door.message).fields.items():
            if not isinstance(one, fields.String) or isinstance(one, fields.UUID):
                continue
            for hostile in QUOTES[tried % 3 :: 3]:
                asked = dataclasses.replace(step.called, body=orjson.dumps(body | {name: hostile}))
                tried += 1
                code = code_of(walk.ask(dataclasses.replace(step, called=asked), token))
                if code in ("fault", "internal"):
                    failed.append(f"{step.address} {name}={hostile}: {code}")
    assert failed == []
    assert tried > 300


@pytest.mark.parametrize(
    "word", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("https://evil.example")', "\t=1", "=cmd|' /C calc'!A0"]
)
def test_the_exported_workbook_holds_no_formula(walk: Walk, word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row = {
        **{"at": "2026-11-10T04:00:00+00:00", "person_id": None, "door": word, "outcome": word, "targets": []},
        **{"fields": [word], "address": word, "request_id": word, "session_id": word, "times": 1, "number": 1},
    }
    monkeypatch.setattr(audit_pages, "_pages", lambda service, asked: iter([[row]]))
    answer = a_browser(walk, everything(walk)).get("/administration/audit/records.xlsx")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        sheets = [book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) == 3
    assert not any(b"<f>" in sheet or b"<hyperlink" in sheet for sheet in sheets)


# ---- signing in --------------------------------------------------------------------------------------------------


def a_person(walk: Walk, username: str) -> UUID:
    person = Person(uuid4(), "账号")
    with walk.world.engines["roster"].begin() as db:
        register_all(db, [person])
        open_accounts(db, [NewAccount(person.id, username, "correct horse battery")], at=clock.now())
    return person.id


def test_an_unknown_name_costs_what_a_wrong_password_does(walk: Walk) -> None:
    """The same statements, the same hash: a clock tells nobody which names there are."""
    known = f"known-{uuid4().hex[:8]}"
    a_person(walk, known)
    engine = walk.world.engines["roster"]

    def costs(username: str) -> tuple[list[str], int]:
        statements: list[str] = []
        hashes = 0

        def fits(hashed: str, password: str) -> bool:
            nonlocal hashes
            hashes += 1
            assert hashed.startswith("$argon2id$")
            return False

        def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            statements.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            with engine.connect() as db:
                sessions.open_session(
                    db, OpenSession(username, "wrong"), signer=walk.world.signer, at=clock.now(), fits=fits
                )
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return statements, hashes

    assert costs(known) == costs(f"unknown-{uuid4().hex[:8]}")


def test_a_session_from_before_the_sign_in_is_not_the_one_after_it(walk: Walk) -> None:
    username = f"fixed-{uuid4().hex[:8]}"
    a_person(walk, username)
    client = a_browser(walk, None, csrf="set by an attacker")
    jar = walk.app.extensions["zhendi.browsers"]
    before = client.get_cookie(jar.name)
    sent = {"csrf_token": "set by an attacker", "username": username, "password": "correct horse battery"}
    walk.world.is_kept = True
    try:
        answer = client.post("/sign-in", data=sent)
    finally:
        walk.world.is_kept = False
    assert answer.status_code == 303
    after = client.get_cookie(jar.name)
    assert before is not None
    assert after is not None
    holds = json.loads(jar.fernet.decrypt(after.value.encode()))
    assert holds["csrf"] != "set by an attacker"
    assert holds["token"]


ELSEWHERE = (
    *("//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "///evil.example/x"),
    *(
        "http:evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/a\r\nSet-Cookie: x=1",
        " //evil.example",
        "evil",
    ),
)


@pytest.mark.parametrize("there", ELSEWHERE)
def test_signing_in_leads_to_no_other_place(walk: Walk, there: str) -> None:
    client = a_browser(walk, everything(walk), csrf="c")
    for answer in (
        client.get("/sign-in", query_string={"next": there}),
        client.post("/language", data={"csrf_token": "c", "language": "en", "next": there}),
    ):
        if answer.status_code in (302, 303):
            assert answer.headers["Location"] == "/"
        assert "Set-Cookie: x" not in str(answer.headers)


# ---- the edges ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["x\ty", "a" * 200, "<script>", "é", "' OR 1=1", "..", "a b c d e f g h"])
def test_a_request_id_of_others_comes_back_only_when_it_is_harmless(walk: Walk, given: str) -> None:
    answer = walk.app.test_client().get("/livez", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] != given


def test_a_body_that_is_too_large_is_refused_before_it_is_read(walk: Walk) -> None:
    client = walk.app.test_client()
    headers = {"Authorization": f"Bearer {everything(walk)}"}
    walk.world.calls.clear()
    for path in ("/api/v1/members", "/api/v1/sessions", "/api/v1/audit/roster/rules"):
        for body in (b'{"name": "' + b"x" * 1_100_000 + b'"}', b"[" * 50_000, b'{"a":' * 200 + b"1" + b"}" * 200):
            answer = client.post(path, data=body, headers={**headers, "Content-Type": "application/json"})
            assert answer.status_code in (400, 413), (path, answer.status_code)
    assert walk.world.calls == []


def test_whence_a_request_came_is_what_the_trusted_proxy_says(walk: Walk) -> None:
    """With no proxy configured, what a visitor writes into X-Forwarded-For is nobody's address."""
    walk.app.test_client().get("/api/v1/sites", headers={"X-Forwarded-For": "6.6.6.6"})
    assert walk.world.addresses[-1] == "127.0.0.1"


def test_everything_that_is_open_to_all_is_meant_to_be(walk: Walk) -> None:
    """No page or call that changes something is public, but signing in and out, devices, and the language."""
    public = {
        rule.rule
        for rule in walk.app.url_map.iter_rules()
        if rights_of(walk.app.view_functions[rule.endpoint]) == PUBLIC
        and (rule.methods or set()) & {"POST", "PUT", "DELETE"}
    }
    known = ("/sign-in", "/sign-out", "/language", "/api/v1/sessions", "/api/v1/devices/", "/api/v1/device-", "/door/")
    assert [rule for rule in public if not rule.startswith(known)] == []
