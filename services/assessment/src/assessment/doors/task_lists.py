"""Doors: the five lists and their versions, and tasks given besides them."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.assessment.task_lists import (
    AddedTaskView,
    AddTask,
    AdoptListVersion,
    DraftListVersion,
    DraftTaskList,
    TaskListAsked,
    TaskListsAsked,
    TaskListView,
    WithdrawListVersion,
)
from contracts.envelope import Page

from assessment.doors.resources import Doors
from assessment.operations import task_lists
from assessment.queries import task_lists as lists


class TaskListDoors(Doors):
    """Doors: the five lists and their versions, and tasks given besides them."""

    @query(TaskListsAsked, returns=Page)
    def task_lists(self, asked: TaskListsAsked, *, actor: Actor, at: datetime) -> Page:
        return lists.task_lists_asked(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(TaskListAsked, returns=TaskListView)
    def task_list(self, asked: TaskListAsked, *, actor: Actor, at: datetime) -> TaskListView:
        return lists.task_list(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(DraftTaskList, returns=TaskListView)
    def draft_task_list(self, asked: DraftTaskList, *, actor: Actor, at: datetime) -> TaskListView:
        return task_lists.draft(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(DraftListVersion, returns=TaskListView)
    def draft_list_version(self, asked: DraftListVersion, *, actor: Actor, at: datetime) -> TaskListView:
        return task_lists.draft_version(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(AdoptListVersion, returns=TaskListView)
    def adopt_list_version(self, asked: AdoptListVersion, *, actor: Actor, at: datetime) -> TaskListView:
        return task_lists.adopt(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(WithdrawListVersion, returns=TaskListView)
    def withdraw_list_version(self, asked: WithdrawListVersion, *, actor: Actor, at: datetime) -> TaskListView:
        return task_lists.withdraw(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(AddTask, returns=AddedTaskView)
    def add_task(self, asked: AddTask, *, actor: Actor, at: datetime) -> AddedTaskView:
        return task_lists.add_task(self.database.transaction, asked=asked, actor=actor, at=at)
