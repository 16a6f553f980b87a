"""The words that a refusal's sentence uses for a code, in both languages: states, moves, kinds, reasons.

A word may name the refusal's other parameters in braces. In English a move is what is done to the thing (“it cannot
be confirmed any more”), in Chinese the deed (“不能再确认”).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Word:
    """A code as people of both languages say it."""

    zh: str
    en: str


Words = Mapping[str, Word]

SERVICES: Final[Words] = {
    "roster": Word("名册", "roster"),
    "sites": Word("阵地", "sites"),
    "assessment": Word("考评", "assessment"),
}
UNREADABLE: Final[Words] = {
    "command-id": Word("缺少有效的命令编号", "the command has no id"),
    "cursor": Word("翻页标记不是本列表给出的", "the cursor is not one of this list"),
    "date": Word("有日期格式不对", "a date is malformed"),
    "file-empty": Word("文件是空的", "the file is empty"),
    "http": Word("不符合 HTTP 的规定", "it does not keep to the rules of HTTP"),
    "idempotency-key": Word(
        "Idempotency-Key 须为 1 至 200 个可见的 ASCII 字符",
        "Idempotency-Key takes 1 to 200 visible ASCII characters",
    ),
    "not-json": Word(
        "不是有效的 JSON（第 {line} 行第 {column} 列）", "it is not valid JSON (line {line}, column {column})"
    ),
    "not-an-object": Word("应为一个 JSON 对象", "it is not a JSON object"),
    "nul": Word("不能含有空字符 NUL", "the character NUL is not allowed"),
    "query": Word("地址中的查询参数有误，见各项提示", "a parameter of the address is not right; see the fields"),
    "too-deep": Word("嵌套超过 {depth_max} 层", "it is nested deeper than {depth_max} levels"),
    "too-long": Word("超过 {max_bytes} 字节", "it is longer than {max_bytes} bytes"),
    "value": Word("“{name}”的值无法读取", "the value of “{name}” is not readable"),
}
STOP_REFUSALS: Final[Words] = {
    "slot-full": Word("本场次只剩 {seats_left} 个名额", "only {seats_left} seats are left in this slot"),
    "slot-closed": Word("本场次已不能预约（{closing}）", "this slot takes no orders ({closing})"),
    "slot-past": Word("本场次的预约已于 {bookable_until} 截止", "this slot took orders until {bookable_until}"),
    "not-yet-bookable": Word("本场次自 {bookable_from} 起接受预约", "this slot takes orders from {bookable_from} on"),
    "groups-full": Word("本场次最多接待 {groups_max} 个团队，已满", "all {groups_max} groups of this slot are taken"),
}
ORGANISATION_KINDS: Final[Words] = {
    "committee": Word("党委", "party committee"),
    "working_committee": Word("党工委", "working committee"),
    "leading_group": Word("党组", "leading group"),
    "general_branch": Word("党总支", "general branch"),
    "branch": Word("党支部", "branch"),
    "joint_branch": Word("联合党支部", "joint branch"),
}
ACCOUNT_STATES: Final[Words] = {
    "open": Word("正常", "open"),
    "locked": Word("已锁定", "locked"),
    "closed": Word("已注销", "closed"),
}
IMPORT_STATES: Final[Words] = {
    "reading": Word("正在读取", "being read"),
    "mapping": Word("待确认各列", "waiting for its columns"),
    "checking": Word("正在检查", "being looked through"),
    "checked": Word("待导入", "waiting to be applied"),
    "applying": Word("正在导入", "being applied"),
    "applied": Word("已导入", "applied"),
    "cancelled": Word("已取消", "cancelled"),
    "failed": Word("未成功", "failed"),
}
PROBLEM_STATES: Final[Words] = {
    "open": Word("待整改", "registered"),
    "mending": Word("整改中", "being mended"),
    "mended": Word("已整改", "mended"),
    "withdrawn": Word("已撤销", "withdrawn"),
}
PROBLEM_MOVES: Final[Words] = {
    "mend": Word("交办整改", "put to mending"),
    "close": Word("销号", "closed"),
    "rebound": Word("重新整改", "mended anew"),
    "withdraw": Word("撤销", "withdrawn"),
    "train": Word("安排培训", "followed by a training"),
    "warn": Word("亮牌", "given a card"),
}
RECTIFICATION_STATES: Final[Words] = {
    "open": Word("待整改", "open"),
    "reported": Word("已上报", "reported"),
    "returned": Word("已退回", "returned"),
    "accepted": Word("已验收", "accepted"),
    "withdrawn": Word("已撤销", "withdrawn"),
}
RECTIFICATION_MOVES: Final[Words] = {
    "plan": Word("修改措施", "planned"),
    "report": Word("上报", "reported"),
    "accept": Word("验收", "accepted"),
    "return": Word("退回", "returned"),
    "reopen": Word("重新整改", "opened again"),
    "extend": Word("延期", "given a later day"),
    "withdraw": Word("撤销", "withdrawn"),
    "show": Word("增删佐证材料", "given evidence, or less of it"),
}
SAMPLE_STATES: Final[Words] = {
    "announced": Word("已公布", "announced"),
    "drawn": Word("已抽取", "drawn"),
    "closed": Word("已通报", "closed"),
}
SAMPLE_MOVES: Final[Words] = {
    "draw": Word("抽取", "drawn"),
    "close": Word("通报", "closed"),
}
CARD_COLOURS: Final[Words] = {
    "yellow": Word("黄牌", "yellow"),
    "orange": Word("橙牌", "orange"),
    "red": Word("红牌", "red"),
}
CARD_STATES: Final[Words] = {
    "standing": Word("未销牌", "standing"),
    "cleared": Word("已销牌", "cleared"),
    "lifted": Word("已撤牌", "lifted"),
}
CARD_MOVES: Final[Words] = {
    "escalate": Word("升级", "raised"),
    "step_down": Word("降级", "taken back by a colour"),
    "undo": Word("退回上一级", "taken back"),
    "lift": Word("撤牌", "lifted"),
    "clear": Word("销牌", "cleared"),
    "object": Word("提出异议", "objected to"),
}
LIST_STATES: Final[Words] = {
    "draft": Word("是草案", "a draft"),
    "adopted": Word("已批准", "adopted"),
    "withdrawn": Word("已撤回", "withdrawn"),
}
LIST_MOVES: Final[Words] = {"adopt": Word("批准", "adopted"), "withdraw": Word("撤回", "withdrawn")}
STAR_STATES: Final[Words] = {
    "drawing": Word("正在计算", "being drawn"),
    "draft": Word("是初稿", "a draft"),
    "shown": Word("正在征求意见", "shown to the organisations"),
    "published": Word("已公布", "published"),
    "withdrawn": Word("已撤回", "withdrawn"),
}
STAR_MOVES: Final[Words] = {
    "show": Word("征求意见", "shown"),
    "publish": Word("公布", "published"),
    "withdraw": Word("撤回", "withdrawn"),
    "correct": Word("更正", "corrected"),
}
WEAK_STATES: Final[Words] = {
    "proposed": Word("是建议名单", "proposed"),
    "listed": Word("在册", "on the list"),
    "released": Word("已销号", "off the list"),
    "dismissed": Word("未列入", "dismissed"),
}
WEAK_MOVES: Final[Words] = {
    "list": Word("列入名单", "put on the list"),
    "dismiss": Word("不列入", "dismissed"),
    "add_item": Word("增加整顿事项", "given another item"),
    "mend": Word("办理整顿事项", "mended"),
    "release": Word("销号", "taken off the list"),
}
WEAK_ITEM_STATES: Final[Words] = {
    "open": Word("尚未整改", "open"),
    "done": Word("等待验收", "waiting to be accepted"),
    "accepted": Word("已验收", "accepted"),
}
WEAK_ITEM_MOVES: Final[Words] = {
    "do": Word("报告整改", "reported as mended"),
    "accept": Word("验收", "accepted"),
    "return": Word("退回", "returned"),
}
TASK_STATES: Final[Words] = {
    "open": Word("尚未完成", "open"),
    "done": Word("已完成", "done"),
    "returned": Word("已退回", "returned"),
    "accepted": Word("已验收", "accepted"),
    "exempt": Word("已免除", "exempt"),
}
TASK_MOVES: Final[Words] = {
    "do": Word("办理完成", "done"),
    "accept": Word("验收", "accepted"),
    "return": Word("退回", "returned"),
    "reopen": Word("重新打开", "opened again"),
    "exempt": Word("免除", "exempted"),
}
EXEMPTION_STATES: Final[Words] = {
    "applied": Word("等待支委会同意", "waiting for consent"),
    "consented": Word("等待上级批准", "waiting for approval"),
    "approved": Word("已批准", "approved"),
    "refused": Word("未获批准", "refused"),
    "withdrawn": Word("已撤回", "withdrawn"),
    "ended": Word("已提前结束", "ended"),
}
EXEMPTION_MOVES: Final[Words] = {
    "consent": Word("登记同意", "consented to"),
    "approve": Word("批准", "approved"),
    "refuse": Word("退回", "refused"),
    "withdraw": Word("撤回", "withdrawn"),
    "end": Word("提前结束", "ended"),
}
SLIP_STATES: Final[Words] = {
    "issued": Word("待回复", "waiting for a reply"),
    "replied": Word("待验收", "waiting to be judged"),
    "returned": Word("已退回", "given back"),
    "closed": Word("已办结", "closed"),
    "withdrawn": Word("已撤回", "withdrawn"),
}
SLIP_MOVES: Final[Words] = {
    "reply": Word("回复", "answered"),
    "accept": Word("验收", "accepted"),
    "return": Word("退回", "given back"),
    "withdraw": Word("撤回", "withdrawn"),
}
BULLETIN_STATES: Final[Words] = {
    "draft": Word("尚为草稿", "a draft"),
    "signed": Word("已签发", "signed"),
    "sent": Word("已印发", "sent"),
    "withdrawn": Word("已作废", "put away"),
}
BULLETIN_MOVES: Final[Words] = {
    "edit": Word("修改", "edited"),
    "sign": Word("签发", "signed"),
    "send": Word("印发", "sent"),
    "withdraw": Word("作废", "put away"),
    "correct": Word("更正", "corrected"),
}
ROLES: Final[Words] = {
    "member": Word("党员", "member"),
    "secretary": Word("党支部书记", "secretary"),
    "administrator": Word("支部管理员", "branch administrator"),
    "steward": Word("活动点管理员", "steward"),
    "assessor": Word("评估员", "assessor"),
    "officer": Word("组织部门", "officer"),
    "preparer": Word("经费经办", "preparer"),
    "approver": Word("经费复核", "approver"),
    "payer": Word("经费出纳", "payer"),
    "auditor": Word("审计", "auditor"),
    "admin": Word("系统管理员", "administrator of the system"),
}
MISPLACED: Final[Words] = {
    "below-itself": Word("组织不能设在自己之下", "an organisation does not stand under itself"),
    "needs-parent": Word("须有上级组织", "it needs an organisation above it"),
    "wrong-parent": Word("其上级是{parent_kind}", "above it stands a {parent_kind}"),
    "too-deep": Word("组织树最多 {depth_max} 层", "the tree is at most {depth_max} deep"),
}
MEMBER_STATES: Final[Words] = {
    "active": Word("在册", "active"),
    "floating": Word("流动", "floating"),
    "lost": Word("失联", "out of contact"),
}
STAGES: Final[Words] = {
    "applicant": Word("入党申请人", "applicant"),
    "activist": Word("入党积极分子", "activist"),
    "object": Word("发展对象", "development object"),
    "probationary": Word("预备党员", "probationary member"),
    "full": Word("正式党员", "full member"),
    "ended": Word("已结束", "ended"),
}
TRANSFER_STATES: Final[Words] = {
    "issued": Word("待接收", "waiting"),
    "confirmed": Word("已接收", "confirmed"),
    "refused": Word("已退回", "refused"),
    "withdrawn": Word("已撤回", "withdrawn"),
    "expired": Word("已过期", "expired"),
}
TERM_SHIFT_STATES: Final[Words] = {
    "asked": Word("待批", "waiting"),
    "approved": Word("已批准", "approved"),
    "refused": Word("未批准", "refused"),
    "withdrawn": Word("已撤回", "withdrawn"),
}
ELECTION_STATES: Final[Words] = {
    "requested": Word("待上级批复", "waiting for the superior's reply"),
    "allowed": Word("已批复，待提名候选人", "allowed, waiting for candidates"),
    "nominated": Word("候选人待审查", "waiting for the candidates' approval"),
    "candidates_approved": Word("候选人已批准，待开会", "waiting for the meeting"),
    "met": Word("会议中，待投票计票", "meeting, waiting for ballots"),
    "counted": Word("已选出委员，待分工", "counted, waiting for the division of posts"),
    "divided": Word("已分工，待上报", "waiting for its report"),
    "reported": Word("结果待上级批准", "waiting for the result's approval"),
    "effective": Word("已完成", "complete"),
    "refused": Word("上级未同意", "refused"),
    "cancelled": Word("已终止", "cancelled"),
}
DUES_KINDS: Final[Words] = {
    "wage": Word("工资", "wage"),
    "pension": Word("离退休费", "pension"),
    "farmer": Word("农民党员定额", "a farmer's amount"),
    "minimum": Word("最低额", "the least amount"),
}
SITE_STATES: Final[Words] = {
    "proposed": Word("拟设", "proposed"),
    "open": Word("开放", "open"),
    "suspended": Word("暂停", "suspended"),
    "withdrawn": Word("已退出", "withdrawn"),
}
SITE_MOVES: Final[Words] = {
    "open": Word("开放", "opened"),
    "suspend": Word("暂停", "suspended"),
    "resume": Word("恢复", "resumed"),
    "withdraw": Word("退出", "withdrawn"),
}
ADMISSION_STATES: Final[Words] = {
    "applied": Word("待实地核查", "waiting for its field check"),
    "checked": Word("已核查，待审批", "checked"),
    "approved": Word("已批准", "approved"),
    "refused": Word("未批准", "refused"),
    "retracted": Word("已撤回", "taken back"),
}
ADMISSION_MOVES: Final[Words] = {
    "check": Word("核查", "checked"),
    "approve": Word("批准", "approved"),
    "refuse": Word("不予批准", "refused"),
    "retract": Word("撤回", "taken back"),
}
ORDER_STATES: Final[Words] = {
    "placed": Word("待活动点确认", "waiting for the site"),
    "confirmed": Word("已确认", "confirmed"),
    "refused": Word("活动点未接单", "refused by the site"),
    "expired": Word("逾期未答复", "expired"),
    "cancelled": Word("已取消", "cancelled"),
    "used": Word("已用单", "used"),
    "no_show": Word("未到场", "a no-show"),
}
ORDER_MOVES: Final[Words] = {
    "confirm": Word("确认", "confirmed"),
    "refuse": Word("拒绝", "refused"),
    "expire": Word("按逾期处理", "expired"),
    "close": Word("办结", "closed"),
    "miss": Word("记为未到场", "marked as missed"),
    "cancel": Word("取消", "cancelled"),
    "restore": Word("恢复", "restored"),
    "amend": Word("变更", "changed"),
}
RATING_STATES: Final[Words] = {
    "shown": Word("公开", "shown"),
    "flagged": Word("存疑", "flagged"),
    "hidden": Word("已隐藏", "hidden"),
}
RATING_MOVES: Final[Words] = {
    "flag": Word("存疑", "flagged"),
    "hide": Word("隐藏", "hidden"),
    "show": Word("恢复公开", "shown again"),
}
VOUCHER_KEY_STATES: Final[Words] = {
    "next": Word("待启用", "waiting"),
    "signing": Word("签发中", "in use"),
    "retired": Word("已退役", "retired"),
    "leaked": Word("已泄露", "leaked"),
}
VOUCHER_KEY_MOVES: Final[Words] = {
    "sign": Word("启用", "put to use"),
    "retire": Word("退役", "retired"),
    "leak": Word("申报泄露", "declared leaked"),
}
QUOTA_COUNTS: Final[Words] = {
    "orders": Word("个点单", "orders"),
    "minutes": Word("分钟", "minutes"),
}
QUOTA_PERIODS: Final[Words] = {
    "day": Word("日", "day"),
    "week": Word("周", "week"),
    "month": Word("月", "month"),
    "year": Word("年", "year"),
}
PROGRAMME_STATES: Final[Words] = {
    "offered": Word("在菜单上", "offered"),
    "retired": Word("下线", "retired"),
}
CASE_LACKS: Final[Words] = {
    "roles": Word("还没有角色", "it has no roles"),
    "steps": Word("还没有步骤", "it has no steps"),
    "role-of-step": Word("有步骤的角色不在案例里", "a step has a role that is none of the case's"),
    "step-of-role": Word("有角色没有任何步骤", "a role has no step"),
    "key-step": Word("没有标出关键步骤", "no step is marked as key"),
    "citation": Word("没有写明依据", "the rule that it follows is not named"),
}
CLAIM_STATES: Final[Words] = {
    "drafted": Word("待提交", "to be submitted"),
    "submitted": Word("待支部确认", "with the branch"),
    "disputed": Word("人数有异议", "disputed"),
    "confirmed": Word("待审核", "to be checked"),
    "signed": Word("已签一人，待第二人", "signed by one, waiting for a second"),
    "approved": Word("已审核，待支付", "approved"),
    "batched": Word("已入批次", "in a batch"),
    "paid": Word("已支付", "paid"),
    "returned": Word("已退回活动点", "returned to the site"),
    "rejected": Word("不予支付", "rejected"),
    "lapsed": Word("已失效", "lapsed"),
}
CLAIM_MOVES: Final[Words] = {
    "submit": Word("提交", "submitted"),
    "confirm": Word("确认人数", "confirmed"),
    "dispute": Word("提出异议", "disputed"),
    "sign": Word("初审签字", "signed"),
    "approve": Word("审核", "approved"),
    "reinstate": Word("恢复", "brought back"),
    "reopen": Word("恢复", "brought back"),
    "raise": Word("调高", "raised"),
    "return": Word("退回", "returned"),
    "reject": Word("驳回", "rejected"),
    "lapse": Word("按失效处理", "lapsed"),
    "batch": Word("列入批次", "put into a batch"),
    "free": Word("移出批次", "taken out of its batch"),
    "pay": Word("支付", "paid"),
    "send_back": Word("退回活动点", "sent back to its site"),
}
BATCH_STATES: Final[Words] = {
    "prepared": Word("待复核", "waiting for approval"),
    "published": Word("公示中", "published"),
    "approved": Word("已复核，待付款", "approved"),
    "paying": Word("已交银行", "handed to the bank"),
    "rejected": Word("已退回", "rejected"),
    "settled": Word("已结清", "settled"),
    "partly_settled": Word("部分付讫", "partly settled"),
}
BATCH_MOVES: Final[Words] = {
    "publish": Word("公示", "published"),
    "hand_over": Word("交银行", "handed to the bank"),
    "approve": Word("复核通过", "approved"),
    "reject": Word("退回", "rejected"),
    "settle": Word("结清", "settled"),
    "settle_partly": Word("部分结清", "partly settled"),
}
POLICY_STATES: Final[Words] = {
    "draft": Word("草案", "a draft"),
    "adopted": Word("已通过", "adopted"),
    "superseded": Word("已被新版接替", "superseded"),
    "withdrawn": Word("已撤回", "withdrawn"),
}
POLICY_MOVES: Final[Words] = {
    "edit": Word("修改", "changed"),
    "adopt": Word("通过", "adopted"),
    "supersede": Word("接替", "superseded"),
    "withdraw": Word("撤回", "withdrawn"),
}
LINE_STATES: Final[Words] = {
    "waiting": Word("待付款", "not yet paid"),
    "paid": Word("已付讫", "paid"),
    "failed": Word("付款失败", "failed"),
    "freed": Word("已移出", "taken out"),
}
BANK_CELLS: Final[Words] = {
    "result": Word("paid（成功）、failed（失败）或 pending（处理中）", "paid, failed or pending"),
    "amount": Word("{amount}", "{amount}"),
    "reference": Word("银行流水号", "the bank's reference"),
    "reason": Word("未付的原因", "why it was not paid"),
}
"""What is expected in a cell of the bank's file, by its column."""
BANK_STATES: Final[Words] = {**LINE_STATES, "pending": Word("处理中", "pending")}
"""What the bank may say of a line."""
STATEMENT_CELLS: Final[Words] = {
    "booked_on": Word("日期", "a date"),
    "amount": Word("不为零的金额", "an amount that is not zero"),
    "balance": Word("余额", "a balance"),
}
"""What is expected in a cell of a bank statement."""
CHANGE_STATES: Final[Words] = {
    "proposed": Word("待确认", "waiting for confirmation"),
    "confirmed": Word("已确认", "confirmed"),
    "refused": Word("已退回", "refused"),
}
OBJECTION_STATES: Final[Words] = {
    "open": Word("待处理", "open"),
    "upheld": Word("成立", "upheld"),
    "dismissed": Word("不成立", "dismissed"),
}
OVERPAYMENT_STATES: Final[Words] = {
    "proposed": Word("待确认", "waiting for confirmation"),
    "open": Word("待收回", "to be recovered"),
    "recovered": Word("已收回", "recovered"),
    "refused": Word("已退回", "refused"),
}
OVERPAYMENT_MOVES: Final[Words] = {
    "confirm": Word("确认", "confirmed"),
    "refuse": Word("退回", "refused"),
    "recover": Word("收回", "recovered"),
}
DIFFERENCE_STATES: Final[Words] = {
    "open": Word("待查", "open"),
    "explained": Word("已说明", "explained"),
    "closed": Word("已关闭", "closed"),
    "resolved": Word("已自动消除", "resolved"),
}
DIFFERENCE_MOVES: Final[Words] = {
    "explain": Word("说明", "explained"),
    "close": Word("关闭", "closed"),
    "resolve": Word("消除", "resolved"),
}

