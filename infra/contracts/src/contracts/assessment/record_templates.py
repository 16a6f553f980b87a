"""The 24 record templates of the branch handbook over its 10 headings (A2): what is written down of what.

The content is ours, made from the headings of the district's handbook and from the regulations that each template
cites. A template has versions: one that is in use never changes, a changed form is a further version, and a record
keeps the version it was written on. Tasks (A1) name a template by its `code`, which never changes its meaning.

Every record has day, times, place, subject, host, recorder, minutes and decisions; a template says which of them it
needs, whose attendance is taken, and which fields of its own are asked for besides.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from contracts.words import Word, Words

FIELD_KINDS: Final = ("text", "number", "day", "choice", "persons", "votes", "table")

HEADINGS: Final[Words] = {
    "basic_data": Word("基本情况", "basic data"),
    "regular_meetings": Word("三会一课", "regular meetings"),
    "theme_days": Word("主题党日", "theme days"),
    "organisational_life": Word("组织生活会", "organisational-life meetings"),
    "appraisal": Word("民主评议党员", "appraisal of members"),
    "member_management": Word("党员管理", "member management"),
    "dues": Word("党费收缴", "dues"),
    "rewards": Word("奖惩考评", "rewards and sanctions"),
    "terms_and_elections": Word("换届选举", "terms and elections"),
    "contact_with_the_masses": Word("联系服务群众", "contact with the masses"),
}
"""The handbook's headings in its order: eight are named by the source, the last two are ours."""

ATTENDANCE: Final[Words] = {
    "members": Word("全体党员", "all members"),
    "committee": Word("支部委员", "the committee"),
    "group": Word("本党小组党员", "the members of a group"),
    "chosen": Word("有关人员", "the people concerned"),
}
"""Whose attendance a template takes from the roll; `members` lists everybody, the others those who were to come."""

HALF: Final = "half"
FOUR_FIFTHS: Final = "four_fifths"
QUORUMS: Final[Words] = {
    HALF: Word("应到会人数的半数以上到会", "half of those who are to come, or more"),
    FOUR_FIFTHS: Word("有选举权的到会党员超过应到会人数的五分之四", "more than four fifths of those with a vote"),
}

NEEDS: Final = ("place", "host", "recorder", "minutes", "decisions")
"""What of the common part a template may need; day and subject are always needed."""


@dataclass(frozen=True)
class Field:
    """One field of a form. `choices` are a choice's, `columns` a table's (neither persons nor votes nor tables)."""

    name: str
    kind: str
    title: Word
    required: bool = False
    choices: tuple[tuple[str, Word], ...] = ()
    columns: tuple["Field", ...] = ()


@dataclass(frozen=True)
class Template:
    """A form of the handbook in one version.

    `basis` is the regulation it follows. `attendance` says whose (None: nobody's), `makes_up` whether who missed it
    studies later. `quorum` is what a decision needs. `may_be_joint`: several branches may hold it together;
    `gives_hours`: its time counts as training. `is_held` tells what takes place from what is kept up to date;
    what `is_confidential` is not for the other members of the branch.
    """

    code: str
    version: int
    heading: str
    title: Word
    basis: str
    fields: tuple[Field, ...]
    needs: frozenset[str] = frozenset()
    attendance: str | None = None
    makes_up: bool = False
    quorum: str | None = None
    may_be_joint: bool = False
    gives_hours: bool = False
    is_held: bool = True
    is_confidential: bool = False


def _text(name: str, zh: str, en: str, *, required: bool = False) -> Field:
    return Field(name, "text", Word(zh, en), required)


def _number(name: str, zh: str, en: str, *, required: bool = False) -> Field:
    return Field(name, "number", Word(zh, en), required)


def _day(name: str, zh: str, en: str, *, required: bool = False) -> Field:
    return Field(name, "day", Word(zh, en), required)


def _persons(name: str, zh: str, en: str, *, required: bool = False) -> Field:
    return Field(name, "persons", Word(zh, en), required)


def _votes(name: str, zh: str, en: str, *, required: bool = False) -> Field:
    return Field(name, "votes", Word(zh, en), required)


def _choice(name: str, zh: str, en: str, choices: Words, *, required: bool = False) -> Field:
    return Field(name, "choice", Word(zh, en), required, choices=tuple(choices.items()))


