"""Every refusal's stable code, its HTTP status and its Chinese sentence.

The English sentence is the docstring of the refusal's class, which stands beside the code that raises it;
a house test finds one without a row here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from contracts import words
from contracts.words import Words


@dataclass(frozen=True)
class Told:
    """How a refusal is told: HTTP status and the Chinese sentence, with the refusal's parameters in braces.

    `words` names the parameters that are codes, with the words that the sentence says for them.
    """

    status: int
    zh: str
    words: Mapping[str, Words] = field(default_factory=dict)


WATCHED: Final = frozenset(
    {
        "forbidden",
        "not-found",
        "not-your-branch",
        "not-yours-to-give",
        "not-to-oneself",
        "own-account",
        "roles-elsewhere",
        "wrong-credentials",
        "wrong-code",
        "too-many-attempts",
        "account-not-open",
        "voucher-for-another-site",
    }
)
"""Refusals that the audit keeps: no right to this here, an id that is not one's to see, a wrong password or code."""

REFUSALS: Final[dict[str, Told]] = {
    # any door
    "bad-request": Told(400, "请求无法读取：{reason}。", {"reason": words.UNREADABLE}),
    "invalid-input": Told(422, "有内容填写不正确，请按各项提示修改后再提交。"),
    "not-signed-in": Told(401, "请先登录。"),
    "wrong-credentials": Told(401, "用户名或密码不正确。"),
    "too-many-attempts": Told(429, "尝试次数过多，请在 {wait_s} 秒后再试。"),
    "session-ended": Told(401, "登录已失效，请重新登录。"),
    "second-factor-needed": Told(403, "请先输入动态验证码（六位数字），或一个恢复码。"),
    "password-change-needed": Told(403, "请先设置您自己的密码。"),
    "second-factor-setup-needed": Told(403, "您的角色须使用第二因素登录，请先完成设置。"),
    "token-too-old": Told(401, "此操作需要一分钟内签发的令牌，请先刷新令牌再试。"),
    "token-refused": Told(401, "此访问令牌不存在、已过期或已停用。"),
    "token-outside": Told(403, "此访问令牌的范围不包括这项操作，请由本人登录办理。"),
    "too-many-requests": Told(429, "请求过于频繁，请在 {wait_s} 秒后再试。"),
    "forbidden": Told(403, "您没有办理此事的权限。"),
    "csrf-failed": Told(403, "页面已过期，请返回上一页刷新后重试。"),
    "not-found": Told(404, "没有找到您要的内容，或您无权查看。"),
    "method-not-allowed": Told(405, "此地址不支持这种操作。"),
    "not-acceptable": Told(406, "无法以您要求的格式提供。"),
    "payload-too-large": Told(413, "提交的内容太大（上限 {max_bytes} 字节），请返回上一页，改用较小的文件。"),
    "unsupported-media-type": Told(415, "不支持此文件或内容类型：{media_type}。"),
    "precondition-failed": Told(412, "内容已被他人修改，请刷新后再试。"),
    "precondition-required": Told(428, "请带上 If-Match 再试。"),
    "idempotency-key-reused": Told(422, "此 Idempotency-Key 已用于另一项内容，请换一个新的。"),
    "shown-once": Told(409, "此操作已经办过；地址或登记码只在当时显示一次，系统不保存。请停用已建的一项，再新建一项。"),
    "busy": Told(503, "系统正忙，请稍后再试。"),
    "service-unavailable": Told(503, "“{service}”服务暂时不可用，请稍后再试。", {"service": words.SERVICES}),
    "deadline-passed": Told(504, "系统未能及时答复，请稍后再试；重复提交不会重复办理。"),
    "internal": Told(500, "系统出错，已记录。请联系管理员并提供编号 {request_id}。"),
    # roster
    "list-changed": Told(409, "现在到期的有 {due} 人，与名单上显示的人数不同，请重新查看名单。"),
    "purge-runs": Told(409, "清除正在进行，请等待其报告。"),
    "code-not-usable": Told(422, "代码 {code} 不能使用：须为 1 至 40 个字母、数字、连字符或下划线。"),
    "code-taken": Told(409, "代码 {code} 已被其他组织使用。"),
    "no-place-in-tree": Told(
        409,
        "{kind}不能设在此处：{reason}。",
        {
            "kind": words.ORGANISATION_KINDS,
            "parent_kind": words.ORGANISATION_KINDS,
            "reason": words.MISPLACED,
        },
    ),
    "organisation-dissolved": Told(409, "“{organisation}”已于 {on} 撤销，只能查阅，不能再编入或变更。"),
    "too-long-ago": Told(422, "组织变更须在一年内登记，最早只能填 {earliest}。"),
    "has-members": Told(409, "“{organisation}”还有 {members} 名党员或申请人，请先写明编入哪个支部。"),
    "has-organisations-below": Told(409, "“{organisation}”下面还有 {count} 个组织，请先调整到别处。"),
    "as-it-is": Told(409, "现在就是这样，没有需要变更的内容。"),
    "not-alike": Told(409, "支部只能并入支部，党委只能并入党委；“{organisation}”不是同类组织。"),
    "rule-version-there": Told(409, "该规则自 {active_from} 起的版本已经登记，已登记的版本不能更改。"),
    "nothing-to-override": Told(409, "现在的名称没有违反这条规则，无须保留。"),
    "overridden-already": Told(409, "这个名称已经准予保留。"),
    "override-withdrawn": Told(409, "这项保留已经撤回。"),
    "finding-workbook-not-ready": Told(409, "工作簿还没有生成完。"),
    "too-many-finding-workbooks": Told(429, "您已有 {most} 个工作簿正在生成，请等其中一个完成。"),
    "not-a-branch": Told(409, "“{organisation}”不是党支部，党员不能直接编入。"),
    "member-elsewhere": Told(409, "{name} 已是“{branch}”的党员，一名党员只能编入一个支部。"),
    "before-it-began": Told(409, "现有情况自 {since} 起有效，变更不能早于这一天。"),
    "not-yet": Told(422, "{day} 尚未到来，请到当天再登记。"),
    "state-already": Told(409, "该党员已是“{state}”。", {"state": words.MEMBER_STATES}),
    "only-probation": Told(409, "只有预备党员才能取消预备党员资格；正式党员应办理退党、除名或开除党籍。"),
    "identity-number-taken": Told(409, "此身份证号已登记，一人不能重复登记。请向组织部门查询其所在支部。"),
    "fact-already": Told(409, "所填日期内已有同样的登记，请先结束原登记。"),
    "not-a-member": Told(409, "此人现在不是任何支部的党员。"),
    "stage-too-early": Told(409, "培养考察或预备期尚未满，{not_before} 起方可办理。"),
    "steps-missing": Told(409, "进入下一阶段前还缺 {count} 项手续，页面上逐项列出。"),
    "out-of-order": Told(409, "现阶段的下一步是“{next_stage}”。", {"next_stage": words.STAGES}),
    "way-ended": Told(409, "此人的发展过程已经结束，如再次申请请重新登记。"),
    "not-extendable": Told(409, "预备期只能延长一次，延长时间为 {least} 至 {most} 个月。"),
    "too-young": Told(422, "申请入党须年满 {years} 周岁。"),
    "transfer-open": Told(409, "该党员已有一份介绍信在途，请先撤回，或等待对方答复。"),
    "transfer-decided": Told(409, "这份介绍信已经“{state}”。", {"state": words.TRANSFER_STATES}),
    "letter-expired": Told(409, "这份介绍信已于 {expires_on} 过期，请对方支部重新开具。"),
    "letter-number-taken": Told(409, "本支部已开具过编号为 {letter_number} 的介绍信。"),
    "same-branch": Told(409, "该党员已在这个支部。"),
    "register-changed": Told(409, "您阅读之后名册有了变动，请重新核对后再签字。"),
    "register-not-ready": Told(409, "名册还没有生成好。"),
    "too-many-registers": Told(429, "您有 {most} 份名册正在生成，请等其中一份完成。"),
    "year-not-now": Told(409, "现在核对的名册只能签入 {year} 年度。"),
    # roster: terms and elections
    "no-term": Told(409, "这里还没有登记任期，请先由上级登记。"),
    "term-running": Told(409, "这里已登记自 {active_from} 起的任期。"),
    "no-fixed-term": Told(409, "{kind}不实行固定任期的选举。", {"kind": words.ORGANISATION_KINDS}),
    "too-far": Told(409, "提前或延期一般不超过一年，只能改到 {earliest} 至 {latest} 之间。"),
    "shift-open": Told(409, "本届任期已有一份变更申请待批。"),
    "shift-decided": Told(409, "这份申请已经“{state}”。", {"state": words.TERM_SHIFT_STATES}),
    "not-by-oneself": Told(403, "本人登记的事项不能由本人批准，请由上级的其他同志办理。"),
    "not-here": Told(409, "{name} 不是本组织的正式党员。"),
    "post-not-held": Told(409, "此职务已经卸任。"),
    "seats-full": Told(409, "班子 {seats} 个名额已满。"),
    "post-taken": Told(409, "此人已担任这一职务。"),
    "election-open": Told(409, "本组织已有一次选举正在进行。"),
    "election-too-early": Told(409, "本届任期 {ends_on} 届满，提前换届不超过一年，最早 {earliest}。"),
    "step-not-due": Told(409, "选举目前是“{state}”，还不到或已过这一步。", {"state": words.ELECTION_STATES}),
    "step-too-early": Told(422, "上一步是 {day}，这一步不能早于它。"),
    "too-few-candidates": Told(422, "应选 {seats} 人，候选人至少 {least} 人。"),
    "quorum-missed": Told(422, "应到会 {counted} 人，至少须到 {quorum} 人，实到 {present} 人，会议无效，请另行召开。"),
    "no-empty-seat": Told(409, "班子空缺 {empty} 个名额，不能补选 {seats} 人。"),
    "secretary-needed": Told(422, "还没有选出书记。"),
    "not-elected": Told(422, "{name} 没有当选，不能担任新班子的职务。"),
    "no-one-elected": Told(409, "还没有人当选，请再次投票，或终止选举。"),
    # roster: dues
    "table-month-begun": Told(422, "新标准只能从 {first} 及以后的月份起执行；已计算的月份不再改变。"),
    "bands-not-right": Told(
        422, "“{kind}”的标准分档有误：须从零起、逐档递增，费率不递减。", {"kind": words.DUES_KINDS}
    ),
    "base-out-of-bounds": Told(422, "此类党员每月党费应在 {least} 元至 {most} 元之间。"),
    "base-too-small": Told(422, "计算基数至少为 1 元。"),
    "base-month-too-far": Told(422, "基数的起始月份应在 {first} 至 {last} 之间。"),
    "relief-already": Told(409, "该党员在这些月份中已有减免，请先结束原减免。"),
    "relief-too-long": Told(422, "减免一次最长 12 个月，期满可再次办理。"),
    "dues-month-closed": Told(409, "{month} 已结账，只能由以后日期的记录更正。"),
    "dues-month-ahead": Told(422, "{month} 还不能计算，最多提前 {months} 个月。"),
    "dues-month-not-over": Told(409, "{month} 尚未结束，月份结束后方可结账。"),
    "dues-month-not-next": Told(409, "须按月份先后结账，下一个应结账的月份是 {month}。"),
    "nothing-assessed": Told(409, "本支部还没有计算过党费，请先设定基数并计算当月应交数。"),
    "dues-not-assessed": Told(409, "{name} 在本支部没有 {month} 的应交党费。"),
    "dues-paid-already": Told(409, "{name} 的 {month} 党费已经交纳，不能重复收取；本次一笔都没有登记。"),
    "dues-amount-differs": Told(409, "{name} 的 {month} 党费应为 {due} 元，与所填不符；不收多交，也不分次交。"),
    "dues-corrected-already": Told(409, "应交数已有变化或已经交纳，请刷新后再办理；已交纳的须先冲销收据。"),
    "receipt-reversed": Told(409, "收据 {number} 已经冲销。"),
    "dues-cash-short": Told(409, "支部手中只有 {cash} 元，不足以办理。"),
    "dues-changed": Told(409, "您阅读之后账目有了变动，请重新核对后再结账。"),
    "no-dues-base": Told(409, "还没有登记该党员的党费计算基数。"),
    "nothing-in-arrears": Told(409, "该党员没有往月欠交的党费。"),
    "dues-file-unreadable": Told(422, "文件须为 XLSX 或 CSV（UTF-8 或 GBK），最多 {rows_max} 行。"),
    "dues-file-merged": Told(422, "第 {row} 行有合并单元格，请取消合并后再上传。"),
    "dues-file-faulty": Told(422, "文件有误，一笔都没有登记，请按各项提示修改后再上传。"),
    "dues-document-not-ready": Told(409, "文件还没有生成好。"),
    "too-many-dues-documents": Told(429, "您有 {most} 份文件正在生成，请等其中一份完成。"),
    # roster: files that come and go
    "import-not-movable": Told(409, "此导入当前为“{state}”，不能这样办理。", {"state": words.IMPORT_STATES}),
    "too-many-imports": Told(429, "您有 {most} 个文件尚未办完，请先导入或取消其中一个。"),
    "import-has-bad-cells": Told(409, "有 {count} 行含有不能导入的内容，请改正，或选择跳过这些行。"),
    "import-outdated": Told(409, "查看差异之后名册又有变动，已重新比对，请再看一遍。"),
    "nothing-to-import": Told(409, "文件与名册没有差别，无须导入。"),
    "no-table": Told(422, "文件中没有可以识别的列名，请对照模板检查。"),
    "too-many-bad-cells": Told(422, "不能导入的内容超过 {most} 处，请检查各列是否对应正确。"),
    "file-unreadable": Told(422, "文件无法读取：须为 Excel 工作簿（.xlsx）或 CSV 表格（UTF-8 或 GBK）。"),
    "file-too-large": Told(413, "文件内容超出上限：最多 {rows_max} 行、{columns_max} 列、{sheets_max} 个工作表。"),
    "export-not-ready": Told(409, "文件尚未生成。"),
    "too-many-exports": Told(429, "正在为您生成 {most} 个文件，请等其中一个完成。"),
    # roster: accounts, second factors, roles
    "wrong-code": Told(401, "验证码不正确或已用过，请等待下一个。"),
    "account-not-open": Told(403, "此账号已锁定或注销，请联系本单位的系统管理员。"),
    "account-not-movable": Told(409, "账号当前为“{state}”，此时不能这样办理。", {"state": words.ACCOUNT_STATES}),
    "account-exists": Told(409, "{name} 已有账号。"),
    "username-taken": Told(409, "用户名 {username} 已被使用，请另选一个。"),
    "own-account": Told(403, "自己的账号由其他管理员办理；修改密码请到“我”的页面。"),
    "roles-elsewhere": Told(403, "{name} 还担任您管理范围之外的角色，须由上级管理员办理。"),
    "second-factor-demanded": Told(409, "您的角色须使用第二因素，只能更换，不能停用。"),
    "second-factor-is-set-up": Told(409, "已经设置了第二因素；如需更换，请先停用，或请管理员清除。"),
    "no-second-factor": Told(409, "没有可以这样办理的第二因素。"),
    "not-yours-to-give": Told(403, "您的角色不能在此处授予或终止“{role}”。", {"role": words.ROLES}),
    "not-to-oneself": Told(403, "不能给自己授予角色，也不能终止自己的角色，请由其他有权的人办理。"),
    "granted-already": Told(409, "{name} 在这些日期中已在此处担任该角色。"),
    "grant-ended": Told(409, "这项授权已经终止。"),
    "not-the-secretary": Told(403, "只有现任书记本人才能为本支部指定代理人。"),
    "provider-unknown": Told(404, "这里没有这种统一身份登录。"),
    "provider-away": Told(503, "“{provider}”没有应答，请稍后再试，或用密码登录。"),
    "provider-not-proved": Told(403, "无法核实“{provider}”的答复，因此没有登录，请重新开始。"),
    "sign-in-not-begun": Told(403, "这次登录不是在本浏览器中开始的，或已超时、已完成，请重新开始。"),
    "identity-bound": Told(409, "此身份已绑定其他账号，或该账号已绑定该平台的另一身份。"),
    "too-many-tokens": Told(409, "您已有 {most} 个有效的访问令牌，请先停用不再需要的。"),
    "person-unknown": Told(422, "您管理的范围内没有此人。"),
    # sites: the catalogue
    "organisation-unknown": Told(422, "没有登记该组织，或其资料尚未同步，请稍后再试。"),
    "site-not-movable": Told(
        409, "活动点当前为“{state}”，不能再{move}。", {"state": words.SITE_STATES, "move": words.SITE_MOVES}
    ),
    "ground-unknown": Told(422, "现行规则中没有这一事由。"),
    "notice-too-short": Told(409, "按此事由须提前 {notice_days} 天告知：至少保留至 {keep_until} 的活动。"),
    "three-same-unchecked": Told(409, "标识、场地、设备“三统一”核查合格且在有效期内，才能设为实训基地。"),
    "evaluated-already": Told(409, "该活动点 {year} 年度已经评价，不能重复评价。"),
    "year-not-over": Told(409, "{year} 年度最早从当年 11 月 1 日起评价。"),
    "picture-unreadable": Told(422, "图片无法读取：须为 JPEG、PNG 或 WebP，且不超过 {megapixels_max} 百万像素。"),
    "too-many-pictures": Told(409, "图片已达 {pictures_max} 张，请先删除一张。"),
    "picture-repeated": Told(409, "这张图片已经上传过了。"),
    "pictures-differ": Told(409, "图片已有变动，请刷新后重新排序；每张图片须列出一次。"),
    "sites-file-unreadable": Told(422, "文件须为 XLSX、CSV（UTF-8 或 GB 18030）或点状 GeoJSON，且不超过 20 000 行。"),
    "import-not-ready": Told(409, "只有预检完成且没有错误的文件才能导入。"),
    "import-faulty": Told(409, "预检之后又有 {faults} 个单元格不能导入，请重新预检。"),
    # sites: reports
    "report-not-ready": Told(409, "这份报表还没有生成完毕。"),
    "font-missing": Told(
        503,
        "服务器上没有中文字体 {path}，无法生成 PDF。请管理员安装 Debian 软件包 fonts-wqy-zenhei。",
    ),
    "too-many-replays": Told(429, "您已有 {most} 次试算正在进行，请等待其中一次完成后再试。"),
    "too-many-reports": Told(429, "您已有 {most} 份报表正在生成，请等待其中一份完成后再试。"),
    # sites: admission
    "admission-not-movable": Told(
        409,
        "申请当前为“{state}”，不能再{move}。",
        {"state": words.ADMISSION_STATES, "move": words.ADMISSION_MOVES},
    ),
    "field-check-failed": Told(409, "实地核查有 {failed} 项不合格，请重新核查或不予批准。"),
    "same-person-checks": Told(403, "实地核查的人不能同时审批。"),
    "not-confirmed-yet": Told(409, "点单确认之后才能看到联系人和到达须知。"),
    # sites: orders
    "slot-full": Told(409, "本场次只剩 {seats_left} 个名额。"),
    "slot-closed": Told(409, "本场次已不能预约：{reason}。"),
    "slot-past": Told(409, "本场次的预约已于 {bookable_until} 截止。"),
    "not-yet-bookable": Told(409, "本场次自 {bookable_from} 起接受预约。"),
    "groups-full": Told(409, "本场次最多接待 {groups_max} 个团队，已满。"),
    "in-allocation-round": Told(409, "本场次由“{title}”统一分配，{draw_at} 抽签；请在该轮分配中提出申请。"),
    "round-over-another": Told(409, "“{site}”在这些日子里已列入另一轮分配“{title}”。"),
    "round-decided": Told(409, "这一轮分配已经抽签或撤销，不能再更改。"),
    "draw-too-early": Told(409, "抽签时间是 {draw_at}，届时才能抽签。"),
    "requests-not-taken": Told(409, "申请时间为 {opens_at} 至 {closes_at}，此时不能提出、更改或撤回申请。"),
    "request-withdrawn": Told(409, "这项申请已经撤回。"),
    "quota-reached": Told(409, "本支部未完成的点单已达 {limit} 个，请先完成或取消一个再预约。"),
    "quota-full": Told(
        409,
        "每{period} {most} {counts}的配额已经用完。",
        {"counts": words.QUOTA_COUNTS, "period": words.QUOTA_PERIODS},
    ),
    "not-a-no-show": Told(409, "该点单没有可申诉的未到场记录。"),
    "appeal-filed": Told(409, "对这次未到场已经提出过申诉。"),
    "appeal-decided": Told(409, "这项申诉已经有了决定。"),
    "fund-exhausted": Told(409, "专项经费可用余额不足，请联系组织部门。"),
    "not-your-branch": Told(403, "您不是该支部的书记，不能代其点单。"),
    "branch-unknown": Told(422, "没有登记该支部，或其资料尚未同步，请稍后再试。"),
    "order-not-movable": Told(
        409, "点单当前为“{state}”，不能再{move}。", {"state": words.ORDER_STATES, "move": words.ORDER_MOVES}
    ),
    "cancelled-too-late": Told(409, "活动已经开始，不能取消。"),
    # sites: routes
    "route-too-tight": Told(
        409,
        "“{before}”到“{after}”路上约 {travel_minutes} 分钟，另留 {pause_minutes} 分钟；"
        "所选场次之间只有 {gap_minutes} 分钟。",
    ),
    "stop-refused": Told(409, "第 {number} 站“{site}”：{reason}。整条线路均未点单。", {"reason": words.STOP_REFUSALS}),
    "route-name-taken": Told(409, "已有名为“{name}”的线路。"),
    # sites: calendar
    "calendar-changed": Told(409, "开放日历已被他人修改（现为第 {version} 版），请重新预览后再保存。"),
    "preview-applied": Told(409, "这项变更已经保存过了。"),
    "nothing-to-change": Told(422, "没有填写要变更的内容。"),
    "space-occupied": Told(409, "同一时间该场地已被占用，请重新预览。"),
    "space-in-use": Told(
        409, "场地“{space}”还有已预约的场次，不能{fault}。请先移走这些预约。", {"fault": words.SPACE_FAULTS}
    ),
    "closure-lifted": Told(409, "这次关闭已经解除。"),
    "holidays-unreadable": Told(422, "须为 CSV 文本（UTF-8），含 date、kind、name 三列，1 至 {rows_max} 行。"),
    "holiday-invalid": Told(
        422,
        "第 {row} 行“{column}”列：“{found}”无效，应为{expected}。",
        {"column": words.HOLIDAY_COLUMNS, "expected": words.HOLIDAY_CELLS},
    ),
    "changed-too-late": Told(409, "本点单在 {change_until} 前可增加人数或改期；现在仍可减少人数或取消。"),
    "visit-begun": Told(409, "活动已经开始，点单不能再变更。"),
    # sites: waiting lists
    "seats-free": Told(409, "本场次还有 {seats_left} 个名额，可以直接预约，无需候补。"),
    "waiting-already": Told(409, "您已在本场次的候补名单上。"),
    "party-over-seats": Told(409, "本场次一共只有 {seats} 个名额，人数更多的候补等不到。"),
    "offer-over": Told(409, "这些名额已不再为您保留。"),
    "not-waiting": Told(409, "您已不在这份候补名单上。"),
    # sites: visits
    "voucher-unknown": Told(404, "没有这个凭证，请核对后重新输入。"),
    "voucher-superseded": Told(409, "点单在此凭证生成后有变更，请出示最新的凭证，或输入短码。"),
    "voucher-withdrawn": Told(409, "此凭证的签名密钥已停用，请打开点单取得新凭证，或输入短码。"),
    "voucher-key-not-movable": Told(
        409,
        "凭证密钥当前为“{state}”，不能再{move}。",
        {"state": words.VOUCHER_KEY_STATES, "move": words.VOUCHER_KEY_MOVES},
    ),
    "voucher-for-another-site": Told(409, "此凭证属于“{site}”，不能在您的活动点使用。"),
    "voucher-used": Told(409, "此凭证已于 {used_at} 在“{site}”使用过（{count} 人，由{by}核验）。"),
    "voucher-cancelled": Told(409, "该点单当前为“{state}”，凭证无效。", {"state": words.ORDER_STATES}),
    "too-early": Told(409, "来得太早：活动 {starts_at} 开始，提前 30 分钟可以核验。"),
    "too-late": Told(409, "来得太晚：活动已于 {ends_at} 结束。仍要放行的，请写明理由。"),
    "over-party": Told(409, "到场 {count} 人超过预约的 {party_size} 人，且没有空余名额。"),
    "already-inside": Told(409, "已于 {used_at} 在“{site}”核验到场（{count} 人，由{by}核验），无须再次核验。"),
    "no-order-today": Told(409, "您今天在“{site}”没有可核验的点单；如由支部代约，请支部把您列入名单，或请管理员核验。"),
    "door-code-wrong": Told(
        409, "核验码不正确或已过期。门口屏幕上的核验码每分钟更换，请重新扫码，或输入屏幕上当前的六位数字。"
    ),
    "too-many-door-codes": Told(429, "核验码输错次数过多，请在 {until} 之后再试，或请管理员核验。"),
    "party-fixed": Told(409, "活动已开始、已核验到场或点单已结束，名单和需求不能再改。"),
    "check-in-decided": Told(409, "此次核验没有疑问，或已有人处理。"),
    "device-unknown": Told(403, "此设备未登记或已停用，请向管理员索取新的登记码。"),
    "enrolment-code-unknown": Told(404, "没有这个登记码，或已超过 15 分钟，请向管理员索取新的登记码。"),
    "not-checked-in": Told(409, "该点单尚未核验到场，不能办结。"),
    "headcount-over-check-in": Told(409, "办结人数 {headcount} 超过核验到场的 {checked_in} 人。"),
    # sites: after a visit
    "not-visited": Told(409, "只有已办结的活动才能评价。"),
    "keepers-do-not-rate": Told(403, "您管理该活动点，不能评价它。"),
    "rating-over": Told(409, "这次活动的评价已于 {open_until} 截止。"),
    "rating-answered": Told(409, "活动点已经回复，评价不能再改。"),
    "rating-changed": Told(409, "评价已有变动，请看过现在的内容再提交；您填写的内容仍在。"),
    "rating-not-movable": Told(
        409, "评价当前为“{state}”，不能再{move}。", {"state": words.RATING_STATES, "move": words.RATING_MOVES}
    ),
    "incident-closed": Told(409, "该事项已于 {closed_on} 办结；仍可补充情况，不必再填办结日期。"),
    # sites: menus, training cases, guides
    "programme-name-taken": Told(409, "本活动点已有名为“{name}”的项目。"),
    "programme-not-movable": Told(409, "该项目已经{state}。", {"state": words.PROGRAMME_STATES}),
    "party-outside-programme": Told(409, "该项目接待 {party_min} 至 {party_max} 人的团队。"),
    "case-published": Told(409, "该版本已经发布，不能再改；请另起草稿。"),
    "case-not-published": Told(422, "项目只能使用训练案例的已发布版本。"),
    "case-incomplete": Told(409, "草稿还不能发布：{lacks}。", {"lacks": words.CASE_LACKS}),
    "no-draft": Told(404, "该实训案例没有草稿。"),
    "roles-fixed": Told(409, "活动已经开始，或点单已不再有效，角色不能再改。"),
    "guide-busy": Told(409, "该讲解员此时段另有讲解。"),
    "guide-day-full": Told(409, "该讲解员当天已排满 {visits_a_day_max} 场。"),
    "guide-party-too-large": Told(409, "本场次有 {seats} 个名额，该讲解员最多带 {party_max} 人。"),
    "guide-away": Told(409, "该讲解员当天不在岗。"),
    "slot-needs-no-guide": Told(409, "本场次不需要讲解员。"),
    "guided-visit-begun": Told(409, "活动已经开始，讲解员不能再改。"),
    # sites: claims and settlement
    "claim-not-movable": Told(
        409, "补单当前为“{state}”，不能再{move}。", {"state": words.CLAIM_STATES, "move": words.CLAIM_MOVES}
    ),
    "reason-demanded": Told(409, "疑点共 {score} 分，通过须写明理由。"),
    "above-due": Told(409, "核定金额不能高于应付的 {due} 元。"),
    "review-awaited": Told(409, "此补单已抽中实地核查，记录核查结果后才能审核。"),
    "draw-awaited": Told(409, "{period} 的抽查定于 {draw_at} 抽签，抽签后才能审核。"),
    "second-signature-needed": Told(409, "金额达到双签标准，请打开补单由第一人签字。"),
    "paper-repeated": Told(409, "此补单已有这份文件。"),
    "too-many-papers": Told(409, "一笔补单最多 {most} 份，请先删除一份。"),
    "papers-fixed": Told(409, "补单当前为“{state}”，材料不能再改。", {"state": words.CLAIM_STATES}),
    "invoice-repeated": Told(409, "此补单已登记这张票据。"),
    "draw-announced": Told(409, "这个月已有一次待抽签的抽查，或同一种子已经用过。"),
    "review-found": Told(409, "这次实地核查已有结果。"),
    "nothing-to-appeal": Told(409, "只有被驳回或金额被核减、尚未入批次的补单可以申诉。"),
    "appeal-over": Told(409, "申诉期已于 {until} 结束。"),
    "claim-appealed": Told(409, "这笔补单已经申诉过，只能申诉一次。"),
    "claim-appeal-decided": Told(409, "这项申诉已经有了决定。"),
    "same-decider": Told(403, "须由另一人决定：您已在此补单上作过决定。"),
    "own-site-or-branch": Told(403, "您管理该活动点或属于该支部，须由他人办理。"),
    "encumbrance-resolved": Told(409, "这笔预留经费已经结转，不能再次办理。"),
    "nothing-to-settle": Told(409, "{period} 没有已审核、未结算的补单。"),
    "claim-in-other-batch": Told(409, "补单 {claim} 已在另一个结算批次中，或尚未审核。"),
    "batch-not-movable": Told(
        409, "批次当前为“{state}”，不能再{move}。", {"state": words.BATCH_STATES, "move": words.BATCH_MOVES}
    ),
    "same-person": Told(403, "复核人不能是本批次或其补单的经办人。"),
    "nothing-due": Told(409, "按 {heads} 人计算没有应付补贴，请驳回此补单。"),
    "several-funds": Told(422, "有多个专项经费的补单待结算，请指明是哪一个。"),
    "payee-missing": Told(409, "“{site}”没有登记收款账户，不能结算。"),
    "all-held": Told(409, "{period} 已审核的补单都暂停付款：收款账户近日变更，或有人提出异议。"),
    "not-published": Told(409, "本经费的批次须先公示 {days} 天才能复核，请先公示。"),
    "publicity-runs": Told(409, "批次公示至{until}，次日起才能复核。"),
    "nothing-left": Told(409, "本批次的明细都因异议或收款账户变更而暂停，请先处理异议，或退回批次。"),
    "minutes-missing": Told(422, "本批次合计 {total} 元；超过 {limit} 元须填写集体研究的会议纪要文号。"),
    "payer-only": Told(403, "本经费由第三人付款：不能是本批次或其补单的经办人，也不能是复核人。"),
    "not-handed-over": Told(409, "须由出纳先把付款文件交给银行。"),
    "file-not-taken": Told(422, "没有人从本批次取出过 SHA-256 为该值的付款文件，请交本批次的文件。"),
    "nothing-failed": Told(409, "本批次没有付款失败且仍待付的明细。"),
    "change-proposed-already": Told(409, "该收款账户已有一项变更待确认，请先处理。"),
    "change-decided": Told(409, "该变更当前为“{state}”，不能再处理。", {"state": words.CHANGE_STATES}),
    "same-person-confirms": Told(403, "提出变更的人不能自己确认。"),
    "same-account": Told(409, "这就是现在使用的账户。"),
    "not-public": Told(409, "该批次不在公示期内。"),
    "objected-already": Told(409, "您已对这笔明细提出异议，正在等待处理。"),
    "objection-decided": Told(409, "该异议已处理为“{state}”。", {"state": words.OBJECTION_STATES}),
    "own-objection": Told(403, "提出或代录异议的人不能自己处理。"),
    "claim-not-paid": Told(409, "只有已付讫的补单才可能多付。"),
    "more-than-paid": Told(409, "超过该补单已付且未报告过的金额。"),
    "overpayment-not-movable": Told(
        409,
        "该多付款当前为“{state}”，不能再{move}。",
        {"state": words.OVERPAYMENT_STATES, "move": words.OVERPAYMENT_MOVES},
    ),
    "more-than-owed": Told(409, "这笔多付款还欠 {owed} 元未被批次抵扣。"),
    "batch-not-approved": Told(409, "批次当前为“{state}”，复核通过后才有付款文件。", {"state": words.BATCH_STATES}),
    "bank-file-unreadable": Told(
        422, "银行回单须为 CSV（UTF-8 或 GB 18030）、XLSX 或 ISO 20022 XML 文件，且不超过 {rows_max} 行。"
    ),
    "bank-file-empty": Told(422, "银行回单里没有本批次的明细。"),
    "bank-column-missing": Told(422, "银行回单第 1 行缺少“{column}”列，或该列重复。"),
    "bank-cell-invalid": Told(
        422, "银行回单第 {row} 行“{column}”列：“{found}”无效，应为 {expected}。", {"expected": words.BANK_CELLS}
    ),
    "bank-line-unknown": Told(422, "银行回单第 {row} 行“{column}”列：“{found}”不是本批次的明细。"),
    "bank-amount-differs": Told(422, "银行回单第 {row} 行“{column}”列：金额为 {found}，本批次应为 {expected}。"),
    "bank-row-repeated": Told(422, "银行回单第 {row} 行“{column}”列：“{found}”与第 {first_row} 行重复。"),
    "bank-result-contradicts": Told(
        409,
        "银行回单第 {row} 行“{column}”列：结果为“{found}”，但此前已记为“{recorded}”。",
        {"found": words.BANK_STATES, "recorded": words.LINE_STATES},
    ),
    "caps-used-up": Told(409, "所需金额超过补贴办法封顶额度或经费占比的剩余，不能再预留。"),
    "caps-moved": Told(409, "封顶额度或经费的剩余刚有变动，请再提交一次。"),
    "invoice-missing": Told(409, "该补贴办法按实际费用支付，须有发票方可审核通过。"),
    "policy-in-past": Told(409, "补贴办法的起始日不得早于今天：已下的订单沿用下单时的版本。"),
    "policy-not-movable": Told(
        409, "该版补贴办法当前为“{state}”，不能再{move}。", {"state": words.POLICY_STATES, "move": words.POLICY_MOVES}
    ),
    "same-drafter": Told(403, "起草或修改过本办法的人不能由其本人通过，请由另一人办理。"),
    "bank-cells-merged": Told(422, "银行文件第 {row} 行“{column}”列有合并单元格，请取消合并后再上传。"),
    "bank-totals-differ": Told(422, "银行文件的合计为 {found_count} 笔 {found} 元，应为 {due_count} 笔 {due} 元。"),
    "bank-file-of-other": Told(422, "银行回单对应的是“{found}”，本批次为 {number}。"),
    "statement-column-missing": Told(422, "对账单第 1 行缺少“{column}”列，或该列重复。"),
    "statement-cell-invalid": Told(
        422, "对账单第 {row} 行“{column}”列：“{found}”无效，应为{expected}。", {"expected": words.STATEMENT_CELLS}
    ),
    "statement-empty": Told(422, "对账单没有明细，或没有期初、期末余额。"),
    "statement-balance-broken": Told(422, "对账单第 {row} 行：余额应为 {due} 元，对账单为 {found} 元。"),
    "statement-totals-differ": Told(
        422, "对账单的合计为 {found_count} 笔 {found} 元，所列明细为 {due_count} 笔 {due} 元。"
    ),
    "statement-row-repeated": Told(422, "对账单第 {row} 行与第 {first_row} 行重复。"),
    "statement-several": Told(422, "文件里有 {count} 份对账单；请每次只导入一份。"),
    "statement-overlaps": Told(409, "{first_on} 至 {last_on} 已有对账单，日期重叠。"),
    "difference-not-movable": Told(
        409,
        "该差异当前为“{state}”，不能再{move}。",
        {"state": words.DIFFERENCE_STATES, "move": words.DIFFERENCE_MOVES},
    ),
    "same-person-closes": Told(403, "说明差异的人不能自己关闭。"),
    "policy-not-after-last": Told(409, "新版补贴办法的起始日必须晚于上一版的 {active_from}。"),
    "appropriation-repeated": Told(409, "文号“{document_number}”的拨款已经入账。"),
    "entry-reversed": Told(409, "该分录已经冲销。"),
    "not-reversible": Told(409, "只能冲销拨款；订单和申报的款项请在原单上办理。"),
    "own-entry": Told(403, "该分录由您记入，须由他人冲销。"),
    "period-not-over": Told(409, "{period} 尚未结束，不能结账。"),
    "earlier-period-open": Told(409, "请先结 {period} 的账。"),
    "books-disagree": Told(409, "该经费的分录与余额不一致，未作结账。请立即告知管理员。"),
    "funding-not-movable": Told(409, "该分担规则{state}，不能再更改。", {"state": words.FUNDING_STATES}),
    "funding-taken": Told(409, "该组织在同一天已有一条分担规则，请撤回原规则或改用其他日期。"),
    "own-funding-rule": Told(403, "该规则由您提出，须由他人批准。"),
    "transfer-repeated": Told(409, "文号“{document_number}”的划转已经登记。"),
    "fund-year-not-over": Told(409, "{year} 年尚未结束，不能办理年终结转。"),
    "kept-for-appeals": Told(
        409,
        "{year} 年的余额全部为可能因申诉恢复的补单保留：{filed} 件申诉待处理，其余可申诉至 {until}。"
        "请先处理申诉，或待申诉期满后再提出。",
    ),
    "appeal-finds-no-money": Told(
        409, "专项经费 {year} 年的可用余额不足以恢复该补单。请先录入追加拨款，再支持申诉；申诉在此期间保留待处理。"
    ),
    "appeal-of-ended-year": Told(
        409,
        "{year} 年度已结束，余额不足以恢复该补单，已结束的年度不再追加拨款。请以此为由驳回申诉；"
        "活动点可向组织部门申请另行研究支付。",
    ),
    "year-is-empty": Told(409, "{year} 年没有可以结转或交回的余额。"),
    "year-end-taken": Told(409, "{year} 年的余额已有待复核的处理，请先复核或撤回。"),
    "year-end-not-movable": Told(409, "该年终处理已经办结，不能再更改。"),
    "year-end-changed": Told(409, "该年度的余额已有变化，请撤回后重新提出。"),
    "own-year-end": Told(403, "该年终处理由您提出，须由他人复核。"),
    "period-closed": Told(409, "{period} 已结账，不能再记账。"),
    # assessment
    "month-frozen": Told(409, "{month} 已封存，只能由更正办理。"),
    "activity-in-future": Told(422, "活动日期不能晚于今天。"),
    "list-not-movable": Told(
        409, "该版本{state}，不能再{move}。", {"state": words.LIST_STATES, "move": words.LIST_MOVES}
    ),
    "list-same-drafter": Told(403, "起草人不能批准自己起草的版本，请由另一人批准。"),
    "list-month-past": Told(409, "版本须从以后的月份起执行，一个月只有一个版本；{month} 已经开始。"),
    "list-month-taken": Told(409, "该清单已有一个从 {month} 起执行的版本。"),
    "task-not-movable": Told(
        409, "该任务{state}，不能再{move}。", {"state": words.TASK_STATES, "move": words.TASK_MOVES}
    ),
    "task-needs-record": Told(409, "该任务由活动记录完成，请填写相应的记录。"),
    "acceptance-not-asked": Told(409, "该任务不需要上级验收。"),
    "own-task": Told(403, "不能验收自己完成的任务，请由他人办理。"),
    "record-not-movable": Told(
        409, "此记录{state}，不能再{move}。", {"state": words.RECORD_STATES, "move": words.RECORD_MOVES}
    ),
    "already-written": Told(409, "此记录已登记，只能补填空缺的内容；修改已写内容请办理更正并说明原因。"),
    "written-by-visit": Told(409, "此记录由到点参观自动写成，是否开展以点位登记为准；内容有误请办理更正。"),
    "nothing-missed": Told(409, "此人在这项活动中没有需要补学的内容。"),
    "already-made-up": Told(409, "此人的补学情况已经登记。"),
    "record-print-not-ready": Told(409, "这份纸质表还没有生成。"),
    "too-many-record-prints": Told(429, "您有 {most} 份纸质表正在生成，请等其中一份完成后再试。"),
    "ranking-switched-off": Told(409, "合规开关已开启：不按分数排序。"),
    # assessment: annual reviews
    "review-not-movable": Told(
        409, "这份述职评议{state}，不能再{move}。", {"state": words.REVIEW_STATES, "move": words.REVIEW_MOVES}
    ),
    "own-review": Told(403, "不能办理或评定本人的述职评议，请由上级的其他人员办理。"),
    "not-your-review": Told(403, "只能由被评议的书记本人办理。"),
    "year-not-reviewed": Told(422, "{year} 年度的述职评议自 {from_day} 起启动。"),
    "check-missing": Told(409, "请先登记实地核查，核查评分计入综合得分。"),
    "grade-capped": Told(
        409, "本年度有{card}，等次最高为“{cap}”，已销牌的同样适用。", {"card": words.REVIEW_CARDS, "cap": words.GRADES}
    ),
    "meeting-over": Told(409, "本次会议已经计票。"),
    "already-voted": Told(409, "您已对这份述职投过票。"),
    "votes-missing": Told(409, "对{secretary}的测评只有 {voted} 票，会议 {members} 人中至少应有 {quorum} 票。"),
    "too-many-votes": Told(409, "对{secretary}的测评将有 {voted} 票，超过会议 {members} 人。"),
    "consequence-not-due": Told(409, "此事项已办结或已撤销，不需要再登记。"),
    "own-consequence": Told(403, "不能办理本人的结果运用事项，请由他人办理。"),
    "too-many-recommended": Told(409, "{organisation}{year} 年度已推荐 {most} 名书记，不能再推荐。"),
    "already-recommended": Told(409, "该书记已经推荐。"),
    "not-recommendable": Told(409, "只推荐已公布等次为“好”的书记，由其上级党委推荐。"),
    "recommendation-withdrawn": Told(409, "该推荐已经撤回。"),
    "review-paper-not-ready": Told(409, "这份材料还没有生成。"),
    "too-many-review-papers": Told(429, "您有 {most} 份材料正在生成，请等其中一份完成后再试。"),
    "half-year-planned": Told(409, "本半年的例会已经安排。"),
    "half-year-held": Told(409, "本次例会已经登记召开情况。"),
    "reinspection-done": Told(409, "这次复查已经登记。"),
    # assessment: problems, rectification, cards
    "problem-not-movable": Told(
        409,
        "该问题“{state}”，不能再{move}。",
        {"state": words.PROBLEM_STATES, "move": words.PROBLEM_MOVES},
    ),
    "problem-has-card": Told(409, "该问题已经亮牌，认为有误的请对该牌提出异议。"),
    "training-held": Told(409, "该培训已经登记完成。"),
    "rectification-not-movable": Told(
        409,
        "该整改事项“{state}”，不能再{move}。",
        {"state": words.RECTIFICATION_STATES, "move": words.RECTIFICATION_MOVES},
    ),
    "rectification-unplanned": Told(409, "请先填写整改措施和责任人。"),
    "own-report": Told(403, "不能验收自己上报的整改，请由他人办理。"),
    "exemption-not-movable": Told(
        409, "该豁免申请{state}，不能再{move}。", {"state": words.EXEMPTION_STATES, "move": words.EXEMPTION_MOVES}
    ),
    "exemption-overlaps": Told(409, "其中有的月份已有豁免或正在申请。"),
    "exemption-over": Told(409, "申请的月份已经过去，请重新申请。"),
    "exemption-same-person": Told(403, "申请人、登记支委会意见的人和被豁免的本人不能批准，请由他人批准。"),
    "light-not-frozen": Told(409, "该月尚未封存，亮灯随情况变化，不需要更正。"),
    "light-same": Told(409, "该月已经是这个灯色。"),
    "too-many-simulations": Told(429, "您有 {most} 项试算正在进行，请等其中一项完成后再试。"),
    "slip-not-movable": Told(
        409, "该督办单{state}，不能再{move}。", {"state": words.SLIP_STATES, "move": words.SLIP_MOVES}
    ),
    "own-reply": Told(403, "不能验收自己的回复，请由他人办理。"),
    "bulletin-not-movable": Told(
        409, "该通报{state}，不能再{move}。", {"state": words.BULLETIN_STATES, "move": words.BULLETIN_MOVES}
    ),
    "own-bulletin": Told(403, "起草人不能签发自己起草的通报，请由另一人签发。"),
    "bulletin-taken": Told(409, "同类同期的通报或对它的更正已经存在，请在原有的上面继续办理。"),
    "talk-held": Told(409, "该次谈话的记录已经登记。"),
    "paper-not-ready": Told(409, "这份文件还没有生成。"),
    "too-many-supervision-papers": Told(429, "您有 {most} 份文件正在生成，请等其中一份完成后再试。"),
    "formula-not-movable": Told(
        409, "该版评定办法{state}，不能再{move}。", {"state": words.LIST_STATES, "move": words.LIST_MOVES}
    ),
    "formula-same-drafter": Told(403, "起草人不能批准自己起草的评定办法，请由另一人批准。"),
    "formula-day-past": Told(409, "评定办法须先告知、后执行，执行日期须在今天之后；{day} 已过。"),
    "formula-day-taken": Told(409, "已有一版评定办法从 {day} 起执行。"),
    "star-period-not-over": Told(409, "{period} 尚未结束；评定以整个周期的数据为准。"),
    "star-rating-there": Told(409, "该组织 {period} 已有一次评定，请先撤回，或办理更正。"),
    "no-star-formula": Told(409, "{period} 最后一天没有执行中的评定办法。"),
    "star-rating-not-movable": Told(
        409, "这次评定{state}，不能再{move}。", {"state": words.STAR_STATES, "move": words.STAR_MOVES}
    ),
    "star-rating-being-drawn": Told(409, "这次评定正在计算，请稍后再试。"),
    "star-same-drawer": Told(403, "组织评定的人不能自己批准公布，请由另一人办理。"),
    "star-objections-open": Told(409, "还有 {count} 条意见没有答复。"),
    "star-objection-days-open": Told(409, "各组织可在 {day} 前提出意见，期满后才能公布。"),
    "star-objection-days-over": Told(409, "现在不是提出意见的时间。"),
    "star-objection-there": Told(409, "本组织已有一条意见等待答复。"),
    "star-objection-answered": Told(409, "这条意见已经答复。"),
    "star-correction-confirmed": Told(409, "这项更正已经复核。"),
    "star-correction-own": Told(403, "提出更正的人不能自己复核，请由另一人办理。"),
    "star-file-not-ready": Told(409, "这份文件还没有生成。"),
    "too-many-star-trials": Told(429, "您有 {most} 项试算正在进行，请等其中一项完成后再试。"),
    "too-many-star-files": Told(429, "您有 {most} 份评定文件正在生成，请等其中一份完成后再试。"),
    "weak-entry-there": Told(409, "该组织已在名单上，或已被建议列入。"),
    "weak-entry-not-movable": Told(
        409, "该组织{state}，不能再{move}。", {"state": words.WEAK_STATES, "move": words.WEAK_MOVES}
    ),
    "weak-item-not-movable": Told(
        409, "该事项{state}，不能再{move}。", {"state": words.WEAK_ITEM_STATES, "move": words.WEAK_ITEM_MOVES}
    ),
    "weak-rating-not-published": Told(
        409, "按规则建议须依据已公布的评定；这次评定{state}。", {"state": words.STAR_STATES}
    ),
    "weak-item-own": Told(403, "不能验收自己报告的整改，请由他人验收。"),
    "weak-items-open": Told(409, "还有 {count} 项没有验收。"),
    "weak-release-own": Told(403, "验收过其中事项的人不能批准销号，请由另一人批准。"),
    "too-many-weak-items": Told(409, "整顿事项最多 {most} 项。"),
    "criteria-name-taken": Told(409, "已有名为“{name}”的评分标准。"),
    "criteria-not-movable": Told(
        409, "该版评分标准{state}，不能再{move}。", {"state": words.LIST_STATES, "move": words.LIST_MOVES}
    ),
    "criteria-same-drafter": Told(403, "起草人不能批准自己起草的评分标准，请由另一人批准。"),
    "on-site-round-not-movable": Told(
        409, "该轮评估{state}，不能再{move}。", {"state": words.ROUND_STATES, "move": words.ROUND_MOVES}
    ),
    "on-site-round-changed": Told(409, "该轮评估的计划已被他人更改，请重新打开后再改。"),
    "round-without-teams": Told(409, "请先编好评估组；种子公布后不能再改。"),
    "round-without-organisations": Told(409, "该范围内没有符合类型和领域的党组织。"),
    "visits-open": Told(409, "该轮评估还有 {open} 次走访没有办结。"),
    "round-not-plannable": Told(409, "走访日程在抽签之后、评估结束之前安排。"),
    "visit-not-plannable": Told(409, "该次走访{state}，日程不再更改。", {"state": words.ROUND_VISIT_STATES}),
    "round-visit-not-movable": Told(
        409, "该次走访{state}，不能再{move}。", {"state": words.ROUND_VISIT_STATES, "move": words.ROUND_VISIT_MOVES}
    ),
    "round-ended": Told(409, "该轮评估已结束，走访结果不再更改。"),
    "visit-finished": Told(409, "该次走访已填完，组长可以退回重填；已写的内容仍保存在本机。"),
    "not-of-team": Told(403, "只有抽到该次走访的评估组可以填写。"),
    "not-team-leader": Told(403, "此事由评估组组长办理。"),
    "visit-incomplete": Told(409, "还有 {open} 项没有填写，{differing} 项评估人员意见不一，由组长裁定。"),
    "nothing-applies": Told(409, "评分标准中没有一项适用，无法计分。"),
    "round-report-not-ready": Told(409, "走访办结后才能打印报告。"),
    "report-print-not-ready": Told(409, "这份报告还没有生成。"),
    "too-many-report-prints": Told(429, "您有 {most} 份报告正在生成，请等其中一份完成后再试。"),
    "too-much-evidence": Told(409, "最多 {files_max} 个佐证文件，请先删除一个。"),
    "evidence-repeated": Told(409, "这个文件已经上传过。"),
    "evidence-kept": Told(409, "已经凭此文件上报或登记，不能再增删。"),
    "not-drawn": Told(409, "该党组织没有被抽中；随机抽查不受此限。"),
    "inspected-already": Told(409, "本次抽取中，该党组织的检查情况已经登记。"),
    "sample-not-open": Told(
        409, "本次抽取“{state}”，只能在抽取之后、通报之前登记检查情况。", {"state": words.SAMPLE_STATES}
    ),
    "seed-used": Told(409, "用这个文号作种子的抽取已经公布过。"),
    "sample-not-movable": Told(
        409,
        "本次抽取“{state}”，不能再{move}。",
        {"state": words.SAMPLE_STATES, "move": words.SAMPLE_MOVES},
    ),
    "sample-draw-early": Told(409, "应在 {draw_on} 或以后抽取，不能提前。"),
    "too-few-to-draw": Told(409, "范围内只有 {candidates} 个党支部，不够抽取。"),
    "card-given": Told(409, "该问题已经亮过牌，请在原牌上升级。"),
    "card-not-movable": Told(
        409,
        "该牌现为{colour}、{state}，不能再{move}。",
        {"state": words.CARD_STATES, "colour": words.CARD_COLOURS, "move": words.CARD_MOVES},
    ),
    "card-only-from-superior": Told(409, "只有上级巡察督查反馈的问题才能直接亮红牌。"),
    "consequences-due": Told(409, "该牌还有 {due} 项后续处置没有完成。"),
    "not-mended": Told(409, "该问题的整改还没有通过验收。"),
    "card-objected": Told(409, "有异议尚待答复，请先处理异议。"),
    "objection-late": Told(409, "异议应在 {until} 以前提出。"),
    "objection-made": Told(409, "对这一步已经提出过异议。"),
    "own-step": Told(403, "异议须由另一人处理，提出异议的人和亮牌的人都不能处理。"),
    "kind-there": Told(409, "这个代码的问题类别已经有了。"),
    "kind-retired": Told(409, "这个问题类别已经停用。"),
    "mending-file-not-ready": Told(409, "文件还没有生成完。"),
    "too-many-mending-files": Told(429, "您有 {most} 个文件正在生成，请等其中一个完成后再试。"),
    "part-decided": Told(409, "本支部是否参加已有定论：{state}。", {"state": words.PART_STATES}),
}


def sentence(template: str, params: Mapping[str, Any], *, code: str, language: Literal["zh", "en"]) -> str:
    """Return a refusal's sentence with its parameters filled in, those that are codes by their words.

    Raises KeyError for a parameter that the refusal lacks and for a code that has no word.
    """
    told = REFUSALS.get(code)
    vocabularies = told.words if told else {}
    # Only our own words are templates; what people wrote is filled in as it is.
    said = {
        name: getattr(vocabularies[name][value], language) if name in vocabularies else value
        for name, value in params.items()
    }
    return template.format(
        **{name: value.format(**said) if name in vocabularies else value for name, value in said.items()}
    )
