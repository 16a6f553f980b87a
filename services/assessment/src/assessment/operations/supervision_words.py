"""The words of documents on supervision, which are Chinese as offices write them."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

from chassis import clock
from contracts.assessment.bulletins import FigureView

from assessment.domain.months import SHANGHAI

LIGHTS: Final = {"green": "绿灯", "yellow": "黄灯", "red": "红灯", "exempt": "免检"}
SLIP_STATES: Final = {
    "issued": "待回复",
    "replied": "待验收",
    "returned": "退回重办",
    "closed": "已办结",
    "withdrawn": "已撤回",
}
TALK_STATES: Final = {"due": "待谈话", "overdue": "逾期未谈", "held": "已谈话"}
SOURCES: Final = {
    "standing": "智能体检当前灯色",
    "frozen": "智能体检月末封存灯色",
    "slips": "督办单台账",
    "talks": "提醒谈话台账",
}
FIGURES: Final = {
    "branches": "应检党支部",
    "green": "绿灯",
    "yellow": "黄灯",
    "red": "红灯",
    "exempt": "免检",
    "share_green": "绿灯率（25日在册、不含免检）",
    "red_branches": "本季度亮过红灯的党支部",
    "red_months": "红灯支部·月数",
    "slips_opened": "期内签发督办单",
    "slips_closed": "其中已办结",
    "slips_overdue": "其中逾期未回复",
    "talks_opened": "期内应开展提醒谈话",
    "talks_held": "其中已谈话",
}


def figure_words(figure: FigureView) -> tuple[str, str]:
    """Return a figure's name and value as they are read."""
    value = f"{figure.value / 10:.1f}%" if figure.name == "share_green" else str(figure.value)
    return FIGURES.get(figure.name, figure.name), value


def day(value: date | datetime | None) -> str:
    """Return 2026年11月27日; nothing for none."""
    if value is None:
        return ""
    found = clock.today(value) if isinstance(value, datetime) else value
    return f"{found.year}年{found.month}月{found.day}日"


def moment(value: datetime) -> str:
    """Return 2026年11月27日09:30."""
    return f"{day(value)}{value.astimezone(SHANGHAI):%H:%M}"


def month(text: str) -> str:
    """Return 2026年11月."""
    year, _, number = text.partition("-")
    return f"{int(year)}年{int(number)}月"


def reasons_of(readings: Iterable[dict[str, Any]]) -> str:
    """Return why a light is not green, each check in its sentence."""
    return "；".join(f"{one.get('title_zh', '')}：{one.get('why_zh', '')}".rstrip("。") for one in readings)
