"""On-site rounds (A9): planned with teams, announced with the seed of their draw, drawn at the published instant.

`announce` writes down whom the round is about and which team may not visit whom; from then on only the draw and the
visits change it. The draw is made by *work* when its time has come, from what is written alone.
"""

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime, time
from typing import Any, Final
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor
from chassis.draws import seed_of
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.rounds import (
    AnnounceOnSiteRound,
    ChangeOnSiteRound,
    CloseOnSiteRound,
    MakeOnSiteRound,
    OnSiteRoundView,
    SetRoundTeams,
    WithdrawOnSiteRound,
)
from sqlalchemy import Connection, Row, delete, func, insert, select, text, update

from assessment.domain.round_visits import ASSIGNED, FINISHED, NOT_SAMPLED, UNPLACED
from assessment.domain.rounds import ANNOUNCED, MOVES, Entrant, draw, prefix_of
from assessment.operations.day_plans import plan
from assessment.operations.moves import Machine
from assessment.operations.rectifications import carry_over
from assessment.queries.criteria import version_whole
from assessment.queries.organisations import organisation_named
from assessment.queries.rounds import round_named, whole
from assessment.tables.organisations import organisations
from assessment.tables.rounds import round_exclusions, round_teams, round_visits, rounds, team_members


class OnSiteRoundNotMovable(Refusal):
    """This round is {state}; it cannot be {move} any more."""


class OnSiteRoundChanged(Refusal):
    """Somebody changed this round meanwhile; read it again, then change it."""


class RoundWithoutTeams(Refusal):
    """Set up the teams first; they cannot be changed after the seed is published."""


class RoundWithoutOrganisations(Refusal):
    """There is no organisation of these kinds and fields below this part of the tree."""


class VisitsOpen(Refusal):
    """{open} visits of this round are not closed yet."""


MACHINE: Final = Machine(rounds, MOVES, OnSiteRoundNotMovable)


# `n` is how many labels the path of the round's organisation has: the part directly below it stands for the town.
_LIST: Final = text("""
INSERT INTO round_visits (round_id, organisation_id, name, path, town_id, town)
SELECT r.id, o.id, o.name, o.path, t.id, t.name
  FROM rounds r
  JOIN organisations o ON (o.path = r.path OR (o.path >= r.path || '.' AND o.path < r.path || '/'))
  LEFT JOIN organisations t
    ON t.path = array_to_string((string_to_array(o.path, '.'))[1:cardinality(string_to_array(r.path, '.')) + 1], '.')
   AND t.kind IN ('committee', 'working_committee') AND t.path <> r.path
 WHERE r.id = :round AND NOT o.dissolved AND NOT o.is_external
   AND o.kind = ANY(r.kinds) AND (cardinality(r.fields) = 0 OR o.field = ANY(r.fields))
   AND (o.path <> r.path OR o.kind IN ('branch', 'joint_branch'))
""")
_EXCLUDE: Final = text("""
WITH assessor AS (
    SELECT m.team_id, m.person_id, m.name, o.path,
           array_to_string((string_to_array(o.path, '.'))[1:cardinality(string_to_array(r.path, '.')) + 1], '.') AS town
      FROM team_members m
      JOIN rounds r ON r.id = m.round_id
      JOIN organisations o ON o.id = m.organisation_id
     WHERE m.round_id = :round),
visited AS (
    SELECT v.organisation_id, v.path, t.path AS town
      FROM round_visits v LEFT JOIN organisations t ON t.id = v.town_id WHERE v.round_id = :round),
before AS (
    SELECT DISTINCT ON (v.organisation_id) v.organisation_id, v.team_id
      FROM round_visits v JOIN rounds r ON r.id = v.round_id
     WHERE v.team_id IS NOT NULL AND r.id <> :round
       AND v.organisation_id IN (SELECT organisation_id FROM visited)
     ORDER BY v.organisation_id, r.drawn_at DESC, r.id),
found AS (
    SELECT a.team_id, v.organisation_id, a.name,
           CASE WHEN a.path = v.path OR starts_with(v.path, a.path || '.') THEN 1
                WHEN starts_with(a.path, v.path || '.') THEN 2
                WHEN :is_cross AND a.town = v.town THEN 3
                WHEN EXISTS (SELECT FROM before b JOIN team_members m ON m.team_id = b.team_id
                              WHERE b.organisation_id = v.organisation_id AND m.person_id = a.person_id) THEN 4
           END AS why
      FROM assessor a CROSS JOIN visited v)
INSERT INTO round_exclusions (round_id, team_id, organisation_id, reason, by_name)
SELECT DISTINCT ON (team_id, organisation_id) :round, team_id, organisation_id,
       (ARRAY['own', 'superior', 'own_town', 'last_round'])[why], name
  FROM found WHERE why IS NOT NULL
 ORDER BY team_id, organisation_id, why, name
""")
# Rounds of the same scope that were drawn: of the same part of the tree, kinds and fields, whatever their period.
_OF_SCOPE: Final = text("""
SELECT o.id, o.drawn_at > r.drawn_at AS is_later
  FROM rounds r JOIN rounds o ON o.organisation_id = r.organisation_id AND o.id <> r.id AND o.drawn_at IS NOT NULL
                             AND o.kinds @> r.kinds AND o.kinds <@ r.kinds
                             AND o.fields @> r.fields AND o.fields <@ r.fields
 WHERE r.id = :round AND r.drawn_at IS NOT NULL
 ORDER BY o.drawn_at, o.id
""")
_PLACED: Final = text("""
UPDATE round_visits v SET digest = d.digest, position = d.position, state = d.state, team_id = d.team,
       version = v.version + 1
  FROM jsonb_to_recordset(CAST(:drawn AS jsonb)) AS d (id uuid, digest text, position integer, state text, team uuid)
 WHERE v.round_id = :round AND v.organisation_id = d.id
""")


