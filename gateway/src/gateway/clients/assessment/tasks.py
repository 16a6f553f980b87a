"""The assessment's doors: the tasks of branches."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "assessment"


def tasks(fields: Fields, *, who: Holder) -> Answer:
    """List a branch's tasks of a month, or those below an organisation (TasksAsked → Page of TaskView)."""
    return call(SERVICE, "tasks", fields, who=who)


def task(fields: Fields, *, who: Holder) -> Answer:
    """Return a task with its steps and notes (TaskAsked → TaskView)."""
    return call(SERVICE, "task", fields, who=who)


def task_overview(fields: Fields, *, who: Holder) -> Answer:
    """Tell how far the parts below an organisation are with their tasks (TaskOverviewAsked → TaskOverviewView)."""
    return call(SERVICE, "task_overview", fields, who=who)


def task_burden(fields: Fields, *, who: Holder) -> Answer:
    """Tell what the lists ask of a branch in a month (BurdenAsked → BurdenView)."""
    return call(SERVICE, "task_burden", fields, who=who)


def do_task(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Say that a task is done, with what shows it (DoTask → TaskView)."""
    return call(SERVICE, "do_task", fields, who=who, command_id=command_id)


def accept_task(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Accept what a branch did (AcceptTask → TaskView)."""
    return call(SERVICE, "accept_task", fields, who=who, command_id=command_id)


def return_task(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Give a done task back to its branch (ReturnTask → TaskView)."""
    return call(SERVICE, "return_task", fields, who=who, command_id=command_id)


def reopen_task(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Open a task anew (ReopenTask → TaskView)."""
    return call(SERVICE, "reopen_task", fields, who=who, command_id=command_id)


def exempt_task(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Exempt a branch from a task (ExemptTask → TaskView)."""
    return call(SERVICE, "exempt_task", fields, who=who, command_id=command_id)


def note_task(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write a dated note to a task (NoteTask → TaskView)."""
    return call(SERVICE, "note_task", fields, who=who, command_id=command_id)
