"""Inspections, draws that anyone can repeat, evidence, the vocabulary and the days."""

import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from assessment.domain.samples import crossed, digest_of
from assessment.operations import evidence, inspections, mending_rules, rectifications, samples
from assessment.queries import problems as register
from assessment.queries import samples as shown
from assessment.tables.problems import samples as samples_
from chassis.actors import Actor, Forbidden
from chassis.files import PDF, FileStore
from chassis.refusals import InvalidInput
from contracts.assessment.evidence import AddEvidence, RemoveEvidence
from contracts.assessment.inspections import (
    AnnounceSample,
    CloseSample,
    DrawSample,
    InspectionFinding,
    RecordInspection,
    SampleAsked,
    SampleEntriesAsked,
    SampleView,
)
from contracts.assessment.mending_rules import AddProblemKind, RetireProblemKind, SetMendingRule
from contracts.assessment.problems import ProblemAsked
from contracts.assessment.rectifications import AcceptRectification
from contracts.envelope import StoredFile
from sqlalchemy import Connection, update
from sqlalchemy.exc import DBAPIError

from tests.assessment.articles import NOON, a_branch, an_actor, at
from tests.assessment.mending import BRANCH, SECRETARY, TODAY, a_report, a_tree, an_item, an_officer

DISTRICT = "3703.370302"
JULY = at(7, 1)


def an_inspection(organisation_id: UUID, **how: Any) -> RecordInspection:
    whole: dict[str, Any] = {"source": "spot_check", "held_on": TODAY, "inspector": "检查组"}
    return RecordInspection(organisation_id=organisation_id, **{**whole, **how})


def a_district(db: Connection) -> UUID:
    """Three towns with four branches each; returns the district."""
    district = a_branch(db, path=DISTRICT, name="淄川区委", kind="committee")
    for town in ("t1", "t2", "t3"):
        above = a_branch(db, path=f"{DISTRICT}.{town}", name=town, kind="committee", parent_id=district)
        for branch in range(4):
            a_branch(db, path=f"{DISTRICT}.{town}.b{branch}", name=f"{town} {branch}", parent_id=above)
    return district


def an_announcement(district: UUID, **how: Any) -> AnnounceSample:
    whole: dict[str, Any] = {
        "kind": "supervision",
        "name": "2026年督查月",
        "organisation_id": district,
        "from_day": date(2026, 7, 1),
        "until_day": date(2026, 8, 31),
        "size": 6,
        "seed_on": date(2026, 7, 1),
        "seed_number": "川组发〔2026〕21号",
        "draw_on": date(2026, 7, 3),
        "is_crossed": True,
    }
    return AnnounceSample(**{**whole, **how})


def a_draw(db: Connection, officer: Actor) -> SampleView:
    sample = samples.announce(db, asked=an_announcement(a_district(db)), actor=officer, at=JULY)
    return samples.draw(db, asked=DrawSample(sample.id), actor=officer, at=at(7, 3))


def test_an_inspection_registers_one_problem_of_each_kind(db: Connection, officer: Actor) -> None:
    branch = a_tree(db)
    findings = [InspectionFinding("dues", "未按时交纳"), InspectionFinding("records", "缺页")]
    seen = inspections.record(db, asked=an_inspection(branch, findings=findings), actor=officer, at=NOON)
    assert [(one.kind, one.found_by, one.source_id) for one in seen.problems] == [
        ("dues", "检查组", seen.id),
        ("records", "检查组", seen.id),
    ]
    for how in (
        {"findings": [findings[0], findings[0]]},
        {"held_on": TODAY + timedelta(days=1)},
        {"source": "supervision"},
        {"findings": [InspectionFinding("weather", "下雨")]},
    ):
        with pytest.raises(InvalidInput):
            inspections.record(db, asked=an_inspection(branch, **how), actor=officer, at=NOON)
    with pytest.raises(Forbidden):
        inspections.record(db, asked=an_inspection(branch), actor=SECRETARY, at=NOON)


