"""Dues (R4): what is due of what somebody lives on, by 《关于中国共产党党费收缴、使用和管理的规定》.

The rate of the band in which an amount lies is due of the whole amount, rounded half up to the fen; 3 000.00 yuan lie
in the band that ends there. Who has no wage or pension pays an amount that the table bounds.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, Protocol

from chassis.amounts import yuan
from chassis.refusals import Refusal

from roster.domain.periods import months_after

AHEAD_MONTHS: Final = 3
"""A quarter may be paid at once."""
MARK_MONTHS: Final = 6
"""So many months in a row without a proper reason are what the constitution calls leaving the Party by oneself
(art. 9): the branch and the committee above have to look into it; nothing happens by itself."""
RELIEF_MONTHS: Final = 12
BASE_LEAST_FEN: Final = 100
BASE_MONTHS_BACK: Final = 11
BASE_MONTHS_AHEAD: Final = 12


class TableMonthBegun(Refusal):
    """A new table can hold from {first} on at the earliest; months that were reckoned do not change."""


class BandsNotRight(Refusal):
    """The bands of “{kind}” are not right: the first begins at 0, each above the one before, rates do not fall."""


class BaseOutOfBounds(Refusal):
    """The monthly dues of such members lie between {least} and {most} yuan."""


class BaseTooSmall(Refusal):
    """What dues are reckoned from is at least one yuan."""


class BaseMonthTooFar(Refusal):
    """A base begins between {first} and {last}."""


class NoDuesBase(Refusal):
    """Nothing is entered yet that this member's dues are reckoned from."""


class ReliefAlready(Refusal):
    """The member has a relief for some of these months already; end that one first."""


class ReliefTooLong(Refusal):
    """A relief holds for twelve months at most; then it may be decided again."""


class DuesMonthClosed(Refusal):
    """{month} is closed; only entries of a later day correct it."""


class DuesMonthAhead(Refusal):
    """{month} cannot be reckoned yet; at most {months} months ahead can."""


class DuesMonthNotOver(Refusal):
    """{month} is not over; a month is closed when it has ended."""


class DuesMonthNotNext(Refusal):
    """Months are closed one after the other; the next one is {month}."""


class NothingAssessed(Refusal):
    """No dues were reckoned in this branch yet; enter bases and reckon the month first."""


class DuesNotAssessed(Refusal):
    """{name} owes this branch nothing for {month}."""


class DuesPaidAlready(Refusal):
    """{name} has paid {month} already; nothing of this was written down."""


class DuesAmountDiffers(Refusal):
    """{name} owes {due} yuan for {month}; neither more nor a part of it is taken."""


class DuesCorrectedAlready(Refusal):
    """What is owed has changed or was paid; reload it. What was paid is first taken back by its receipt."""


class ReceiptReversed(Refusal):
    """The payments of receipt {number} were taken back already."""


class DuesCashShort(Refusal):
    """The branch holds only {cash} yuan; that is not enough."""


class DuesChanged(Refusal):
    """The books changed after you read them; look once more before closing."""


class NothingInArrears(Refusal):
    """This member owes nothing for months that are over."""


class Rate(Protocol):
    """A band of a table, as `contracts.roster.dues_tables.DuesRate` has it."""

    @property
    def kind(self) -> str: ...
    @property
    def above_fen(self) -> int: ...
    @property
    def rate_bp(self) -> int | None: ...
    @property
    def least_fen(self) -> int | None: ...
    @property
    def most_fen(self) -> int | None: ...


def rate_of(rates: Iterable[Rate], kind: str, amount_fen: int) -> Rate:
    """Return the band in which an amount above nothing lies."""
    return max((rate for rate in rates if rate.kind == kind and rate.above_fen < amount_fen), key=lambda r: r.above_fen)


def dues_of(rates: Iterable[Rate], kind: str, amount_fen: int) -> int:
    """Return what is due each month, in fen."""
    rate = rate_of(rates, kind, amount_fen)
    if rate.rate_bp is None:
        return max(rate.least_fen or 0, min(amount_fen, rate.most_fen or 0))
    return (amount_fen * rate.rate_bp + 5_000) // 10_000


def check_table(rates: Sequence[Rate], kinds: Sequence[str]) -> None:
    """Raise BandsNotRight unless each kind has bands from nothing upwards whose rates do not fall, or one amount."""
    for kind in kinds:
        bands = sorted((rate for rate in rates if rate.kind == kind), key=lambda rate: rate.above_fen)
        starts = [rate.above_fen for rate in bands]
        by_rate = [rate.rate_bp for rate in bands if rate.rate_bp is not None]
        bounded = [rate for rate in bands if rate.rate_bp is None]
        right = bool(bands) and starts[0] == 0 and len(set(starts)) == len(starts)
        if bounded:
            least, most = bounded[0].least_fen, bounded[0].most_fen
            right = right and len(bands) == 1 and least is not None and most is not None and least <= most
        else:
            right = right and by_rate == sorted(by_rate)
        right = right and all(
            rate.rate_bp is None or (rate.least_fen is None and rate.most_fen is None) for rate in bands
        )
        if not right:
            raise BandsNotRight(kind=kind)


def check_base(rates: Sequence[Rate], kind: str, amount_fen: int) -> None:
    """Raise BaseOutOfBounds, BaseTooSmall for an amount that is none of its kind."""
    rate = rate_of(rates, kind, amount_fen)
    if rate.least_fen is not None and rate.most_fen is not None:
        if not rate.least_fen <= amount_fen <= rate.most_fen:
            raise BaseOutOfBounds(least=yuan(rate.least_fen), most=yuan(rate.most_fen))
    elif amount_fen < BASE_LEAST_FEN:
        raise BaseTooSmall()


def first_of(month: str) -> date:
    """Return the first day of a month written 2026-11."""
    return date.fromisoformat(f"{month}-01")


def said(month: date) -> str:
    """Return a month as it is written, 2026-11."""
    return f"{month:%Y-%m}"


def next_month(month: date) -> date:
    """Return the first day of the month after."""
    return months_after(month, 1)
