"""What can be imported: adding a subject is adding a row here and a module that reads, judges and takes over."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection

from roster.domain import member_sheets, organisation_sheets
from roster.domain.import_columns import Column
from roster.operations import import_members, import_organisations
from roster.operations.import_staging import Line, Staged

Stage = Callable[[Sequence[Line]], list[Staged]]


@dataclass(frozen=True)
class Subject:
    """A kind of thing that files hold.

    right           who may import it, in which part of the tree; `export_right` who may have it as a file
    columns         what its sheets hold
    stage           (db, paths, today) → a function that reads some lines
    judge           asks the register about all rows of an import: targets, verdicts, faults
    lock, take_over hold what the rows speak of; write the new and the changed
    tell            tells the other services, once each
    """

    name: str
    title: str
    right: str
    export_right: str
    columns: tuple[Column, ...]
    stage: Callable[..., Stage]
    judge: Callable[..., None]
    lock: Callable[[Connection, UUID], None]
    take_over: Callable[..., None]
    tell: Callable[..., None]
    sample: dict[str, str]

    def heading(self, field: str) -> str:
        """Return the heading of a field in our own files."""
        return next(column.heading for column in self.columns if column.field == field)


def _stage_members(db: Connection, *, paths: Sequence[str], today: date) -> Stage:
    branches = import_members.Branches(db, paths)
    return lambda lines: import_members.stage(lines, branches=branches, today=today)


def _stage_organisations(db: Connection, *, paths: Sequence[str], today: date) -> Stage:
    return import_organisations.stage


SUBJECTS: Final[dict[str, Subject]] = {
    "members": Subject(
        name="members",
        title="党员",
        right="import_members",
        export_right="export_members",
        columns=member_sheets.COLUMNS,
        stage=_stage_members,
        judge=import_members.judge,
        lock=import_members.lock,
        take_over=import_members.take_over,
        tell=import_members.tell,
        sample={
            "name": "示例人",
            "identity_number": "370302198005179003",
            "sex": "女",
            "ethnicity": "汉族",
            "born_on": "1980-05-17",
            "education": "大专",
            "native_place": "山东淄博",
            "work_unit": "示例单位",
            "phone": "19900000000",
            "branch": "示例村党支部",
            "branch_code": "370302000000",
            "status": "正式党员",
            "state": "在册",
            "joined_on": "2005-07-01",
            "full_on": "2006-07-01",
            "party_group": "第一党小组",
            "file_place": "镇党建档案室",
        },
    ),
    "organisations": Subject(
        name="organisations",
        title="党组织",
        right="import_organisations",
        export_right="export_organisations",
        columns=organisation_sheets.COLUMNS,
        stage=_stage_organisations,
        judge=import_organisations.judge,
        lock=import_organisations.lock,
        take_over=import_organisations.take_over,
        tell=import_organisations.tell,
        sample={
            "code": "370302000000",
            "name": "示例村党支部",
            "kind": "党支部",
            "field": "农村",
            "parent_code": "370302000",
            "parent": "示例镇党委",
            "division_code": "370302000000",
            "division_code_system": "统计局",
        },
    ),
}


def words_of(subject: str, field: str) -> dict[str, Any]:
    """Return the word for each code of a field whose cells hold words; nothing for any other field."""
    words = _WORDS[subject].get(field, {})
    return {code: word for word, code in reversed(list(words.items()))}


_WORDS: Final[dict[str, dict[str, dict[str, str]]]] = {
    "members": {
        "sex": member_sheets.SEXES,
        "education": member_sheets.EDUCATIONS,
        "status": member_sheets.STANDINGS,
        "state": member_sheets.STATES,
    },
    "organisations": {
        "kind": organisation_sheets.KINDS,
        "field": organisation_sheets.FIELDS,
        "division_code_system": organisation_sheets.SYSTEMS,
    },
}