def test_a_draw_takes_the_lowest_digests_and_can_be_repeated(db: Connection, officer: Actor) -> None:
    sample = a_draw(db, officer)
    entries = shown.entries(db, asked=SampleEntriesAsked(sample.id), actor=officer).items
    assert len(entries) == 12
    digests = {one.organisation_id: digest_of(sample.seed, one.organisation_id) for one in entries}
    assert [one.organisation_id for one in entries] == sorted(digests, key=digests.__getitem__)
    assert [one.digest for one in entries] == sorted(digests.values())
    assert [one.is_drawn for one in entries] == [True] * 6 + [False] * 6
    assert all(one.checker_name and one.checker_name != one.superior for one in sample.drawn)
    with pytest.raises(samples.SampleNotMovable):
        samples.draw(db, asked=DrawSample(sample.id), actor=officer, at=at(7, 4))
    with pytest.raises(DBAPIError, match="cannot become"):
        db.execute(update(samples_).where(samples_.c.id == sample.id).values(state="announced"))


def test_nobody_checks_their_own_where_there_is_nobody_else() -> None:
    one, town = uuid4(), uuid4()
    assert crossed([(one, "a.b.c")], [(town, "a.b")], seed="s") == {one: None}
    assert crossed([(one, "a.bc")], [(town, "a.b")], seed="s") == {one: town}
    assert crossed([(one, "a.b")], [], seed="s") == {one: None}


def test_the_seed_is_published_before_the_draw(db: Connection, officer: Actor) -> None:
    district = a_district(db)
    for how, field in (
        ({"draw_on": date(2026, 7, 1)}, "draw_on"),
        ({"seed_on": date(2026, 7, 2)}, "seed_on"),
        ({"until_day": date(2026, 9, 1)}, "from_day"),
        ({"third_party": "党校"}, "third_party"),
    ):
        with pytest.raises(InvalidInput) as told:
            samples.announce(db, asked=an_announcement(district, **how), actor=officer, at=JULY)
        assert field in told.value.errors
    sample = samples.announce(db, asked=an_announcement(district), actor=officer, at=JULY)
    with pytest.raises(samples.SeedUsed):
        samples.announce(db, asked=an_announcement(district), actor=officer, at=JULY)
    with pytest.raises(samples.SampleDrawEarly, match="2026-07-03"):
        samples.draw(db, asked=DrawSample(sample.id), actor=officer, at=at(7, 2))


def test_a_bulletin_stays_as_it_was_issued(db: Connection, officer: Actor) -> None:
    sample = a_draw(db, officer)
    drawn = sample.drawn[0].organisation_id
    entries = shown.entries(db, asked=SampleEntriesAsked(sample.id), actor=officer).items
    of_it = {"source": "supervision", "sample_id": sample.id, "held_on": date(2026, 7, 10)}
    on = at(7, 12)
    with pytest.raises(inspections.NotDrawn):
        inspections.record(db, asked=an_inspection(entries[-1].organisation_id, **of_it), actor=officer, at=on)
    found = [InspectionFinding("dues", "未交")]
    inspections.record(db, asked=an_inspection(drawn, **of_it, findings=found), actor=officer, at=on)
    clean = an_inspection(sample.drawn[1].organisation_id, **of_it)
    inspections.record(db, asked=clean, actor=officer, at=on)
    with pytest.raises(inspections.InspectedAlready):
        inspections.record(db, asked=clean, actor=officer, at=on)
    closed = samples.close(db, asked=CloseSample(sample.id, "川组通报〔2026〕8号"), actor=officer, at=on)
    assert closed.bulletin is not None
    assert (closed.bulletin.inspected, closed.bulletin.without_problems) == (2, 1)
    assert [(one.organisation_id, one.unmended) for one in closed.bulletin.named] == [(drawn, 1)]
    late = an_inspection(sample.drawn[2].organisation_id, **of_it)
    with pytest.raises(inspections.SampleNotOpen):
        inspections.record(db, asked=late, actor=officer, at=on)
    branch = an_actor(("secretary", BRANCH))
    assert shown.sample(db, asked=SampleAsked(sample.id), actor=branch, at=on).bulletin is None


