"""The report of a visit as PDF: A4 upright, the score with each step, what was lost, problems, the word on it."""

from datetime import date, datetime
from typing import Final
from xml.sax.saxutils import escape

from chassis.pdf import FONT, Told, cells, drawn, spaced, take_font
from contracts.assessment.round_visits import CarriedProblemView, RoundVisitView, VisitItemView, VisitProblemView
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, LongTable, Paragraph, Spacer

from assessment.domain.months import SHANGHAI

MARGIN: Final = 20 * mm
WIDTH: Final = A4[0] - 2 * MARGIN
RULE: Final = colors.HexColor("#666666")
SHADE: Final = colors.HexColor("#f3f0ec")

TITLE: Final = ParagraphStyle("title", fontName=FONT, fontSize=18, leading=26, alignment=TA_CENTER)
UNDER: Final = ParagraphStyle("under", fontName=FONT, fontSize=9, leading=13, alignment=TA_CENTER, wordWrap="CJK")
CAPTION: Final = ParagraphStyle("caption", fontName=FONT, fontSize=12, leading=17, spaceBefore=10, spaceAfter=4)
CELL: Final = ParagraphStyle("cell", fontName=FONT, fontSize=10, leading=14.5, wordWrap="CJK")
UNDERNEATH: Final = ParagraphStyle("underneath", parent=CELL, spaceBefore=4)
LABEL: Final = ParagraphStyle("label", parent=CELL, alignment=TA_CENTER)
SIGNED: Final = ParagraphStyle("signed", parent=CELL, alignment=TA_RIGHT)

NO_EVIDENCE: Final = {
    "not_done": "未开展",
    "not_recorded": "开展但未记录",
    "not_at_hand": "材料不在现场",
    "lost": "材料遗失",
    "not_due": "未到时间",
    "other": "其他原因",
}
PROBLEMS: Final = {
    "setting": "组织设置",
    "committee": "班子建设",
    "regular_meetings": "三会一课",
    "theme_day": "主题党日",
    "organisational_life": "组织生活会与民主评议",
    "members": "党员教育管理",
    "development": "发展党员",
    "dues": "党费",
    "records": "纪实与档案",
    "place": "阵地建设",
    "service": "服务群众",
    "other": "其他",
}
PROBLEM_HEAD: Final = ["序号", "类别", "问题", "整改期限", "整改状态"]
SHARES: Final = (0.08, 0.17, 0.41, 0.19, 0.15)
MENDING: Final = {
    "open": "整改中",
    "reported": "已报整改，待验收",
    "returned": "退回重改",
    "accepted": "已销号",
    "withdrawn": "已撤销",
}


def as_pdf(visit: RoundVisitView, *, drawn_at: datetime, drawn_by: str, told: Told = lambda page: None) -> bytes:
    """Draw the report; `told` hears of every page that is laid out. Raises FontMissing."""
    take_font()
    moment = drawn_at.astimezone(SHANGHAI)
    foot = f"{drawn_by} 于 {_day(moment.date())} {moment:%H:%M} 打印"

    def framed(page: Canvas, pages: int) -> None:
        page.drawString(MARGIN, 10 * mm, foot)
        page.drawRightString(A4[0] - MARGIN, 10 * mm, f"第 {page.getPageNumber()} 页 共 {pages} 页")

    return drawn(_story(visit), title=f"现场评估报告 {visit.name}", size=A4, margin=MARGIN, framed=framed, told=told)


def _story(visit: RoundVisitView) -> list[Flowable]:
    assert visit.score is not None
    beside = ("所在镇（街道）", visit.town) if visit.town else ("评估轮次", visit.round_name)
    story: list[Flowable] = [
        Paragraph("现场评估报告", TITLE),
        Paragraph(spaced(escape(f"{visit.round_name}　{visit.name}{_number(visit)}")), UNDER),
        Spacer(1, 8),
        _table(
            None,
            [
                ["评估对象", visit.name, *beside],
                ["评估组", visit.team_name or "—", "评估日期", _day(visit.finished_on)],
                [
                    "评分标准",
                    f"{visit.criteria.name} 第{visit.criteria.number}版",
                    "得分",
                    f"{visit.score.score:.2f} 分",
                ],
            ],
            (0.16, 0.34, 0.18, 0.32),
        ),
        Paragraph("一、评分过程", CAPTION),
        _table(
            ["项目", "权重", "得分／满分", "折算得分"],
            [
                [
                    step.name,
                    str(step.weight),
                    f"{step.points:g}／{step.full_marks:g}",
                    "不适用" if step.given is None else f"{step.given:.4f}".rstrip("0").rstrip("."),
                ]
                for step in visit.score.steps
            ],
            (0.46, 0.14, 0.2, 0.2),
        ),
        Paragraph(_formula(visit), UNDERNEATH),
        Paragraph("二、扣分情况", CAPTION),
        *_lost(visit),
        Paragraph("三、发现的问题", CAPTION),
        *_problems(visit),
    ]
    last = [Paragraph("四、总体评价", CAPTION), *_lines(visit.report or "—")]
    if visit.word:
        said = "对报告的异议" if visit.state in ("disputed", "settled") else "对报告的意见"
        last += [Paragraph(f"五、被评估党组织{said}", CAPTION), *_lines(visit.word)]
    if visit.decision:
        last += [Paragraph("六、裁定", CAPTION), *_lines(visit.decision)]
    signed = "评估组长（签字）：____________　　被评估党组织（签字）：____________　　____年__月__日"
    # Whoever signs sees what they sign for: the signatures never stand on a page of their own.
    return [*story, *last[:-1], KeepTogether([last[-1], Spacer(1, 18), Paragraph(spaced(signed), SIGNED)])]


