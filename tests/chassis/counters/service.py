"""The doors of the counters."""

from typing import Any

from chassis import jobs
from chassis.audit.doors import AuditDoors
from chassis.database import Database
from chassis.doors import command, listen, query
from chassis.refusals import NotFound
from sqlalchemy import text

from counters import operations
from counters.messages import Add, Added, CounterAsked, JobView, Pause, Said, Total


class CountersService(AuditDoors):
    """Counts."""

    name = "counters"
    database: Any = Database()

    @command(Add, returns=Total)
    def add(self, asked: Add, *, actor: Any, at: Any) -> Total:
        return operations.add(self.database.transaction, asked=asked, at=at)

    @command(Add, returns=Total, guarded_by="function", public=True)
    def add_fast(self, asked: Add, *, actor: Any, at: Any, command: Any) -> bytes:
        return operations.add_fast(
            self.database.direct, asked=asked, command_id=command.id, body_hash=command.body_hash
        )

    @command(Add, returns=Total, shows_once=True)
    def add_secretly(self, asked: Add, *, actor: Any, at: Any) -> Total:
        return operations.add(self.database.transaction, asked=asked, at=at)

    @command(Said, public=True)
    def ask_job(self, asked: Said, *, actor: Any, at: Any) -> JobView:
        return JobView(jobs.ask(self.database.transaction, asked.text, params={"steps": 3}, at=at))

    @command(Said, public=True)
    def add_unsayable(self, asked: Said, *, actor: Any, at: Any) -> object:
        operations.add(self.database.transaction, asked=Add(asked.text, 1), at=at)
        return object()

    @query(CounterAsked, public=True)
    def total(self, asked: CounterAsked, *, actor: Any, at: Any) -> Total:
        row = self.database.transaction.execute(
            text("SELECT total FROM counters WHERE name = :name"), {"name": asked.counter}
        ).first()
        if row is None:
            raise NotFound()
        return Total(asked.counter, row.total)

    @query(Said, public=True)
    def echo(self, asked: Said, *, actor: Any, at: Any) -> bytes:
        return b'{"text":"%s"}' % asked.text.encode()

    @query(Said, lenient=True)
    def who(self, asked: Said, *, actor: Any, at: Any) -> dict[str, str]:
        return {"name": actor.name}

    @query(Pause, public=True)
    def pause(self, asked: Pause, *, actor: Any, at: Any) -> dict[str, bool]:
        self.database.transaction.execute(text("SELECT pg_sleep(:s)"), {"s": asked.seconds})
        return {"awake": True}

    @query(Said, public=True)
    def fail(self, asked: Said, *, actor: Any, at: Any) -> None:
        raise ZeroDivisionError("a fault of the code")

    @query(Said, public=True)
    def cut(self, asked: Said, *, actor: Any, at: Any) -> None:
        self.database.transaction.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    @query(CounterAsked, public=True)
    def lock(self, asked: CounterAsked, *, actor: Any, at: Any) -> dict[str, bool]:
        self.database.transaction.execute(
            text("SELECT 1 FROM counters WHERE name = :name FOR UPDATE"), {"name": asked.counter}
        )
        return {"locked": True}

    @listen("counters", Added)
    def hear(self, event: Any, *, at: Any) -> None:
        operations.hear(self.database.transaction, event_id=event.event_id, added=event.data)
        if event.data.listeners_fail:
            raise ArithmeticError("this listener was asked to fail")


SERVICE = CountersService
