"""One of every noun of the assessment, below 3703.370302: what attacks and walks name."""

import io
from datetime import date
from typing import Any
from uuid import UUID

from assessment.operations import (
    bulletins,
    evidence,
    exemptions,
    half_year_meetings,
    inspections,
    lights,
    record_pictures,
    records,
    reinspections,
    review_meetings,
    samples,
    slips,
    weak_organisations,
)
from assessment.queries.round_visits import round_visit
from chassis.files import PDF, FileStore
from contracts.assessment.bulletins import DraftBulletin, SendBulletin, SignBulletin
from contracts.assessment.evidence import AddEvidence
from contracts.assessment.exemptions import ApplyForExemption
from contracts.assessment.half_year_meetings import PlanHalfYearMeeting
from contracts.assessment.inspections import InspectionFinding
from contracts.assessment.record_pictures import AddRecordPicture
from contracts.assessment.records import DraftRecord
from contracts.assessment.reinspections import PlanReinspections
from contracts.assessment.reviews import CallReviewMeeting
from contracts.assessment.round_visits import RoundVisitAsked
from contracts.assessment.weak_organisations import ProposeWeakOrganisation
from contracts.envelope import StoredFile, StoredPicture
from sqlalchemy import Connection, text

from tests import articles
from tests.assessment import mending, reviewed, rounds
from tests.assessment.articles import NOON, a_branch, at
from tests.assessment.test_handbook_records import a_lecture, a_person, a_roll, a_theme_day_with, kept
from tests.assessment.test_inspections import an_announcement, an_inspection
from tests.assessment.test_slips import asked_to
from tests.assessment.test_star_ratings import correct, drawn_up, object_to, show
from tests.assessment.test_weak_organisations import listed

NOW = at(11, 26)


def newest(db: Connection, table: str, order: str = "ctid") -> UUID:
    found: UUID = db.execute(text(f"SELECT id FROM {table} ORDER BY {order} DESC LIMIT 1")).scalar_one()  # noqa: S608
    return found


