"""An organisation's sheet: what it got in a rating and every step of the calculation, as PDF, A4 upright."""

from datetime import datetime
from typing import Any, Final
from xml.sax.saxutils import escape

from chassis.pdf import FONT, Told, drawn, take_font
from contracts.assessment.star_ratings import StarResultView, StarStepView
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, LongTable, Paragraph, Spacer, Table

from assessment.domain.months import SHANGHAI

MARGIN: Final = 20 * mm
WIDTH: Final = A4[0] - 2 * MARGIN
RULE: Final = colors.HexColor("#666666")
SHADE: Final = colors.HexColor("#f3f0ec")

TITLE: Final = ParagraphStyle("title", fontName=FONT, fontSize=18, leading=26, alignment=TA_CENTER)
UNDER: Final = ParagraphStyle("under", fontName=FONT, fontSize=9, leading=13, alignment=TA_CENTER, wordWrap="CJK")
CAPTION: Final = ParagraphStyle("caption", fontName=FONT, fontSize=11, leading=16, spaceBefore=10, spaceAfter=3)
CELL: Final = ParagraphStyle("cell", fontName=FONT, fontSize=10, leading=15, wordWrap="CJK")
NUMBER: Final = ParagraphStyle("number", parent=CELL, alignment=TA_RIGHT)
LABEL: Final = ParagraphStyle("label", parent=CELL, alignment=TA_CENTER)

MEASURES: Final = {
    "round_score": "现场评估得分",
    "green_share": "绿灯月份占比",
    "tasks_done": "必做任务完成率",
    "records_held": "月均活动记录",
    "red_months": "红灯月数",
    "problems_found": "发现问题数",
    "problems_open": "未整改问题数",
    "card_highest": "期内最高警示牌",
    "card_open": "现存警示牌",
    "has_secretary": "配备书记",
}
CARDS: Final = {0: "无", 1: "黄牌", 2: "橙牌", 3: "红牌"}
LEVELS: Final = {"advanced": "先进", "middle": "中间", "lagging": "后进"}
STARS: Final = ("不评星", "一星", "二星", "三星", "四星", "五星")
MISSING: Final = {"left_out": "不计，权重由其他各项分担", "zero": "按零分计", "not_rated": "不予评定"}
STATES: Final = {
    "drawing": "正在计算",
    "draft": "初稿",
    "shown": "征求意见",
    "published": "已公布",
    "withdrawn": "已撤回",
}
FIELDS: Final = {
    "rural": "农村",
    "community": "社区",
    "government": "机关",
    "public_institution": "事业单位",
    "state_owned": "国有企业",
    "private": "非公企业",
    "social_organisation": "社会组织",
    "school": "学校",
    "hospital": "医院",
}
KINDS: Final = {"branch": "党支部", "joint_branch": "联合党支部"}


def sheet_pdf(result: StarResultView, *, by_name: str, at: datetime, told: Told = lambda page: None) -> bytes:
    """Draw the sheet; `told` hears of every page that is laid out. Raises FontMissing."""
    take_font()
    day = at.astimezone(SHANGHAI)
    footnote = f"{result.organisation_name}　{period(result.period)}　第{result.revision}稿"

    def framed(page: Canvas, pages: int) -> None:
        page.drawString(MARGIN, 10 * mm, footnote)
        page.drawRightString(A4[0] - MARGIN, 10 * mm, f"第 {page.getPageNumber()} 页 共 {pages} 页")

    made = f"{by_name}　{day.year}年{day.month}月{day.day}日制表"
    title = f"星级评定计算表 {result.organisation_name}"
    return drawn(_story(result, made), title=title, size=A4, margin=MARGIN, framed=framed, told=told)


def period(name: str) -> str:
    """Return a period's name as people write it."""
    year, _, half = name.partition("-H")
    return f"{year}年" + {"1": "上半年", "2": "下半年"}.get(half, "")


def grade(stars: int | None, level: str | None) -> str:
    """Return what was got, in words."""
    if level is None:
        return "未评定"
    return f"{STARS[stars or 0]}　{LEVELS[level]}"


def _story(result: StarResultView, made: str) -> list[Flowable]:
    formula = result.formula
    basis = f"评定办法第{formula.number}版，{formula.citation}" if formula else ""
    parts = [step for step in result.steps if step.code in ("part", "missing")]
    story: list[Flowable] = [
        Paragraph("星级评定计算表", TITLE),
        Paragraph(escape(f"{result.organisation_name}　{period(result.period)}　{STATES[result.state]}"), UNDER),
        Paragraph(escape(f"依据：{basis}"), UNDER),
        Spacer(1, 6),
        _facts(result),
        Paragraph("各项得分", CAPTION),
        _parts(parts),
        Paragraph("计算过程", CAPTION),
        _steps(result),
    ]
    if result.corrections:
        story += [Paragraph("更正", CAPTION), _corrections(result)]
    if formula:
        minima = "，".join(
            f"{STARS[stars]} {least}分" for stars, least in enumerate(formula.formula.stars_min, start=1)
        )
        levels = f"先进 {formula.formula.advanced_min}分，中间 {formula.formula.middle_min}分"
        story += [Spacer(1, 8), Paragraph(f"分数线：{minima}；{levels}。", CELL)]
    return [*story, Spacer(1, 10), Paragraph(escape(made), NUMBER)]


