"""A record as the handbook's paper form has it, in Chinese whatever the reader's language: rows, tables, signatures.

What stands on the paper is worked out once; PDF and Word draw the same.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from contracts.assessment.record_templates import HEADINGS, Field, Template
from contracts.assessment.records import RECORD_REMARKS, RecordView
from contracts.words import Word

from assessment.domain.months import SHANGHAI

ATTENDANCE: Final = {"present": "到会", "leave": "请假", "absent": "缺席", "not_expected": "不应到会"}
VOTES: Final = {"entitled": "应到会", "present": "实到会", "for": "赞成", "against": "反对", "abstained": "弃权"}
HELD_SIGNED: Final = "主持人（签字）：____________　　记录人（签字）：____________　　____年__月__日"
KEPT_SIGNED: Final = "支部书记（签字）：____________　　填表人（签字）：____________　　____年__月__日"
PARTS: Final = {"asked": "待确认", "confirmed": "已确认", "declined": "未参加"}


@dataclass(frozen=True)
class PaperTable:
    """A table of the form with its caption."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class PaperForm:
    """What is drawn: short facts in pairs, long texts over the whole width, tables, and where people sign."""

    title: str
    heading: str
    branch: str
    basis: str
    facts: tuple[tuple[str, str], ...]
    texts: tuple[tuple[str, str], ...]
    tables: tuple[PaperTable, ...]
    remarks: tuple[str, ...]
    signed: str
    footnote: str


def paper_form(record: RecordView, template: Template, *, drawn_at: datetime, drawn_by: str) -> PaperForm:
    """Return the paper form of a record; a draft says that it is one."""
    facts = [
        ("题目", record.subject or ""),
        ("日期", said(record.held_on)),
        ("时间", _times(record)),
        ("地点", record.place or ""),
        ("主持人", record.host or ""),
        ("记录人", record.recorder or ""),
        *_counted(record, template),
    ]
    texts, tables = [], []
    for field in template.fields:
        value = record.answers.get(field.name)
        if field.kind == "table":
            tables.append(_table(field, value or []))
        elif field.kind == "text":
            texts.append((field.title.zh, value or ""))
        else:
            facts.append((field.title.zh, _short(field, value, record)))
    if template.is_held:
        texts.append(("会议（活动）记录", record.minutes or ""))
    if record.decisions:
        rows = tuple(
            (str(one.number), one.text, one.owner or "", said(one.due_on) if one.due_on else "")
            for one in record.decisions
        )
        tables.append(PaperTable("议定事项", ("序号", "内容", "责任人", "完成时限"), rows))
    own = [one for one in record.attendance if one.branch_id == record.branch_id]
    # Who came stands as names, so that the sheet has room; a row is for whom there is more to say of.
    if came := [one.name for one in own if one.state == "present"]:
        texts.append(("到会人员", "、".join(came)))
    if away := tuple(_came(one) for one in own if one.state != "present"):
        tables.append(PaperTable("未到会人员", ("姓名", "情况", "原因", "补学"), away))
    if record.parts:
        others = tuple(
            (one.branch_name, str(one.attended or one.told), PARTS.get(one.state, "")) for one in record.parts
        )
        tables.append(PaperTable("联合开展的其他支部", ("支部", "人数", "确认情况"), others))
    moment = drawn_at.astimezone(SHANGHAI)
    state = {"draft": "草稿，尚未登记", "corrected": "已更正", "cancelled": "已撤销，不再计入"}.get(record.state, "")
    return PaperForm(
        title=template.title.zh,
        heading=HEADINGS[template.heading].zh,
        branch=record.branch_name,
        basis=template.basis,
        facts=tuple((name, value) for name, value in facts if value or name in ("题目", "日期", "地点")),
        texts=tuple(texts),
        tables=tuple(tables),
        remarks=tuple(filter(None, (state, *(RECORD_REMARKS[code].zh for code in record.remarks)))),
        signed=HELD_SIGNED if template.is_held else KEPT_SIGNED,
        footnote=f"{said(moment.date())} {moment:%H:%M} 由 {drawn_by} 生成",
    )


def said(day: date | str) -> str:
    """Return the day as 2026年11月22日."""
    found = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{found.year}年{found.month}月{found.day}日"


def _times(record: RecordView) -> str:
    times = [moment.astimezone(SHANGHAI) for moment in (record.starts_at, record.ends_at) if moment]
    return " 至 ".join(f"{moment:%H:%M}" for moment in times)


def _counted(record: RecordView, template: Template) -> list[tuple[str, str]]:
    if template.attendance is None and record.attended is None:
        return []
    own = [one for one in record.attendance if one.branch_id == record.branch_id]
    expected = sum(one.state != "not_expected" for one in own)
    found = [("应到人数", str(expected))] if own else []
    found.append(("实到人数", "" if record.attended is None else str(record.attended)))
    return found + ([("学时", str(record.hours))] if record.hours else [])


def _short(field: Field, value: Any, record: RecordView) -> str:
    if value is None:
        return ""
    if field.kind == "choice":
        return _chosen(field.choices, value)
    if field.kind == "day":
        return said(value)
    if field.kind == "persons":
        return "、".join(record.people.get(one, "") for one in value)
    if field.kind == "votes":
        return "，".join(f"{word}{value[code]}" for code, word in VOTES.items())
    return str(value)


def _chosen(choices: tuple[tuple[str, Word], ...], code: str) -> str:
    return next((word.zh for known, word in choices if known == code), code)


def _table(field: Field, rows: list[dict[str, Any]]) -> PaperTable:
    return PaperTable(
        field.title.zh,
        tuple(column.title.zh for column in field.columns),
        tuple(tuple(_cell(column, row.get(column.name)) for column in field.columns) for row in rows),
    )


def _cell(column: Field, value: Any) -> str:
    if value is None:
        return ""
    if column.kind == "choice":
        return _chosen(column.choices, value)
    return said(value) if column.kind == "day" else str(value)


def _came(one: Any) -> tuple[str, str, str, str]:
    made_up = ""
    if one.made_up_on:
        made_up = f"{said(one.made_up_on)} {one.made_up_how or ''}".strip()
    elif one.make_up_by:
        made_up = f"应于{said(one.make_up_by)}前补学"
    return one.name, ATTENDANCE[one.state], one.reason or "", made_up
