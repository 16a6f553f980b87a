"""The words that reports print for codes; reports are forms of a Chinese office and are written in Chinese alone."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from chassis.amounts import yuan

from sites.domain.site_tables import WORDS

CATEGORIES: Final = {code: name for name, code in WORDS["category"].items()}
KINDS: Final = {code: name for name, code in WORDS["kind"].items()}
CLAIM_STATES: Final = {
    "drafted": "待提交",
    "submitted": "待支部确认",
    "disputed": "人数有异议",
    "confirmed": "待审核",
    "signed": "已签一人，待第二人",
    "approved": "已核定待付",
    "batched": "已列入批次",
    "paid": "已支付",
    "returned": "已退回",
    "rejected": "已驳回",
    "lapsed": "逾期失效",
}
BATCH_STATES: Final = {
    "prepared": "待审批",
    "published": "公示中",
    "approved": "已审批",
    "paying": "已交银行",
    "rejected": "已驳回",
    "settled": "已结清",
    "partly_settled": "部分结清",
}
MOVES: Final = {
    "draft": "系统生成补单",
    "submit": "阵地提交",
    "confirm": "支部确认人数",
    "dispute": "支部提出异议",
    "sign": "第一人签字",
    "approve": "经办核定",
    "return": "退回阵地",
    "reject": "驳回",
    "reinstate": "申诉成立，恢复补单",
    "reopen": "申诉成立，重新办理",
    "raise": "申诉成立，调高金额",
    "send_back": "公示异议成立，退回阵地",
    "lapse": "逾期失效",
    "batch": "列入批次",
    "free": "移出批次",
    "pay": "银行已支付",
}
ORDER_MOVES: Final = {
    "place": "点单",
    "confirm": "确认",
    "refuse": "拒绝",
    "cancel": "取消",
    "expire": "逾期未答复",
    "close": "用单完成",
    "miss": "未到场",
    "restore": "恢复",
    "amend": "变更",
}
CLAIM_REASONS: Final = {
    "papers_missing": "缺少材料",
    "invoice_wrong": "票据有误或无效",
    "headcount_doubtful": "人数依据不足",
    "amount_wrong": "金额有误",
    "duplicate": "已经申报过",
    "no_visit": "活动没有发生",
    "not_eligible": "不属于本经费支付范围",
    "late": "逾期提交",
    "review_finding": "实地核查结果",
    "other": "其他原因",
}
SPLITS: Final = {
    "site": "活动点",
    "town": "镇（街道）",
    "category": "类别",
    "kind": "类型",
    "month": "月份",
    "quarter": "季度",
    "year": "年度",
}
_COUNTS: Final = {"ordered": "点单", "checked_in": "签到", "closed": "用单", "confirmed": "支部确认", "heads": "计补"}
_WHY_NOT: Final = {
    "member_booking": "党员个人预约不补贴",
    "external_branch": "区外党支部不补贴",
    "no_fund": "没有负担该支部的专项经费",
    "below_minimum": "人数低于最低人数",
    "decided_unpaid": "签到存疑，经办裁定不补贴",
    "telephone": "电话预约不补贴",
    "walk_in": "未预约到场不补贴",
    "month_used": "当月补贴次数已用完",
}

Inputs = Mapping[str, Any]


def word(code: str | None, words: Mapping[str, str]) -> str:
    """Return the word for a code; a code that only a newer part knows stands for itself."""
    return words.get(code or "", code or "")


def named(key: str, by: str) -> str:
    """Return what a row of a split is called."""
    if by == "quarter":
        year, _dash, quarter = key.partition("-Q")
        return f"{year}年第{'一二三四'[int(quarter) - 1]}季度"
    if by == "month":
        return month(key)
    if by == "year":
        return f"{key}年"
    return word(key, {"category": CATEGORIES, "kind": KINDS}.get(by, {}))


def month(key: str) -> str:
    """2026-11 is 2026年11月."""
    year, _dash, number = key.partition("-")
    return f"{year}年{int(number)}月"


def mover(name: str) -> str:
    """Return who moved something; a timer has no name."""
    return "系统自动" if name == "timer" else name


def line_words(line: Mapping[str, Any]) -> tuple[str, str]:
    """Return the rule and the inputs of an explanation's line."""
    inputs = line.get("inputs") or {}
    rule, say = _RULES.get(line["rule"], (str(line["rule"]), _listed))
    return rule, say(inputs)


