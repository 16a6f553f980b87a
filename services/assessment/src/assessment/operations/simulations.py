"""What other numbers of a check would have made of a month that is over: a job, whose answer is all that is kept.

Both lights are read from the same facts: all checks by the numbers that were in force, the one that is tried by its
others too, so a branch is named for the change of the rule alone.
"""

from collections import Counter
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis import jobs
from chassis.actors import Actor, Forbidden
from chassis.jobs import Job, JobView
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.check_settings import (
    SimulateCheck,
    SimulatedChange,
    SimulatedMember,
    SimulatedMembersAsked,
    SimulationAsked,
    SimulationView,
)
from contracts.envelope import Page, load, plain
from sqlalchemy import Connection, func, select, text, tuple_

from assessment.domain.checks import EXEMPT, GREEN, SHOWN
from assessment.domain.months import Month
from assessment.operations.check_settings import faults_in
from assessment.queries.check_settings import all_checks
from assessment.queries.checks import SHARE, numbers_in
from assessment.queries.lights import Seen, seen_of, worst_of
from assessment.queries.member_lights import Tried, lights_tried
from assessment.queries.organisations import IS_ASSESSED, is_below, organisation_named
from assessment.tables.organisations import organisations
from assessment.tables.rolls import members as rolled

JOB: Final = "simulate_check"
PART: Final = 1_000
CHANGES_SHOWN: Final = 200
AT_ONCE: Final = 3
NOTHING_SEEN: Final = Seen(GREEN, [])

_RUNNING: Final = text(
    "SELECT count(*) FROM jobs WHERE kind = :kind AND asked_by = :person AND state IN ('waiting', 'running')"
)


class TooManySimulations(Refusal):
    """{most} simulations of yours are running; wait for one of them."""


def ask(db: Connection, *, asked: SimulateCheck, actor: Actor, at: datetime) -> SimulationView:
    """Have a simulation made. Raises NotFound, Forbidden, InvalidInput, TooManySimulations."""
    paths = actor.paths_for("simulate_check")
    if asked.organisation_id:
        organisation = organisation_named(db, asked.organisation_id)
        if organisation is None:
            raise NotFound()
        actor.must("simulate_check", organisation=organisation.path)
        paths = [organisation.path]
    if not paths:
        raise Forbidden()
    faults = faults_in(asked.check, asked.numbers)
    if asked.check == SHARE:
        faults["check"] = ["A goal changes no light: only checks can be tried."]
    month = Month.named(asked.month) if asked.month else Month.at(at).previous
    if month >= Month.at(at):
        faults["month"] = ["Choose a month that is over."]
    if faults:
        raise InvalidInput(faults)
    # Whoever asks twice at once is counted one after the other.
    db.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"simulations of {actor.person_id}"}
    )
    if db.execute(_RUNNING, {"kind": JOB, "person": actor.person_id}).scalar_one() >= AT_ONCE:
        raise TooManySimulations(most=AT_ONCE)
    params = {"check": asked.check, "numbers": dict(asked.numbers), "month": str(month), "paths": sorted(set(paths))}
    job_id = jobs.ask(db, JOB, params=params, at=at, asked_by=actor.person_id)
    return _view(job_id, "waiting", params=params)


def simulation(db: Connection, *, asked: SimulationAsked, actor: Actor, at: datetime) -> SimulationView:
    """Return how far one of one's own is, and what it found. Raises NotFound."""
    job: JobView | None = jobs.find(db, asked.job_id)
    if job is None or job.kind != JOB or job.asked_by != actor.person_id or not actor.paths_for("simulate_check"):
        raise NotFound()
    params = db.execute(text("SELECT params FROM jobs WHERE id = :id"), {"id": job.id}).scalar_one()
    return _view(job.id, job.state, params=params, done=job.done, total=job.total, result=job.result, error=job.error)


def members(db: Connection, *, asked: SimulatedMembersAsked, actor: Actor, at: datetime) -> Page:
    """Return the first members whom one of one's own simulations found, by the tree, where the actor reads lights.

    Raises NotFound, Forbidden.
    """
    job: JobView | None = jobs.find(db, asked.job_id)
    if job is None or job.kind != JOB or job.asked_by != actor.person_id or not actor.paths_for("simulate_check"):
        raise NotFound()
    paths = actor.paths_for("read_member_lights")
    if not paths:
        raise Forbidden()
    found = {UUID(one["person_id"]): one for one in (job.result or {}).get("members", [])}
    rows = db.execute(
        select(rolled.c.person_id, rolled.c.name, rolled.c.branch_id, organisations.c.name.label("branch_name"))
        .join(organisations, organisations.c.id == rolled.c.branch_id)
        .where(rolled.c.person_id.in_(list(found)), is_below(paths))
        .order_by(organisations.c.path, rolled.c.name, rolled.c.person_id)
    )
    told = ("from_light", "to_light", "why_zh", "why_en")
    return Page(
        items=[
            SimulatedMember(*row, **{name: found[row.person_id][name] for name in told})
            for row in rows
            if str(row.branch_id) == found[row.person_id]["branch_id"]
        ]
    )


