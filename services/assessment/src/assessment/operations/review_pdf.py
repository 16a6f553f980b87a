"""The papers of annual reviews as PDF: the form of one review, and the table of a half-yearly meeting."""

from collections.abc import Sequence
from datetime import date
from typing import Final
from xml.sax.saxutils import escape

from chassis.pdf import FONT, Framed, Told, cells, drawn, spaced, take_font
from contracts.assessment.half_year_meetings import HalfYearLine, HalfYearMeetingView
from contracts.assessment.record_templates import RECORD_TEMPLATES
from contracts.assessment.reviews import ReviewFactsView, ReviewView
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, LongTable, Paragraph, Spacer, Table

MARGIN: Final = 18 * mm
RULE: Final = colors.HexColor("#666666")
SHADE: Final = colors.HexColor("#f3f0ec")
TITLE: Final = ParagraphStyle("title", fontName=FONT, fontSize=18, leading=26, alignment=TA_CENTER)
UNDER: Final = ParagraphStyle("under", fontName=FONT, fontSize=9.5, leading=14, alignment=TA_CENTER, wordWrap="CJK")
CAPTION: Final = ParagraphStyle("caption", fontName=FONT, fontSize=11.5, leading=17, spaceBefore=9, spaceAfter=3)
CELL: Final = ParagraphStyle("cell", fontName=FONT, fontSize=10.5, leading=15.5, wordWrap="CJK")
SMALL: Final = ParagraphStyle("small", parent=CELL, fontSize=9.5, leading=13.5)
LABEL: Final = ParagraphStyle("label", parent=CELL, alignment=TA_CENTER)
NUMBER: Final = ParagraphStyle("number", parent=SMALL, alignment=TA_RIGHT)
HEAD: Final = ParagraphStyle("head", parent=SMALL, alignment=TA_CENTER)
SIGNED: Final = ParagraphStyle("signed", parent=CELL, alignment=TA_RIGHT)

GRADES: Final = {"good": "好", "fairly_good": "较好", "average": "一般", "poor": "差"}
CARDS: Final = {"yellow": "黄牌", "orange": "橙牌", "red": "红牌"}
LIGHTS: Final = {"green": "绿灯", "yellow": "黄灯", "red": "红灯"}
COMPONENTS: Final = {
    "votes": "民主测评",
    "superior": "上级评分",
    "field": "实地核查",
    "rounds": "现场评估",
    "visits": "到点活动",
}
POSTS: Final = {
    "village": "村党组织书记",
    "community": "社区党组织书记",
    "branch": "党支部书记",
    "general_branch": "党总支书记",
    "committee": "党委（党工委）书记",
}
CONSEQUENCES: Final = {
    "no_excellent": "不得评为优秀等次",
    "talk": "约谈",
    "mending": "限期整改",
    "replacement": "研究是否调整",
    "no_promotion": "不得提拔使用",
    "subsidy": "绩效补贴上浮",
}


