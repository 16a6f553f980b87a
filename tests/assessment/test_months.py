from datetime import UTC, date, datetime

import pytest
from assessment.domain.months import Month
from hypothesis import given
from hypothesis import strategies as st


class TestMonth:
    @pytest.mark.parametrize(
        ("instant", "month"),
        [
            (datetime(2026, 10, 31, 15, 59, 59, tzinfo=UTC), "2026-10"),  # 23:59:59 in Shanghai
            (datetime(2026, 10, 31, 16, 0, 0, tzinfo=UTC), "2026-11"),  # midnight in Shanghai
        ],
    )
    def test_begins_at_midnight_in_shanghai(self, instant: datetime, month: str) -> None:
        assert str(Month.at(instant)) == month

    def test_ends_when_the_next_one_begins(self) -> None:
        assert Month(2026, 12).ends_at == Month(2027, 1).starts_at
        assert Month(2026, 12).ends_at.astimezone(UTC) == datetime(2026, 12, 31, 16, tzinfo=UTC)

    def test_has_no_day_after_its_last(self) -> None:
        assert Month(2026, 2).day(30) == Month(2026, 2).last == date(2026, 2, 28)
        assert Month(2028, 2).last == date(2028, 2, 29)

    @given(st.dates(min_value=date(2000, 2, 1), max_value=date(2199, 11, 30)))
    def test_neighbours_and_names_agree(self, day: date) -> None:
        month = Month.of(day)
        assert Month.named(str(month)) == month
        assert month.next.previous == month == month.previous.next
        assert month.previous < month < month.next
        assert month.first <= day <= month.last
