"""Which language the reader wants, and what statuses and faults of fields are called in it.

A cookie `language` (set by the page's language switch) wins over Accept-Language; without either it is Chinese.
"""

import re
from typing import Final

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

# The sentences that tell a field's fault: marshmallow's, those of the contracts and of the services.
_FIELD_SENTENCES: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern + r"\Z"), chinese)
    for pattern, chinese in (
        (r"Missing data for required field\.", "必填。"),
        (r"A version begins with a month to come\.", "版本须从以后的月份起执行。"),
        (
            r"A task that a record shows names the record; another one names none\.",
            "以活动记录为凭的任务须选择记录，其他任务不选。",
        ),
        (r"The day must be today or later\.", "请选择今天或以后的日期。"),
        (r"The day lies between the month's first and today\.", "日期应在当月1日至今天之间。"),
        (r"The day lies between today and a year from now\.", "日期应在今天至一年之内。"),
        (r"The day lies between the talk's beginning and today\.", "日期应在谈话任务产生之日至今天之间。"),
        (r"Nobody of this id is a member of a branch here\.", "没有这名党员。"),
        (r"No file of this name is stored\.", "没有存储该附件，请重新上传。"),
        (r"This is no period of which there are data\.", "该期没有数据：日通报只能为当日，月份和季度不能晚于今天。"),
        (r"Write the period as 2026-11-26, 2026-11 or 2026-Q4\.", "期别请写作 2026-11-26、2026-11 或 2026-Q4。"),
        (r"A branch issues no bulletin\.", "党支部不印发通报。"),
        (r"A correction is of the same kind and period\.", "更正须与原通报同类同期。"),
        (r"A slip is made as PDF\.", "督办单只能生成 PDF。"),
        (r"A list is made as a workbook\.", "台账只能生成 Excel。"),
        (r"Choose at most (\d+) files\.", r"最多选择 \1 个文件。"),
        (r"Say in which system the division's code is\.", "请选择区划代码属于哪一套编码。"),
        (r"Name the organisations that end\.", "请写明并入的组织。"),
        (r"An organisation stands here twice\.", "同一个组织出现了两次。"),
        (r"It ends; name another branch\.", "该支部即将撤销，请另写一个支部。"),
        (r"Name at least one branch that is made out of it\.", "请至少写明一个分出的支部。"),
        (
            r"A branch that is divided becomes a general branch or a committee, or stays one\.",
            "支部分设后可以改设为党总支或党委，也可以仍为支部。",
        ),
        (r"Every member has to go into one of the parts\.", "每名党员都要编入其中一个分出的支部。"),
        (r"Somebody named here is no member of the branch\.", "所列人员中有人不是本支部党员。"),
        (r"Somebody would go into two parts\.", "有人会被编入两个支部。"),
        (r"Only a joint branch has units\.", "只有联合党支部才登记覆盖单位。"),
        (r"A version begins on a day to come\.", "新版本须自将来的某一天起执行。"),
        (r"A version has the same numbers as the one before\.", "新版本的数值项目须与前一版本相同。"),
        (r"A whole number from 0 to 100000 is needed\.", "应为 0 至 100000 的整数。"),
        (r"Words of 1 to 20 characters are needed, at most 60 of them\.", "请填写 1 至 20 个字的词语，最多 60 个。"),
        (
            r"Each kind needs its words of 1 to 20 characters, at most 60 of them\.",
            "每类组织请填写 1 至 20 个字的词语，最多 60 个。",
        ),
        (r"The most cannot be less than the least\.", "上限不能小于下限。"),
        (r"Only a rule about names can be overridden\.", "只有名称规则可以准予保留。"),
        (r"The term ends on this day already\.", "任期本来就在这一天届满。"),
        (r"A term cannot be made to end on a day that has passed\.", "任期不能改到已经过去的日子届满。"),
        (r"The election cannot be before it was asked for\.", "选举日期不能早于请示日期。"),
        (
            r"A branch elects in its assembly; delegates are all counted\.",
            "党支部由党员大会选举；开代表大会的，代表全部计入应到会人数。",
        ),
        (r"More are there than may vote\.", "实到会人数多于有选举权的人数。"),
        (
            r"Nobody gets two papers: no more are handed out than voters are there\.",
            "每人一张选票：发出的选票不能多于实到会人数。",
        ),
        (r"No more papers are spoiled than came back\.", "废票不能多于收回的选票。"),
        (r"Nobody has more votes than there are valid papers\.", "得票数不能多于有效选票数。"),
        (
            r"A paper with more names than seats is spoiled: these are too many votes\.",
            "每张选票所选人数不得多于应选人数，多选的是废票；各人得票合计过多，请核对。",
        ),
        (r"Who is elected already is not voted on again\.", "已经当选的不再投票。"),
        (
            r"A run-off is between those who are tied, all of them and nobody else\.",
            "再次投票只在票数相等的人之间进行，须全部列入，不得另选他人。",
        ),
        (r"None of your roles reaches there\.", "您的角色都不及于该组织。"),
        (r"The times lie on the day of the record\.", "起止时间应在记录的当天。"),
        (r"It ends after it begins\.", "结束时间应晚于开始时间。"),
        (
            r"Give how many are entitled, present, in favour, against and abstaining\.",
            "请填写应到会有表决权、实到会、赞成、反对和弃权人数。",
        ),
        (
            r"No more vote than are present, and no more are present than are entitled\.",
            "票数合计不能多于实到会人数，实到会人数不能多于应到会人数。",
        ),
        (r"Say of everybody on the roll whether they came\.", "请逐一登记名册上每名党员的到会情况。"),
        (r"A visit wrote this; it stays as it is\.", "此项由参观自动记录，不能修改。"),
        (r"Nobody's attendance is taken on this template\.", "此模板不登记到会情况。"),
        (r"This is not held together with other branches\.", "此项活动不能与其他支部联合开展。"),
        (r"Name another branch of the district\.", "请选择本区的另一个党支部。"),
        (
            r"It is made up after the day that was missed, and not after today\.",
            "补学日期应在缺席当天之后，且不晚于今天。",
        ),
        (r"A token lives at most (\d+) days\.", r"令牌最长有效 \1 天。"),
        (r"This is no scope\.", "没有这样的令牌范围。"),
        (r"An identity number has 17 digits and a last digit or X\.", "身份证号应为 17 位数字加一位数字或 X。"),
        (
            r"The eight digits of the birthday are no day, or one that has not come\.",
            "身份证号中的出生日期不存在或尚未到来。",
        ),
        (
            r"The last character does not agree with the others; look for a wrong digit\.",
            "身份证号校验码不符，请检查是否输错。",
        ),
        (r"The identity number says the other sex\.", "与身份证号中的性别不一致。"),
        (r"The identity number says another birthday\.", "与身份证号中的出生日期不一致。"),
        (r"This identity number is registered already\.", "此身份证号已登记。"),
        (r"This day has not come yet\.", "这一天尚未到来。"),
        (r"A rule begins tomorrow at the earliest\.", "规则最早自明天起施行。"),
        (r"Nobody belongs to a branch before the day they joined\.", "进入支部的日期不能早于入党日期。"),
        (r"A probationary member has no day of becoming a full one yet\.", "预备党员尚无转正日期。"),
        (r"A full member became one after joining, and not after today\.", "转正日期应在入党日期之后，且不晚于今天。"),
        (r"Say in words what it is needed for\.", "请写明查看的用途。"),
        (r"Give an identity number or a telephone number\.", "请填写身份证号或联系电话。"),
        (r"Say which platform the file comes from\.", "请选择文件来自哪个平台。"),
        (
            r"A field stands for two columns, or is none of this kind of file\.",
            "有两列对应同一项内容，或有不属于此类文件的内容。",
        ),
        (r"“(.*)” lacks: (.*)\.", r"“\1”缺少：\2。"),
        (r"Take at least one sheet\.", "请至少选择一个工作表。"),
        (r"Say how many hours the training had\.", "请填写培训学时。"),
        (
            r"Name either a branch of the roster or a place outside it\.",
            "请填写名册内的支部，或名册以外的党组织，二者选一。",
        ),
        (r"Give the number of the receipt that came back\.", "请填写收到的回执编号。"),
        (r"The last month lies before the first\.", "截止月份早于起始月份。"),
        (r"A relief is ended at one of its months\.", "提前结束的月份应在减免期内。"),
        (r"This is what is owed already\.", "与现在的应交数相同。"),
        (r"This number was used for another handing up\.", "这个凭证号已用于另一次上缴。"),
        (r"Receipts are drawn as PDF\.", "收据只生成 PDF。"),
        (r"The column is missing, or stands twice\.", "缺少这一列，或这一列出现了两次。"),
        (r"The file has no rows\.", "文件中没有数据行。"),
        (r"The total stands in the last row\.", "合计应在最后一行。"),
        (r"The total is not the sum of the rows\.", "合计与各行之和不符。"),
        (r"This row stands twice\.", "同一人同一月份出现了两行。"),
        (r"Write the amount in yuan, with two decimals at most\.", "请填写金额（元），最多两位小数。"),
        (
            r"Nobody of this name owes the branch dues for this month\.",
            "本支部没有此人该月的应交党费，请核对姓名、身份证号和月份。",
        ),
        (r"Several members have this name; give the identity number\.", "有同名党员，请填写身份证号。"),
        (r"This month is paid already\.", "这个月份已经交纳。"),
        (r"Exactly ([\d,.]+) yuan are owed\.", r"应交 \1 元，不多收也不分次收。"),
        (r"Field may not be null\.", "不能为空。"),
        (r"Not a valid string\.", "应为文字。"),
        (r"Not a valid integer\.", "应为整数。"),
        (r"Not a valid number\.", "应为数字。"),
        (r"Number too large\.", "数字太大。"),
        (r"Special numeric values \(nan or infinity\) are not permitted\.", "应为普通的数字。"),
        (r"Not a valid boolean\.", "应为 true 或 false。"),
        (r"Not a valid UUID\.", "编号格式不对。"),
        (r"Not a valid list\.", "应为列表。"),
        (r"Not a valid mapping type\.", "应为对象。"),
        (r"Not a valid date\.", "日期格式不对，应如 2026-01-31。"),
        (r"Not a valid month; write it as 2026-01\.", "月份格式不对，应如 2026-01。"),
        (r"Not a valid RFC 3339 instant\.", "时间格式不对，应如 2026-01-31T09:00:00+08:00。"),
        (r"The instant needs its offset, for example \+08:00\.", "时间要带时区，例如 +08:00。"),
        (r"A factor: 0\.10 to 2\.99\.", "系数应如 1.20，在 0.10 至 2.99 之间。"),
        (r"A day of the year: 12-20\.", "日期应如 12-20。"),
        (r"Name at least one tier\.", "请至少填写一档。"),
        (r"Only a policy by tiers has tiers\.", "只有“按次基数加分档标准”才填写各档。"),
        (r"The last tier has no upper end\.", "最后一档不设人数上限。"),
        (r"Only the last tier has no upper end\.", "只有最后一档不设人数上限。"),
        (r"Each tier ends after the one before\.", "每一档的人数上限应大于前一档。"),
        (
            r"Only a policy by head has one rate for each head; leave 0\.",
            "只有“按次基数加人均标准”才有统一的人均标准，请填 0。",
        ),
        (r"A policy by invoice has no base; leave 0\.", "“按发票实报”没有每次基数，请填 0。"),
        (r"Such a policy would pay nothing\.", "这样一分也补不到，请填写基数或人均标准。"),
        (r"Not known: (.*)\.", r"没有这一项：\1。"),
        (r"Not a kind of site\.", "没有这种类型的活动点。"),
        (r"More than the cap of the year\.", "不能大于年上限。"),
        (r"Less than the most for one visit\.", "不能小于单次上限。"),
        (r"The first day must be today or later\.", "起始日应为今天或以后。"),
        (r"The site says the same; confirm it instead\.", "与活动点填报的人数相同，请直接确认。"),
        (r"Nobody counted more than (\d+)\.", r"不能超过各方所报人数中的最大值 \1 人。"),
        (r"The last month is before the first\.", "结束月份早于开始月份。"),
        (r"At most (\d+) months at once\.", r"一次最多 \1 个月。"),
        (r"Not a valid telephone number\.", "电话号码格式不对。"),
        (r"The character NUL is not allowed\.", "不能含有空字符。"),
        (r"Line breaks and control characters are not allowed\.", "不能含有换行或控制字符。"),
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
        (r"The point lies outside China; write longitude first\.", "此点不在中国境内；请先写经度，后写纬度。"),
        (r"Give points on every criterion, and on no other\.", "请对每项指标打分，不要增减指标。"),
        (r"Answer every item of the list, and no other\.", "请对清单的每一项作答，不要增减项目。"),
        (r"This column is missing\.", "缺少这一列。"),
        (r"This column is not known\.", "没有这一列的说明。"),
        (r"This column is there twice\.", "这一列重复了。"),
        (r"This code stands in an earlier row as well\.", "此编号与前面的行重复。"),
        (r"This text is too long\.", "文字太长。"),
        (r"The day has come; propose the rule for a later one\.", "起始日已到，请改为以后的日期重新提出。"),
        (
            r"A rule begins on a later day than today: orders placed keep their funds\.",
            "规则须自今日之后起施行；已下的订单仍由原经费承担。",
        ),
        (r"This report is made as PDF or Excel\.", "该报表只能导出为 PDF 或 Excel。"),
        (
            r"These are too many entries for one file; choose a month, or the journal\.",
            "分录过多，一个文件装不下；请选择月份，或导出日记账。",
        ),
        (r"These are too many lines for this kind of file; choose another\.", "行数过多，请改选其他文件格式。"),
        (r"Name at least one column, and at most two for each field\.", "请至少写一列，每个字段最多两列。"),
        (r"Two columns have the same heading\.", "有两列的标题相同。"),
        (r"A column names a field that there is not\.", "有一列使用了不存在的字段。"),
        (r"All codes have to be given, and no others\.", "请填写全部代码，不要增减。"),
        (r"A code is up to 20 digits, letters, dots or hyphens\.", "代码最多 20 个数字、字母、点或连字符。"),
        (r"Only the project may be left empty\.", "只有项目编码可以不填。"),
        (r"Name one to five funds, each once\.", "请选择一至五项经费，每项一次。"),
        (r"The shares must add up to 100 percent\.", "各项比例合计应为 100%。"),
        (r"Choose funds that you may dispose of\.", "请选择您有权支配的经费。"),
        (r"This is more than is owed\.", "超过了尚欠金额。"),
        (r"This site is not in your part of the tree\.", "此活动点不在您的管理范围内。"),
        (r"This organisation is not known\.", "没有登记该组织。"),
        (
            r"A site becomes a training base on its record, once sign, area and equipment are checked\.",
            "标识、场地、设备“三统一”核查合格后，才能在活动点档案中改为实训基地。",
        ),
        (r"This organisation is not in your part of the tree\.", "该组织不在您的管理范围内。"),
        (r"The day lies ahead\.", "日期不能晚于今天。"),
        (r"Say whose number it is\.", "请填写这个电话是谁的。"),
        (r"The box's south lies above its north\.", "范围的南边高于北边。"),
        (r"The box lies outside its coordinate reference system\.", "范围超出其坐标参考系。"),
        (r"The interval ends before it begins\.", "时间段的结束早于开始。"),
        (r"A period is at most ten years long\.", "期间最长十年。"),
        (r"One stands twice\.", "有一个重复了。"),
        (r"Length must be (\d+)\.", r"长度应为 \1。"),
        (r"Unknown parameter\.", "没有这个参数。"),
        (r"Not a cursor of this list\.", "不是本列表给出的翻页标记。"),
        (r"Say how many came, or who\.", "请填写到场人数，或指明到场的人。"),
        (r"The count and the members named differ\.", "到场人数与所列人员不一致。"),
        (r"A member books one seat; a branch orders for a party\.", "党员个人只能预约一个名额；多人活动请由支部点单。"),
        (r"The end must lie after the beginning\.", "结束须晚于开始。"),
        (r"It must end after it begins\.", "结束须晚于开始。"),
        (r"Revoke one of your feeds first\.", "订阅地址已满，请先停用一个。"),
        (r"This time is over already\.", "这段时间已经过去。"),
        (r"A closure lasts a year at the most\.", "关闭时间最长一年。"),
        (r"It closes before it opens\.", "关门时间须晚于开门时间。"),
        (r"Two openings overlap\.", "两段开放时间重叠。"),
        (r"Two seasons cover the same day\.", "两个季节包含同一天。"),
        (r"Two rows stand for the same day\.", "同一天填写了两次。"),
        (r"Two rows stand for the same programme\.", "同一项目填写了两次。"),
        (r"Two rows have the same id\.", "两行的编号相同。"),
        (r"Two spaces have the same name\.", "两个场地同名。"),
        (r"A space lies in one that is not here, or in itself\.", "场地所属的上级场地不存在，或是它自己。"),
        (r"This is no programme of the site\.", "这不是该活动点的项目。"),
        (r"This is no season of the site or the programme\.", "没有这个季节，或它不属于该项目。"),
        (r"This is no space of the site\.", "这不是该活动点的场地。"),
        (r"This is no slot of the site\.", "这不是该活动点的场次，或已经结束。"),
        (r"This id belongs to another site\.", "该编号已用于其他活动点。"),
        (r"Ask for 1 to 92 days\.", "一次可查询 1 至 92 天。"),
        (r"An account has 6 to 32 digits\.", "账号应为 6 至 32 位数字。"),
        (r"A bank code has 12 digits\.", "行号应为 12 位数字。"),
        (
            r"This is no unified social credit code; its check character is wrong\.",
            "不是有效的统一社会信用代码（校验位不符）。",
        ),
        (r"No account is registered for this site\.", "该活动点没有登记收款账户。"),
        (r"Give a time between the approval and now\.", "时间须在复核之后、现在之前。"),
        (r"A field or a heading stands twice\.", "有字段或标题重复。"),
        (r"One of the fields is not of this kind of file\.", "有字段不属于这种文件。"),
        (r"A field that the bank needs is missing\.", "缺少银行必需的字段。"),
        (
            r"Choose a day from tomorrow on; what held until today stays as it was\.",
            "请选择明天或以后的日期；今天及以前的设置不变。",
        ),
        (r"Choose a day within the next five years\.", "请选择五年以内的日期。"),
        (r"High doubt begins at more points than medium doubt\.", "高疑点的分值须高于中疑点。"),
        (r"This rule has no such number\.", "该疑点没有这个数值。"),
        (r"A disputed claim is decided with a reason\.", "有异议的补单须写明审核理由。"),
        (r"String does not match expected pattern\.", "只能用小写字母、数字和连字符。"),
        (r"The largest party is smaller than the smallest\.", "最多人数少于最少人数。"),
        (r"The smallest party needs more seats than there are\.", "最少人数超过名额。"),
        (r"A training case, and nothing else, names the version it offers\.", "实训案例须选定案例版本，其他类型不选。"),
        (r"The programme is shorter than the steps of its training case\.", "时长短于案例各步骤之和。"),
        (r"Two roles have the same code\.", "两个角色的代号相同。"),
        (r"No role of this case has this code\.", "本案例没有这个代号的角色。"),
        (r"These are too many names\.", "名字太多了。"),
        (r"The branch did not name this member for the visit\.", "支部的名单中没有这名党员。"),
        (r"Only a branch names its members\.", "只有支部点单可以列名单。"),
        (r"Every member needs a name\.", "每名党员都要有姓名。"),
        (r"These are more names than the party has heads\.", "名单人数超过预约人数。"),
        (r"Name the branch, or the group if it is none\.", "请选定支部；不是支部的，请填写团体名称。"),
        (r"The last day lies before the first\.", "最后一天早于第一天。"),
        (
            r"The last day lies before the first, or more than 92 days after it\.",
            "最后一天早于第一天，或相隔超过 92 天。",
        ),
        (r"These days are over\.", "这些日子已经过去。"),
        (r"The hours end before they begin\.", "结束时间早于开始时间。"),
        (r"This day is there twice\.", "同一天写了两次。"),
        (r"No picture of this name is stored\.", "系统里没有这张图片。"),
        (r"No file of this name is stored\.", "系统里没有这份文件。"),
        (r"Not a valid invoice number\.", "号码格式不对，只能用数字、字母和连字符。"),
        (r"Only a corrected headcount has a number\.", "只有“人数更正”才填写人数。"),
        (r"Choose at most (\d+) pictures\.", r"最多选择 \1 张图片。"),
        (r"Give stars on every criterion, and on no other\.", "请给每一项打星，不要增减项目。"),
        (r"This time lies ahead\.", "时间不能晚于现在。"),
        (r"This is no order of the site\.", "这不是该活动点的点单。"),
        (r"Give a day between the incident and today\.", "办结日期须在事发当天至今天之间。"),
        (r"A password has at least (\d+) characters\.", r"密码至少 \1 个字符。"),
        (r"A password has at most (\d+) characters\.", r"密码最多 \1 个字符。"),
        (
            r"Many people use this password; put several words together instead\.",
            "这个密码太常见，容易被猜中；可以用几个词或一句话连起来。",
        ),
        (r"The password holds your name or user name\.", "密码中不要含有您的姓名（或其拼音）或用户名。"),
        (r"The password holds a date, such as a birthday\.", "密码中不要含有生日之类的日期。"),
        (r"The password holds a telephone number\.", "密码中不要含有手机号码。"),
        (r"You used this password before; choose another\.", "这个密码不久前用过，请换一个。"),
        (
            r"A user name has 2 to 40 letters, digits, dots, hyphens or underscores\.",
            "用户名应为 2 至 40 个字母、数字、点、连字符或下划线。",
        ),
        (r"The last day is before the first\.", "截止日不能早于起始日。"),
        (r"At most a year ahead\.", "最多提前一年。"),
        (r"A deputy is named until a day\.", "指定代理人须写明截止日。"),
        (r"A deputy is named for at most a year\.", "代理期最长一年。"),
        (r"The longest wait is shorter than the first\.", "最长等待不能短于首次等待。"),
        (r"They would be forgotten before the longest wait is over\.", "清零时间不能短于最长等待。"),
        (r"A session would end before it is idle for long\.", "会话最长时间不能短于闲置时间。"),
        (r"A PIN has four to eight digits\.", "PIN 应为 4 至 8 位数字。"),
        (r"Choose at least one site or programme\.", "请至少选择一个活动点或项目。"),
        (r"One of them is no open site, or no programme of one\.", "其中有的不是开放的活动点，或不是其项目。"),
        (r"A round gives out 1 to 92 days\.", "一轮分配包含 1 至 92 天。"),
        (r"Requests are taken for a time that is still to come\.", "申请截止须晚于开始，且尚未到来。"),
        (r"The draw is not before the end of the requests\.", "抽签不能早于申请截止。"),
        (r"The draw is before the first day that it gives out\.", "抽签须早于分配的第一天。"),
        (r"The document has to be published before the round is announced\.", "文件须在发布分配之前已经公布。"),
        (r"One of these times is not given out in this round\.", "其中有的场次不在这一轮分配之内。"),
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