def make(db: Connection, *, asked: MakeOnSiteRound, actor: Actor, at: datetime) -> OnSiteRoundView:
    """Plan a round. Raises NotFound, Forbidden, InvalidInput."""
    path = _planned_for(db, asked, actor=actor)
    round_id = uuid4()
    who = {"made_at": at, "made_by_id": actor.person_id, "made_by": actor.name}
    db.execute(insert(rounds).values(id=round_id, path=path, **_given(asked), **who))
    return whole(db, round_named(db, round_id))


def change(db: Connection, *, asked: ChangeOnSiteRound, actor: Actor, at: datetime) -> OnSiteRoundView:
    """Plan a round otherwise whose seed is not published; its teams stay.

    Raises OnSiteRoundNotMovable, OnSiteRoundChanged, NotFound, Forbidden, InvalidInput.
    """
    found = _locked(db, asked.round_id, actor=actor)
    if found.state != "planned":
        raise OnSiteRoundNotMovable(state=found.state, move="change")
    if found.version != asked.version:
        raise OnSiteRoundChanged()
    path = _planned_for(db, asked, actor=actor, kept=found.version_id)
    planned = {**_given(asked), "path": path, "version": rounds.c.version + 1}
    db.execute(update(rounds).where(rounds.c.id == found.id, rounds.c.state == "planned").values(planned))
    return whole(db, round_named(db, found.id))


DAYS_MAX: Final = 200


def _planned_for(db: Connection, asked: MakeOnSiteRound, *, actor: Actor, kept: UUID | None = None) -> str:
    """Return the path of the part of the tree that a round is planned for, if it can be planned as asked.

    Criteria that the round has already (`kept`) it may keep. Raises NotFound, Forbidden, InvalidInput.
    """
    organisation = organisation_named(db, asked.organisation_id)
    version = version_whole(db, asked.version_id)
    if organisation is None or version is None:
        raise NotFound()
    actor.must("keep_on_site_round", organisation=organisation.path)
    faults: dict[str, list[str]] = {}
    if version.state != "adopted" and version.id != kept:
        faults["version_id"] = ["These criteria are not adopted."]
    if asked.ends_on < asked.starts_on or (asked.ends_on - asked.starts_on).days >= DAYS_MAX:
        faults["ends_on"] = ["A round ends on its first day or later, within 200 days."]
    if not asked.kinds:
        faults["kinds"] = ["Missing data for required field."]
    if faults:
        raise InvalidInput(faults)
    return str(organisation.path)


