"""The handbook by its pages and by the API, with the real assessment and roster behind the gateway."""

import io
import re
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from assessment.operations import organisations, posts, rolls, task_making
from chassis import clock
from contracts.assessment.record_templates import RECORD_TEMPLATES
from contracts.roster.organisations import OrganisationChanged
from contracts.roster.posts import PostHolder, PostsChanged
from contracts.roster.rolls import RollChanged, RollMember
from flask import Flask
from PIL import Image

from tests.assessment.articles import an_event
from tests.gateway.conftest import STANDING, Browser, Keys, Standing, a_browser
from tests.gateway.test_dues_pages import sees, sends
from tests.roster.factories import a_committee, an_organisation, path_of
from tests.roster.registers import a_registered

pytestmark = STANDING

RECORD = re.compile(r"/records/([0-9a-f-]{36})")


class Branch:
    """A branch of two that both services know."""

    def __init__(self, services: Standing, app: Flask, keys: Keys, *, town: UUID | None = None, name: str) -> None:
        self.app, self.keys, self.name = app, keys, name
        now = clock.now()
        self.today = clock.today(now)
        with services.engines["roster"].begin() as db:
            self.town = town or a_committee(db)
            self.id = an_organisation(db, parent=self.town, name=name)
            self.path = path_of(db, self.id)
            people = {named: a_registered(db, branch=self.id, name=named) for named in (f"{name}甲", f"{name}乙")}
        self.people = people
        told = OrganisationChanged(
            id=self.id,
            code=self.path.rpartition(".")[2],
            name=name,
            kind="branch",
            field="rural",
            path=self.path,
            parent_id=self.town,
            division_code=None,
            secretary_id=None,
            members_full=2,
            members_probationary=0,
        )
        told_of = [
            RollMember(one, named, "full", "active", f"第{number}党小组")
            for number, (named, one) in enumerate(people.items(), 1)
        ]
        roll = RollChanged(self.id, told_of)
        with services.engines["assessment"].begin() as db:
            organisations.remember(db, event=an_event(told, occurred_at=now - timedelta(days=90)), at=now)
            rolls.remember(db, event=an_event(roll))

    def browser(self, role: str = "secretary") -> Browser:
        return a_browser(self.app, self.keys.token(role, path=self.path))

    def bearer(self, role: str = "secretary") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys.token(role, path=self.path)}"}


@pytest.fixture
def branch(services: Standing, app: Flask, keys: Keys) -> Branch:
    return Branch(services, app, keys, name=f"记录支部{clock.now().timestamp():.6f}")


def filled(branch: Branch, **more: str) -> dict[str, str]:
    """What a secretary types into the form of a theme day."""
    one, two = branch.people.values()
    return {
        "template": "theme_day",
        "held_on": branch.today.isoformat(),
        "subject": "植树",
        "place": "后山",
        f"came-{one}": "present",
        f"came-{two}": "leave",
        f"why-{two}": "出差",
        "starts": "09:00",
        "ends": "10:30",
        "answers.theme": "volunteering",
        "decisions.0.text": "浇水",
        "decisions.0.owner": "甲",
        **more,
    }


def test_a_theme_day_is_drafted_recorded_and_corrected(branch: Branch) -> None:
    secretary, base = branch.browser(), f"/branches/{branch.id}/records"
    assert "本年还没有记录" in sees(secretary, base)
    empty = sees(secretary, f"{base}/new?template=theme_day")
    assert empty.count('value="present" selected') == 2
    faulty = sends(secretary, f"{base}/new", **filled(branch, ends="08:00", **{"answers.result": "很好"}))
    assert faulty.status_code == 422
    assert "结束时间应晚于开始时间" in faulty.text
    assert "很好" in faulty.text  # what was typed is kept
    more = sends(secretary, f"{base}/new", **filled(branch, more="decisions"))
    assert 'name="decisions.3.text"' in more.text
    drafted = sends(secretary, f"{base}/new", **filled(branch, subject=""))
    assert "草稿尚不计入任何统计" in drafted.text
    (record_id,) = set(RECORD.findall(drafted.request.path))
    missing = sends(secretary, f"/records/{record_id}/recording")
    assert missing.status_code == 422
    assert "请填写此项" in missing.text or "必填" in missing.text
    form = sees(secretary, f"/records/{record_id}/form")
    assert 'value="出差"' in form
    written = sends(secretary, f"/records/{record_id}/form", version="1", **filled(branch))
    assert "已保存" in written.text
    done = sends(secretary, f"/records/{record_id}/recording")
    assert "已登记，自现在起计入" in done.text
    retyped = sends(secretary, f"/records/{record_id}/form", version="2", **filled(branch, place="前山"))
    assert retyped.status_code == 409
    assert "只能补填空缺的内容" in retyped.text
    corrected = sends(
        secretary, f"/records/{record_id}/correction", version="2", reason="地点写错", **filled(branch, place="前山")
    )
    assert "已更正，原内容留存" in corrected.text
    assert "地点写错" in corrected.text
    assert "植树" in sees(secretary, base)
    absent = sees(secretary, f"/branches/{branch.id}/absences?open=1")
    assert "出差" in absent
    made_up = sends(
        secretary,
        f"/records/{record_id}/making-up",
        person_id=[*branch.people.values()][1],
        made_up_on=branch.today,
        how="自学",
    )
    assert "自学" in made_up.text
    member = sees(branch.browser("member"), f"/records/{record_id}")
    assert "出差" not in member
    drawn = sends(secretary, f"/records/{record_id}/prints", format="docx")
    assert "正在生成" in drawn.text


