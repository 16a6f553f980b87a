"""The assessment's doors: the five lists and their versions."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "assessment"


def task_lists(fields: Fields, *, who: Holder) -> Answer:
    """List the lists with the version that holds in a month (TaskListsAsked → Page of TaskListView)."""
    return call(SERVICE, "task_lists", fields, who=who)


def task_list(fields: Fields, *, who: Holder) -> Answer:
    """Return a list with all its versions (TaskListAsked → TaskListView)."""
    return call(SERVICE, "task_list", fields, who=who)


def draft_task_list(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Draft a new list (DraftTaskList → TaskListView)."""
    return call(SERVICE, "draft_task_list", fields, who=who, command_id=command_id)


def draft_list_version(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Draft the next version of a list (DraftListVersion → TaskListView)."""
    return call(SERVICE, "draft_list_version", fields, who=who, command_id=command_id)


def adopt_list_version(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Adopt a version that somebody else drafted (AdoptListVersion → TaskListView)."""
    return call(SERVICE, "adopt_list_version", fields, who=who, command_id=command_id)


def withdraw_list_version(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Put the draft of a version away (WithdrawListVersion → TaskListView)."""
    return call(SERVICE, "withdraw_list_version", fields, who=who, command_id=command_id)


def add_task(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Give branches a task besides their lists (AddTask → AddedTaskView)."""
    return call(SERVICE, "add_task", fields, who=who, command_id=command_id)