def _given(asked: MakeOnSiteRound) -> dict[str, Any]:
    given = {name: getattr(asked, name) for name in MakeOnSiteRound.__dataclass_fields__}
    return {**given, "departs_at": time.fromisoformat(asked.departs_at)}


def set_teams(db: Connection, *, asked: SetRoundTeams, actor: Actor, at: datetime) -> OnSiteRoundView:
    """Put these teams in place of those of a planned round.

    Raises OnSiteRoundNotMovable, NotFound, Forbidden, InvalidInput.
    """
    found = _locked(db, asked.round_id, actor=actor)
    if found.state != "planned":
        raise OnSiteRoundNotMovable(state=found.state, move="set_teams")
    people = Counter(member.person_id for team in asked.teams for member in team.members)
    homes = {member.organisation_id for team in asked.teams for member in team.members}
    known = set(db.execute(select(organisations.c.id).where(organisations.c.id.in_(homes))).scalars())
    faults: dict[str, list[str]] = {}
    for number, team in enumerate(asked.teams):
        if sum(member.is_leader for member in team.members) != 1:
            faults[f"teams.{number}.members"] = ["Exactly one member leads a team."]
        for place, member in enumerate(team.members):
            if people[member.person_id] > 1:
                faults[f"teams.{number}.members.{place}.person_id"] = ["Nobody is in two teams of a round."]
            if member.organisation_id not in known:
                faults[f"teams.{number}.members.{place}.organisation_id"] = ["No such organisation."]
    if faults:
        raise InvalidInput(faults)
    db.execute(delete(team_members).where(team_members.c.round_id == found.id))
    db.execute(delete(round_teams).where(round_teams.c.round_id == found.id))
    teams = [(uuid4(), number, team) for number, team in enumerate(asked.teams, start=1)]
    db.execute(
        insert(round_teams),
        [{"id": key, "round_id": found.id, "number": number, "name": team.name} for key, number, team in teams],
    )
    names = ("person_id", "name", "organisation_id", "is_leader")
    db.execute(
        insert(team_members),
        [
            {"team_id": key, "round_id": found.id, **{name: getattr(member, name) for name in names}}
            for key, _, team in teams
            for member in team.members
        ],
    )
    return whole(db, round_named(db, found.id))


def announce(
    db: Connection, *, asked: AnnounceOnSiteRound, actor: Actor, at: datetime, keys: Callable[[], UUID] = uuid4
) -> OnSiteRoundView:
    """Publish the seed, and settle what the draw is made from; its key comes from `keys`, which no door names.

    The key is told to nobody before the draw: who knew it could give a round up until one suits.
    Raises RoundWithoutTeams, RoundWithoutOrganisations, OnSiteRoundNotMovable, NotFound, Forbidden, InvalidInput.
    """
    found = _locked(db, asked.round_id, actor=actor)
    if found.state not in MOVES["announce"][0]:
        raise OnSiteRoundNotMovable(state=found.state, move="announce")
    faults: dict[str, list[str]] = {}
    if asked.seed_on > clock.today(at):
        faults["seed_on"] = ["The document is of today or earlier."]
    if not asked.seed_number:
        faults["seed_number"] = ["Missing data for required field."]
    if asked.draw_at <= at:
        faults["draw_at"] = ["The draw is later than the publication of its seed."]
    if faults:
        raise InvalidInput(faults)
    teams = db.execute(select(func.count()).where(round_teams.c.round_id == found.id)).scalar_one()
    if not teams:
        raise RoundWithoutTeams()
    if db.execute(_LIST, {"round": found.id}).rowcount == 0:
        raise RoundWithoutOrganisations()
    db.execute(_EXCLUDE, {"round": found.id, "is_cross": found.is_cross})
    MACHINE.change(
        db,
        found.id,
        "announce",
        seed_on=asked.seed_on,
        seed_number=asked.seed_number,
        draw_key=keys(),
        draw_at=asked.draw_at,
        announced_at=at,
        announced_by_id=actor.person_id,
        announced_by=actor.name,
    )
    return whole(db, round_named(db, found.id))