def test_a_joint_theme_day_counts_for_both(services: Standing, app: Flask, keys: Keys, branch: Branch) -> None:
    other = Branch(services, app, keys, town=branch.town, name=f"联合{branch.name}")
    leading = branch.browser()
    joint = filled(branch, **{"parts.0.branch": other.name, "parts.0.attended": "2"})
    drafted = sends(leading, f"/branches/{branch.id}/records/new", **joint)
    (record_id,) = set(RECORD.findall(drafted.request.path))
    assert "待确认" in sends(leading, f"/records/{record_id}/recording").text
    neighbour = other.browser()
    assert "等待本支部确认的联合活动" in sees(neighbour, f"/branches/{other.id}/records")
    asked = sees(neighbour, f"/records/{record_id}")
    assert "我支部没有参加" in asked
    assert branch.name + "甲" not in asked  # whom of the leading branch came is that branch's affair
    confirmed = sends(neighbour, f"/records/{record_id}/confirmation", branch_id=other.id, attended="1")
    assert "已确认，本支部同样计入" in confirmed.text
    again = sends(neighbour, f"/records/{record_id}/declining", branch_id=other.id, reason="没去")
    assert "已有定论" in again.text
    strangers = sends(leading, f"/branches/{branch.id}/records/new", **filled(branch, **{"parts.0.branch": "没有它"}))
    assert strangers.status_code == 422


def test_the_months_task_leads_to_its_record_and_back(services: Standing, branch: Branch) -> None:
    secretary, month = branch.browser(), f"/branches/{branch.id}/tasks"
    with services.engines["assessment"].begin() as db:
        task_making.make(db, at=clock.now())
    form = f"/branches/{branch.id}/records/new?template=theme_day&month={branch.today:%Y-%m}"
    assert form.replace("&", "&amp;") in sees(secretary, month)
    assert f'value="{branch.today}"' in sees(secretary, form)
    record_id = RECORD.findall(sends(secretary, f"/branches/{branch.id}/records/new", **filled(branch)).request.path)[0]
    key = str(uuid4())
    for _ in "ab":  # a second click does nothing twice
        assert "已登记，自现在起计入" in sends(secretary, f"/records/{record_id}/recording", idempotency_key=key).text
    done = sees(secretary, month)
    assert form.replace("&", "&amp;") not in done
    task = re.search(r'href="(/tasks/[0-9a-f-]+)">开展主题党日<', done)
    assert task
    assert f'href="/records/{record_id}"' in sees(secretary, task[1])
    key = str(uuid4())
    for _ in "ab":
        gone = sends(secretary, f"/records/{record_id}/withdrawal", reason="因雨没有开展", idempotency_key=key)
        assert "已撤销" in gone.text
        assert "因雨没有开展" in gone.text
    assert "活动没有开展</summary>" not in gone.text
    assert form.replace("&", "&amp;") in sees(secretary, month)
    assert sees(secretary, task[1]).count("重新打开") == 1
    again = branch.app.test_client().post(
        f"/api/v1/records/{record_id}/withdrawal", json={"reason": "再撤一次"}, headers=branch.bearer()
    )
    assert (again.status_code, again.json["code"]) == (409, "record-not-movable")


def test_a_group_is_marked_before_its_meeting(branch: Branch) -> None:
    form = f"/branches/{branch.id}/records/new?template=group_meeting"
    empty = sees(branch.browser(), form)
    assert "第1党小组" in empty
    assert 'value="present" selected' not in empty
    marked = sees(branch.browser(), f"{form}&group=第2党小组")
    assert marked.count('value="present" selected') == 1
    assert re.search(r"<textarea[^>]*answers.group[^>]*>第2党小组<", marked)


