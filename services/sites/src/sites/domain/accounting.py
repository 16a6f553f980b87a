"""Accounting vouchers (记账凭证) of the fund's entries, for the unit's own accounting programme (S10).

An entry makes a voucher when money was granted, owed, paid or borne; what is only set aside, set free or carried from
one year of these books into the next is no fact of the unit's accounts. A voucher has its lines in financial
accounting, and in budget accounting where cash moved (《政府会计制度——行政事业单位会计科目和报表》, 财会〔2017〕25号).
What undoes an entry repeats its lines with negative amounts. Codes and columns are the fund's own; these are the
first ones.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

FIELDS: Final = (
    *("number", "date", "line", "system", "summary", "account_code", "account_name", "debit", "credit"),
    *("functional_code", "economic_code", "government_economic_code", "project_code", "counterparty"),
    *("document_number", "sequence", "made_by"),
)
COLUMNS: Final = (
    ("凭证号", "number"),
    ("凭证日期", "date"),
    ("分录号", "line"),
    ("核算体系", "system"),
    ("摘要", "summary"),
    ("科目编码", "account_code"),
    ("科目名称", "account_name"),
    ("借方金额", "debit"),
    ("贷方金额", "credit"),
    ("支出功能分类", "functional_code"),
    ("部门预算支出经济分类", "economic_code"),
    ("政府预算支出经济分类", "government_economic_code"),
    ("项目编码", "project_code"),
    ("往来单位", "counterparty"),
    ("文号", "document_number"),
    ("账簿分录序号", "sequence"),
    ("制单", "made_by"),
)
ACCOUNT_NAMES: Final = {
    "bank": "银行存款",
    "receivable": "其他应收款",
    "payable": "应付账款",
    "owed_to_funds": "其他应付款",
    "income": "财政拨款收入",
    "expense": "业务活动费用",
    "surplus": "累计盈余",
    "budget_funds": "资金结存",
    "budget_income": "财政拨款预算收入",
    "budget_expense": "行政支出",
    "budget_surplus": "财政拨款结余",
}
CODES: Final = {
    **{"bank": "1002", "receivable": "1218", "payable": "2302", "owed_to_funds": "2307", "income": "4001"},
    **{"expense": "5001", "surplus": "3001", "budget_funds": "8001", "budget_income": "6001"},
    **{"budget_expense": "7101", "budget_surplus": "8102"},
    # 组织事务 / 一般行政管理事务; 其他商品和服务支出 in both economic classifications.
    **{"functional_code": "2013202", "economic_code": "30299", "government_economic_code": "50299", "project_code": ""},
}
UNDONE: Final = ("reversal", "claim_reopened")
"""Entries that go the way of another back: their vouchers repeat its lines with negative amounts."""
FINANCIAL: Final = "财务会计"
BUDGET: Final = "预算会计"

# (debited kind, credited kind) → summary, pairs of (system, debit, credit)
_Rule = tuple[str, tuple[tuple[str, str, str], ...]]
RULES: Final[dict[tuple[str, str], _Rule]] = {
    ("appropriations", "available"): (
        "收到组织生活专项经费拨款",
        ((FINANCIAL, "bank", "income"), (BUDGET, "budget_funds", "budget_income")),
    ),
    ("encumbered", "payable"): ("核定组织生活点补贴", ((FINANCIAL, "expense", "payable"),)),
    ("available", "payable"): ("核定组织生活点补贴（申诉补增）", ((FINANCIAL, "expense", "payable"),)),
    ("contributions", "payable"): ("核定其他经费分担的补贴", ((FINANCIAL, "receivable", "payable"),)),
    ("encumbered", "contributed"): ("承担组织生活点补贴分担额", ((FINANCIAL, "expense", "owed_to_funds"),)),
    ("available", "contributed"): ("承担组织生活点补贴分担额", ((FINANCIAL, "expense", "owed_to_funds"),)),
    ("payable", "paid"): (
        "支付组织生活点补贴",
        ((FINANCIAL, "payable", "bank"), (BUDGET, "budget_expense", "budget_funds")),
    ),
    ("paid", "receivable"): ("多付补贴转应收", ((FINANCIAL, "receivable", "expense"),)),
    ("receivable", "available"): (
        "收回多付补贴",
        ((FINANCIAL, "bank", "receivable"), (BUDGET, "budget_funds", "budget_expense")),
    ),
    ("available", "returned"): (
        "年末结余交回财政",
        ((FINANCIAL, "surplus", "bank"), (BUDGET, "budget_surplus", "budget_funds")),
    ),
}


def voucher_lines(entry: Mapping[str, Any], *, number: str, codes: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the lines of an entry's voucher, as fields; none for an entry that makes no voucher.

    Amounts are fen, each debit beside a credit of the same system, so every voucher balances in each of them.
    """
    debit, credit = (entry[side].partition(":")[0] for side in ("debit", "credit"))
    sign = 1
    rule = RULES.get((debit, credit))
    if rule is None and entry["reason"] in UNDONE:
        rule, sign = RULES.get((credit, debit)), -1
    if rule is None:
        return []
    summary, pairs = rule
    said = f"冲销：{summary}" if sign < 0 else summary
    lines: list[dict[str, Any]] = []
    for system, debited, credited in pairs:
        for side, account in (("debit", debited), ("credit", credited)):
            is_spent = account in ("expense", "budget_expense")
            lines.append(
                {
                    "number": number,
                    "date": entry["booked_on"],
                    "line": len(lines) + 1,
                    "system": system,
                    "summary": said,
                    "account_code": codes[account],
                    "account_name": ACCOUNT_NAMES[account],
                    "debit": sign * entry["amount_fen"] if side == "debit" else None,
                    "credit": sign * entry["amount_fen"] if side == "credit" else None,
                    "functional_code": codes["functional_code"] if is_spent else "",
                    "economic_code": codes["economic_code"] if is_spent else "",
                    "government_economic_code": codes["government_economic_code"] if is_spent else "",
                    "project_code": codes["project_code"],
                    "counterparty": entry["site_name"] or "",
                    "document_number": entry["document_number"] or entry["note"] or "",
                    "sequence": entry["sequence"],
                    "made_by": entry["by_name"] or "",
                }
            )
    return lines


def wrong_columns(columns: Sequence[tuple[str, str]]) -> str | None:
    """Say what is wrong with the columns of a layout, or nothing."""
    if not columns or len(columns) > 2 * len(FIELDS):
        return "Name at least one column, and at most two for each field."
    if len({heading for heading, _ in columns}) != len(columns):
        return "Two columns have the same heading."
    if any(field not in FIELDS for _, field in columns):
        return "A column names a field that there is not."
    return None


def wrong_codes(codes: Mapping[str, str]) -> str | None:
    """Say what is wrong with the codes of a layout, or nothing: all of CODES, digits, letters and dots."""
    if set(codes) != set(CODES):
        return "All codes have to be given, and no others."
    for name, code in codes.items():
        if len(code) > 20 or not all(each.isascii() and (each.isalnum() or each in ".-") for each in code):
            return "A code is up to 20 digits, letters, dots or hyphens."
        if not code and name != "project_code":
            return "Only the project may be left empty."
    return None
