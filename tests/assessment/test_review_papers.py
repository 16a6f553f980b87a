"""Papers of reviews, half-yearly figures, problems that come back, and what the burden meter counts."""

from datetime import date
from io import BytesIO

from assessment.domain.months import Month
from assessment.operations import burden as meter
from assessment.operations import half_year_meetings, reinspections
from assessment.operations.review_pdf import meeting_pdf, review_pdf
from assessment.queries import burden
from assessment.queries import reinspections as again
from assessment.queries import reviews as shown
from contracts.assessment.burden import BranchBurdenAsked, BurdenOverviewAsked
from contracts.assessment.half_year_meetings import PlanHalfYearMeeting
from contracts.assessment.reinspections import PlanReinspections, ReinspectionAsked, ReinspectionsAsked
from contracts.assessment.reviews import ReviewAsked
from pypdf import PdfReader
from sqlalchemy import Connection

from tests.assessment.articles import NOON
from tests.assessment.reviewed import a_card, a_town


def words_in(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).replace("\n", "")


def test_a_review_is_drawn_as_its_form(db: Connection) -> None:
    town = a_town(db)
    a_card(db, town.branches[0], "orange", on=date(2026, 5, 1))
    town.grade(0, "fairly_good")
    view = shown.review(db, asked=ReviewAsked(town.review(0)), actor=town.officer, at=NOON)
    drawn = words_in(review_pdf(view, drawn_on=NOON.date(), drawn_by="李建平"))
    for words in ("述职评议考核表", "第0村党支部", "橙牌", "较好", "综合得分", "昆委〔2026〕9号", "不得评为优秀等次"):
        assert words in drawn


def test_the_half_years_paper_stands_in_the_order_of_the_tree(db: Connection) -> None:
    town = a_town(db)
    a_card(db, town.branches[1], "yellow", on=date(2026, 8, 1))
    asked = PlanHalfYearMeeting(
        organisation_id=town.id, year=2026, half=2, planned_on=date(2026, 12, 30), agenda="通报"
    )
    meeting = half_year_meetings.plan(db, asked=asked, actor=town.officer, at=NOON)
    assert [line.name for line in meeting.lines] == ["第0村党支部", "第1村党支部", "第2村党支部"]
    assert [(line.problems, line.cards) for line in meeting.lines] == [(0, 0), (1, 1), (0, 0)]
    drawn = words_in(meeting_pdf(meeting, drawn_on=NOON.date(), drawn_by="李建平"))
    assert "不作排名" in drawn
    assert "第1村党支部" in drawn


def test_the_same_problem_again_is_found_by_kind(db: Connection, count_statements: list[str]) -> None:
    town = a_town(db)
    a_card(db, town.branches[0], "yellow", on=date(2024, 5, 1))
    a_card(db, town.branches[0], "yellow", on=date(2026, 5, 1))
    plan = PlanReinspections(town.id, 2026)
    assert reinspections.plan(db, asked=plan, actor=town.officer, at=NOON).planned == 3
    assert reinspections.plan(db, asked=plan, actor=town.officer, at=NOON).planned == 0
    page = again.reinspections_asked(db, asked=ReinspectionsAsked(), actor=town.officer, at=NOON)
    one = again.reinspection(db, asked=ReinspectionAsked(page.items[0].id), actor=town.officer, at=NOON)
    assert [(came.found_on, came.earlier_found_on) for came in one.again] == [(date(2026, 5, 1), date(2024, 5, 1))]
    a_card(db, town.branches[0], "yellow", on=date(2026, 6, 1))
    count_statements.clear()
    two = again.reinspection(db, asked=ReinspectionAsked(page.items[0].id), actor=town.officer, at=NOON)
    assert [came.earlier_found_on for came in two.again] == [date(2026, 5, 1), date(2024, 5, 1)]
    assert len(count_statements) == 3  # however many problems there are


def test_a_report_is_counted_with_what_was_filled_in(db: Connection) -> None:
    town = a_town(db)
    town.open()
    town.hand_in(1)
    asked = BranchBurdenAsked(town.branches[1], "2026-11")
    view = burden.branch(db, asked=asked, actor=town.secretary(1), at=NOON)
    (report,) = view.forms
    assert (report.form, report.forms, report.typed, report.filled) == ("review_report", 1, 1, burden.FACTS_FILLED)
    assert view.minutes == 60.5
    assert not view.is_over
    meter.count_month(db, Month.of(NOON.date()), at=NOON)
    meter.count_month(db, Month.of(NOON.date()), at=NOON)
    whole = burden.overview(db, asked=BurdenOverviewAsked(town.id, "2026-11"), actor=town.officer, at=NOON)
    assert [(part.name, part.minutes) for part in whole.parts] == [
        *(("第0村党支部", 0.0), ("第1村党支部", 60.5), ("第2村党支部", 0.0))
    ]
    assert whole.whole is not None
    assert whole.whole.branches == 3