FUNDING_STATES: Final[Words] = {
    "proposed": Word("待批准", "proposed"),
    "adopted": Word("已批准", "adopted"),
    "withdrawn": Word("已撤回", "withdrawn"),
}

CLOSURE_REASONS: Final[Words] = {
    "weather": Word("恶劣天气", "bad weather"),
    "repair": Word("设备检修", "repair work"),
    "safety": Word("安全原因", "a safety concern"),
    "power": Word("停水停电", "no power or water"),
    "staff": Word("人员不足", "too few staff"),
    "official_event": Word("承办公务活动", "an official event"),
    "public_health": Word("公共卫生事件", "a public-health event"),
    "other": Word("其他原因", "another reason"),
}
HOLIDAY_COLUMNS: Final[Words] = {
    "date": Word("date（日期）", "date"),
    "kind": Word("kind（类型）", "kind"),
    "name": Word("name（名称）", "name"),
}
HOLIDAY_CELLS: Final[Words] = {
    "date": Word("日期，如 2027-01-01", "a date such as 2027-01-01"),
    "year": Word("所填年份内的日期", "a date of the year"),
    "once": Word("每个日期只出现一次", "each date once"),
    "kind": Word("off（放假）或 workday_makeup（调休上班）", "off or workday_makeup"),
    "weekend": Word("调休上班日须为周六或周日", "a Saturday or Sunday for a make-up workday"),
    "name": Word("1 至 60 个字的名称", "a name of 1 to 60 characters"),
}
SPACE_FAULTS: Final[Words] = {
    "removed": Word("删除", "removed"),
    "split": Word("拆分", "split"),
}
RECORD_STATES: Final[Words] = {
    "draft": Word("为草稿", "a draft"),
    "planned": Word("为计划", "planned"),
    "recorded": Word("已登记", "recorded"),
    "corrected": Word("已更正", "corrected"),
    "cancelled": Word("已取消", "cancelled"),
}
RECORD_MOVES: Final[Words] = {
    "write": Word("修改", "written"),
    "record": Word("登记", "recorded"),
    "discard": Word("删除", "thrown away"),
    "complete": Word("补填", "completed"),
    "correct": Word("更正", "corrected"),
    "withdraw": Word("撤销", "withdrawn"),
}
REVIEW_STATES: Final[Words] = {
    "opened": Word("待提交述职报告", "waiting for the report"),
    "handed_in": Word("已提交述职报告", "handed in"),
    "voting": Word("正在测评", "being voted on"),
    "voted": Word("已完成测评", "voted on"),
    "proposed": Word("已提出建议等次", "proposed"),
    "decided": Word("已评定", "decided"),
    "sent_up": Word("已上报", "reported upward"),
    "published": Word("已反馈", "published"),
    "acknowledged": Word("已知悉", "acknowledged"),
    "cancelled": Word("已取消", "cancelled"),
}
REVIEW_MOVES: Final[Words] = {
    "hand_in": Word("提交述职报告", "handed in"),
    "send_back": Word("退回", "sent back"),
    "cancel": Word("取消", "cancelled"),
    "call_vote": Word("提交测评", "put to the vote"),
    "vote": Word("投票", "voted on"),
    "count": Word("计票", "counted"),
    "check": Word("登记实地核查", "checked on site"),
    "comment": Word("点评", "commented on"),
    "propose": Word("提出建议等次", "proposed"),
    "decide": Word("评定等次", "decided"),
    "send_up": Word("上报", "reported upward"),
    "publish": Word("反馈", "published"),
    "acknowledge": Word("确认知悉", "acknowledged"),
    "correct": Word("更正", "corrected"),
}
GRADES: Final[Words] = {
    "good": Word("好", "good"),
    "fairly_good": Word("较好", "fairly good"),
    "average": Word("一般", "average"),
    "poor": Word("差", "poor"),
}
REVIEW_CARDS: Final[Words] = {
    "yellow": Word("黄牌", "yellow"),
    "orange": Word("橙牌", "orange"),
    "red": Word("红牌", "red"),
}
PART_STATES: Final[Words] = {
    "named": Word("已列入", "named"),
    "asked": Word("待确认", "asked"),
    "confirmed": Word("已确认参加", "confirmed"),
    "declined": Word("未参加", "not there"),
}
ROUND_STATES: Final[Words] = {
    "planned": Word("尚在筹备", "planned"),
    "announced": Word("种子已公布", "announced"),
    "drawn": Word("已抽签", "drawn"),
    "closed": Word("已结束", "closed"),
    "withdrawn": Word("已撤销", "withdrawn"),
}
ROUND_MOVES: Final[Words] = {
    "change": Word("更改计划", "planned otherwise"),
    "set_teams": Word("更改评估组", "given other teams"),
    "announce": Word("公布种子", "announced"),
    "draw": Word("抽签", "drawn"),
    "close": Word("结束", "closed"),
    "withdraw": Word("撤销", "withdrawn"),
}
ROUND_VISIT_STATES: Final[Words] = {
    "listed": Word("尚未抽签", "not drawn yet"),
    "not_sampled": Word("未抽中", "not in the sample"),
    "unplaced": Word("无组可派", "without a team"),
    "assigned": Word("尚未填完", "not finished yet"),
    "finished": Word("已填完", "finished"),
    "closed": Word("已办结", "closed"),
    "sent": Word("已反馈", "sent to its organisation"),
    "acknowledged": Word("已确认", "acknowledged"),
    "disputed": Word("有异议", "disputed"),
    "settled": Word("已裁定", "settled"),
}
ROUND_VISIT_MOVES: Final[Words] = {
    "finish": Word("填完", "finished"),
    "reopen": Word("退回重填", "opened again"),
    "close": Word("办结", "closed"),
    "send": Word("反馈", "sent"),
    "acknowledge": Word("确认", "acknowledged"),
    "dispute": Word("提出异议", "disputed"),
    "settle": Word("裁定", "settled"),
    "open_anew": Word("重新打开", "opened anew"),
}
