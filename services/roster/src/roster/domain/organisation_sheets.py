"""A sheet of organisations: its columns, and what each row says by itself."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from roster.domain.import_cells import Cell, Fault, line_of, not_a_word, shown, text_of, word_in
from roster.domain.import_columns import Column
from roster.domain.organisations import CODE

KINDS: Final = {
    "党委": "committee",
    "党（工）委": "working_committee",
    "党组": "leading_group",
    "党总支": "general_branch",
    "党支部": "branch",
    "联合党支部": "joint_branch",
    "党工委": "working_committee",
    "党(工)委": "working_committee",
    "委员会": "committee",
    "基层党委": "committee",
    "总支": "general_branch",
    "党总支部": "general_branch",
    "支部": "branch",
}
FIELDS: Final = {
    "农村": "rural",
    "社区": "community",
    "机关": "government",
    "事业单位": "public_institution",
    "国有企业": "state_owned",
    "民营企业": "private",
    "社会组织": "social_organisation",
    "学校": "school",
    "医院": "hospital",
    "村": "rural",
    "城市社区": "community",
    "国企": "state_owned",
    "非公企业": "private",
    "非公有制企业": "private",
    "公立医院": "hospital",
}
SYSTEMS: Final = {"统计局": "nbs", "民政部": "mca", "NBS": "nbs", "MCA": "mca"}
ENDINGS: Final = {
    "committee": ("党委", "委员会"),
    "working_committee": ("党工委", "工作委员会", "工委"),
    "leading_group": ("党组",),
    "general_branch": ("党总支", "总支部委员会", "党总支部"),
    "branch": ("党支部", "支部委员会"),
    "joint_branch": ("联合党支部", "联合支部委员会", "党支部"),
}

COLUMNS: Final = (
    Column("code", "组织代码", ("党组织代码", "代码", "组织编码", "党组织编码"), needed="code", hint="必填，不重复"),
    Column("name", "组织名称", ("党组织名称", "名称", "党组织全称", "组织全称"), needed="name", hint="必填"),
    Column("kind", "组织类型", ("类型", "组织类别", "党组织类别", "党组织类型"), needed="kind", hint="党委、党支部等"),
    Column("field", "所属领域", ("领域", "行业领域", "所在领域"), needed="field", hint="农村、社区、机关等"),
    Column("parent_code", "上级组织代码", ("上级代码", "上级党组织代码"), needed="parent"),
    Column("parent", "上级组织", ("上级党组织", "上级党组织名称", "隶属党组织", "上级组织名称"), needed="parent"),
    Column("division_code", "区划代码", ("行政区划代码", "所在地区划代码")),
    Column("division_code_system", "区划体系", ("区划代码体系",), hint="统计局或民政部"),
)
LONGEST: Final = {"name": 200, "parent": 200, "parent_code": 40}
NEEDED: Final = ("code", "name", "kind", "field")
_DIVISION: Final = re.compile(r"[0-9]{6}|[0-9]{9}|[0-9]{12}")


@dataclass
class OrganisationRow:
    """What a row says of an organisation."""

    fields: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def read_row(cells: Mapping[str, Cell]) -> OrganisationRow:
    """Return what a row says, by field, with every cell that cannot be taken."""
    row = OrganisationRow()
    for name, most in LONGEST.items():
        text = line_of(cells.get(name))
        if len(text) > most:
            row.faults.append(Fault(name, "too-long", shown(text)[:40], {"most": most}))
        elif text:
            row.fields[name] = text
    for name, words in (("kind", KINDS), ("field", FIELDS), ("division_code_system", SYSTEMS)):
        if cells.get(name) is not None:
            code = word_in(cells[name], words)
            if code is None:
                row.faults.append(not_a_word(name, cells[name], words))
            else:
                row.fields[name] = code
    if code := text_of(cells.get("code")):
        if CODE.fullmatch(code):
            row.fields["code"] = code
        else:
            row.faults.append(Fault("code", "code-format", shown(code)))
    row.faults += [Fault(name, "missing") for name in NEEDED if cells.get(name) is None]
    _division(row, cells)
    called, kind = row.fields.get("name", ""), row.fields.get("kind")
    if called and kind and not called.endswith(ENDINGS[kind]):
        row.faults.append(Fault("name", "name-ending", called))
    return row


def _division(row: OrganisationRow, cells: Mapping[str, Cell]) -> None:
    division = text_of(cells.get("division_code"))
    if division and not _DIVISION.fullmatch(division):
        row.faults.append(Fault("division_code", "division-format", division[:40]))
    elif division and cells.get("division_code_system") is None:
        row.faults.append(Fault("division_code_system", "system-missing"))
    elif division:
        row.fields["division_code"] = division
    elif cells.get("division_code_system") is not None:
        row.faults.append(Fault("division_code", "system-alone"))
