"""Load the demonstration: `python -m demo.load`. A second run changes nothing.

Reads ROSTER_DATABASE_URL, SITES_DATABASE_URL and ASSESSMENT_DATABASE_URL (the services' own roles), and
PERSONAL_DATA_KEYS, which seals the made-up bank accounts. DEMO_TOWNS names the towns whose villages are loaded, with
their people and records, and no sites; without it everything is. Each service's part is one transaction and says how
far it is; at the end the loader waits until the other services' copies of the tree have arrived through their inboxes.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import UUID

from chassis import clock
from chassis.database import connect, refusal_of
from chassis.files import FileStore
from chassis.pictures import FOLDER
from chassis.refusals import Busy
from roster.operations.accounts import grant_all, open_accounts
from roster.operations.members import Person, admit_all, appoint_all, register_all
from roster.operations.organisations import Founding, found_all, keep_crosswalk, tell_changed
from roster.operations.terms import record_all, warn
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from demo import (
    dues,
    history,
    mending,
    money,
    organisations,
    people,
    pictures,
    places,
    records,
    reviews,
    rounds,
    stars,
    visits,
)

SERVICES: Final = ("roster", "sites", "assessment")
PART: Final = 2_000
TRIES: Final = 5
STANDSTILL_MAX_S: Final = 60.0
WAIT_MAX_S: Final = 900.0

T = TypeVar("T")


class Progress:
    """Says how far a part of the load is: at most twice a second, and at its end how long it took."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._began_at = self._said_at = time.monotonic()
        self._line = ""

    def at(self, done: int, total: int) -> None:
        """Note that `done` of `total` are done."""
        self._line = f"{done} of {total}"
        if time.monotonic() - self._said_at > 0.5:
            self._say()

    def new(self, number: int) -> None:
        """Note how many of them were not there before."""
        self._line += f", {number} new" if number else ", nothing new"

    def end(self) -> None:
        """Say the last line."""
        self._say()

    def _say(self) -> None:
        self._said_at = time.monotonic()
        print(f"  {self._title:<48} {self._line:<32} {self._said_at - self._began_at:5.1f} s", flush=True)


@contextmanager
def part(title: str) -> Iterator[Progress]:
    """Time a part of the load."""
    progress = Progress(title)
    yield progress
    progress.end()


def load_roster(db: Connection, foundings: Sequence[Founding], *, at: datetime) -> None:
    """Load the tree, its members and those who sign in; what is there already is left as it is."""
    with part("organisations") as progress:
        founded = found_all(db, foundings)
        keep_crosswalk(db, organisations.crosswalk())
        progress.at(len(foundings), len(foundings))
        progress.new(len(founded))
    branches = [founding for founding in foundings if founding.kind == "branch"]
    roll = people.roll_of(branches, on=clock.today(at))
    with part("members, all made up") as progress:
        there = _there_already(db, roll.people)
        progress.at(len(there), len(roll.people))
        new = [person for person in roll.people if person.id not in there]
        known = set(_in_parts(progress, new, lambda some: register_all(db, some)))
        progress.at(len(roll.people), len(roll.people))
        progress.new(len(known))
    with part("their branches and posts") as progress:
        # Only for those who are new: who was moved or removed meanwhile is left where they are.
        memberships = [membership for membership in roll.memberships if membership.person_id in known]
        admitted = set(_in_parts(progress, memberships, lambda some: admit_all(db, some)))
        appoint_all(db, [appointment for appointment in roll.appointments if appointment.person_id in admitted])
        admitted_to = {membership.branch_id for membership in memberships if membership.person_id in admitted}
        record_all(db, [term for term in roll.terms if term.organisation_id in admitted_to], on=clock.today(at))
        warn(db, at=at)
        filled = {membership.branch_id for membership in memberships if membership.person_id in admitted}
        tell_changed(db, {*founded, *filled}, at=at)
    with part("those who sign in, and their roles") as progress:
        opened = set(open_accounts(db, people.accounts(), at=at))
        grant_all(db, [grant for grant in people.grants() if grant.person_id in opened], at=at)
        progress.at(len(people.USERS), len(people.USERS))
        progress.new(len(opened))
    people.set_policy(db, at=at)
    with part("dues of three months, all made up") as progress:
        progress.at(len(branches), len(branches))
        progress.new(dues.load(db, branches, at=at))


