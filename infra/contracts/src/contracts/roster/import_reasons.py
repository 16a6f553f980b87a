"""Why a cell of an imported file cannot be taken, or is only doubtful, and what mends it.

A reason is a code with parameters; the sentences stand here in both languages, for the pages as for the workbook of
errors that the roster writes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Reason:
    """What is said of a cell, and what would mend it; parameters in braces. A warning hinders nothing."""

    en: str
    zh: str
    mend_en: str = ""
    mend_zh: str = ""
    is_warning: bool = False


REASONS: Final[dict[str, Reason]] = {
    # any column
    "missing": Reason("Nothing stands here, and it is needed.", "必填项为空。", "Fill it in.", "请补填。"),
    "too-long": Reason("This text is too long: at most {most}.", "文字太长，最多 {most} 个字。"),
    "merged": Reason(
        "Cells are merged here; each cell has to stand for itself.",
        "此处有合并单元格，每个单元格须单独填写。",
        "Take the merging apart and fill in each row.",
        "请取消合并，并逐行填写。",
    ),
    "total-differs": Reason(
        "This row of totals says {said}, and {counted} rows stand above it.",
        "此合计行写的是 {said}，其上实有 {counted} 行。",
        "Look for a missing row, or take the row of totals out.",
        "请核对是否缺行，或删去合计行。",
    ),
    "not-a-word": Reason("It is none of: {words}.", "只能填写：{words}。", "Write {nearest}?", "是否应为“{nearest}”？"),
    "not-a-day": Reason(
        "This is no day of the calendar.",
        "不是有效的日期。",
        "Write it as 1998-07-01.",
        "请写成 1998-07-01 的形式。",
    ),
    "day-incomplete": Reason(
        "The day is missing, or the month cannot be told.",
        "日期不完整，缺少日或无法确定月份。",
        "Write it as 1998-07-01.",
        "请写成 1998-07-01 的形式。",
    ),
    "day-ahead": Reason("This day has not come yet.", "这一天尚未到来。"),
    "twice-in-file": Reason(
        "The same one stands in row {row} of “{sheet}” already.",
        "与“{sheet}”第 {row} 行重复。",
        "Take one of the two rows out.",
        "请删去其中一行。",
    ),
    # identity numbers
    "number-format": Reason(
        "An identity number has 17 digits and a last digit or X.",
        "身份证号应为 17 位数字加一位数字或 X。",
        "Look at the card once more.",
        "请对照证件核对。",
    ),
    "number-date": Reason(
        "The eight digits of the birthday are no day, or one that has not come.",
        "身份证号中的出生日期不存在或尚未到来。",
        "Look at the card once more.",
        "请对照证件核对。",
    ),
    "number-check": Reason(
        "The last character does not agree with the others; look for a wrong digit.",
        "身份证号校验码不符，可能有一位输错。",
        "Look at the card once more.",
        "请对照证件核对。",
    ),
    "digits-lost": Reason(
        "The spreadsheet kept this as a number and lost its last digits.",
        "此单元格被存为数字，身份证号末尾几位已经丢失。",
        "Format the column as text first, then type the number again.",
        "请先把该列设为“文本”格式，再重新输入号码。",
    ),
    "number-masked": Reason(
        "The number is masked, and the row does not say whose it is.",
        "身份证号是打码的，且该行没有对应的系统编号。",
        "Write the number in full, or leave the column 系统编号 as it was exported.",
        "请填写完整号码，或保留导出时的“系统编号”列。",
    ),
    "area-unknown": Reason(
        "No province is known by the first two digits.",
        "身份证号前两位不是已知的省级代码。",
        "Look at the card once more.",
        "请对照证件核对。",
        is_warning=True,
    ),
    "sex-differs": Reason("The identity number says the other sex.", "与身份证号中的性别不一致。"),
    "birthday-differs": Reason("The identity number says another birthday.", "与身份证号中的出生日期不一致。"),
    # members
    "name-characters": Reason(
        "A name holds letters alone, and a dot between its parts.",
        "姓名只能是文字（可含间隔号“·”），长度 2 至 50。",
    ),
    "not-a-phone": Reason("This is no telephone number.", "不是有效的电话号码。"),
    "branch-unknown": Reason(
        "No branch has this code or name.",
        "名册中没有这个代码或名称的党支部。",
        "Write {nearest}?",
        "是否应为“{nearest}”？",
    ),
    "branch-ambiguous": Reason(
        "{count} branches have this name.",
        "有 {count} 个党支部叫这个名称。",
        "Write the branch's code.",
        "请填写党支部代码。",
    ),
    "branch-code-differs": Reason(
        "The branch with this code has another name: {name}.",
        "该代码对应的党支部名称是“{name}”。",
        "Mend the code or the name.",
        "请改正代码或名称。",
    ),
    "not-a-branch": Reason(
        "{name} is no branch; members belong to branches.",
        "“{name}”不是党支部，党员须编入党支部。",
    ),
    "dissolved": Reason(
        "{name} was dissolved.",
        "“{name}”已经撤销。",
        "Name an organisation that stands, or take this row out.",
        "请改填现有的党组织，或删去此行。",
    ),
    "outside": Reason(
        "{name} is not in your part of the tree.",
        "“{name}”不在您的管理范围内。",
        "Take this row out; whoever keeps that part imports it.",
        "请删去此行，由该范围的管理员导入。",
    ),
    "joined-too-young": Reason("Younger than 18 on the day of joining.", "入党时不满 18 周岁。", is_warning=True),
    "joined-before-birth": Reason("Joined before the age of ten.", "入党日期早于 10 周岁。"),
    "full-before-joined": Reason("Became a full member before joining.", "转正日期早于入党日期。"),
    "probation-short": Reason(
        "Less than a year lies between joining and full membership.",
        "入党至转正不足一年。",
        is_warning=True,
    ),
    "full-of-probationary": Reason(
        "A probationary member has no day of becoming a full one yet.", "预备党员尚无转正日期。"
    ),
    "since-before-joined": Reason(
        "Nobody belongs to a branch before the day they joined.", "进入支部的日期不能早于入党日期。"
    ),
    "member-elsewhere": Reason(
        "A member of {branch} has this number already; nobody belongs to two branches.",
        "此人已是“{branch}”的党员，不能同时编入两个支部。",
        "Take the row out, or move the member by a transfer.",
        "请删去此行，或办理组织关系转接。",
    ),
    "member-elsewhere-unnamed": Reason(
        "This identity number is registered already, in a branch outside your part of the tree.",
        "此身份证号已在您管理范围以外的支部登记。",
        "Ask the organisation department where.",
        "请向组织部门查询。",
    ),
    "number-taken": Reason(
        "Somebody else is registered with this identity number.",
        "此身份证号已登记在他人名下。",
        "Look at the card once more, or ask the organisation department.",
        "请对照证件核对，或向组织部门查询。",
    ),
    "person-unknown": Reason(
        "No member of your part of the tree has this system id, or another number belongs to it.",
        "您管理范围内没有此系统编号的党员，或号码与其不符。",
        "Leave the column 系统编号 as it was exported, or empty.",
        "请保留导出时的系统编号，或留空。",
    ),
    "status-back": Reason(
        "The register has a full member here.",
        "名册中此人已是正式党员。",
    ),
    "status-by-steps": Reason(
        "The register has a probationary member here whose way to full membership is open.",
        "名册中此人是预备党员，转正手续正在办理。",
        "Record the steps on the member's page of development.",
        "请在“发展党员”中办理转正。",
    ),
    "status-without-day": Reason(
        "The register has a probationary member here; the day of full membership is missing.",
        "名册中此人是预备党员，缺少转正日期。",
        "Fill in the day of full membership.",
        "请填写转正日期。",
    ),
    "name-differs": Reason(
        "The register has another name for this identity number: {name}.",
        "名册中此身份证号的姓名是“{name}”。",
        "Look whether the number belongs to somebody else.",
        "请确认号码没有填错人。",
        is_warning=True,
    ),
    # organisations
    "code-format": Reason(
        "A code has 1 to 40 letters, digits, hyphens or underscores.",
        "代码应为 1 至 40 个字母、数字、连字符或下划线。",
    ),
    "parent-unknown": Reason(
        "No organisation of the register or of this file has this code or name.",
        "名册和本文件中都没有这个代码或名称的党组织。",
        "Write {nearest}?",
        "是否应为“{nearest}”？",
    ),
    "parent-ambiguous": Reason(
        "{count} organisations have this name.",
        "有 {count} 个党组织叫这个名称。",
        "Write the code of the one above.",
        "请填写上级党组织代码。",
    ),
    "parent-bad": Reason(
        "The organisation above, in row {row} of “{sheet}”, cannot be taken itself.",
        "上级党组织（“{sheet}”第 {row} 行）自身不能导入。",
        "Mend that row first.",
        "请先改正那一行。",
    ),
    "parent-differs": Reason(
        "The register has it under {parent}.",
        "名册中其上级是“{parent}”。",
        "Move it on its own page, with a day.",
        "请在该组织的页面办理隶属变更。",
    ),
    "cycle": Reason("It would stand below itself.", "上级关系成环，不能是自己的下级。"),
    "wrong-parent": Reason(
        "An organisation of this kind cannot stand under one of that kind.",
        "这一类型的党组织不能设在该类型的上级之下。",
    ),
    "too-deep": Reason("The tree would become deeper than it may be.", "层级太深。"),
    "kind-differs": Reason(
        "The register has another kind here: {kind}.",
        "名册中其类型是“{kind}”。",
        "Change the kind on its own page, with a day.",
        "请在该组织的页面办理类型变更。",
    ),
    "name-ending": Reason(
        "The name does not end with the kind of organisation.",
        "名称没有以党组织类型结尾（如“党支部”“党委”）。",
        is_warning=True,
    ),
    "system-missing": Reason(
        "A division code needs its system: nbs or mca.",
        "区划代码须注明体系：统计局（nbs）或民政部（mca）。",
    ),
    "system-alone": Reason("The system stands here without a division code.", "只写了区划体系，没有区划代码。"),
    "division-format": Reason("A division code has 6, 9 or 12 digits.", "区划代码应为 6、9 或 12 位数字。"),
}


def said_of(code: str, params: Mapping[str, Any], *, is_chinese: bool) -> tuple[str, str]:
    """Return the sentence of a reason and what mends it; a parameter that is missing takes the mending away."""
    reason = REASONS[code]
    said = (reason.zh if is_chinese else reason.en).format(**params)
    try:
        mend = (reason.mend_zh if is_chinese else reason.mend_en).format(**params)
    except KeyError:
        mend = ""
    return said, mend
