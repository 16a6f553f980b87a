"""On-site rounds: the list, one whole, its draw for whoever repeats it, what it came to."""

from collections import Counter, defaultdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis.actors import Actor, Forbidden
from chassis.cursors import key_in, page_of
from chassis.draws import seed_of
from chassis.refusals import NotFound
from contracts.assessment.rounds import (
    DrawExportAsked,
    DrawExportView,
    DrawnTeamView,
    ExclusionView,
    ItemAverageView,
    OnSiteRoundAsked,
    OnSiteRoundsAsked,
    OnSiteRoundView,
    RoundOrganisationDrawnView,
    RoundProblemsView,
    RoundSummaryAsked,
    RoundSummaryView,
    RoundTeamView,
    TeamMemberView,
    TownScoreView,
    UnplacedView,
)
from contracts.envelope import Page
from sqlalchemy import Connection, Row, Select, exists, func, or_, select, text, tuple_

from assessment.domain.round_visits import LISTED, NOT_SAMPLED, UNPLACED
from assessment.domain.rounds import prefix_of
from assessment.queries.organisations import is_below
from assessment.tables.organisations import organisations
from assessment.tables.rounds import (
    criteria,
    criteria_versions,
    round_exclusions,
    round_teams,
    round_visits,
    rounds,
    team_members,
)


def is_member(person_id: UUID) -> Any:
    """The condition that a person is of a team of the round."""
    return exists().where(team_members.c.round_id == rounds.c.id, team_members.c.person_id == person_id)


def of_rounds() -> Select[Any]:
    """Select rounds with the names of their part of the tree and of their criteria."""
    return (
        select(
            rounds,
            organisations.c.name.label("organisation_name"),
            criteria.c.id.label("criteria_id"),
            criteria.c.name.label("criteria_name"),
            criteria_versions.c.number.label("criteria_number"),
        )
        .join(criteria_versions, criteria_versions.c.id == rounds.c.version_id)
        .join(criteria, criteria.c.id == criteria_versions.c.criteria_id)
        .outerjoin(organisations, organisations.c.id == rounds.c.organisation_id)
    )


def on_site_rounds(db: Connection, *, asked: OnSiteRoundsAsked, actor: Actor, at: datetime) -> Page:
    """Return a page of the rounds that the actor keeps, reads or visits for, the newest first. Raises Forbidden."""
    paths = actor.paths_for("read_on_site_rounds")
    if not paths and not actor.paths_for("assess_visit"):
        raise Forbidden()
    rows = (
        of_rounds()
        .where(or_(is_below(paths, rounds.c.path), is_member(actor.person_id)))
        .order_by(rounds.c.starts_on.desc(), rounds.c.id.desc())
        .limit(asked.limit + 1)
    )
    if asked.cursor:
        after = key_in(asked.cursor, date.fromisoformat, UUID)
        rows = rows.where(tuple_(rounds.c.starts_on, rounds.c.id) < after)
    found = db.execute(rows).all()
    counts = _counts(db, [row.id for row in found])
    return page_of(
        found,
        limit=asked.limit,
        view=lambda row: _view(row, counts[row.id]),
        key=lambda row: (row.starts_on, row.id),
    )


def on_site_round(db: Connection, *, asked: OnSiteRoundAsked, actor: Actor, at: datetime) -> OnSiteRoundView:
    """Return one round with its teams, and whom no team may visit. Raises NotFound, Forbidden."""
    return whole(db, round_the_actor_sees(db, asked.round_id, actor=actor))


def round_named(db: Connection, round_id: UUID) -> Row[Any]:
    """Return the row of a round (of `of_rounds`). Raises NotFound."""
    row = db.execute(of_rounds().where(rounds.c.id == round_id)).one_or_none()
    if row is None:
        raise NotFound()
    return row


def round_the_actor_sees(db: Connection, round_id: UUID, *, actor: Actor) -> Row[Any]:
    """Return the row of a round that the actor keeps, reads or visits for. Raises NotFound, Forbidden."""
    row = round_named(db, round_id)
    if not actor.may("read_on_site_rounds", organisation=row.path) and not _is_of(db, row.id, actor=actor):
        actor.must("read_on_site_rounds", organisation=row.path)
    return row


def whole(db: Connection, row: Row[Any]) -> OnSiteRoundView:
    """Return the round of a row with its teams, and whom no team may visit."""
    counts = _counts(db, [row.id])[row.id]
    return _view(row, counts, teams=_teams(db, row.id), unplaced=_unplaced(db, row.id))