def test_who_holds_a_post_is_marked_before_the_committee_meets(services: Standing, branch: Branch) -> None:
    name, person_id = next(iter(branch.people.items()))
    begun = branch.today - timedelta(days=9)
    former, now = (PostHolder(number, person_id, name, "secretary", begun) for number in (1, 2))
    form = f"/branches/{branch.id}/records/new?template=committee_meeting"
    for version, held, marked in ((1, replace(former, held_until=branch.today), 0), (2, now, 1)):
        with services.engines["assessment"].begin() as db:
            posts.remember(db, event=an_event(PostsChanged(branch.id, [held]), version=version))
        assert sees(branch.browser(), form).count('value="present" selected') == marked


def test_a_record_of_last_month_begins_on_its_last_day(branch: Branch) -> None:
    last = branch.today.replace(day=1) - timedelta(days=1)
    form = f"/branches/{branch.id}/records/new?template=theme_day&month={last:%Y-%m}"
    assert f'value="{last}"' in sees(branch.browser(), form)


def test_a_picture_is_added_shown_and_removed_and_never_asked_for(branch: Branch) -> None:
    secretary = branch.browser()
    drafted = sends(secretary, f"/branches/{branch.id}/records/new", **filled(branch))
    address = f"/records/{RECORD.findall(drafted.request.path)[0]}"
    assert "也不要求上传" in sends(secretary, f"{address}/recording").text
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(file, "JPEG")
    picture = (io.BytesIO(file.getvalue()), "植树.jpg")
    shown = sends(secretary, f"{address}/pictures", file=picture, alt="植树现场").text
    source = re.search(r'<img src="(/api/v1/records/[^"]+)" alt="植树现场"', shown)
    assert source
    image = branch.app.test_client().get(source[1], headers=branch.bearer("member"))
    assert (image.status_code, image.data[8:12]) == (200, b"WEBP")
    again = sends(secretary, f"{address}/pictures", file=(io.BytesIO(file.getvalue()), "再传.jpg"), alt="同一张")
    assert "同一张" not in again.text
    broken = sends(secretary, f"{address}/pictures", file=(io.BytesIO(b"no picture"), "x.jpg"), alt="坏的")
    assert "坏的" not in broken.text
    (removal,) = re.findall(rf'action="({address}/pictures/[0-9a-f-]+/removal)"', shown)
    assert "植树现场" not in sends(secretary, removal).text
    assert branch.app.test_client().get(source[1], headers=branch.bearer()).status_code == 404


@pytest.mark.parametrize("template", RECORD_TEMPLATES)
def test_each_template_has_its_form(branch: Branch, template: str) -> None:
    page = sees(branch.browser("administrator"), f"/branches/{branch.id}/records/new?template={template}")
    assert RECORD_TEMPLATES[template].title.zh in page
    for field in RECORD_TEMPLATES[template].fields:
        assert field.title.zh in page


def test_the_api_walks_a_record(branch: Branch) -> None:
    client, bearer = branch.app.test_client(), branch.bearer()
    one, two = branch.people.values()
    body = {
        "template": "theme_day",
        "held_on": branch.today.isoformat(),
        "subject": "植树",
        "place": "后山",
        "attendance": [{"person_id": str(one), "state": "present"}, {"person_id": str(two), "state": "absent"}],
    }
    drafted = client.post(f"/api/v1/branches/{branch.id}/records", json=body, headers=bearer)
    assert (drafted.status_code, drafted.json["state"]) == (201, "draft")
    address = f"/api/v1/records/{drafted.json['id']}"
    read = client.get(address, headers=bearer)
    assert read.json == drafted.json
    content = {**body, "subject": "植树护绿"}
    assert client.put(address, json=content, headers=bearer).status_code == 428
    written = client.put(address, json=content, headers={**bearer, "If-Match": read.headers["ETag"]})
    assert (written.status_code, written.json["subject"]) == (200, "植树护绿")
    stale = client.put(address, json=content, headers={**bearer, "If-Match": read.headers["ETag"]})
    assert (stale.status_code, stale.json["code"]) == (412, "precondition-failed")
    recorded = client.post(f"{address}/recording", headers=bearer)
    assert (recorded.json["state"], recorded.json["attended"]) == ("recorded", 1)
    again = client.post(f"{address}/recording", headers=bearer)
    assert (again.status_code, again.json["code"]) == (409, "record-not-movable")
    assert "已登记" in again.json["detail"]
    listed = client.get(f"/api/v1/branches/{branch.id}/records?heading=theme_days", headers=bearer)
    assert [line["id"] for line in listed.json["items"]] == [drafted.json["id"]]
    light = client.get(f"/api/v1/branches/{branch.id}/light", headers=bearer)
    theme_day = next(one for one in light.json["readings"] if one["check"] == "MonthlyThemeDay")
    assert "held on" in theme_day["why_en"]
    wrong = client.post(
        f"/api/v1/branches/{branch.id}/records",
        json={**body, "answers": {"theme": "x", "more": 1}},
        headers=bearer,
    )
    assert set(wrong.json["errors"]) == {"answers.theme", "answers.more"}
