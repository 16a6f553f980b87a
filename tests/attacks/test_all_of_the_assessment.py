"""One of every noun of the assessment, asked for by everybody who has no business with it, and changed past the doors.

The doors are those that the walk of rights found; their bodies name rows that there are.
"""

import dataclasses
import io
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from chassis import clock
from chassis.files import DOCX, PDF, FileStore
from contracts.envelope import plain, schema_of
from contracts.rights import OF_ONESELF, RIGHTS, ROLES
from PIL import Image
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.assessment.everything import everything
from tests.walking import ROOT, Step, Walk, code_of, is_refused

pytestmark = pytest.mark.xdist_group("rights walk")

NEXT_TOWN = "3703.370302.t2"
ITS_BRANCH = f"{NEXT_TOWN}.v1"
OF_ALL = ("version_id", "item_id", "criteria_id", "list_id", "formula_id")
"""What the whole district knows: lists, criteria, the formula."""
ITS_OWN_TOO = {
    **dict.fromkeys(
        ("bulletin", "bulletins", "acknowledge_bulletin", "inbox"), "bulletin_id"
    ),  # it was sent to this town too
    **dict.fromkeys(("star_rating", "star_ratings", "star_results"), "rating_id"),  # it rated this town too
    **dict.fromkeys(("star_result", "stars_of_branch", "object_to_star_rating", "make_star_file"), "rating_id"),
}
"""Doors that speak of what is the asker's as well; who asks sees their own part of it."""
UNREADABLE = ("hand_in_review", "make_supervision_paper")


@pytest.fixture(scope="module")
def there(walk: Walk) -> dict[str, dict[str, Any]]:
    with walk.world.engines["assessment"].begin() as db:
        return everything(db, walk.world.files)


def steps(walk: Walk, there: dict[str, dict[str, Any]], **own: UUID) -> Iterator[Step]:
    """Yield a step for each door of the assessment with the ids of what is there, or of one's own in their place."""
    doors = {step.called.door: step for step in walk.steps if step.called.service == "assessment"}
    for name, step in doors.items():
        fields = schema_of(getattr(walk.world.services["assessment"], name).door.message).fields
        ids = {**there[""], **there.get(name, {}), **own}
        body = orjson.loads(step.called.body)
        body |= {one: str(ids[one]) for one in ids if one in fields and (one in body or fields[one].required)}
        yield dataclasses.replace(step, called=dataclasses.replace(step.called, body=orjson.dumps(body)))


def token(walk: Walk, step: Step, path: str) -> str:
    """Everything at a node, but for the roles that may do this anywhere."""
    roles = [one for one in ROLES if all(RIGHTS[action].get(one) != "anywhere" for action in step.needs)]
    grants = [(role, path) for role in roles]
    return walk.world.signer.sign(person_id=uuid4(), session_id=uuid4(), name="x", grants=grants, at=clock.now())


def test_nobody_reaches_what_is_another_towns(walk: Walk, there: dict[str, dict[str, Any]]) -> None:
    """Neither with the ids of the others alone, nor with one's own branch beside them."""
    with walk.world.engines["assessment"].connect() as db:
        own = db.scalar(text("SELECT id FROM organisations WHERE path = :path"), {"path": ITS_BRANCH})
    theirs = {name: str(one).encode() for name, one in there[""].items() if name not in OF_ALL}
    reached, tried = [], 0
    for ids in ({}, {"branch_id": own, "organisation_id": own}):
        secret = {name: one for name, one in theirs.items() if name not in ids}
        for step in steps(walk, there, **ids):
            door, body = step.called.door, step.called.body
            if (
                step.needs & OF_ONESELF
                or door == "mark_notices_read"
                or (ids and step.is_command and not any(one in body for one in secret.values()))
            ):
                continue
            tried += 1
            answer = walk.ask(step, token(walk, step, NEXT_TOWN))
            code = code_of(answer)
            seen = {name for name, one in secret.items() if one in answer.body} - {ITS_OWN_TOO.get(door)}
            if is_refused(code) or (door in UNREADABLE and code == "invalid-input"):
                continue
            if ids and code != "ok":
                continue
            if code != "ok" or seen or (step.is_command and door not in ITS_OWN_TOO):
                reached.append(f"{door}: {code} {sorted(seen)}")
    assert "\n".join(sorted(reached)) == ""
    assert tried > 300