def draw_export(db: Connection, *, asked: DrawExportAsked, actor: Actor, at: datetime) -> DrawExportView:
    """Return what a draw was made from and what came of it, without anybody's name. Raises NotFound, Forbidden."""
    if not actor.paths_for("read_on_site_draw"):
        raise Forbidden()
    row = round_named(db, asked.round_id)
    if row.seed_on is None or row.announced_at is None:
        raise NotFound()
    excluded: dict[UUID, list[UUID]] = defaultdict(list)
    for pair in db.execute(
        select(round_exclusions.c.organisation_id, round_exclusions.c.team_id)
        .where(round_exclusions.c.round_id == row.id)
        .order_by(round_exclusions.c.team_id)
    ):
        excluded[pair.organisation_id].append(pair.team_id)
    seed = seed_of(row.seed_on, row.seed_number)
    listed = db.execute(
        select(round_visits)
        .where(round_visits.c.round_id == row.id)
        .order_by(round_visits.c.position, round_visits.c.organisation_id)
    ).all()
    teams = db.execute(select(round_teams).where(round_teams.c.round_id == row.id).order_by(round_teams.c.number))
    return DrawExportView(
        round_id=row.id,
        name=row.name,
        state=row.state,
        seed=seed,
        draw_key=row.draw_key if row.drawn_at else None,
        prefix=prefix_of(seed, row.draw_key) if row.drawn_at else None,
        announced_at=row.announced_at,
        draw_at=row.draw_at,
        drawn_at=row.drawn_at,
        is_stratified=row.is_stratified,
        sample_percent=row.sample_percent,
        teams=[DrawnTeamView(id=team.id, number=team.number, name=team.name) for team in teams],
        organisations=[
            RoundOrganisationDrawnView(
                organisation_id=one.organisation_id,
                name=one.name,
                town_id=one.town_id,
                excluded=excluded[one.organisation_id],
                digest=one.digest,
                position=one.position,
                is_sampled=None if one.state == LISTED else one.state != NOT_SAMPLED,
                team_id=one.team_id,
            )
            for one in listed
        ],
    )


_TOWNS = text("""
SELECT town_id, min(town) AS name, count(*) AS visits, count(score) AS closed, round(avg(score), 2) AS score
  FROM round_visits WHERE round_id = :round AND team_id IS NOT NULL
 GROUP BY town_id ORDER BY min(town) NULLS LAST, town_id
""")
_WHOLE = text("""
SELECT count(*) AS visits, count(score) AS closed, round(avg(score), 2) AS score
  FROM round_visits WHERE round_id = :round AND team_id IS NOT NULL
""")
# What counts for an item of a closed visit: the last decision on it, otherwise what its assessors agree on. A decision
# from before the visit was opened anew no longer counts for an item that was answered after that.
_ITEMS = text("""
WITH closed AS (SELECT id FROM round_visits WHERE round_id = :round AND score IS NOT NULL),
last_decided AS (
    SELECT DISTINCT ON (visit_id, item_id) visit_id, item_id, points, at
      FROM visit_decisions WHERE visit_id IN (SELECT id FROM closed)
     ORDER BY visit_id, item_id, number DESC),
decided AS (
    SELECT d.visit_id, d.item_id, d.points FROM last_decided d
     WHERE NOT EXISTS (
        SELECT FROM visit_reports p JOIN visit_answers a ON a.visit_id = p.visit_id AND a.synced_at > p.opened_at
         WHERE p.visit_id = d.visit_id AND a.item_id = d.item_id AND d.at <= p.opened_at)),
answered AS (
    SELECT DISTINCT ON (visit_id, item_id) visit_id, item_id, points
      FROM visit_answers WHERE visit_id IN (SELECT id FROM closed)
     ORDER BY visit_id, item_id, answered_at DESC, id DESC),
counted AS (
    SELECT * FROM decided
    UNION ALL
    SELECT a.* FROM answered a
     WHERE NOT EXISTS (SELECT FROM decided d WHERE d.visit_id = a.visit_id AND d.item_id = a.item_id))
SELECT i.id, h.name AS heading, i.text, i.full_marks, count(c.points) AS visits, round(avg(c.points), 2) AS average,
       round(100 - 100 * avg(c.points) / i.full_marks, 1) AS lost
  FROM criteria_items i
  JOIN criteria_headings h ON h.version_id = i.version_id AND h.number = i.heading
  LEFT JOIN counted c ON c.item_id = i.id
 WHERE i.version_id = :version
 GROUP BY i.id, h.name, h.number
 ORDER BY lost DESC NULLS LAST, h.number, i.number
""")
_PROBLEMS = text("""
SELECT p.kind, count(*) AS problems, count(DISTINCT v.organisation_id) AS organisations
  FROM visit_problems p JOIN round_visits v ON v.id = p.visit_id
 WHERE v.round_id = :round AND v.score IS NOT NULL AND p.dropped_at IS NULL
 GROUP BY p.kind ORDER BY problems DESC, p.kind
""")