def test_evidence_is_bounded_and_kept_once_reported(db: Connection, tmp_path: Path) -> None:
    files = FileStore(tmp_path)
    seen = an_item(db, a_tree(db))
    assert seen.rectification is not None
    item_id = seen.rectification.id

    def stored(content: bytes) -> StoredFile:
        return files.put(io.BytesIO(b"%PDF-" + content), name="佐证.pdf", media_types={PDF}, max_bytes=1000)

    def add(file: StoredFile, actor: Actor = SECRETARY) -> UUID:
        asked = AddEvidence(file, rectification_id=item_id)
        return evidence.add(db, files, asked=asked, actor=actor, at=NOON).id

    first = add(stored(b"1"))
    with pytest.raises(evidence.EvidenceRepeated):
        add(stored(b"1"))
    with pytest.raises(InvalidInput):
        add(StoredFile(sha256="0" * 64, size=1, media_type=PDF, name="没有.pdf"))
    with pytest.raises(Forbidden):
        add(stored(b"2"), an_officer())
    evidence.remove(db, asked=RemoveEvidence(first), actor=SECRETARY, at=NOON)
    kept = [add(stored(bytes([number]))) for number in range(60, 70)]
    with pytest.raises(evidence.TooMuchEvidence):
        add(stored(b"more"))
    a_report(db, seen, secretary=SECRETARY)
    with pytest.raises(rectifications.RectificationNotMovable):
        add(stored(b"late"))
    with pytest.raises(evidence.EvidenceKept):
        evidence.remove(db, asked=RemoveEvidence(kept[0]), actor=SECRETARY, at=NOON)
    rectifications.accept(db, asked=AcceptRectification(item_id), actor=an_officer(), at=NOON)
    view = register.problem(db, asked=ProblemAsked(seen.id), actor=SECRETARY, at=NOON)
    assert view.rectification is not None
    assert len(view.rectification.files) == 10
    assert len(evidence.referred(db)) == 10


def test_the_vocabulary_and_the_days_are_dated_rows_of_the_whole_tree(db: Connection) -> None:
    branch = a_tree(db)
    above = an_officer("3703")
    kind = AddProblemKind("study_late", "学习不及时", TODAY, "区委组织部通知")
    with pytest.raises(Forbidden):
        mending_rules.add_kind(db, asked=kind, actor=an_officer(BRANCH), at=NOON)
    mending_rules.add_kind(db, asked=kind, actor=above, at=NOON)
    with pytest.raises(mending_rules.KindThere):
        mending_rules.add_kind(db, asked=kind, actor=above, at=NOON)
    found = an_inspection(branch, findings=[InspectionFinding("study_late", "未学")])
    inspections.record(db, asked=found, actor=above, at=NOON)
    retire = RetireProblemKind("study_late", TODAY + timedelta(days=1))
    mending_rules.retire_kind(db, asked=retire, actor=above, at=NOON)
    with pytest.raises(mending_rules.KindRetired):
        mending_rules.retire_kind(db, asked=retire, actor=above, at=NOON)
    later = an_inspection(branch, held_on=retire.active_until, findings=found.findings)
    with pytest.raises(InvalidInput):
        inspections.record(db, asked=later, actor=above, at=at(11, 13))
    days = dict.fromkeys(("yellow_days", "orange_days", "red_days", "talk_days", "report_days", "letter_days"), 20)
    rule = SetMendingRule(
        effective_from=date(2026, 12, 1),
        **days,
        person_days=5,
        objection_days=3,
        decision_days=3,
        supervision_from=7,
        supervision_until=9,
        citation="区委组织部通知",
    )
    seen = mending_rules.set_rule(db, asked=rule, actor=above, at=NOON)
    assert [(one.yellow_days, one.state) for one in seen.versions] == [(20, "to_come"), (30, "in_force")]
    with pytest.raises(mending_rules.RuleVersionThere):
        mending_rules.set_rule(db, asked=rule, actor=above, at=NOON)