def draw_due(db: Connection, *, at: datetime) -> int:
    """Draw the rounds whose time has come, and plan their days; returns how many."""
    due = select(rounds).where(rounds.c.state == ANNOUNCED, rounds.c.draw_at <= at)
    found = db.execute(due.order_by(rounds.c.id).with_for_update(skip_locked=True)).all()
    for one in found:
        _draw(db, one, at=at)
    return len(found)


def withdraw(db: Connection, *, asked: WithdrawOnSiteRound, actor: Actor, at: datetime) -> OnSiteRoundView:
    """Give a round up that is not drawn. Raises OnSiteRoundNotMovable, NotFound, Forbidden."""
    found = _locked(db, asked.round_id, actor=actor)
    MACHINE.change(db, found.id, "withdraw", reason=asked.reason)
    return whole(db, round_named(db, found.id))


def close(db: Connection, *, asked: CloseOnSiteRound, actor: Actor, at: datetime) -> OnSiteRoundView:
    """End a round whose visits are all closed; what is open goes into the next one, if that is drawn already.

    Raises VisitsOpen, OnSiteRoundNotMovable, NotFound, Forbidden.
    """
    found = _locked(db, asked.round_id, actor=actor)
    open_visits = select(func.count()).where(
        round_visits.c.round_id == found.id, round_visits.c.state.in_((ASSIGNED, FINISHED))
    )
    if found.state in MOVES["close"][0] and (count := db.execute(open_visits).scalar_one()):
        raise VisitsOpen(open=count)
    MACHINE.change(db, found.id, "close", closed_at=at)
    later = [row.id for row in db.execute(_OF_SCOPE, {"round": found.id}) if row.is_later]
    if later:
        carry_over(db, found.id, later[0], at=at)
    return whole(db, round_named(db, found.id))


def _draw(db: Connection, found: Row[Any], *, at: datetime) -> None:
    """Give each organisation its team, as the published rule has it."""
    entrants = [
        Entrant(row.organisation_id, row.town_id)
        for row in db.execute(
            select(round_visits.c.organisation_id, round_visits.c.town_id).where(round_visits.c.round_id == found.id)
        )
    ]
    teams = list(db.execute(select(round_teams.c.id).where(round_teams.c.round_id == found.id)).scalars())
    pairs = select(round_exclusions.c.team_id, round_exclusions.c.organisation_id).where(
        round_exclusions.c.round_id == found.id
    )
    placed = draw(
        prefix_of(seed_of(found.seed_on, found.seed_number), found.draw_key),
        entrants,
        teams,
        excluded={(row.team_id, row.organisation_id) for row in db.execute(pairs)},
        is_stratified=found.is_stratified,
        sample_percent=found.sample_percent,
    )
    drawn = [
        {
            "id": str(one.id),
            "digest": one.digest,
            "position": one.position,
            "state": ASSIGNED if one.team else UNPLACED if one.is_sampled else NOT_SAMPLED,
            "team": str(one.team) if one.team else None,
        }
        for one in placed
    ]
    db.execute(_PLACED, {"round": found.id, "drawn": json.dumps(drawn)})
    MACHINE.change(db, found.id, "draw", drawn_at=at)
    for row in db.execute(_OF_SCOPE, {"round": found.id}).all():
        carry_over(db, row.id, found.id, at=at)
    plan(db, found)


def _locked(db: Connection, round_id: UUID, *, actor: Actor) -> Row[Any]:
    """Return the round's row, which nobody else changes meanwhile. Raises NotFound, Forbidden."""
    found = db.execute(select(rounds).where(rounds.c.id == round_id).with_for_update()).one_or_none()
    if found is None:
        raise NotFound()
    actor.must("keep_on_site_round", organisation=found.path)
    return found