def summary(db: Connection, *, asked: RoundSummaryAsked, actor: Actor, at: datetime) -> RoundSummaryView:
    """Return what a round came to so far: its closed visits alone count. Raises NotFound, Forbidden."""
    row = round_named(db, asked.round_id)
    actor.must("read_on_site_rounds", organisation=row.path)
    of = {"round": row.id}
    total = db.execute(_WHOLE, of).one()
    return RoundSummaryView(
        round_id=row.id,
        visits=total.visits,
        closed=total.closed,
        score=_number(total.score),
        towns=[
            TownScoreView(
                town_id=town.town_id,
                name=town.name,
                visits=town.visits,
                closed=town.closed,
                score=_number(town.score),
            )
            for town in db.execute(_TOWNS, of)
        ],
        items=[
            ItemAverageView(
                item_id=item.id,
                heading=item.heading,
                text=item.text,
                full_marks=float(item.full_marks),
                visits=item.visits,
                average=_number(item.average),
                lost_percent=_number(item.lost),
            )
            for item in db.execute(_ITEMS, {**of, "version": row.version_id})
        ],
        problems=[RoundProblemsView(**one._mapping) for one in db.execute(_PROBLEMS, of)],
    )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _is_of(db: Connection, round_id: UUID, *, actor: Actor) -> bool:
    if not actor.paths_for("assess_visit"):
        return False
    mine = select(team_members.c.team_id).where(
        team_members.c.round_id == round_id, team_members.c.person_id == actor.person_id
    )
    return db.execute(mine).first() is not None


def _counts(db: Connection, ids: list[UUID]) -> dict[UUID, Counter[str]]:
    counts: dict[UUID, Counter[str]] = defaultdict(Counter)
    for row in db.execute(
        select(round_visits.c.round_id, round_visits.c.state, func.count().label("number"))
        .where(round_visits.c.round_id.in_(ids))
        .group_by(round_visits.c.round_id, round_visits.c.state)
    ):
        counts[row.round_id][row.state] = row.number
    return counts


def _teams(db: Connection, round_id: UUID) -> list[RoundTeamView]:
    members: dict[UUID, list[TeamMemberView]] = defaultdict(list)
    for row in db.execute(
        select(team_members, organisations.c.name.label("organisation_name"))
        .outerjoin(organisations, organisations.c.id == team_members.c.organisation_id)
        .where(team_members.c.round_id == round_id)
        .order_by(team_members.c.is_leader.desc(), team_members.c.name, team_members.c.person_id)
    ):
        members[row.team_id].append(
            TeamMemberView(
                person_id=row.person_id,
                name=row.name,
                organisation_id=row.organisation_id,
                organisation_name=row.organisation_name,
                is_leader=row.is_leader,
            )
        )
    teams = db.execute(
        select(
            round_teams,
            func.count(round_visits.c.id).label("visits"),
            func.count(round_visits.c.finished_on).label("finished"),
            func.count(round_visits.c.score).label("closed"),
        )
        .outerjoin(round_visits, round_visits.c.team_id == round_teams.c.id)
        .where(round_teams.c.round_id == round_id)
        .group_by(round_teams.c.id)
        .order_by(round_teams.c.number)
    )
    return [
        RoundTeamView(
            id=team.id,
            number=team.number,
            name=team.name,
            members=members[team.id],
            visits=team.visits,
            finished=team.finished,
            closed=team.closed,
        )
        for team in teams
    ]


def _unplaced(db: Connection, round_id: UUID) -> list[UnplacedView]:
    """Return the organisations from which every team is excluded: also before the draw, which changes nothing of it."""
    teams = select(func.count()).where(round_teams.c.round_id == round_id).scalar_subquery()
    excluded = (
        select(round_exclusions.c.organisation_id)
        .where(round_exclusions.c.round_id == round_id)
        .group_by(round_exclusions.c.organisation_id)
        .having(func.count() == teams)
    )
    rows = db.execute(
        select(round_exclusions, round_visits.c.name)
        .join(
            round_visits,
            (round_visits.c.round_id == round_id)
            & (round_visits.c.organisation_id == round_exclusions.c.organisation_id),
        )
        .join(round_teams, round_teams.c.id == round_exclusions.c.team_id)
        .where(
            round_exclusions.c.round_id == round_id,
            round_exclusions.c.organisation_id.in_(excluded),
            round_visits.c.state.in_((LISTED, UNPLACED)),
        )
        .order_by(round_visits.c.name, round_exclusions.c.organisation_id, round_teams.c.number)
    ).all()
    found: dict[UUID, list[ExclusionView]] = defaultdict(list)
    for row in rows:
        found[row.organisation_id].append(
            ExclusionView(
                team_id=row.team_id,
                organisation_id=row.organisation_id,
                organisation_name=row.name,
                reason=row.reason,
                by_name=row.by_name,
            )
        )
    return [
        UnplacedView(organisation_id=key, organisation_name=whys[0].organisation_name, exclusions=whys)
        for key, whys in found.items()
    ]


_OWN = frozenset({"seed", "draw_key", "departs_at", "organisations", "visits", "teams", "unplaced"})
_NAMES = [name for name in OnSiteRoundView.__dataclass_fields__ if name not in _OWN]


def _view(
    row: Row[Any],
    counts: Counter[str],
    *,
    teams: list[RoundTeamView] | None = None,
    unplaced: list[UnplacedView] | None = None,
) -> OnSiteRoundView:
    return OnSiteRoundView(
        **{name: row._mapping[name] for name in _NAMES},
        seed=seed_of(row.seed_on, row.seed_number) if row.seed_on else None,
        draw_key=row.draw_key if row.drawn_at else None,
        departs_at=row.departs_at.strftime("%H:%M"),
        organisations=counts.total(),
        visits=dict(counts),
        teams=teams or [],
        unplaced=unplaced or [],
    )