def review_pdf(review: ReviewView, *, drawn_on: date, drawn_by: str, told: Told = lambda page: None) -> bytes:
    """Draw a review as its form. Raises FontMissing."""
    take_font()
    width = A4[0] - 2 * MARGIN
    story: list[Flowable] = [
        Paragraph("党组织书记抓基层党建工作述职评议考核表", TITLE),
        Paragraph(spaced(escape(f"{review.organisation_name}　{review.year}年度")), UNDER),
        Spacer(1, 6),
        _pairs(
            [
                ("姓名", review.secretary_name),
                ("岗位类别", POSTS[review.post_kind]),
                ("任职期间", f"{_day(review.from_day)}至{_day(review.until_day)}"),
                ("评议考核单位", review.superior_name),
            ],
            width,
        ),
        Paragraph("一、平台统计（由系统生成，不需填报）", CAPTION),
        _pairs(_counted(review.facts), width),
        Paragraph("二、述职报告", CAPTION),
        _block(review.report or "（尚未提交）", width),
    ]
    story.append(Paragraph("三、实地核查", CAPTION))
    checks = review.checks[-1:]
    found = "\n".join(
        f"{_day(one.checked_on)}，{one.place}；核查人：{one.checkers}"
        f"{'（上级书记参加）' if one.superior_joined else ''}；评分 {one.score} 分。\n{one.found}"
        for one in checks
    )
    story += [_block(found or "（无）", width), Paragraph("四、点评意见", CAPTION)]
    story.append(_block("\n".join(f"{one.by_name}：{one.text}" for one in review.comments) or "（无）", width))
    story.append(Paragraph("五、民主测评与得分", CAPTION))
    if review.votes:
        told_votes = "，".join(f"{GRADES[one.kind]} {one.number} 票" for one in review.votes)
        story.append(Paragraph(escape(f"应参加 {review.voters} 人，收回 {review.voted} 票：{told_votes}。"), CELL))
    rows = [(COMPONENTS[one.component], f"{one.score:g}", f"{one.weight}") for one in review.parts]
    if rows:
        story += [Spacer(1, 4), _table(("项目", "得分", "权重"), [*rows, ("综合得分", f"{review.score:g}", "")], width)]
    story += [Paragraph("六、等次", CAPTION), _pairs(_grades(review), width)]
    if review.reason:
        story.append(_block(f"理由：{review.reason}", width))
    if review.consequences:
        story.append(Paragraph("七、结果运用", CAPTION))
        story.append(
            _table(
                ("事项", "期限", "办理情况"),
                [
                    (
                        CONSEQUENCES[one.kind] + (f" {one.percent}%" if one.percent else ""),
                        _day(one.due_on) + (f"（影响期至{_day(one.lasts_until)}）" if one.lasts_until else ""),
                        one.proof or ("已撤销" if one.state == "lifted" else "待办理"),
                    )
                    for one in review.consequences
                ],
                width,
            )
        )
    story += [
        Spacer(1, 18),
        Paragraph(spaced("评议考核单位（盖章）　　　　　　　　____年__月__日"), SIGNED),
        Spacer(1, 10),
    ]
    story.append(Paragraph(spaced("本人知悉（签字）：____________　　____年__月__日"), SIGNED))
    footnote = f"{review.organisation_name}　{review.year}年度　{drawn_by} 于 {_day(drawn_on)} 生成"
    title = f"述职评议考核表 {review.organisation_name} {review.year}"
    return drawn(story, title=title, size=A4, margin=MARGIN, framed=_framed(footnote, A4[0]), told=told)


def meeting_pdf(
    meeting: HalfYearMeetingView, *, drawn_on: date, drawn_by: str, told: Told = lambda page: None
) -> bytes:
    """Draw the paper of a half-yearly meeting: one line for each organisation, in the order of the tree."""
    take_font()
    size = landscape(A4)
    width = size[0] - 2 * MARGIN
    half = "上半年" if meeting.half == 1 else "下半年"
    story: list[Flowable] = [
        Paragraph(escape(f"{meeting.organisation_name}"), UNDER),
        Paragraph(escape(f"{meeting.year}年{half}党组织书记例会材料"), TITLE),
        Paragraph(
            escape(
                f"会议时间：{_day(meeting.held_on or meeting.planned_on)}　统计期间：{_day(meeting.from_day)}至"
                f"{_day(meeting.until_day)}　按组织顺序排列，不作排名"
            ),
            UNDER,
        ),
        Paragraph("一、议程", CAPTION),
        _block(meeting.agenda, width),
        Paragraph("二、现场评估与问题整改情况", CAPTION),
        _lines(meeting.lines, width),
    ]
    if meeting.minutes:
        story += [Paragraph("三、会议记录", CAPTION), _block(meeting.minutes, width)]
    footnote = f"{meeting.organisation_name}　{drawn_by} 于 {_day(drawn_on)} 生成"
    title = f"书记例会材料 {meeting.organisation_name} {meeting.year} {half}"
    return drawn(story, title=title, size=size, margin=MARGIN, framed=_framed(footnote, size[0]), told=told)


def _framed(footnote: str, width: float) -> Framed:
    def framed(page: Canvas, pages: int) -> None:
        page.setFont(FONT, 8.5)
        page.drawString(MARGIN, 9 * mm, footnote)
        page.drawRightString(width - MARGIN, 9 * mm, f"第 {page.getPageNumber()} 页 共 {pages} 页")

    return framed