def everything(db: Connection, files: FileStore) -> dict[str, dict[str, Any]]:
    """Make it all, and return, by the name of a door ("" for any), which ids its fields name."""
    rounds.a_district(db, towns=2, villages=2)
    branch = mending.a_tree(db)
    town = reviewed.a_town(db, branches=2)
    district = a_branch(db, path="3703.370302", kind="committee")
    officer, secretary = mending.an_officer(), mending.SECRETARY
    other = articles.an_actor(("officer", "3703.370302"), name="另一人", at=NOON)
    # records
    part = a_branch(db, path="3703.370302.t1.b9", name="第九党支部")
    a_roll(db, branch)
    lecture = kept(db, a_lecture(branch), secretary)
    joint = kept(db, a_theme_day_with(branch, part), secretary)
    draft = records.draft(
        db, given=DraftRecord(branch_id=branch, template="theme_day", held_on=NOON.date()), actor=secretary, at=NOON
    )
    sheet = files.put(io.BytesIO(b"%PDF-1.7\n%%EOF"), name="x.pdf", media_types=(PDF,), max_bytes=99)
    for store in ("mending-evidence", "slip-evidence"):
        FileStore(files.folder / store).put(io.BytesIO(b"%PDF-1.7\n%%EOF"), name="x", media_types=(PDF,), max_bytes=99)
    picture = StoredPicture(sheet.sha256, sheet.sha256, 1, 1, 1, "image/webp")
    shown = record_pictures.add(
        db, files, asked=AddRecordPicture(lecture.id, "会场", picture), actor=secretary, at=NOON
    )
    # exemptions, bulletins, slips, talks
    asked = ApplyForExemption(branch_id=branch, ground="unsuited", reason="搬迁", from_month="2026-11", months=2)
    exemption = exemptions.apply(db, asked=asked, actor=secretary, at=NOON)
    lights.light_all(db, at=NOW)
    bulletin = bulletins.draft(db, asked=DraftBulletin("daily", "2026-11-26"), actor=officer, at=NOW)
    bulletins.sign(db, asked=SignBulletin(bulletin.id, bulletin.version), actor=other, at=NOW)
    bulletins.send(db, asked=SendBulletin(bulletin.id), actor=other, at=NOW)
    slip = slips.issue(db, asked=asked_to(branch), actor=officer, at=NOW)
    talk = db.scalar(
        text(
            "INSERT INTO talks (branch_id, months, last_month, due_on, opened_at)"
            " VALUES (:id, '{2026-09,2026-10}', '2026-10', '2026-11-11', :at) RETURNING id"
        ),
        {"id": branch, "at": NOON},
    )
    # problems, rectification, cards, inspections, samples
    item = mending.an_item(db, branch)
    card = mending.raised(db, mending.a_card(db, mending.a_problem(db, branch)), ground="perfunctory")
    assert item.rectification is not None
    consequence = db.scalar(text("SELECT id FROM card_consequences WHERE due_on IS NOT NULL ORDER BY kind LIMIT 1"))
    stored = StoredFile(sheet.sha256, sheet.size, PDF, "x.pdf")
    proof = evidence.add(
        db, files, asked=AddEvidence(stored, rectification_id=item.rectification.id), actor=secretary, at=NOON
    )
    inspected = an_inspection(branch, findings=[InspectionFinding("dues", "未按时交纳")])
    inspections.record(db, asked=inspected, actor=officer, at=NOON)
    sample = samples.announce(db, asked=an_announcement(district, size=2), actor=officer, at=at(7, 1))
    # rounds
    drawn = rounds.a_drawn_round(db)
    visit = rounds.visit_ids(db, drawn)[0]
    leader = drawn.team_of(db, visit)[0]
    view = round_visit(db, asked=RoundVisitAsked(visit), actor=leader, at=NOON)
    rounds.sync(db, visit, leader, answers=rounds.answers_to(view)[:2])
    # reviews
    town.grade(1, "poor")
    review = town.hand_in(0)
    meeting = review_meetings.call(
        db,
        asked=CallReviewMeeting(
            organisation_id=town.id, year=2026, held_on=NOON.date(), review_ids=[review], person_ids=town.voters(4)
        ),
        actor=town.officer,
        at=NOON,
    )
    reinspections.plan(db, asked=PlanReinspections(town.id, 2026), actor=town.officer, at=NOON)
    half = half_year_meetings.plan(
        db,
        asked=PlanHalfYearMeeting(
            organisation_id=district, year=2026, half=1, planned_on=date(2026, 12, 1), agenda="半年会"
        ),
        actor=officer,
        at=NOON,
    )
    # stars, weak organisations
    rating = drawn_up(db)
    show(db, rating.id)
    object_to(db, rating.id)
    correct(db, rating.id)
    entry = weak_organisations.propose(
        db, asked=ProposeWeakOrganisation(branch, "班子不团结"), actor=officer, at=NOON
    ).id
    weak_item = listed(db, entry_id=entry).items[0].id
    of_weak, of_version = {"item_id": weak_item}, {"version_id": newest(db, "list_versions")}
    return {
        "": {
            "record_id": lecture.id,
            "picture_id": shown.pictures[0].id,
            "exemption_id": exemption.id,
            "bulletin_id": bulletin.id,
            "slip_id": slip.id,
            "talk_id": talk,
            "problem_id": item.id,
            "rectification_id": item.rectification.id,
            "card_id": card.id,
            "consequence_id": consequence,
            "evidence_id": proof.id,
            "inspection_id": newest(db, "inspections"),
            "sample_id": sample.id,
            "round_id": drawn.round.id,
            "visit_id": visit,
            "item_id": view.criteria.headings[0].items[0].id,
            "review_id": review,
            "meeting_id": meeting.id,
            "reinspection_id": newest(db, "reinspections"),
            "rating_id": rating.id,
            "objection_id": newest(db, "star_objections"),
            "correction_id": newest(db, "star_corrections"),
            "formula_id": rating.formula_id,
            "entry_id": entry,
            "criteria_id": newest(db, "criteria"),
            "version_id": rounds.VERSION,
            "list_id": newest(db, "task_lists"),
            "branch_id": branch,
            "organisation_id": branch,
            "person_id": a_person("赵"),
        },
        **{f"{verb}_part": {"record_id": joint.id, "branch_id": part} for verb in ("confirm", "decline")},
        **{f"{verb}_record": {"record_id": draft.id} for verb in ("keep", "discard", "write")},
        **{f"{verb}_weak_item": of_weak for verb in ("accept", "do", "return")},
        **{f"{verb}_list_version": of_version for verb in ("adopt", "withdraw")},
        **{f"{verb}_half_year_meeting": {"meeting_id": half.id} for verb in ("hold",)},
        "half_year_meeting": {"meeting_id": half.id},
        "fulfil_review_consequence": {"consequence_id": newest(db, "review_consequences")},
        "decide_replacement": {"consequence_id": newest(db, "review_consequences")},
        "print_half_year_paper": {"meeting_id": half.id},
    }