def _table(name: str, zh: str, en: str, *columns: Field, required: bool = False) -> Field:
    return Field(name, "table", Word(zh, en), required, columns=columns)


_BRANCH_RULES = "《中国共产党支部工作条例（试行）》"
_MEETING = frozenset({"place", "host", "recorder", "minutes"})

_GRADES: Words = {
    "excellent": Word("优秀", "excellent"),
    "qualified": Word("合格", "qualified"),
    "basically_qualified": Word("基本合格", "basically qualified"),
    "unqualified": Word("不合格", "unqualified"),
}
_THEMES: Words = {
    "party_spirit_education": Word("党性教育", "party-spirit education"),
    "training": Word("业务培训", "training"),
    "volunteering": Word("志愿服务", "volunteering"),
    "hearing_people_out": Word("民情恳谈", "hearing people out"),
    "visiting": Word("走访慰问", "visiting"),
}
_LECTURERS: Words = {
    "secretary": Word("支部书记", "the branch's secretary"),
    "leader": Word("党员领导干部", "a leading cadre"),
    "member": Word("党员", "a member"),
    "expert": Word("专家或先进模范", "an expert or model"),
}
_DEVELOPMENT_STEPS: Words = {
    "activist": Word("确定入党积极分子", "named an activist"),
    "candidate": Word("确定发展对象", "named a candidate"),
    "admission": Word("接收预备党员", "admitted as a probationary member"),
    "full": Word("预备党员转正", "became a full member"),
    "prolonged": Word("延长预备期", "probation prolonged"),
    "cancelled": Word("取消预备党员资格", "probation cancelled"),
}
_MEASURES: Words = {
    "help": Word("批评教育、限期改正", "criticism and a term for mending"),
    "persuaded_to_leave": Word("劝退", "asked to leave"),
    "removed": Word("除名", "removed from the party"),
    "warning": Word("警告", "warning"),
    "serious_warning": Word("严重警告", "serious warning"),
    "removed_from_post": Word("撤销党内职务", "removed from party posts"),
    "probation": Word("留党察看", "placed on probation within the party"),
    "expelled": Word("开除党籍", "expelled"),
}
_ELECTION_KINDS: Words = {
    "term": Word("换届选举", "election at the end of a term"),
    "by_election": Word("届中补选", "by-election"),
}
_CONTACTS: Words = {
    "household": Word("联系户走访", "a household that is served"),
    "hardship": Word("困难群众走访慰问", "a household in hardship"),
    "talk": Word("民情恳谈", "hearing people out"),
    "service": Word("志愿服务", "volunteering"),
}
_PUBLISHED: Words = {
    "inside": Word("党内公开", "inside the party"),
    "public": Word("向群众公开", "to the public"),
}
_PARTIES: Words = {
    "secretary_member": Word("书记与委员", "secretary and committee member"),
    "committee_members": Word("委员之间", "committee members"),
    "committee_party_member": Word("委员与党员", "committee member and member"),
    "party_members": Word("党员之间", "members"),
}

