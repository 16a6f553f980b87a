"""What the process *work* of the sites service does besides the relay and the inbox: timers and jobs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis import jobs
from chassis.files import FileStore, store_in
from chassis.jobs import Job
from chassis.pictures import FOLDER, sweep
from chassis.work import Work
from sqlalchemy import Connection

from sites.operations import (
    allocation,
    cap_proof,
    claim_papers,
    claims,
    closures,
    door_codes,
    draws,
    field_reviews,
    guides,
    orders,
    parties,
    pictures,
    policy_replays,
    proofs,
    reports,
    seals,
    seat_proof,
    site_imports,
    slots,
    training_cases,
    waiting,
)
from sites.operations import voucher_keys as keys

WORK = Work(service="sites")


# ---- orders and slots --------------------------------------------------------------------------------------------


@WORK.timer(every_s=60)
def expire_orders(db: Connection, *, at: datetime) -> None:
    """End the orders that no steward answered in time."""
    orders.expire(db, at=at)


@WORK.timer(every_s=60)
def miss_orders(db: Connection, *, at: datetime) -> None:
    """End the orders whose party did not come."""
    orders.miss(db, at=at)


@WORK.timer(every_s=10)
def pass_on_seats(db: Connection, *, at: datetime) -> None:
    """Give back what was kept and not taken, and offer free seats to those who wait."""
    waiting.pass_on(db, at=at)


@WORK.timer(every_s=24 * 3600)
def prove_seats(db: Connection, *, at: datetime) -> None:
    """Prove that every slot's counters are the sums of its orders and holds, or raise the alarm."""
    seat_proof.prove(db)


@WORK.timer(every_s=24 * 3600)
def prove_caps(db: Connection, *, at: datetime) -> None:
    """Prove that every cap's counter is the sum of what its orders have set aside or posted, or raise the alarm."""
    cap_proof.prove(db)


@WORK.job(policy_replays.JOB)
def replay_policy(db: Connection, job: Job, *, at: datetime) -> dict[str, int]:
    """Work past visits out under another policy."""
    return policy_replays.run(db, _files(), replay_id=job.id, params=job.params, progress=job.progress)


@WORK.timer(every_s=6 * 3600)
def ask_for_slots(db: Connection, *, at: datetime) -> None:
    """Have the slots of the coming four weeks made, in the background."""
    jobs.ask(db, "extend_slots", params={}, at=at)


@WORK.job("extend_slots")
def extend_slots(db: Connection, job: Job, *, at: datetime) -> dict[str, int]:
    """Make every site's slots what its calendar says, four weeks ahead or farther; each site is done for itself."""

    def told(done: int, total: int) -> None:
        db.commit()
        job.progress(done, total)

    return {"made": slots.extend(db, at=at, progress=told)}


@WORK.timer(every_s=60)
def cancel_closed_visits(db: Connection, *, at: datetime) -> None:
    """Cancel the orders that nobody moved out of a closed slot before it would begin."""
    closures.cancel_closed(db, at=at)


# ---- allocation rounds -----------------------------------------------------------------------------------------------


@WORK.timer(every_s=15)
def ask_for_draws(db: Connection, *, at: datetime) -> None:
    """Have the rounds drawn whose time has come, and those whose draw was given up."""
    allocation.ask_for_due_draws(db, at=at)


@WORK.job(allocation.JOB)
def draw_round(db: Connection, job: Job, *, at: datetime) -> dict[str, int]:
    """Draw an allocation round; what an earlier attempt has done stands."""
    return draws.draw_round(db, round_id=UUID(job.params["round_id"]), at=at, told=job.progress)


# ---- sites ------------------------------------------------------------------------------------------------------


@WORK.job("preview_sites")
def preview_sites(db: Connection, job: Job, *, at: datetime) -> dict[str, Any]:
    """Look a file of sites through."""
    return site_imports.run(db, _files(), params=job.params, writes=False, at=at, progress=job.progress)


