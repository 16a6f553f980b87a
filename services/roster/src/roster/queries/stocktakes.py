"""A branch's members counted for the yearly stocktake, with what is not registered of them; statistics of a subtree."""

from datetime import date
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from contracts.roster.stocktakes import (
    CountsView,
    MemberCountView,
    MemberStatistics,
    MemberStatisticsAsked,
    SignedStocktake,
    StocktakeAsked,
    StocktakeView,
)
from sqlalchemy import Connection, text

from roster.queries.organisations import in_part, name_of, path_the_actor_may

_COUNTED: Final = text(
    """
    SELECT count(*) FILTER (WHERE status = 'full') AS members_full,
           count(*) FILTER (WHERE status = 'probationary') AS members_probationary,
           count(*) FILTER (WHERE state = 'floating') AS floating,
           count(*) FILTER (WHERE state = 'lost') AS lost,
           encode(sha256(convert_to(coalesce(string_agg(person_id || status || state, ';' ORDER BY person_id), ''),
                                    'UTF8')), 'hex') AS digest
    FROM members WHERE branch_id = :id
    """
)
_GAPS: Final = text(
    """
    SELECT count(*) FILTER (WHERE p.identity_number IS NULL) AS identity_number,
           count(*) FILTER (WHERE p.phone IS NULL) AS phone,
           count(*) FILTER (WHERE p.sex IS NULL) AS sex,
           count(*) FILTER (WHERE p.ethnicity IS NULL) AS ethnicity,
           count(*) FILTER (WHERE p.born_on IS NULL) AS born_on,
           count(*) FILTER (WHERE p.education IS NULL) AS education,
           count(*) FILTER (WHERE m.joined_on IS NULL) AS joined_on,
           count(*) FILTER (WHERE p.file_place IS NULL) AS file_place
    FROM members m JOIN people p ON p.id = m.person_id WHERE m.branch_id = :id
    """
)


def asked_of(db: Connection, asked: StocktakeAsked, *, actor: Actor) -> StocktakeView:
    """Return a branch's stocktake of a year; raises NotFound, Forbidden."""
    path_the_actor_may(db, "read_stocktake", asked.organisation_id, actor=actor)
    return of(db, asked.organisation_id, year=asked.year, actor=actor)


def of(db: Connection, branch_id: UUID, *, year: int, actor: Actor) -> StocktakeView:
    """Return the stocktake of a branch that the actor may read."""
    branch = db.execute(text("SELECT name, path FROM organisations WHERE id = :id"), {"id": branch_id}).one()
    now = counted(db, branch_id)
    rows = db.execute(
        text("SELECT * FROM stocktakes WHERE branch_id = :id AND year = :year ORDER BY number DESC"),
        {"id": branch_id, "year": year},
    ).all()
    shown = tuple(SignedStocktake.__dataclass_fields__)
    return StocktakeView(
        organisation_id=branch_id,
        organisation_name=branch.name,
        year=year,
        now=now,
        gaps={name: number for name, number in db.execute(_GAPS, {"id": branch_id}).one()._mapping.items() if number},
        signed=[SignedStocktake(**{name: getattr(row, name) for name in shown}) for row in rows],
        changed_since=bool(rows) and bytes(rows[0].digest).hex() != now.digest,
        can_sign=actor.may("sign_stocktake", organisation=branch.path),
    )


def counted(db: Connection, branch_id: UUID) -> CountsView:
    """Count a branch's members as they stand."""
    return CountsView(**db.execute(_COUNTED, {"id": branch_id}).one()._mapping)


# ---- statistics --------------------------------------------------------------------------------------------------

_BANDS: Final = (
    "CASE WHEN {age} <= 30 THEN 'to-30' WHEN {age} <= 40 THEN '31-40' WHEN {age} <= 50 THEN '41-50'"
    " WHEN {age} <= 60 THEN '51-60' WHEN {age} <= 70 THEN '61-70' ELSE 'from-71' END"
)
_STATISTICS: Final = """
WITH counted AS (
    SELECT t.status, p.sex, p.ethnicity, p.education, o.field,
           CASE WHEN p.born_on IS NOT NULL THEN {bands} END AS age
    FROM organisations o JOIN membership_periods t ON t.branch_id = o.id JOIN people p ON p.id = t.person_id
    WHERE {inside}
      AND t.active_from <= :day AND (t.active_until IS NULL OR :day < t.active_until)
)
SELECT CASE WHEN grouping(sex) = 0 THEN 'sex' WHEN grouping(ethnicity) = 0 THEN 'ethnicity'
            WHEN grouping(age) = 0 THEN 'age' WHEN grouping(education) = 0 THEN 'education'
            WHEN grouping(field) = 0 THEN 'field' ELSE 'all' END AS counted_by,
       coalesce(sex, ethnicity, age, education, field) AS "group",
       count(*) FILTER (WHERE status = 'full') AS members_full,
       count(*) FILTER (WHERE status = 'probationary') AS members_probationary
FROM counted GROUP BY GROUPING SETS ((sex), (ethnicity), (age), (education), (field), ())
ORDER BY 1, count(*) DESC, 2
""".format(  # noqa: S608 - made of constants
    bands=_BANDS.format(age="extract(year FROM age(CAST(:day AS date), p.born_on))"), inside=in_part("o.path")
)


def statistics(db: Connection, asked: MemberStatisticsAsked, *, actor: Actor, today: date) -> MemberStatistics:
    """Count the members of a part of the tree on a day in five ways; raises NotFound, Forbidden."""
    path = path_the_actor_may(db, "read_member_statistics", asked.organisation_id, actor=actor)
    day = asked.on or today
    name = name_of(db, asked.organisation_id)
    return statistics_of(db, asked.organisation_id, name=name, path=path, on=day)


def statistics_of(db: Connection, organisation_id: UUID, *, name: str, path: str, on: date) -> MemberStatistics:
    """Count the members below a path on a day."""
    tables: dict[str, list[MemberCountView]] = {"sex": [], "age": [], "education": [], "ethnicity": [], "field": []}
    whole: Any = None
    for row in db.execute(text(_STATISTICS), {"path": path, "day": on}):
        if row.counted_by == "all":
            whole = row
        else:
            tables[row.counted_by].append(MemberCountView(row.group, row.members_full, row.members_probationary))
    return MemberStatistics(
        organisation_id=organisation_id,
        organisation_name=name,
        on=on,
        members_full=whole.members_full,
        members_probationary=whole.members_probationary,
        tables=tables,
    )