_FIRST: Final = (
    # 1 basic data
    Template(
        code="branch_profile",
        version=1,
        heading="basic_data",
        title=Word("党支部基本情况表", "Profile of the branch"),
        basis=f"{_BRANCH_RULES}第二章（组织设置）",
        is_held=False,
        fields=(
            _day("founded_on", "成立日期", "Founded on"),
            _text("approved_by", "批准文号", "Letter of approval"),
            _text("place_of_activity", "活动场所", "Place of activity", required=True),
            _number("groups", "党小组数", "Groups"),
            _table(
                "committee",
                "支部班子",
                "Committee",
                _text("name", "姓名", "Name", required=True),
                _text("post", "职务", "Post", required=True),
                _text("duties", "分工", "Duties"),
                required=True,
            ),
            _text("changes", "组织变动情况", "Changes of the organisation"),
        ),
    ),
    Template(
        code="member_register",
        version=1,
        heading="basic_data",
        title=Word("党员名册", "Register of members"),
        basis=f"{_BRANCH_RULES}第九条（党员教育管理监督）；《中国共产党党员教育管理工作条例》",
        attendance="members",
        is_held=False,
        fields=(
            _number("full_members", "正式党员数", "Full members", required=True),
            _number("probationary_members", "预备党员数", "Probationary members", required=True),
            _number("floating_members", "流动党员数", "Floating members"),
            _text("checked_against", "核对依据", "Checked against", required=True),
            _text("differences", "差异及处理", "Differences and what was done"),
        ),
    ),
    Template(
        code="year_plan",
        version=1,
        heading="basic_data",
        title=Word("年度工作计划", "Plan of the year"),
        basis=f"{_BRANCH_RULES}第十二条（党支部委员会）",
        needs=frozenset({"host"}),
        is_held=False,
        fields=(
            _text("aims", "工作目标", "Aims", required=True),
            _table(
                "items",
                "计划安排",
                "Items",
                _text("work", "工作内容", "Work", required=True),
                _text("owner", "责任人", "Owner"),
                _day("due_on", "完成时限", "Due on"),
                required=True,
            ),
            _text("safeguards", "保障措施", "Safeguards"),
        ),
    ),
    # 2 regular meetings
    Template(
        code="assembly",
        version=1,
        heading="regular_meetings",
        title=Word("党员大会记录", "Assembly of members"),
        basis=f"{_BRANCH_RULES}第十一条（党员大会一般每季度召开1次）",
        needs=_MEETING,
        attendance="members",
        makes_up=True,
        quorum=HALF,
        fields=(
            _text("agenda", "议题", "Agenda", required=True),
            _votes("votes", "表决情况", "Votes"),
            _persons("guests", "列席党员", "Members who sat in"),
        ),
    ),
    Template(
        code="committee_meeting",
        version=1,
        heading="regular_meetings",
        title=Word("支部委员会会议记录", "Committee meeting"),
        basis=f"{_BRANCH_RULES}第十二条（一般每月召开1次，须有半数以上委员到会）",
        needs=_MEETING,
        attendance="committee",
        quorum=HALF,
        fields=(
            _text("agenda", "议题", "Agenda", required=True),
            _votes("votes", "表决情况", "Votes"),
            _persons("guests", "列席人员", "Members who sat in"),
        ),
    ),
    Template(
        code="group_meeting",
        version=1,
        heading="regular_meetings",
        title=Word("党小组会记录", "Group meeting"),
        basis=f"{_BRANCH_RULES}第十三条（党小组会一般每月召开1次）",
        needs=_MEETING,
        attendance="group",
        makes_up=True,
        fields=(
            _text("group", "党小组", "Group", required=True),
            _text("agenda", "议题", "Agenda", required=True),
        ),
    ),
    Template(
        code="lecture",
        version=1,
        heading="regular_meetings",
        title=Word("党课记录", "Lecture"),
        basis=f"{_BRANCH_RULES}第十五条（党支部书记每年至少讲1次党课）",
        needs=_MEETING,
        attendance="members",
        makes_up=True,
        may_be_joint=True,
        gives_hours=True,
        fields=(
            _choice("lecturer_kind", "授课人类别", "Kind of lecturer", _LECTURERS, required=True),
            _text("lecturer", "授课人", "Lecturer", required=True),
            _text("points", "主要内容", "Main points", required=True),
            _text("discussion", "讨论情况", "Discussion"),
        ),
    ),
    Template(
        code="monthly_study",
        version=1,
        heading="regular_meetings",
        title=Word("党员集中学习记录", "Monthly study"),
        basis="《中国共产党党员教育管理工作条例》第十六条（党员集中学习培训）",
        needs=_MEETING,
        attendance="members",
        makes_up=True,
        may_be_joint=True,
        gives_hours=True,
        fields=(
            _text("materials", "学习内容", "What was studied", required=True),
            _text("speakers", "领学和发言", "Who led and spoke"),
            _text("make_up_way", "缺学补学安排", "How who missed it makes it up"),
        ),
    ),
    # 3 theme days
    Template(
        code="theme_day",
        version=1,
        heading="theme_days",
        title=Word("主题党日记录", "Theme day"),
        basis=f"{_BRANCH_RULES}第十六条（每月相对固定1天开展主题党日）",
        needs=frozenset({"place"}),
        attendance="members",
        makes_up=True,
        may_be_joint=True,
        gives_hours=True,
        fields=(
            _choice("theme", "活动类型", "Kind of theme", _THEMES),
            _text("course", "活动过程", "What took place"),
            _text("result", "活动成效", "What came of it"),
        ),
    ),
    # 4 organisational life
    Template(
        code="organisational_life_meeting",
        version=1,
        heading="organisational_life",
        title=Word("组织生活会记录", "Organisational-life meeting"),
        basis=f"{_BRANCH_RULES}第十七条（每年至少召开1次组织生活会）",
        needs=_MEETING,
        attendance="members",
        fields=(
            _text("opinions", "征求意见情况", "Opinions that were asked for", required=True),
            _text("self_review", "支部班子检查情况", "The committee's own review", required=True),
            _table(
                "criticism",
                "批评与自我批评",
                "Criticism and self-criticism",
                _text("name", "姓名", "Name", required=True),
                _text("self_criticism", "自我批评要点", "Self-criticism", required=True),
                _text("criticism", "相互批评意见", "Criticism by others"),
                required=True,
            ),
            _table(
                "mending",
                "整改清单",
                "What is to be mended",
                _text("problem", "问题", "Problem", required=True),
                _text("measure", "整改措施", "Measure", required=True),
                _text("owner", "责任人", "Owner"),
                _day("due_on", "完成时限", "Due on"),
            ),
            _text("superior", "上级派员指导情况", "Who came from above"),
        ),
    ),
    Template(
        code="heart_to_heart_talk",
        version=1,
        heading="organisational_life",
        title=Word("谈心谈话记录", "Heart-to-heart talk"),
        basis=f"{_BRANCH_RULES}第十九条（每年谈心谈话一般不少于1次）",
        needs=frozenset({"place"}),
        is_confidential=True,
        fields=(
            _choice("parties", "谈话类型", "Between whom", _PARTIES, required=True),
            _persons("talkers", "谈话人", "Who talked", required=True),
            _persons("talked_to", "谈话对象", "To whom", required=True),
            _text("reason", "谈话事由", "Reason", required=True),
            _text("content", "谈话内容", "What was said", required=True),
            _text("follow_up", "后续措施", "What follows"),
        ),
    ),
    Template(
        code="democratic_life_meeting",
        version=1,
        heading="organisational_life",
        title=Word("民主生活会参加情况记录", "Democratic-life meeting"),
        basis="《县以上党和国家机关党员领导干部民主生活会若干规定》；"
        + _BRANCH_RULES
        + "第十七条（支部班子成员按规定参加）",
        needs=_MEETING,
        attendance="chosen",
        fields=(
            _text("theme_of_meeting", "会议主题", "Theme of the meeting", required=True),
            _text("opinions", "征求意见情况", "Opinions that were asked for"),
            _text("review", "对照检查情况", "Review", required=True),
            _text("mending", "整改措施", "What is to be mended", required=True),
        ),
    ),
    # 5 appraisal
    Template(
        code="appraisal",
        version=1,
        heading="appraisal",
        title=Word("民主评议党员记录", "Appraisal of members"),
        basis=f"{_BRANCH_RULES}第十八条（一般每年开展1次）",
        needs=_MEETING,
        attendance="members",
        makes_up=True,
        quorum=HALF,
        fields=(
            _number("excellent", "优秀人数", "Judged excellent", required=True),
            _number("qualified", "合格人数", "Judged qualified", required=True),
            _number("basically_qualified", "基本合格人数", "Judged basically qualified", required=True),
            _number("unqualified", "不合格人数", "Judged unqualified", required=True),
            _table(
                "grades",
                "评定结果",
                "Grades",
                _text("name", "姓名", "Name", required=True),
                _choice("grade", "等次", "Grade", _GRADES, required=True),
                _text("remark", "备注", "Remark"),
            ),
            _text("announced", "结果公布情况", "How the result was told"),
        ),
    ),
    Template(
        code="self_examination",
        version=1,
        heading="appraisal",
        title=Word("党员自评材料登记", "Members' self-examinations"),
        basis=f"{_BRANCH_RULES}第十八条（个人自评、党员互评、民主测评）",
        is_held=False,
        is_confidential=True,
        fields=(
            _table(
                "papers",
                "自评登记",
                "Self-examinations",
                _text("name", "姓名", "Name", required=True),
                _day("handed_in_on", "提交日期", "Handed in on"),
                _text("problems", "存在问题", "Problems", required=True),
                _text("measures", "改进措施", "Measures"),
                required=True,
            ),
        ),
    ),
    # 6 member management
    Template(
        code="member_development",
        version=1,
        heading="member_management",
        title=Word("发展党员会议记录", "Development of a member"),
        basis="《中国共产党发展党员工作细则》",
        needs=_MEETING,
        attendance="members",
        quorum=HALF,
        fields=(
            _text("person", "发展对象姓名", "Whom it is about", required=True),
            _choice("step", "发展步骤", "Step", _DEVELOPMENT_STEPS, required=True),
            _text("introducers", "培养联系人或入党介绍人", "Introducers"),
            _votes("votes", "表决情况", "Votes", required=True),
            _text("resolution", "决议", "Resolution", required=True),
        ),
    ),
    Template(
        code="floating_members",
        version=1,
        heading="member_management",
        title=Word("流动党员管理登记", "Floating members"),
        basis=f"{_BRANCH_RULES}第九条；《中国共产党党员教育管理工作条例》（流动党员管理）",
        is_held=False,
        fields=(
            _table(
                "members",
                "流动党员",
                "Floating members",
                _text("name", "姓名", "Name", required=True),
                _text("where_to", "流向", "Where to", required=True),
                _day("since", "流出日期", "Since"),
                _text("contact", "联系人", "Who keeps contact", required=True),
                _day("last_contact_on", "最近联系日期", "Last contact on"),
                required=True,
            ),
        ),
    ),
    # 7 dues
    Template(
        code="dues_collection",
        version=1,
        heading="dues",
        title=Word("党费收缴记录", "Collection of dues"),
        basis="《关于中国共产党党费收缴、使用和管理的规定》",
        needs=frozenset({"recorder"}),
        is_held=False,
        fields=(
            _number("members_due", "应缴人数", "Members with dues", required=True),
            _number("members_paid", "实缴人数", "Members who paid", required=True),
            _text("amount", "实缴金额（元）", "Amount in yuan", required=True),
            _text("arrears", "欠缴人员及原因", "Arrears and reasons"),
            _day("handed_over_on", "上缴日期", "Handed over on"),
        ),
    ),
    Template(
        code="dues_publicity",
        version=1,
        heading="dues",
        title=Word("党费收缴使用公示", "Publicity of dues"),
        basis="《关于中国共产党党费收缴、使用和管理的规定》（每年至少公布1次）",
        is_held=False,
        fields=(
            _text("period", "公示的收缴期间", "Period", required=True),
            _text("income", "收缴情况", "Income", required=True),
            _text("spending", "使用情况", "Spending"),
            _text("shown_at", "公示方式", "How it was shown", required=True),
            _text("objections", "意见反馈", "What was said to it"),
        ),
    ),
    # 8 rewards and sanctions
    Template(
        code="commendation",
        version=1,
        heading="rewards",
        title=Word("表彰奖励登记", "Commendations"),
        basis="《中国共产党党内功勋荣誉表彰条例》",
        is_held=False,
        fields=(
            _persons("persons", "受表彰党员", "Members commended"),
            _text("honour", "荣誉名称", "Honour", required=True),
            _text("given_by", "表彰单位和文号", "Given by, letter", required=True),
            _text("deeds", "主要事迹", "Deeds"),
        ),
    ),
    Template(
        code="sanction",
        version=1,
        heading="rewards",
        title=Word("不合格党员处置和党纪处分记录", "Sanctions"),
        basis="《中国共产党纪律处分条例》；《中国共产党党员教育管理工作条例》（不合格党员处置）",
        needs=_MEETING,
        attendance="members",
        quorum=HALF,
        is_confidential=True,
        fields=(
            _persons("persons", "涉及党员", "Member concerned", required=True),
            _text("facts", "主要事实", "Facts", required=True),
            _choice("measure", "处理意见", "Measure", _MEASURES, required=True),
            _text("defence", "本人申辩", "The member's defence", required=True),
            _votes("votes", "表决情况", "Votes", required=True),
            _text("approved_by", "上级批准情况", "Approval from above"),
        ),
    ),
    # 9 terms and elections
    Template(
        code="election",
        version=1,
        heading="terms_and_elections",
        title=Word("选举大会记录", "Election"),
        basis="《中国共产党基层组织选举工作条例》",
        needs=_MEETING,
        attendance="members",
        quorum=FOUR_FIFTHS,
        fields=(
            _choice("election_kind", "选举类别", "Kind of election", _ELECTION_KINDS, required=True),
            _text("method", "选举办法", "Method", required=True),
            _persons("tellers", "监票人、计票人", "Tellers", required=True),
            _number("ballots_given", "发出选票", "Ballots given out", required=True),
            _number("ballots_returned", "收回选票", "Ballots returned", required=True),
            _number("ballots_invalid", "无效票", "Invalid ballots"),
            _table(
                "candidates",
                "得票情况",
                "Votes by candidate",
                _text("name", "候选人", "Candidate", required=True),
                _number("votes", "得票", "Votes", required=True),
                _choice(
                    "elected",
                    "是否当选",
                    "Elected",
                    {"yes": Word("当选", "elected"), "no": Word("未当选", "not elected")},
                    required=True,
                ),
                required=True,
            ),
        ),
    ),
    Template(
        code="division_of_posts",
        version=1,
        heading="terms_and_elections",
        title=Word("支部委员分工会议记录", "Division of posts"),
        basis="《中国共产党基层组织选举工作条例》（委员会第一次会议）",
        needs=_MEETING,
        attendance="committee",
        quorum=HALF,
        fields=(
            _table(
                "posts",
                "分工",
                "Posts",
                _text("name", "姓名", "Name", required=True),
                _text("post", "职务", "Post", required=True),
                _text("duties", "分工", "Duties"),
                required=True,
            ),
            _votes("votes", "表决情况", "Votes"),
            _text("reported", "上报批复情况", "Report and approval"),
        ),
    ),
    # 10 contact with the masses
    Template(
        code="contact_with_masses",
        version=1,
        heading="contact_with_the_masses",
        title=Word("联系服务群众记录", "Contact with the masses"),
        basis=f"{_BRANCH_RULES}第九条（密切联系群众）",
        needs=frozenset({"place"}),
        attendance="chosen",
        fields=(
            _choice("contact_kind", "活动类型", "Kind", _CONTACTS, required=True),
            _number("households", "走访户数或参加群众数", "Households or people reached"),
            _text("heard", "群众反映的问题", "What people said"),
            _table(
                "matters",
                "问题办理",
                "Matters",
                _text("matter", "事项", "Matter", required=True),
                _text("owner", "责任人", "Owner"),
                _text("result", "办理结果", "Result"),
            ),
        ),
    ),
    Template(
        code="party_affairs_publicity",
        version=1,
        heading="contact_with_the_masses",
        title=Word("党务公开记录", "Publicity of party affairs"),
        basis="《中国共产党党务公开条例（试行）》",
        is_held=False,
        fields=(
            _text("content", "公开内容", "What was made public", required=True),
            _choice("scope", "公开范围", "To whom", _PUBLISHED, required=True),
            _text("shown_at", "公开方式", "How", required=True),
            _day("shown_until", "公开截止", "Until"),
            _text("feedback", "意见和答复", "What was said, what was answered"),
        ),
    ),
)


def _by_code(templates: Iterable[Template]) -> dict[str, tuple[Template, ...]]:
    versions: dict[str, tuple[Template, ...]] = {}
    for template in templates:
        versions[template.code] = (*versions.get(template.code, ()), template)
    return versions


VERSIONS: Final[dict[str, tuple[Template, ...]]] = _by_code(_FIRST)
"""Every version of every template, oldest first."""

RECORD_TEMPLATES: Final[dict[str, Template]] = {code: versions[-1] for code, versions in VERSIONS.items()}
"""The newest version of each template by its code, in the handbook's order."""

RECORD_KINDS: Final = tuple(RECORD_TEMPLATES)
"""The codes: what a record may be of, and what a task may ask for."""


CONFIDENTIAL_KINDS: Final = tuple(code for code, template in RECORD_TEMPLATES.items() if template.is_confidential)
"""The codes of what only who keeps or checks the records reads."""


def template_in(code: str, version: int) -> Template:
    """Return a template in the version a record was written on; raises LookupError."""
    for template in VERSIONS[code]:
        if template.version == version:
            return template
    raise LookupError(f"{code} has no version {version}")
