"""Calendar months as the rules count them: days and borders are those of Asia/Shanghai."""

import calendar
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, order=True)
class Month:
    """One calendar month; months compare by time."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the month in which the day lies."""
        return cls(day.year, day.month)

    @classmethod
    def at(cls, instant: datetime) -> Self:
        """Return the month that the calendar in Shanghai shows at the instant."""
        return cls.of(instant.astimezone(SHANGHAI).date())

    @classmethod
    def named(cls, text: str) -> Self:
        """Return the month written as YYYY-MM; raises ValueError."""
        year, _, number = text.partition("-")
        return cls.of(date(int(year), int(number), 1))

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @property
    def first(self) -> date:
        return self.day(1)

    @property
    def last(self) -> date:
        return self.day(31)

    @property
    def starts_at(self) -> datetime:
        return datetime(self.year, self.number, 1, tzinfo=SHANGHAI)

    @property
    def ends_at(self) -> datetime:
        """The first instant that no longer belongs to the month."""
        return self.next.starts_at

    @property
    def next(self) -> "Month":
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def previous(self) -> "Month":
        return Month(self.year - (self.number == 1), (self.number - 2) % 12 + 1)

    def day(self, number: int) -> date:
        """Return a day of the month; its last one where the month is shorter than `number` days."""
        # Up to the 28th no month is too short; asked sixty thousand times in a district's night.
        if number > 28:
            number = min(number, calendar.monthrange(self.year, self.number)[1])
        return date(self.year, self.number, number)
