"""The district's rules for sites at work (S14): checks of the "three same", yearly evaluations with their grade."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from uuid import uuid4

from chassis import clock
from chassis.actors import Actor
from chassis.files import FileStore
from chassis.refusals import InvalidInput, Refusal
from contracts.sites.lifecycles import EvaluateSite, EvaluationView, RecordSiteCheck, SiteCheckView
from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_new

from sites.operations.pictures import attach, must_be_stored
from sites.queries.site_records import record_for
from sites.queries.site_rules import checks, evaluations, rules_on
from sites.tables.places import site_checks, site_evaluations, site_history, sites

CHECK_PURPOSE = "check"


class EvaluatedAlready(Refusal):
    """The site is evaluated for {year} already; what was decided is not decided again."""


class YearNotOver(Refusal):
    """A year is evaluated from 1 November on, at the earliest; {year} is not that far."""


def record_check(
    db: Connection, files: FileStore, *, asked: RecordSiteCheck, actor: Actor, at: datetime
) -> SiteCheckView:
    """Record a check; the next is due so many months later as the rule of the day says.

    Raises NotFound, Forbidden, InvalidInput, TooManyPictures, PictureRepeated.
    """
    kept = record_for(db, asked.site_id, actor=actor, action="check_site")
    if asked.checked_on > clock.today(at):
        raise InvalidInput({"checked_on": ["The day lies ahead."]})
    must_be_stored(files, asked.pictures)
    rules = rules_on(db, asked.checked_on)
    check_id = uuid4()
    db.execute(
        insert(site_checks).values(
            id=check_id,
            site_id=kept.id,
            checked_on=asked.checked_on,
            sign=asked.sign,
            area=asked.area,
            equipment=asked.equipment,
            note=asked.note,
            due_on=months_after(asked.checked_on, rules.check_months),
            at=at,
            by_id=actor.person_id,
            by_name=actor.name,
        )
    )
    for number, picture in enumerate(asked.pictures, start=1):
        attach(
            db,
            picture,
            site_id=kept.id,
            purpose=CHECK_PURPOSE,
            subject_id=check_id,
            alt=f"{asked.checked_on.isoformat()} · {number}",
            actor=actor,
            at=at,
        )
    (view,) = checks(db, kept.id, check_id=check_id)
    return view


def evaluate(db: Connection, *, asked: EvaluateSite, actor: Actor, at: datetime) -> EvaluationView:
    """Evaluate a site for a year: the weighted points give the grade, the grade the star, from today on.

    Raises NotFound, Forbidden, EvaluatedAlready, YearNotOver; InvalidInput unless exactly the criteria in force are
    pointed.
    """
    kept = record_for(db, asked.site_id, actor=actor, action="evaluate_site")
    today = clock.today(at)
    if today < date(asked.year, 11, 1):
        raise YearNotOver(year=asked.year)
    rules = rules_on(db, date(asked.year, 12, 31))
    if {criterion.code for criterion in rules.criteria} != set(asked.points):
        raise InvalidInput({"points": ["Give points on every criterion, and on no other."]})
    lines = [
        {
            "code": criterion.code,
            "name": criterion.name,
            "name_en": criterion.name_en,
            "weight": criterion.weight,
            "points": asked.points[criterion.code],
            "citation": criterion.citation,
        }
        for criterion in rules.criteria
    ]
    weighted = sum(criterion.weight * asked.points[criterion.code] for criterion in rules.criteria)
    total = (Decimal(weighted) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    band = next(band for band in rules.grades if total >= band.points_min)
    evaluation_id = uuid4()
    made = db.execute(
        insert_new(site_evaluations)
        .values(
            id=evaluation_id,
            site_id=kept.id,
            year=asked.year,
            lines=lines,
            total=total,
            grade=band.grade,
            star=band.star,
            active_from=today,
            note=asked.note,
            at=at,
            by_id=actor.person_id,
            by_name=actor.name,
        )
        .on_conflict_do_nothing(constraint="site_evaluations_site_id_year_key")
        .returning(site_evaluations.c.id)
    ).scalar_one_or_none()
    if made is None:
        raise EvaluatedAlready(year=asked.year)
    newest = select(text("max(year)")).select_from(site_evaluations).where(site_evaluations.c.site_id == kept.id)
    # The star that counts is that of the newest year, also when an older year is evaluated late.
    db.execute(
        update(sites)
        .where(sites.c.id == kept.id, newest.scalar_subquery() == asked.year)
        .values(grade=band.grade, star=band.star, version=sites.c.version + 1)
    )
    step = {"move": "evaluate", "state": kept.state, "at": at, "by_id": actor.person_id, "by_name": actor.name}
    db.execute(
        insert(site_history).values(
            site_id=kept.id,
            **step,
            reason=asked.note,
            changes={"year": [None, asked.year], "grade": [kept.grade, band.grade], "star": [kept.star, band.star]},
        )
    )
    (view,) = evaluations(db, kept.id, evaluation_id=evaluation_id)
    return view


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later; the month's last when it is shorter."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - date(year, month, 1)).days
    return date(year, month, min(day.day, last))
