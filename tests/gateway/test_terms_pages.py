"""Committees and elections by the pages and the API: what was typed stays, what is sent twice is done once (R5)."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis import clock
from flask import Flask
from sqlalchemy import text

from tests.gateway.conftest import STANDING, Browser, Keys, Standing, a_browser
from tests.roster.factories import a_branch, a_committee, an_organisation, path_of

pytestmark = STANDING

HTML = {"Accept": "text/html"}


@dataclass(frozen=True)
class Here:
    branch: UUID
    committee: UUID
    clerk: str
    officer: str
    members: list[str]


@pytest.fixture(scope="module")
def here(services: Standing, keys: Keys) -> Here:
    with services.engines["roster"].begin() as db:
        committee = a_committee(db)
        branch = a_branch(db, parent=committee, full=7)
        an_organisation(db, parent=committee, name="=cmd 党支部")
        members = db.execute(text("SELECT person_id FROM members WHERE branch_id = :id"), {"id": branch}).scalars()
        return Here(
            branch,
            committee,
            keys.token("administrator", path=path_of(db, branch)),
            keys.token("officer", path=path_of(db, committee)),
            [str(member) for member in members],
        )


@pytest.fixture
def clerk(app: Flask, here: Here) -> Browser:
    return a_browser(app, here.clerk)


@pytest.fixture
def officer(app: Flask, here: Here) -> Browser:
    return a_browser(app, here.officer)


def sends(browser: Browser, path: str, **fields: Any) -> Any:
    given = {"csrf_token": browser.csrf, "idempotency_key": str(uuid4()), **fields}
    return browser.client.post(path, data=given, headers=HTML)


def today() -> str:
    return clock.today(clock.now()).isoformat()


def test_a_fault_stands_at_its_field_and_what_was_typed_stays(clerk: Browser, here: Here) -> None:
    fields = {"form": "election", "kind": "term", "election_seats": "3", "planned_on": today(), "happened_on": today()}
    answer = sends(clerk, f"/branches/{here.branch}/elections", **fields, document_number="")
    assert answer.status_code == 422
    assert 'name="election_seats" type="number" value="3"' in answer.text
    assert 'href="#election-document"' in answer.text
    answer = sends(
        clerk, f"/branches/{here.branch}/elections", **{**fields, "election_seats": "99"}, document_number="1"
    )
    assert answer.status_code == 422
    assert 'href="#election_seats"' in answer.text


def test_the_way_by_the_pages(clerk: Browser, officer: Browser, here: Here) -> None:
    key = str(uuid4())
    fields = {"kind": "term", "election_seats": "3", "planned_on": today(), "happened_on": today()}
    asked = {**fields, "document_number": "请示1号", "idempotency_key": key}
    first = sends(clerk, f"/branches/{here.branch}/elections", **asked)
    assert first.status_code == 303
    # A second click sends the same form: one election, the same answer.
    assert sends(clerk, f"/branches/{here.branch}/elections", **asked).location == first.location
    way = first.location
    assert "没有待您审批的选举事项" not in officer.client.get("/terms/approvals", headers=HTML).text

    def approves(step: str) -> Any:
        return sends(officer, f"{way}/approval", step=step, happened_on=today(), document_number="批复1号")

    assert approves("result").status_code == 409
    assert approves("reply").status_code == 303
    few = sends(clerk, f"{way}/candidates", candidate_ids=here.members[:3], happened_on=today())
    assert few.status_code == 422
    assert few.text.count("checked>") == 3
    assert "候选人至少 4 人" in few.text
    assert sends(clerk, f"{way}/candidates", candidate_ids=here.members[:4], happened_on=today()).status_code == 303
    assert approves("candidates").status_code == 303
    absent = {f"absent-{here.members[6]}": "bedridden"}
    missed = sends(clerk, f"{way}/meetings", happened_on=today(), present="4", **absent)
    assert missed.status_code == 422
    assert "至少须到 5 人" in missed.text
    assert '<option value="bedridden" selected>' in missed.text
    assert sends(clerk, f"{way}/meetings", happened_on=today(), present="6", **absent).status_code == 303
    votes = dict(zip((f"votes-{one}" for one in here.members), ("6", "5", "5"), strict=False))
    wrong = sends(clerk, f"{way}/ballots", handed_out="7", returned="6", spoiled="0", **votes)
    assert wrong.status_code == 422
    assert "每人一张选票" in wrong.text
    assert sends(clerk, f"{way}/ballots", handed_out="6", returned="6", spoiled="0", **votes).status_code == 303
    posts = {"secretary_id": here.members[0], "deputy_ids": [here.members[1]], "happened_on": today()}
    assert sends(clerk, f"{way}/posts", **posts).status_code == 303
    assert sends(clerk, f"{way}/report", happened_on=today(), document_number="报告1号").status_code == 303
    assert approves("result").status_code == 303
    view = clerk.client.get(f"/api/v1/organisations/{here.branch}/committee").json
    assert [held["post"] for held in view["posts"]] == ["secretary", "deputy_secretary", "committee_member"]
    assert view["term"]["active_from"] == today()
    assert "新班子已任职" in clerk.client.get(way, headers=HTML).text


def test_the_superior_appoints_and_ends(clerk: Browser, officer: Browser, here: Here) -> None:
    page = f"/branches/{here.branch}"
    posts = {f"post-{one}": post for one, post in zip(here.members, ("committee_member", ""), strict=False)}
    whole = {"form": "committee", "active_from": today(), "document_number": "任2号", **posts}
    nobody = sends(officer, f"{page}/appointed-committees", **whole)
    assert nobody.status_code == 422
    assert "请选定一名书记" in nobody.text
    assert '<option value="committee_member" selected>' in nobody.text
    assert sends(clerk, f"{page}/appointed-committees", **whole).status_code == 403
    leads = {**whole, f"post-{here.members[5]}": "secretary"}
    assert sends(officer, f"{page}/appointed-committees", **leads).status_code == 303
    view = officer.client.get(f"/api/v1/organisations/{here.branch}/committee").json
    assert {held["person_id"]: held["post"] for held in view["posts"]} == {
        here.members[5]: "secretary",
        here.members[0]: "committee_member",
    }
    held = view["posts"][0]["id"]
    end = {"form": f"end-{held}", "ended_by": "resigned", "held_until": today(), "end_document_number": ""}
    assert sends(officer, f"{page}/posts/{held}/end", **end).status_code == 422
    assert sends(officer, f"{page}/posts/{held}/end", **{**end, "end_document_number": "免1号"}).status_code == 303
    assert "书记自" in clerk.client.get(f"{page}/committee", headers=HTML).text


def test_the_table_of_terms_holds_no_formula(officer: Browser) -> None:
    answer = officer.client.get("/terms.csv?status=without", headers=HTML)
    assert answer.mimetype == "text/csv"
    assert "'=cmd 党支部" in answer.data.decode("utf-8-sig")
    assert ",=cmd" not in answer.text


def test_nobody_reads_the_committee_of_another_place(app: Flask, keys: Keys, here: Here) -> None:
    stranger = a_browser(app, keys.token("officer", path="3703.elsewhere"))
    for path in (f"/branches/{here.branch}/committee", f"/api/v1/organisations/{here.branch}/committee"):
        assert stranger.client.get(path, headers=HTML).status_code == 403
