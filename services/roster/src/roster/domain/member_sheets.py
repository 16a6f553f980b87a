"""A sheet of members: its columns, and what each row says by itself. What the register says of it is judged there.

A cell that is empty says nothing: an import never takes away what the register knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from roster.domain.identity_numbers import Read, masked, normal, read
from roster.domain.import_cells import (
    Cell,
    Fault,
    Month,
    day_in,
    line_of,
    lost_digits,
    name_in,
    not_a_word,
    phone_in,
    shown,
    text_of,
    word_in,
)
from roster.domain.import_columns import Column
from roster.domain.periods import months_after

SEXES: Final = {"男": "male", "女": "female", "男性": "male", "女性": "female"}
EDUCATIONS: Final = {
    "小学": "primary",
    "初中": "junior",
    "高中": "senior",
    "中专": "secondary_vocational",
    "大专": "college",
    "本科": "bachelor",
    "硕士研究生": "master",
    "博士研究生": "doctor",
    "普通高中": "senior",
    "初级中学": "junior",
    "普通中专": "secondary_vocational",
    "中等专科": "secondary_vocational",
    "中技": "secondary_vocational",
    "技校": "secondary_vocational",
    "职高": "secondary_vocational",
    "职业高中": "secondary_vocational",
    "专科": "college",
    "大学专科": "college",
    "高职": "college",
    "大学": "bachelor",
    "大学本科": "bachelor",
    "学士": "bachelor",
    "研究生": "master",
    "硕士": "master",
    "博士": "doctor",
}
STANDINGS: Final = {
    "正式党员": "full",
    "预备党员": "probationary",
    "正式": "full",
    "预备": "probationary",
    "中共党员": "full",
    "中共预备党员": "probationary",
}
STATES: Final = {
    "在册": "active",
    "流动": "floating",
    "失联": "lost",
    "正常": "active",
    "流动党员": "floating",
    "失去联系": "lost",
    "失联党员": "lost",
}

COLUMNS: Final = (
    Column("person_id", "系统编号", ("党员编号", "人员编号"), needed="who", hint="导出时带有；新党员留空"),
    Column("name", "姓名", ("党员姓名", "名字", "full name"), needed="name", hint="必填"),
    Column(
        "identity_number",
        "身份证号",
        ("公民身份号码", "身份证号码", "身份证", "身份号码", "证件号码", "居民身份证号", "id number", "id card"),
        needed="who",
        hint="新党员必填，单元格设为文本",
        is_secret=True,
    ),
    Column("sex", "性别", ("gender",), hint="男或女；可留空，由身份证号得出"),
    Column("ethnicity", "民族", ("族别",), hint="如 汉族"),
    Column("born_on", "出生日期", ("出生年月日", "出生年月", "生日", "date of birth", "birthday"), hint="1998-07-01"),
    Column("education", "学历", ("文化程度", "最高学历", "学历情况"), hint="小学、初中、高中、中专、大专、本科等"),
    Column("native_place", "籍贯", ("出生地",)),
    Column("work_unit", "工作单位", ("工作单位及职务", "单位", "工作单位及职务名称", "工作岗位")),
    Column(
        "phone",
        "联系电话",
        ("手机号", "手机号码", "手机", "电话", "联系方式", "电话号码", "移动电话", "mobile"),
        is_secret=True,
    ),
    Column("branch_code", "党支部代码", ("支部代码", "党组织代码", "组织代码", "所在党组织代码"), needed="branch"),
    Column(
        "branch",
        "所在党支部",
        (
            "党支部",
            "所属党支部",
            "所在支部",
            "支部名称",
            "党支部名称",
            "所在党组织",
            "所属党组织",
            "组织名称",
            "党组织",
        ),
        needed="branch",
        hint="名册中的名称；同名时另填代码",
    ),
    Column(
        "status", "人员类别", ("党员类别", "人员类型", "党员类型", "类别"), needed="status", hint="正式党员或预备党员"
    ),
    Column("state", "党籍状态", ("党员状态", "状态", "流动状态"), hint="在册、流动或失联；可留空"),
    Column(
        "joined_on",
        "入党日期",
        ("入党时间", "加入党组织日期", "加入党组织时间", "加入中共组织日期", "加入中共组织时间"),
        hint="1998-07-01",
    ),
    Column("full_on", "转正日期", ("转正时间", "转为正式党员日期", "转为正式党员时间"), hint="预备党员留空"),
    Column(
        "since",
        "进入支部日期",
        ("进入当前党支部日期", "转入日期", "组织关系转入日期", "进入党支部日期"),
        hint="新录入的党员从这一天起计入支部；留空为导入当天",
    ),
    Column("party_group", "党小组", ("所在党小组", "所属党小组")),
    Column("file_place", "档案存放地", ("档案所在单位", "档案存放地点", "党员档案所在单位")),
)
LONGEST: Final = {
    "ethnicity": 20,
    "native_place": 100,
    "work_unit": 200,
    "party_group": 50,
    "file_place": 200,
    "branch": 200,
    "branch_code": 40,
}
YOUNGEST: Final = 18
IMPOSSIBLE: Final = 10
PROBATION_SINCE: Final = date(1990, 1, 1)
"""Since when every probation lasts a year; before, and in war, it was often shorter or there was none."""


@dataclass
class MemberRow:
    """What a row says of a member; `number` and `phone` not yet sealed."""

    fields: dict[str, Any] = field(default_factory=dict)
    number: str | None = field(default=None, repr=False)
    number_masked: str | None = None
    phone: str | None = field(default=None, repr=False)
    faults: list[Fault] = field(default_factory=list)


def read_row(cells: Mapping[str, Cell], *, today: date) -> MemberRow:
    """Return what a row says, by field, with every cell that cannot be taken."""
    row = MemberRow()
    for name, most in LONGEST.items():
        text = line_of(cells.get(name))
        if len(text) > most:
            row.faults.append(Fault(name, "too-long", shown(text)[:40], {"most": most}))
        elif text:
            row.fields[name] = text
    for name, words in (("sex", SEXES), ("education", EDUCATIONS), ("status", STANDINGS), ("state", STATES)):
        if cells.get(name) is not None:
            code = word_in(cells[name], words)
            if code is None:
                row.faults.append(not_a_word(name, cells[name], words))
            else:
                row.fields[name] = code
    _name(row, cells.get("name"))
    _who(row, cells, today=today)
    if cells.get("phone") is not None:
        row.phone = phone_in(cells["phone"])
        if row.phone is None:
            row.faults.append(Fault("phone", "not-a-phone", shown(cells["phone"])))
    for name in ("name", "status"):
        if cells.get(name) is None:
            row.faults.append(Fault(name, "missing"))
    if cells.get("branch") is None and cells.get("branch_code") is None:
        row.faults.append(Fault("branch", "missing"))
    _days(row, cells, today=today)
    return row


def _name(row: MemberRow, cell: Cell) -> None:
    if cell is None:
        return
    name = name_in(cell)
    if name is None:
        row.faults.append(Fault("name", "name-characters", shown(cell)))
    else:
        row.fields["name"] = name


def _who(row: MemberRow, cells: Mapping[str, Cell], *, today: date) -> None:
    """Read the identity number, or the system's id beside a masked one; sex and birthday have to agree with it."""
    cell = cells.get("identity_number")
    system_id = text_of(cells.get("person_id"))
    if system_id:
        try:
            row.fields["person_id"] = str(UUID(system_id))
        except ValueError:
            row.faults.append(Fault("person_id", "person-unknown", shown(system_id)))
            return
    if cell is None:
        if not system_id:
            row.faults.append(Fault("identity_number", "missing"))
        _born(row, cells.get("born_on"), None, today=today)
        return
    written = normal(text_of(cell))
    if "*" in written:
        if system_id:
            row.number_masked = written
        else:
            row.faults.append(Fault("identity_number", "number-masked", written[:30]))
        _born(row, cells.get("born_on"), None, today=today)
        return
    if lost_digits(cell):
        row.faults.append(Fault("identity_number", "digits-lost", shown(cell)))
        return
    told = read(written, on=today)
    if told.fault:
        row.faults.append(Fault("identity_number", f"number-{told.fault}", masked(written[:30])))
        return
    row.number = told.number
    if not told.is_area_known:
        row.faults.append(Fault("identity_number", "area-unknown", masked(told.number)))
    if row.fields.get("sex", told.sex) != told.sex:
        row.faults.append(Fault("sex", "sex-differs", shown(cells["sex"])))
    row.fields["sex"] = told.sex
    _born(row, cells.get("born_on"), told, today=today)