def cut_words(lines: list[dict[str, Any]]) -> str:
    """Return what took something off, as one phrase."""
    return "；".join(f"{line_words(line)[0]}（{yuan(line['amount_fen'])}）" for line in lines)


def _listed(inputs: Inputs) -> str:
    return "，".join(f"{name}：{value}" for name, value in inputs.items())


def _policy(inputs: Inputs) -> str:
    name = "默认" if inputs.get("name") == "default" else inputs.get("name", "")
    return f"《{name}》第{inputs.get('version', '')}版。{inputs.get('citation', '')}"


def _cap(inputs: Inputs) -> str:
    return f"原为{yuan(inputs.get('before_fen', 0))}元，上限{yuan(inputs.get('cap_fen', 0))}元"


def _shared_cap(inputs: Inputs) -> str:
    before, cap, used, left = (yuan(inputs.get(f"{name}_fen") or 0) for name in ("before", "cap", "used", "left"))
    return f"原为{before}元；上限{cap}元，已用{used}元，剩余{left}元"


def _tier(inputs: Inputs) -> str:
    last = inputs.get("heads_to")
    of_heads = f"第{inputs.get('heads_from')}人起" if last is None else f"第{inputs.get('heads_from')}至{last}人"
    return f"{of_heads}：{inputs.get('heads')}人 × {yuan(inputs.get('per_head_fen', 0))}元"


def _lowered(inputs: Inputs) -> str:
    return f"{word(inputs.get('code'), CLAIM_REASONS)}，应付{yuan(inputs.get('before_fen', 0))}元"


_RULES: Final[dict[str, tuple[str, Callable[[Inputs], str]]]] = {
    "policy": ("活动当日有效的补贴办法", _policy),
    "heads_paid": (
        "计补人数（取各数最小者）",
        lambda i: "，".join(f"{said}{i[name]}人" for name, said in _COUNTS.items() if name in i),
    ),
    "minimum_attendance": ("人数不足，不予补贴", lambda i: f"{i.get('heads')}人，最低{i.get('heads_min')}人"),
    "base": ("每场基数", lambda i: f"每场{yuan(i.get('per_visit_fen', 0))}元"),
    "heads": ("按人计补", lambda i: f"{i.get('heads')}人 × {yuan(i.get('per_head_fen', 0))}元"),
    "factor": ("活动点系数", lambda i: f"× {i.get('factor')}"),
    "tier": ("按人数分档计补", _tier),
    "invoice": ("按发票实报", lambda i: f"发票{yuan(i.get('invoice_fen') or 0)}元"),
    "invoice_expected": ("发票未到，暂按最高额", lambda i: f"预留{yuan(i.get('visit_cap_fen') or 0)}元"),
    "visit_cap": ("单场上限核减", _cap),
    "site_month_cap": ("活动点当月上限核减", _shared_cap),
    "site_year_cap": ("活动点全年上限核减", _shared_cap),
    "branch_year_cap": ("支部全年上限核减", _shared_cap),
    "fund_share": ("占经费比例上限核减", _shared_cap),
    "encumbrance": ("预留额度上限核减", _cap),
    "lowered": ("财务核减", _lowered),
    "last_spending_day": ("超过当年最后补贴日，不予补贴", lambda i: f"最后补贴日{i.get('last_spending_day')}"),
    "site_kind": (
        "该类活动点不补贴",
        lambda i: "补贴类型：" + "、".join(word(k, KINDS) for k in i.get("site_kinds") or []),
    ),
    "funding": (
        "由多项经费分担",
        lambda i: "，".join(f"{part['fund']}{yuan(part['amount_fen'])}元" for part in i.get("parts", ())),
    ),
    "unsubsidised": ("不补贴", lambda i: word(str(i.get("why", "")), _WHY_NOT)),
}
