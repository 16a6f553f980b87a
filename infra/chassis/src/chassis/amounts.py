"""Amounts of money as Chinese documents write them, in figures and in words; all amounts are whole fen."""

from typing import Final

_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_UNITS: Final = ("", "拾", "佰", "仟")
_GROUPS: Final = ("", "万", "亿")


def yuan(fen: int) -> str:
    """Return an amount with thousands parted, without a sign for the currency: 1,234.50."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def in_words(fen: int) -> str:
    """Return an amount as Chinese forms write it: 人民币壹仟零伍元叁角整.

    By annex 1 of 《支付结算办法》: 整 after yuan and jiao, none after fen; one 零 for any run of zeros between figures.
    The platform's largest amount is a thousand 亿.
    """
    whole, part = divmod(abs(fen), 100)
    jiao, rest = divmod(part, 10)
    said = ""
    if whole or not part:
        said = (_whole(whole) or "零") + "元"
    if jiao:
        said += f"{_DIGITS[jiao]}角"
    elif rest and whole:
        said += "零"
    said += f"{_DIGITS[rest]}分" if rest else "整"
    return f"人民币{'负' if fen < 0 else ''}{said}"


def _whole(number: int) -> str:
    said, gap = "", False
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if not group:
            gap = bool(said)
            continue
        if said and (gap or group < 1000):
            said += "零"
        said += _four(group) + _GROUPS[place]
        gap = False
    return said


def _four(group: int) -> str:
    said, gap = "", False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if not digit:
            gap = bool(said)
            continue
        said += ("零" if gap else "") + _DIGITS[digit] + _UNITS[place]
        gap = False
    return said