def load_places(db: Connection, *, at: datetime) -> None:
    """Load the sites with their menus and the slots of the coming four weeks."""
    with part("programmes of 37 sites, with their slots") as progress:
        progress.new(places.load(db, at=at, progress=progress.at))


def load_pictures(db: Connection, folder: Path, *, at: datetime) -> None:
    """Load a placeholder picture for each real site."""
    with part("pictures of 12 sites, drawn as placeholders") as progress:
        progress.at(1, 1)
        progress.new(pictures.load(db, FileStore(folder / FOLDER), at=at))


def load_money(db: Connection, *, at: datetime) -> None:
    """Load the fund with its money, and the accounts that sites are paid to."""
    with part("the fund and the sites' accounts, all made up") as progress:
        progress.at(1, 1)
        progress.new(money.load(db, at=at))


def load_visits(db: Connection, folder: Path, *, at: datetime) -> None:
    """Load visits of the month before and of the last days, with what became of their claims."""
    with part("visits and their claims, all made up") as progress:
        progress.at(len(visits.STORIES), len(visits.STORIES))
        progress.new(visits.load(db, FileStore(folder), at=at))


def load_records(db: Connection, *, at: datetime) -> None:
    """Load what the branches wrote down in three months, and two lists of the district."""
    with part("records and lists of tasks, all made up") as progress:
        progress.at(1, 1)
        progress.new(records.load(db, at=at) + records.load_lists(db, at=at))


def load_history(db: Connection, *, at: datetime) -> None:
    """Load the lights of three months that are over, with what came of them."""
    with part("three months of lights and what came of them") as progress:
        progress.at(history.MONTHS, history.MONTHS)
        progress.new(history.load(db, at=at))


def load_rounds(db: Connection, *, at: datetime) -> None:
    """Load an on-site round that has ended, and one under way."""
    with part("two on-site rounds of a town, all made up") as progress:
        progress.at(1, 1)
        progress.new(rounds.load(db, at=at))


def load_mending(db: Connection, *, at: datetime) -> None:
    """Load problems in each of their states, and a card of each colour."""
    with part("problems and cards, all made up") as progress:
        progress.at(len(mending.STORIES), len(mending.STORIES))
        progress.new(mending.load(db, at=at))


def load_reviews(db: Connection, *, at: datetime) -> None:
    """Load annual reviews in one town and of the towns."""
    with part("annual reviews, all made up") as progress:
        progress.at(1, 1)
        progress.new(reviews.load(db, at=at))


def wait_for_copies(engines: dict[str, Engine]) -> bool:
    """Wait until sites and assessment know every organisation as it is now; say so when they do not get there."""
    versions = versions_known(engines["roster"])
    until = time.monotonic() + WAIT_MAX_S
    with part("organisations known to sites, assessment") as progress:
        moved_at, before = time.monotonic(), -1
        while True:
            arrived = min(_arrived(engines[service], versions) for service in ("sites", "assessment"))
            progress.at(arrived, len(versions))
            now = time.monotonic()
            if arrived == len(versions):
                return True
            if arrived != before:
                moved_at, before = now, arrived
            if now - moved_at > STANDSTILL_MAX_S or now > until:
                break
            time.sleep(1)
    print(
        f"The demonstration is loaded, but sites and assessment have heard of only {arrived} of {len(versions)}"
        " organisations. They hear of the rest when the services' work processes run (roster-work, sites-work,"
        " assessment-work); until then nobody can order for the others."
    )
    return False


def wait_for_rolls(engine: Engine) -> bool:
    """Wait until the assessment knows rolls and posts of the branches it knows; say whether it got there."""
    with part("rolls known to the assessment") as progress:
        total = left = _untold(engine)
        until = time.monotonic() + STANDSTILL_MAX_S
        while left:
            progress.at(total - left, total)
            if time.monotonic() > until:
                break
            time.sleep(0.5)
            before, left = left, _untold(engine)
            if left < before:
                until = time.monotonic() + STANDSTILL_MAX_S
        progress.at(total - left, total)
    if left:
        print(f"The assessment has not heard of the rolls of {left} branches; no records are loaded.")
    return not left


