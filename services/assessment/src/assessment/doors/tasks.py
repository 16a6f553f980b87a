"""Doors: what branches have to do in a month, and what is done about it."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.assessment.tasks import (
    AcceptTask,
    BurdenAsked,
    BurdenView,
    DoTask,
    ExemptTask,
    NoteTask,
    ReopenTask,
    ReturnTask,
    TaskAsked,
    TaskOverviewAsked,
    TaskOverviewView,
    TasksAsked,
    TaskView,
)
from contracts.envelope import Page

from assessment.doors.resources import Doors
from assessment.operations import tasks
from assessment.queries import tasks as shown


class TaskDoors(Doors):
    """Doors: what branches have to do in a month, and what is done about it."""

    @query(TasksAsked, returns=Page)
    def tasks(self, asked: TasksAsked, *, actor: Actor, at: datetime) -> Page:
        return shown.tasks_asked(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(TaskAsked, returns=TaskView)
    def task(self, asked: TaskAsked, *, actor: Actor, at: datetime) -> TaskView:
        return shown.task(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(TaskOverviewAsked, returns=TaskOverviewView)
    def task_overview(self, asked: TaskOverviewAsked, *, actor: Actor, at: datetime) -> TaskOverviewView:
        return shown.overview(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(BurdenAsked, returns=BurdenView)
    def task_burden(self, asked: BurdenAsked, *, actor: Actor, at: datetime) -> BurdenView:
        return shown.burden(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(DoTask, returns=TaskView)
    def do_task(self, asked: DoTask, *, actor: Actor, at: datetime) -> TaskView:
        return tasks.do(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(AcceptTask, returns=TaskView)
    def accept_task(self, asked: AcceptTask, *, actor: Actor, at: datetime) -> TaskView:
        return tasks.accept(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ReturnTask, returns=TaskView)
    def return_task(self, asked: ReturnTask, *, actor: Actor, at: datetime) -> TaskView:
        return tasks.give_back(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ReopenTask, returns=TaskView)
    def reopen_task(self, asked: ReopenTask, *, actor: Actor, at: datetime) -> TaskView:
        return tasks.reopen(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ExemptTask, returns=TaskView)
    def exempt_task(self, asked: ExemptTask, *, actor: Actor, at: datetime) -> TaskView:
        return tasks.exempt(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(NoteTask, returns=TaskView)
    def note_task(self, asked: NoteTask, *, actor: Actor, at: datetime) -> TaskView:
        return tasks.note(self.database.transaction, asked=asked, actor=actor, at=at)