def _counted(facts: ReviewFactsView) -> list[tuple[str, str]]:
    records = "、".join(
        f"{RECORD_TEMPLATES[one.kind].title.zh} {one.number}" if one.kind in RECORD_TEMPLATES else one.kind
        for one in facts.records
    )
    lights = "、".join(f"{LIGHTS[one.kind]} {one.number}" for one in facts.lights)
    cards = "、".join(f"{CARDS[one.kind]} {one.number}" for one in facts.cards)
    tasks = f"共 {facts.tasks} 项，按期完成 {facts.tasks_done}，逾期完成 {facts.tasks_late}，未完成 {facts.tasks_open}"
    found = f"发现 {facts.problems}，已整改 {facts.problems_mended}，重复出现 {facts.problems_again}"
    score = f"{facts.round_score:g} 分（{len(facts.rounds)} 次）" if facts.round_score is not None else "无"
    return [
        ("下辖支部", f"{facts.branches} 个"),
        ("现场评估", score),
        ("活动记录", records or "无"),
        ("任务清单", tasks),
        ("体检灯色（月次）", lights or "无"),
        ("问题", found),
        ("亮牌", cards or "无"),
    ]


def _grades(review: ReviewView) -> list[tuple[str, str]]:
    capped = f"（{CARDS[review.card]}，最高为“{GRADES[review.cap]}”）" if review.card and review.cap else ""
    pairs = []
    if review.proposed_grade:
        pairs.append(("系统建议等次", GRADES[review.proposed_grade] + capped))
    pairs.append(("评定等次", GRADES[review.grade] if review.grade else "（尚未评定）"))
    if review.sent_up_on:
        pairs.append(("上报", f"{_day(review.sent_up_on)}，{review.sent_up_number}"))
    if review.published_on:
        pairs.append(("反馈", _day(review.published_on)))
    return pairs


def _lines(lines: Sequence[HalfYearLine], width: float) -> Flowable:
    head = (
        *("单位", "书记", "支部数", "评估数", "平均得分", "上期得分", "问题数", "未整改", "上期问题", "亮牌"),
        *("绿灯率", "上期绿灯率"),
    )
    rows: list[list[Flowable]] = [[Paragraph(text, HEAD) for text in head]]
    for one in lines:
        numbers = (
            *(str(one.branches), str(one.visited), _score(one.score), _score(one.score_before)),
            *(str(one.problems), str(one.problems_open), str(one.problems_before), str(one.cards)),
            *(_percent(one.green_percent), _percent(one.green_percent_before)),
        )
        words = [Paragraph(escape(one.name), SMALL), Paragraph(escape(one.secretary_name or "（空缺）"), SMALL)]
        rows.append([*words, *(Paragraph(text, NUMBER) for text in numbers)])
    widths = [width * share for share in (0.23, 0.09, *([0.068] * 10))]
    style = [
        ("GRID", (0, 0), (-1, -1), 0.5, RULE),
        ("BACKGROUND", (0, 0), (-1, 0), SHADE),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ]
    return LongTable(rows, colWidths=widths, repeatRows=1, style=style, splitInRow=1)


def _pairs(pairs: Sequence[tuple[str, str]], width: float) -> Flowable:
    rows = [[Paragraph(escape(name), LABEL), Paragraph(escape(value), CELL)] for name, value in pairs]
    style = [
        ("GRID", (0, 0), (-1, -1), 0.5, RULE),
        ("BACKGROUND", (0, 0), (0, -1), SHADE),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ]
    return Table(rows, colWidths=[width * 0.22, width * 0.78], style=style, splitInRow=1)


def _block(text: str, width: float) -> Flowable:
    """Lay a text line by line, so that it may run over a page."""
    rows = [[Paragraph(escape(line) or "&nbsp;", CELL)] for line in text.split("\n")]
    return Table(rows, colWidths=[width], style=[("BOX", (0, 0), (-1, -1), 0.5, RULE)], splitInRow=1)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], width: float) -> Flowable:
    laid = [*cells([head], HEAD), *cells(([escape(text) for text in row] for row in rows), SMALL)]
    style = [("GRID", (0, 0), (-1, -1), 0.5, RULE), ("BACKGROUND", (0, 0), (-1, 0), SHADE)]
    return LongTable(laid, colWidths=[width / len(head)] * len(head), repeatRows=1, style=style, splitInRow=1)


def _day(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else "—"


def _score(score: float | None) -> str:
    return "—" if score is None else f"{score:g}"


def _percent(number: int | None) -> str:
    return "—" if number is None else f"{number}%"
