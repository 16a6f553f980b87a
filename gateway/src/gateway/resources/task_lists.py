"""The five lists: what branches have to do each month, by versions."""

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

from gateway.clients import assessment
from gateway.nouns import Many, Noun

lists = Noun("task_lists")

lists.read(
    "/task-lists",
    assessment.task_lists.task_lists,
    needs=("read_task_lists",),
    takes=TaskListsAsked,
    answers=Many(TaskListView),
)
lists.read(
    "/task-lists/<uuid:list_id>",
    assessment.task_lists.task_list,
    needs=("read_task_lists",),
    takes=TaskListAsked,
    answers=TaskListView,
    refusals=("not-found",),
)
lists.act(
    "/task-lists",
    assessment.task_lists.draft_task_list,
    needs=("draft_task_list",),
    takes=DraftTaskList,
    answers=TaskListView,
    status=201,
    refusals=("not-found",),
)
lists.act(
    "/task-lists/<uuid:list_id>/versions",
    assessment.task_lists.draft_list_version,
    needs=("draft_task_list",),
    takes=DraftListVersion,
    answers=TaskListView,
    status=201,
    refusals=("not-found",),
)
lists.act(
    "/list-versions/<uuid:version_id>/adoption",
    assessment.task_lists.adopt_list_version,
    needs=("adopt_task_list",),
    takes=AdoptListVersion,
    answers=TaskListView,
    refusals=("not-found", "list-not-movable", "list-same-drafter", "list-month-past", "list-month-taken"),
)
lists.act(
    "/list-versions/<uuid:version_id>/withdrawal",
    assessment.task_lists.withdraw_list_version,
    needs=("withdraw_task_list",),
    takes=WithdrawListVersion,
    answers=TaskListView,
    refusals=("not-found", "list-not-movable"),
)
lists.act(
    "/tasks",
    assessment.task_lists.add_task,
    needs=("add_task",),
    takes=AddTask,
    answers=AddedTaskView,
    status=201,
    refusals=("not-found",),
)