SETTLED: dict[str, tuple[str, ...]] = {
    "UPDATE talks SET state = 'held', held_on = due_on, held_by = 'x', with_name = 'x', said = 'x', promised = 'x',"
    " recorded_by_id = gen_random_uuid(), recorded_by = 'x', recorded_at = now()": ("UPDATE talks SET said = 'y'",),
    "UPDATE reinspections SET state = 'done', done_on = due_on, found = 'x', again = '[]', done_by = 'x'": (
        "UPDATE reinspections SET found = 'y'",
        "DELETE FROM reinspections",
    ),
    "UPDATE half_year_meetings SET held_on = planned_on, minutes = 'x'": (
        "UPDATE half_year_meetings SET minutes = 'y'",
        "DELETE FROM half_year_meetings",
    ),
    "UPDATE star_objections SET answer = 'rejected', answer_text = 'x', answered_at = now(), answered_by = 'x'": (
        "UPDATE star_objections SET answer_text = 'y'",
        "UPDATE star_corrections SET value = 1",
        "DELETE FROM star_objections",
        "DELETE FROM star_corrections",
    ),
    "UPDATE weak_items SET state = 'done', evidence = 'x', done_by = 'x', done_at = now(),"
    " done_by_id = gen_random_uuid()": (
        "UPDATE weak_items SET due_on = due_on + 99",
        "DELETE FROM weak_items",
        "DELETE FROM weak_organisations",
    ),
    "UPDATE weak_items SET state = 'accepted', accepted_by_id = gen_random_uuid(), accepted_by = 'x',"
    " accepted_at = now()": ("UPDATE weak_items SET evidence = 'y'",),
    "UPDATE weak_organisations SET state = 'released', ended_at = now(), ended_reason = 'x', ended_by = 'x'"
    " WHERE state = 'listed'": ("UPDATE weak_organisations SET ended_reason = 'y'",),
    "UPDATE review_consequences SET state = 'done', done_on = due_on, proof = 'x', by_id = gen_random_uuid(),"
    " by_name = 'x', decision = CASE kind WHEN 'replacement' THEN 'keep' END": (
        "UPDATE review_consequences SET proof = 'y'",
        "DELETE FROM review_consequences",
    ),
    "UPDATE card_consequences SET state = 'done', done_on = due_on, proof = 'x', by_name = 'x',"
    " by_id = gen_random_uuid() WHERE due_on IS NOT NULL": (
        "UPDATE card_consequences SET proof = 'y' WHERE due_on IS NOT NULL",
        "DELETE FROM card_consequences",
    ),
    "UPDATE joint_parts SET state = 'confirmed', attended = 2, decided_at = now()": (
        "UPDATE joint_parts SET attended = 200",
        "DELETE FROM joint_parts",
    ),
    "UPDATE rectifications SET state = 'reported', reported_on = deadline, report = 'x', measures = 'x',"
    " in_charge = 'x', reported_by_id = gen_random_uuid() WHERE state = 'open'": (
        "DELETE FROM evidence_files",
        "UPDATE evidence_files SET name = 'y'",
        "DELETE FROM rectifications",
    ),
    "SELECT 1": (
        "UPDATE problems SET text = 'y'",
        "DELETE FROM problems",
        "UPDATE document_numbers SET last = 0 WHERE last > 0",
        "DELETE FROM document_numbers",
        "DELETE FROM exemptions",
        "DELETE FROM cards",
        *(
            f"{change} {table}{rest}"
            for table in ("check_numbers", "mending_rules", "record_rules", "supervision_rules")
            for change, rest in (("UPDATE", " SET citation = 'y'"), ("DELETE FROM", ""))
        ),
        "DELETE FROM frozen_months",
    ),
}
"""What settles rows, and what the service's own role is refused from then on."""


def test_what_is_settled_is_not_changed_past_the_doors(walk: Walk, there: dict[str, dict[str, Any]]) -> None:
    let_in = []
    with walk.world.engines["assessment"].connect() as db:
        db.execute(text("INSERT INTO frozen_months VALUES ('2020-01', now())"))
        for settles, changes in SETTLED.items():
            assert db.execute(text(settles)).rowcount, settles
            for change in changes:
                savepoint = db.begin_nested()
                try:
                    rows = db.execute(text(change)).rowcount
                    let_in.append(f"{change}: {rows}")
                except DBAPIError:
                    pass
                savepoint.rollback()
        db.rollback()
    assert "\n".join(let_in) == ""


# ---- files --------------------------------------------------------------------------------------------------------


def everybody(walk: Walk) -> dict[str, str]:
    grants = [(role, ROOT) for role in ROLES]
    token = walk.world.signer.sign(person_id=uuid4(), session_id=uuid4(), name="x", grants=grants, at=clock.now())
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("is_form", [True, False], ids=["form", "body"])
def test_a_picture_as_evidence_does_not_say_where_it_was_taken(
    walk: Walk, there: dict[str, dict[str, Any]], is_form: bool
) -> None:
    exif, drawn = Image.Exif(), io.BytesIO()
    exif[0x010E] = "36.6N 117.9E"
    Image.new("RGB", (40, 30), "red").save(drawn, "JPEG", exif=exif)
    content = drawn.getvalue() + b"<script>alert(1)</script>"
    assert b"36.6N" in content
    sent: dict[str, Any] = {"data": content, "content_type": "image/jpeg"}
    if is_form:
        sent = {"data": {"file": (io.BytesIO(content), "../../x\u202egpj.html", "text/html")}}
    address = f"/api/v1/rectifications/{there['']['rectification_id']}/files"
    answer = walk.app.test_client().post(address, headers=everybody(walk), **sent)
    assert answer.status_code == 201, answer.text
    assert answer.json["media_type"] == "image/webp"
    assert answer.json["name"] in ("xgpj.webp", "file.webp")
    kept = [one.read_bytes() for one in (walk.world.files.folder / "mending-evidence").rglob("*") if one.is_file()]
    assert kept
    assert not any(b"36.6N" in one or b"<script>" in one for one in kept)


def test_an_answer_names_no_file_as_what_it_is_not(walk: Walk, there: dict[str, dict[str, Any]]) -> None:
    """Size, kind and name of a reference go into the headers of whoever fetches the file."""
    folder = FileStore(walk.world.files.folder / "slip-evidence")
    right = plain(folder.put(io.BytesIO(b"%PDF-1.7"), name="x.pdf", media_types=(PDF,), max_bytes=99))
    client, address = walk.app.test_client(), f"/api/v1/slips/{there['']['slip_id']}/replies"
    for lie in ({"size": 2**31}, {"size": 1}, {"media_type": DOCX}, {"media_type": "text/html"}, {"name": "../x.pdf"}):
        sent = {"text": "已办", "files": [{**right, **lie}]}
        assert client.post(address, headers=everybody(walk), json=sent).status_code == 422, lie
    sent = {"text": "已办", "files": [right]}
    assert client.post(address, headers=everybody(walk), json=sent).status_code == 201
