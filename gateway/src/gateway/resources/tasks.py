"""The tasks of branches: a month's, how far the parts of the tree are, and what is done about one."""

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

from gateway.clients import assessment
from gateway.nouns import Many, Noun

tasks = Noun("tasks")

tasks.read(
    "/tasks",
    assessment.tasks.tasks,
    needs=("read_tasks",),
    takes=TasksAsked,
    answers=Many(TaskView),
    refusals=("not-found",),
)
tasks.read(
    "/tasks/<uuid:task_id>",
    assessment.tasks.task,
    needs=("read_tasks",),
    takes=TaskAsked,
    answers=TaskView,
    refusals=("not-found",),
)
tasks.read(
    "/task-overview",
    assessment.tasks.task_overview,
    needs=("read_task_overview",),
    takes=TaskOverviewAsked,
    answers=TaskOverviewView,
    refusals=("not-found",),
)
tasks.read(
    "/branches/<uuid:branch_id>/task-burden",
    assessment.tasks.task_burden,
    needs=("read_tasks",),
    takes=BurdenAsked,
    answers=BurdenView,
    refusals=("not-found",),
)
tasks.act(
    "/tasks/<uuid:task_id>/completion",
    assessment.tasks.do_task,
    needs=("do_task",),
    takes=DoTask,
    answers=TaskView,
    refusals=("not-found", "task-not-movable", "task-needs-record", "month-frozen"),
)
tasks.act(
    "/tasks/<uuid:task_id>/acceptance",
    assessment.tasks.accept_task,
    needs=("judge_task",),
    takes=AcceptTask,
    answers=TaskView,
    refusals=("not-found", "task-not-movable", "acceptance-not-asked", "own-task"),
)
tasks.act(
    "/tasks/<uuid:task_id>/return",
    assessment.tasks.return_task,
    needs=("judge_task",),
    takes=ReturnTask,
    answers=TaskView,
    refusals=("not-found", "task-not-movable", "acceptance-not-asked", "own-task"),
)
tasks.act(
    "/tasks/<uuid:task_id>/reopening",
    assessment.tasks.reopen_task,
    needs=("reopen_task",),
    takes=ReopenTask,
    answers=TaskView,
    refusals=("not-found", "task-not-movable", "month-frozen"),
)
tasks.act(
    "/tasks/<uuid:task_id>/exemption",
    assessment.tasks.exempt_task,
    needs=("exempt_task",),
    takes=ExemptTask,
    answers=TaskView,
    refusals=("not-found", "task-not-movable"),
)
tasks.act(
    "/tasks/<uuid:task_id>/notes",
    assessment.tasks.note_task,
    needs=("note_task",),
    takes=NoteTask,
    answers=TaskView,
    status=201,
    refusals=("not-found",),
)
