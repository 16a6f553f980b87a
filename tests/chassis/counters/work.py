"""What the counters do besides answering."""

import os
import time
from typing import Any

from chassis.refusals import Refusal
from chassis.work import Work
from sqlalchemy import Connection, text

WORK = Work(service="counters", attempts_max=3, first_pause_s=0.05)


class TooManySteps(Refusal):
    """No job takes {steps} steps."""


@WORK.timer(every_s=0.2)
def tick(db: Connection, *, at: Any) -> None:
    db.execute(
        text("INSERT INTO ticks (process, at) VALUES (:process, :at)"),
        {"process": os.environ["PROCESS_NAME"], "at": at},
    )


@WORK.job("step", lease_s=1.5)
def step(db: Connection, job: Any, *, at: Any) -> dict[str, int]:
    for done in range(job.params["steps"]):
        job.progress(done + 1, job.params["steps"])
        time.sleep(job.params.get("pause_s", 0))
    db.execute(
        text(
            "INSERT INTO counters (name, total) VALUES (:name, 1)"
            " ON CONFLICT (name) DO UPDATE SET total = counters.total + 1"
        ),
        {"name": str(job.id)},
    )
    return {"steps": job.params["steps"]}


@WORK.job("stumble", attempts_max=2, first_pause_s=0.05)
def stumble(db: Connection, job: Any, *, at: Any) -> None:
    db.execute(text("INSERT INTO counters (name, total) VALUES (:name, 1)"), {"name": str(job.id)})
    raise ArithmeticError("a fault of the code")


@WORK.job("refuse")
def refuse(db: Connection, job: Any, *, at: Any) -> None:
    raise TooManySteps(steps=job.params["steps"])