def load_stars(db: Connection, *, at: datetime) -> None:
    """Load the made-up rating of the last half-year and the weak organisation."""
    with part("stars of the last half-year, all made up") as progress:
        progress.at(1, 1)
        progress.new(stars.load(db, at=at))


def versions_known(engine: Engine) -> dict[UUID, int]:
    """Return the version at which a service knows each organisation."""
    with engine.connect() as db:
        return {row.id: row.version for row in db.execute(text("SELECT id, version FROM organisations"))}


def _there_already(db: Connection, persons: Sequence[Person]) -> set[UUID]:
    wanted = {"ids": [person.id for person in persons]}
    return set(db.execute(text("SELECT id FROM people WHERE id = ANY(:ids)"), wanted).scalars())


def _arrived(engine: Engine, versions: dict[UUID, int]) -> int:
    copies = versions_known(engine)
    return sum(copies.get(organisation, 0) >= version for organisation, version in versions.items())


def _untold(engine: Engine) -> int:
    """Return of how many branches the assessment does not know roll and posts as they are now."""
    untold = """
        SELECT count(*) FROM organisations o
        LEFT JOIN rolls r ON r.branch_id = o.id LEFT JOIN posts_told p ON p.organisation_id = o.id
        WHERE o.kind = 'branch' AND (coalesce(r.version, 0) < o.version
            OR o.secretary_id IS NOT NULL AND coalesce(p.version, 0) < o.version)"""
    with engine.connect() as db:
        return int(db.execute(text(untold)).scalar_one())


def _in_parts(progress: Progress, rows: Sequence[Any], run: Callable[[Sequence[Any]], list[T]]) -> list[T]:
    found: list[T] = []
    progress.at(0, len(rows))
    for begin in range(0, len(rows), PART):
        found += run(rows[begin : begin + PART])
        progress.at(min(begin + PART, len(rows)), len(rows))
    return found


def in_one_transaction(engine: Engine, *loads: Callable[[Connection], None]) -> None:
    """Load these, all or none; anew when the database gave way to the services, which work on the same rows."""
    for left in reversed(range(TRIES)):
        try:
            with engine.begin() as db:
                for load in loads:
                    load(db)
        except DBAPIError as error:
            if not left or not isinstance(refusal_of(error, service="demo", deadline=None), Busy):
                raise
        else:
            return


def hold_branches(db: Connection) -> None:
    """Hold all branches of the assessment, in the order in which it holds them when it lights many at once."""
    db.execute(text("SELECT FROM organisations ORDER BY id FOR NO KEY UPDATE"))


def main() -> int:
    """Load everything, or say what is missing."""
    names = {service: f"{service.upper()}_DATABASE_URL" for service in SERVICES}
    if missing := [name for name in (*names.values(), "PERSONAL_DATA_KEYS") if not os.environ.get(name)]:
        print(f"Not set: {', '.join(missing)}. The loader needs each service's database and the keys.", file=sys.stderr)
        return 2
    engines = {service: connect(os.environ[name], service=service) for service, name in names.items()}
    at = clock.now()
    began_at = time.monotonic()
    print("Zichuan as of 2023: 13 towns and subdistricts, 474 villages and communities (447 in the text of 2020).")
    folder = os.environ.get("FILE_STORE")
    in_one_transaction(engines["roster"], lambda db: load_roster(db, organisations.foundings(), at=at))
    is_whole = not os.environ.get("DEMO_TOWNS")  # sites, and the stories told below, are those of all towns
    if is_whole:
        in_one_transaction(
            engines["sites"],
            lambda db: load_places(db, at=at),
            *([lambda db: load_pictures(db, Path(folder), at=at)] if folder else []),
            lambda db: load_money(db, at=at),
        )
    if wait_for_copies(engines):
        if folder and is_whole:
            in_one_transaction(engines["sites"], lambda db: load_visits(db, Path(folder), at=at))
        knows_rolls = wait_for_rolls(engines["assessment"])
        loads = [load_records] if knows_rolls else []
        if is_whole:
            loads += [load_rounds, load_mending, load_stars]
        if is_whole and knows_rolls:
            loads += [load_history, load_reviews]
        in_one_transaction(engines["assessment"], hold_branches, *(partial(load, at=at) for load in loads))
    print(f"The demonstration is loaded, in {time.monotonic() - began_at:.1f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
