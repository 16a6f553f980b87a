"""Which language the reader wants, and what the platform's small words are called in it.

A cookie `language` (set by the page's language switch) wins over Accept-Language; without either it is Chinese.
"""

import re
from datetime import datetime
from typing import Any, Final

from chassis.clock import SHANGHAI
from flask import g, request

CHINESE: Final = "zh-CN"
ENGLISH: Final = "en"
LANGUAGES: Final = (CHINESE, ENGLISH)
COOKIE: Final = "language"


def current_language() -> str:
    """Return `zh-CN` or `en`, as the request at hand asks."""
    language = g.get("language")
    if language is None:
        chosen = request.cookies.get(COOKIE)
        language = g.language = chosen if chosen in LANGUAGES else _accepted()
    return str(language)


def _accepted() -> str:
    if "Accept-Language" not in request.headers:
        return CHINESE
    best = request.accept_languages.best_match(["zh-CN", "zh", "en"], CHINESE)
    return ENGLISH if best == "en" else CHINESE


TITLES: Final = {
    400: "请求有误",
    401: "需要登录",
    403: "没有权限",
    404: "没有找到",
    405: "不支持的操作",
    406: "无法提供此格式",
    409: "与现状冲突",
    412: "已被修改",
    413: "内容太大",
    415: "不支持的类型",
    422: "填写有误",
    428: "缺少条件",
    429: "请求过多",
    500: "系统出错",
    503: "暂时不可用",
    504: "未能及时答复",
}

WORDS: Final = {
    # states of orders, claims and batches
    "placed": "待确认",
    "confirmed": "已确认",
    "refused": "已拒绝",
    "expired": "已过期",
    "cancelled": "已取消",
    "used": "已使用",
    "no_show": "未到场",
    "drafted": "草稿",
    "submitted": "已提交",
    "disputed": "有异议",
    "approved": "已审核",
    "batched": "已入批次",
    "paid": "已支付",
    "returned": "已退回",
    "rejected": "已驳回",
    "lapsed": "已失效",
    "prepared": "待复核",
    "settled": "已结清",
    "partly_settled": "部分结清",
    # moves
    "confirm": "确认",
    "refuse": "拒绝",
    "cancel": "取消",
    "close": "办结",
    "miss": "记为未到场",
    "expire": "过期",
    "submit": "提交",
    "dispute": "提出异议",
    "approve": "审核通过",
    "return": "退回",
    "reject": "驳回",
    "batch": "列入批次",
    "settle": "结清",
    # services
    "roster": "名册",
    "sites": "阵地",
    "assessment": "考评",
}

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")


def in_chinese(value: Any) -> Any:
    """Return a refusal's parameter as a Chinese sentence says it: states by name, instants in Shanghai's time."""
    if not isinstance(value, str):
        return value
    if value in WORDS:
        return WORDS[value]
    if _INSTANT.match(value):
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            return value
        return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if at.tzinfo else value
    return value


# The sentences of marshmallow and of contracts.envelope, which tell a field's fault.
_FIELD_SENTENCES: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern + r"\Z"), chinese)
    for pattern, chinese in (
        (r"Missing data for required field\.", "必填。"),
        (r"Field may not be null\.", "不能为空。"),
        (r"Not a valid string\.", "应为文字。"),
        (r"Not a valid integer\.", "应为整数。"),
        (r"Not a valid number\.", "应为数字。"),
        (r"Number too large\.", "数字太大。"),
        (r"Not a valid boolean\.", "应为 true 或 false。"),
        (r"Not a valid UUID\.", "编号格式不对。"),
        (r"Not a valid list\.", "应为列表。"),
        (r"Not a valid mapping type\.", "应为对象。"),
        (r"Not a valid date\.", "日期格式不对，应如 2026-01-31。"),
        (r"Not a valid month; write it as 2026-01\.", "月份格式不对，应如 2026-01。"),
        (r"Not a valid RFC 3339 instant\.", "时间格式不对，应如 2026-01-31T09:00:00+08:00。"),
        (r"The instant needs its offset, for example \+08:00\.", "时间要带时区，例如 +08:00。"),
        (r"Not a valid telephone number\.", "电话号码格式不对。"),
        (r"The character NUL is not allowed\.", "不能含有空字符。"),
        (r"Invalid input type\.", "类型不对。"),
        (r"Invalid value\.", "内容不对。"),
        (r"Must be one of: (.*)\.", r"只能是：\1。"),
        (r"Length must be between (\d+) and (\d+)\.", r"长度应为 \1 至 \2。"),
        (r"Shorter than minimum length (\d+)\.", r"长度至少为 \1。"),
        (r"Longer than maximum length (\d+)\.", r"长度最多为 \1。"),
        (r"Must be greater than or equal to (-?\d+) and less than or equal to (-?\d+)\.", r"应在 \1 到 \2 之间。"),
        (r"Must be greater than or equal to (-?\d+)\.", r"不能小于 \1。"),
        (r"Must be less than or equal to (-?\d+)\.", r"不能大于 \1。"),
        (r"Write (\d+) numbers, separated by commas\.", r"应为 \1 个数字，用逗号分开。"),
        (
            r"A coordinate is out of range; write longitude first, in degrees\.",
            "坐标超出范围；先经度后纬度，单位为度。",
        ),
        (r"The box's south lies above its north\.", "范围的南边高于北边。"),
    )
)

MALFORMED_DATES: Final = frozenset(
    {
        "Not a valid date.",
        "Not a valid month; write it as 2026-01.",
        "Not a valid RFC 3339 instant.",
        "The instant needs its offset, for example +08:00.",
    }
)


def field_sentence(sentence: str, language: str) -> str:
    """Return the sentence about a field's fault in the language; an unknown one as it is."""
    if language == ENGLISH:
        return sentence
    for pattern, chinese in _FIELD_SENTENCES:
        match = pattern.match(sentence)
        if match:
            return match.expand(chinese)
    return sentence