def run(db: Connection, job: Job, *, at: datetime) -> dict[str, Any]:
    """Read the month's lights of all these branches by both rules; returns counts and the first changes."""
    return simulate(
        db,
        check=job.params["check"],
        numbers=job.params["numbers"],
        month=Month.named(job.params["month"]),
        paths=job.params["paths"],
        at=at,
        told=job.progress,
    )


def simulate(
    db: Connection,
    *,
    check: str,
    numbers: dict[str, int],
    month: Month,
    paths: list[str],
    at: datetime,
    told: Any = lambda done, total: None,
) -> dict[str, Any]:
    """Return {before, after: {light: count}, changed: count, changes: […]} of the branches below the paths.

    Of a check of members they are counts of members, and `members` names the first who change, by id alone.
    """
    in_force = dict(numbers_in(db, month))
    branches = select(organisations).where(IS_ASSESSED, is_below(paths), organisations.c.known_since < month.ends_at)
    total = db.scalar(select(func.count()).select_from(branches.subquery())) or 0
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    changes: list[SimulatedChange] = []
    changed_members: list[dict[str, Any]] = []
    is_of_members = all_checks()[check][0] == "member"
    others = {**in_force, check: numbers}
    changed = done = 0
    last: tuple[str, UUID] | None = None
    while True:
        page = branches.order_by(organisations.c.path, organisations.c.id).limit(PART)
        if last:
            page = page.where(tuple_(organisations.c.path, organisations.c.id) > last)
        rows = db.execute(page).all()
        if not rows:
            break
        last = (rows[-1].path, rows[-1].id)
        done += len(rows)
        if is_of_members:
            ids = [row.id for row in rows]
            for each in lights_tried(db, ids, month=month, at=at, numbers=in_force, others=others):
                one, two, count = each.was.light, each.would_be.light, len(each.places)
                before[one] += count
                after[two] += count
                if one != two:
                    changed += count
                    changed_members += _told(each, check, most=CHANGES_SHOWN - len(changed_members))
            told(done, total)
            continue
        was = seen_of(db, rows, month=month, at=at, numbers=in_force)
        tried = seen_of(db, rows, month=month, at=at, numbers={check: numbers})
        for row in rows:
            old, new = was.get(row.id, NOTHING_SEEN), tried.get(row.id, NOTHING_SEEN)
            kept = [each for each in old.readings if each.check != check]
            one = old.light
            two = EXEMPT if EXEMPT in (old.light, new.light) else worst_of([*kept, *new.readings])
            before[one] += 1
            after[two] += 1
            if one == two or EXEMPT in (one, two):
                continue
            changed += 1
            if len(changes) < CHANGES_SHOWN:
                zh, en = (new.readings[0].why_zh, new.readings[0].why_en) if new.readings else ("", "")
                changes.append(SimulatedChange(row.id, row.name, one, two, zh, en))
        told(done, total)
    return {
        "before": {light: before[light] for light in SHOWN},
        "after": {light: after[light] for light in SHOWN},
        "changed": changed,
        "changes": plain(changes),
        "members": changed_members,
    }


def _told(each: Tried, check: str, *, most: int) -> list[dict[str, Any]]:
    """Return the first of those who change alike, with what the check that is tried says of them."""
    said = next((reading for reading in each.would_be.readings if reading.check == check), None)
    why = {"why_zh": said.why_zh if said else "", "why_en": said.why_en if said else ""}
    lights = {"from_light": each.was.light, "to_light": each.would_be.light}
    return [
        {"person_id": str(person), "branch_id": str(branch), **lights, **why} for person, branch in each.places[:most]
    ]


def _view(
    job_id: UUID,
    state: str,
    *,
    params: dict[str, Any],
    done: int = 0,
    total: int | None = None,
    result: Any = None,
    error: Any = None,
) -> SimulationView:
    found = result or {}
    return SimulationView(
        id=job_id,
        state=state,
        done=done,
        total=total,
        check=params["check"],
        of=all_checks()[params["check"]][0],
        numbers=params["numbers"],
        month=params["month"],
        before=found.get("before"),
        after=found.get("after"),
        changed=found.get("changed"),
        changes=[load(SimulatedChange, change) for change in found.get("changes", [])],
        error=error,
    )