def _born(row: MemberRow, cell: Cell, told: Read | None, *, today: date) -> None:
    known = told.born_on if told else None
    if known:
        row.fields["born_on"] = known
    if cell is None:
        return
    said = day_in(cell)
    if isinstance(said, Month):
        if known is None:
            row.faults.append(Fault("born_on", "day-incomplete", shown(cell)))
        elif (known.year, known.month) != (said.year, said.month):
            row.faults.append(Fault("born_on", "birthday-differs", shown(cell)))
    elif said is None:
        row.faults.append(Fault("born_on", "not-a-day", shown(cell)))
    elif known is not None and said != known:
        row.faults.append(Fault("born_on", "birthday-differs", shown(cell)))
    elif said > today:
        row.faults.append(Fault("born_on", "day-ahead", shown(cell)))
    else:
        row.fields["born_on"] = said


def _days(row: MemberRow, cells: Mapping[str, Cell], *, today: date) -> None:
    days: dict[str, date] = {}
    for name in ("joined_on", "full_on", "since"):
        cell = cells.get(name)
        if cell is None:
            continue
        said = day_in(cell)
        if isinstance(said, date) and said <= today:
            days[name] = row.fields[name] = said
        else:
            code = "not-a-day" if said is None else "day-incomplete" if isinstance(said, Month) else "day-ahead"
            row.faults.append(Fault(name, code, shown(cell)))
    joined, full, since = days.get("joined_on"), days.get("full_on"), days.get("since")
    born = row.fields.get("born_on")
    if joined and born:
        if joined < months_after(born, 12 * IMPOSSIBLE):
            row.faults.append(Fault("joined_on", "joined-before-birth", joined.isoformat()))
        elif joined < months_after(born, 12 * YOUNGEST):
            row.faults.append(Fault("joined_on", "joined-too-young", joined.isoformat()))
    if full and row.fields.get("status") == "probationary":
        row.faults.append(Fault("full_on", "full-of-probationary", full.isoformat()))
    elif full and joined and full < joined:
        row.faults.append(Fault("full_on", "full-before-joined", full.isoformat()))
    elif full and joined and joined >= PROBATION_SINCE and full < months_after(joined, 12):
        row.faults.append(Fault("full_on", "probation-short", full.isoformat()))
    if since and joined and joined > since:
        row.faults.append(Fault("since", "since-before-joined", since.isoformat()))