def _facts(result: StarResultView) -> Flowable:
    points = "—" if result.points is None else f"{result.points:.2f}分"
    rows = [
        [*_pair("总分", points), *_pair("评定结果", grade(result.stars, result.level))],
        [*_pair("领域", FIELDS.get(result.field, result.field)), *_pair("类型", KINDS.get(result.kind, result.kind))],
    ]
    shaded = [("BACKGROUND", (column, 0), (column, -1), SHADE) for column in (0, 2)]
    widths = [WIDTH * share for share in (0.15, 0.35, 0.15, 0.35)]
    return Table(rows, colWidths=widths, style=[("GRID", (0, 0), (-1, -1), 0.5, RULE), *shaded])


def _pair(name: str, text: str) -> list[Flowable]:
    return [Paragraph(name, LABEL), Paragraph(escape(text), CELL)]


def _parts(parts: list[StarStepView]) -> Flowable:
    rows: list[list[Flowable]] = [[Paragraph(name, LABEL) for name in ("项目", "数据", "得分", "权重", "加权")]]
    for step in parts:
        weighted = "" if step.points is None else f"{step.points * (step.weight or 0) / 100:.2f}"
        data = value(step) if step.code == "part" else f"缺：{MISSING[step.details['rule']]}"
        rows.append(
            [
                Paragraph(MEASURES[str(step.measure)], CELL),
                Paragraph(escape(data), CELL),
                Paragraph("—" if step.points is None else f"{step.points:.2f}", NUMBER),
                Paragraph(f"{step.weight}%", NUMBER),
                Paragraph(weighted or "—", NUMBER),
            ]
        )
    widths = [WIDTH * share for share in (0.26, 0.32, 0.14, 0.14, 0.14)]
    return LongTable(rows, colWidths=widths, repeatRows=1, style=_STYLE)


def _steps(result: StarResultView) -> Flowable:
    rows: list[list[Flowable]] = [[Paragraph(name, LABEL) for name in ("步骤", "说明", "结果")]]
    shown = [step for step in result.steps if step.code not in ("part", "missing")]
    for number, step in enumerate(shown, start=1):
        after = grade(step.details.get("stars"), step.details["level"]) if step.details.get("level") else ""
        rows.append([Paragraph(str(number), LABEL), Paragraph(escape(sentence(step)), CELL), Paragraph(after, LABEL)])
    return LongTable(rows, colWidths=[WIDTH * share for share in (0.1, 0.64, 0.26)], repeatRows=1, style=_STYLE)


def _corrections(result: StarResultView) -> Flowable:
    rows: list[list[Flowable]] = [[Paragraph(name, LABEL) for name in ("项目", "原数据", "更正为", "原因", "办理")]]
    for one in result.corrections:
        who = one.asked_by if one.confirmed_by in (None, one.asked_by) else f"{one.asked_by}；{one.confirmed_by}复核"
        cells = (
            MEASURES[one.measure],
            told(one.measure, one.value_before),
            told(one.measure, one.value),
            one.reason,
            who,
        )
        rows.append([Paragraph(escape(cell), CELL) for cell in cells])
    widths = [WIDTH * share for share in (0.2, 0.14, 0.14, 0.32, 0.2)]
    return LongTable(rows, colWidths=widths, repeatRows=1, style=_STYLE)


def value(step: StarStepView) -> str:
    """Return the value of a step, and how it becomes points."""
    number = step.details.get("number")
    how = ""
    if number is not None:
        how = (
            f"（每月{number}次为满分）"
            if step.measure == "records_held"
            else f"（每{_unit(step.measure)}扣{number}分）"
        )
    return told(str(step.measure), step.value) + how


def told(measure: str, number: float | None) -> str:
    """Return a value of a measure in words."""
    if number is None:
        return "缺"
    if measure == "has_secretary":
        return "是" if number else "否"
    if measure.startswith("card_"):
        return CARDS[int(number)]
    if measure in ("green_share", "tasks_done"):
        return f"{number:g}%"
    return f"{number:g}{ {'round_score': '分', 'records_held': '次', 'red_months': '个月'}.get(measure, '个') }"


def _unit(measure: str | None) -> str:
    if measure == "red_months":
        return "个月"
    return "级" if str(measure).startswith("card_") else "个"


def sentence(step: StarStepView) -> str:
    """Return what a step says."""
    details: dict[str, Any] = step.details
    if step.code == "rank":
        sharing = f"（{details['sharing']}个组织并列）" if details["sharing"] > 1 else ""
        return f"总分在{details['of']}个组织中居第{details['rank']}位{sharing}"
    if step.code in _SENTENCES:
        return _SENTENCES[step.code].format(points=step.points, weight=step.weight, **details)
    if step.code == "veto":
        bound = {"at_least": "达到", "below": "低于", "missing": "缺"}[details["comparison"]]
        least = "" if details["number"] is None else told(str(step.measure), details["number"])
        return f"否决：{MEASURES[str(step.measure)]}为{told(str(step.measure), step.value)}（{bound}{least}）"
    if step.code == "share":
        among = "".join((FIELDS.get(details["field"], ""), KINDS.get(details["kind"], ""))) or "全部"
        of = f"{among}{details['of']}个参评组织的{details['percent']}%，{details['places']}个名额"
        if details["grade"] == "lagging":
            return f"比例：后进不少于{of}"
        name = LEVELS.get(details["grade"]) or STARS[int(details["grade"])]
        return f"比例：{name}不超过{of}，名额已满；分数相同的一并下调"
    return f"不予评定：{MEASURES[step.measure]}缺" if step.measure else "不予评定：没有可计的数据"


_SENTENCES: Final = {
    "sum": "加权合计 {points:.2f}分（计入权重 {weight}%）",
    "threshold": "按分数线",
    "result": "评定结果",
}
_STYLE: Final = [
    ("GRID", (0, 0), (-1, -1), 0.5, RULE),
    ("BACKGROUND", (0, 0), (-1, 0), SHADE),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
]
