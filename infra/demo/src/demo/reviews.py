"""Annual reviews in one town and of the towns themselves, all made up: last year's are published, this year's are under
way for some.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import uuid5

from assessment.domain.reviews import GRADES, post_kind
from assessment.operations.review_consequences import settle
from assessment.queries.post_holders import secretaries_on
from assessment.queries.review_facts import facts_of, kept
from assessment.tables.organisations import organisations
from assessment.tables.reviews import review_meetings, review_steps, review_votes, reviews
from chassis import clock
from contracts.envelope import NAMESPACE_ZHENDI
from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from demo.organisations import PUJIA, ZICHUAN, organisation_id
from demo.people import person_id

# Whose secretaries are reviewed, by the code of the organisation above, with the grades that last year gave in turn.
GRADED: Final = {PUJIA[:9]: (0, 0, 1, 0, 2, 1, 0, 0, 3), ZICHUAN: (0, 1, 0, 0, 1, 2, 0, 0, 1)}
OFFICER: Final = "李建平"
REPORT: Final = (
    "一年来，按照上级要求抓支部建设，开展主题党日和组织生活，整改检查发现的问题；"
    "不足是台账更新不够及时，下步逐项改进。（演示内容）"
)
VOTED: Final = {"good": (11, 1, 0, 0), "fairly_good": (6, 5, 1, 0), "average": (2, 4, 6, 0), "poor": (0, 2, 4, 6)}
SCORES: Final = {"good": 94.5, "fairly_good": 85.0, "average": 70.5, "poor": 52.0}


def load(db: Connection, *, at: datetime) -> int:
    """Load the reviews of village and of town secretaries; a second run finds them there. Returns how many are new."""
    return sum(_load_below(db, code, grades, at=at) for code, grades in GRADED.items())


def _load_below(db: Connection, code: str, grades: Sequence[int], *, at: datetime) -> int:
    today = clock.today(at)
    above = organisation_id(code)
    below = db.execute(select(organisations).where(organisations.c.parent_id == above).order_by("path")).all()
    last = today.year - 1
    leaders = {
        year: secretaries_on(db, [one.id for one in below], min(today, date(year, 12, 31))) for year in (last, last + 1)
    }
    by = {"opened_at": at, "opened_by_id": person_id("user:officer"), "opened_by": OFFICER}
    meeting = uuid5(NAMESPACE_ZHENDI, f"review meeting {code} {last}")
    db.execute(
        insert(review_meetings)
        .values(
            id=meeting,
            organisation_id=above,
            year=last,
            held_on=date(last, 12, 20),
            state="counted",
            quorum=9,
            called_at=at,
            called_by_id=person_id("user:officer"),
            called_by=OFFICER,
            counted_at=at,
            counted_by=OFFICER,
        )
        .on_conflict_do_nothing()
    )
    rows, ended = [], []
    for number, one in enumerate(below):
        for year, leader in ((year, found[one.id]) for year, found in leaders.items() if one.id in found):
            held = (max(leader.from_day, date(year, 1, 1)), date(year, 12, 31))
            row = {
                **by,
                "id": uuid5(NAMESPACE_ZHENDI, f"review {one.code} {year}"),
                "organisation_id": one.id,
                "superior_id": above,
                "year": year,
                "post_kind": post_kind(kind=one.kind, field=one.field),
                "member_id": leader.member_id,
                "secretary_name": leader.name,
                "from_day": held[0],
                "until_day": held[1],
                "report_by": date(year, 12, 15),
            }
            has_report = year == last or number % 3 == 1
            facts = has_report and facts_of(
                db,
                organisation_id=one.id,
                path=one.path,
                member_id=leader.member_id,
                year=year,
                from_day=held[0],
                until_day=held[1],
            )
            grade = GRADES[grades[number % len(grades)]]
            is_over = year == last
            rows.append(
                {
                    **row,
                    "state": "acknowledged" if is_over else "handed_in" if has_report else "opened",
                    "report": REPORT if has_report else None,
                    "facts": kept(facts) if facts else None,
                    "handed_in_at": at if has_report else None,
                    "meeting_id": meeting if is_over else None,
                    "superior_score": round(SCORES[grade]) if is_over else None,
                    "score": SCORES[grade] if is_over else None,
                    "parts": {"parts": [], "because": []} if is_over else None,
                    "rule_from": date(2020, 1, 1) if is_over else None,
                    "proposed_grade": grade if is_over else None,
                    "grade": grade if is_over else None,
                    "reason": "党委会议研究（演示）" if is_over else None,
                    "decided_at": at if is_over else None,
                    "decided_by_id": person_id("user:officer") if is_over else None,
                    "decided_by": OFFICER if is_over else None,
                    "sent_up_on": date(year, 12, 25) if is_over else None,
                    "sent_up_number": f"演示〔{year}〕1号" if is_over else None,
                    "published_on": date(year, 12, 28) if is_over else None,
                    "acknowledged_at": at if is_over else None,
                }
            )
            if is_over:
                ended.append((rows[-1], grade))
    if not rows:
        return 0
    new = insert(reviews).on_conflict_do_nothing().returning(reviews.c.id)
    loaded = set(db.execute(new, rows).scalars())
    ended = [(row, grade) for row, grade in ended if row["id"] in loaded]
    if ended:
        votes = [
            {"review_id": row["id"], "vote": vote, "number": number}
            for row, grade in ended
            for vote, number in zip(GRADES, VOTED[grade], strict=True)
        ]
        db.execute(insert(review_votes), votes)
        steps = [
            {
                "review_id": row["id"],
                "version": 1,
                "move": "publish",
                "state": "published",
                "at": at,
                "by_id": person_id("user:officer"),
                "by_name": OFFICER,
                "grade": grade,
            }
            for row, grade in ended
        ]
        db.execute(insert(review_steps), steps)
        for row, grade in ended:
            if grade != "good":
                settle(db, member_id=row["member_id"], post_kind=row["post_kind"], year=row["year"], at=at)
    return len(loaded)