@WORK.job("take_over_sites")
def take_over_sites(db: Connection, job: Job, *, at: datetime) -> dict[str, Any]:
    """Take a file of sites over, all of it or nothing."""
    return site_imports.run(db, _files(), params=job.params, writes=True, at=at, progress=job.progress)


@WORK.timer(every_s=3600)
def sweep_pictures(db: Connection, *, at: datetime) -> None:
    """Remove the picture files that no row refers to any more, a day after they were stored."""
    referred = pictures.referred(db) | claim_papers.referred(db)
    sweep(store_in(FOLDER), referred, at=at)


def _files() -> FileStore:
    return store_in()


# ---- vouchers ------------------------------------------------------------------------------------------------------


@WORK.timer(every_s=600)
def rotate_voucher_keys(db: Connection, *, at: datetime) -> None:
    """Publish, use and retire the keys of vouchers when their time has come."""
    keys.rotate(db, at=at)


# ---- arrivals ------------------------------------------------------------------------------------------------------


@WORK.timer(every_s=24 * 3600)
def forget_arrivals(db: Connection, *, at: datetime) -> None:
    """Forget the names of parties that are needed no more, and the wrong codes that count no more."""
    parties.forget(db, at=at)
    door_codes.forget_tries(db, at=at)


# ---- programmes ----------------------------------------------------------------------------------------------------


@WORK.timer(every_s=120)
def match_guides(db: Connection, *, at: datetime) -> None:
    """Find guides for the slots that wait for one, such as those just made."""
    for site_id in guides.sites_that_wait(db, at=at):
        # Each site for itself: with the slots of one still locked, those of the next would be waited for in a ring.
        with db.engine.begin() as alone:
            guides.match_site(alone, site_id, at=at, by=guides.MATCHED_BY)


@WORK.timer(every_s=24 * 3600)
def register_cases(db: Connection, *, at: datetime) -> None:
    """Register the training cases that come with the software and are not known yet."""
    training_cases.register_bundled(db, at=at)


# ---- claims ------------------------------------------------------------------------------------------------------


@WORK.timer(every_s=60)
def confirm_claims(db: Connection, *, at: datetime) -> None:
    """Confirm the headcounts that the branches left unanswered."""
    claims.confirm_by_silence(db, at=at)


@WORK.timer(every_s=600)
def lapse_claims(db: Connection, *, at: datetime) -> None:
    """End the claims that nobody submitted."""
    claims.lapse(db, at=at)


@WORK.timer(every_s=60)
def draw_reviews(db: Connection, *, at: datetime) -> None:
    """Draw the claims for field review whose draw's time has come."""
    field_reviews.draw_due(db, at=at)


# ---- reports -----------------------------------------------------------------------------------------------------


@WORK.job(reports.JOB)
def make_report(db: Connection, job: Job, *, at: datetime) -> dict[str, Any]:
    """Make a report's file."""
    return reports.make(db, reports.store(), job, at=at)


@WORK.timer(every_s=3600)
def forget_reports(db: Connection, *, at: datetime) -> None:
    """Remove the reports whose week is over."""
    reports.forget(db, reports.store(), at=at)


# ---- the ledger --------------------------------------------------------------------------------------------------


@WORK.timer(every_s=1)
def seal_entries(db: Connection, *, at: datetime) -> None:
    """Seal the entries that were committed since the last time."""
    seals.seal_all(db)


@WORK.timer(every_s=1800)
def make_checkpoints(db: Connection, *, at: datetime) -> None:
    """Write down each fund's head and balances for the day that ended last."""
    seals.make_checkpoints(db, at=at)


@WORK.job(proofs.JOB)
def verify_ledger(db: Connection, job: Job, *, at: datetime) -> dict[str, Any]:
    """Make every seal anew and compare all sums."""
    return proofs.prove(db, paths=job.params["paths"], progress=job.progress)