def _number(visit: RoundVisitView) -> str:
    """Say which report it is, where the visit was opened again."""
    if not visit.earlier:
        return ""
    return f"（第{visit.number}次报告{'，已由后一次代替' if visit.is_aside else ''}）"


def _formula(visit: RoundVisitView) -> str:
    assert visit.score is not None
    said = "折算得分＝权重×得分÷满分；得分为各项折算得分之和"
    if visit.score.weight != 100:
        said += f"×100÷{visit.score.weight}（不适用的项目不计权重）"
    return f"{said}，四舍五入到0.01分。"


def _lost(visit: RoundVisitView) -> list[Flowable]:
    items: dict[object, VisitItemView] = {item.item_id: item for item in visit.items}
    rows = []
    for heading in visit.criteria.headings:
        for one in heading.items:
            item = items[one.id]
            if item.points is not None and item.points >= one.full_marks:
                continue
            whys = [
                "；".join(filter(None, (NO_EVIDENCE.get(answer.no_evidence or ""), answer.remark)))
                for answer in item.answers
            ]
            if item.decision:
                whys.append(f"裁定：{item.decision.reason}")
            points = "不适用" if item.points is None else f"{item.points:g}／{one.full_marks:g}"
            rows.append([one.text, points, "\n".join(filter(None, dict.fromkeys(whys))) or one.deduction])
    if not rows:
        return [Paragraph("没有扣分。", CELL)]
    return [_table(["评分项", "得分／满分", "说明"], rows, (0.42, 0.16, 0.42))]


def _problems(visit: RoundVisitView) -> list[Flowable]:
    found: list[Flowable] = [Paragraph("没有发现问题。", CELL)]
    if visit.problems:
        found = [_table(PROBLEM_HEAD, [_problem(number, one) for number, one in enumerate(visit.problems, 1)], SHARES)]
    if visit.carried:
        rows = [_problem(number, one) for number, one in enumerate(visit.carried, 1)]
        found += [Paragraph("以前评估发现、转入本次的整改事项：", CELL), _table(PROBLEM_HEAD, rows, SHARES)]
    return found


def _problem(number: int, one: VisitProblemView | CarriedProblemView) -> list[str]:
    """Return the row of a problem, with the day and the state of its rectification."""
    state = MENDING.get(one.mending_state or "", "尚未交办整改")
    if isinstance(one, VisitProblemView) and one.state == "withdrawn":
        state = MENDING["withdrawn"]
    return [str(number), PROBLEMS.get(one.kind, one.kind), one.text, _day(one.deadline), state]


def _day(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else "—"


def _lines(text: str) -> list[Flowable]:
    return [Paragraph(escape(line) or "&nbsp;", CELL) for line in text.split("\n")]


def _table(head: list[str] | None, rows: list[list[str]], shares: tuple[float, ...]) -> Flowable:
    style = [("GRID", (0, 0), (-1, -1), 0.5, RULE), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
    laid = cells(([escape(cell).replace("\n", "<br/>") for cell in row] for row in rows), CELL)
    if head is None:
        style += [("BACKGROUND", (column, 0), (column, -1), SHADE) for column in (0, 2)]
    else:
        laid = cells([[escape(cell) for cell in head]], LABEL) + laid
        style.append(("BACKGROUND", (0, 0), (-1, 0), SHADE))
    return LongTable(
        laid, colWidths=[WIDTH * share for share in shares], repeatRows=int(head is not None), style=style, splitInRow=1
    )
