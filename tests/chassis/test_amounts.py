"""Amounts as Chinese documents write them."""

import pytest
from chassis.amounts import in_words


class TestAmountsInWords:
    @pytest.mark.parametrize(
        ("fen", "said"),
        [
            (0, "零元整"),
            (1, "壹分"),
            (20, "贰角整"),
            (10, "壹角整"),
            (1_05, "壹元零伍分"),
            (10_50, "壹拾元伍角整"),
            (400_00, "肆佰元整"),
            (1_005_30, "壹仟零伍元叁角整"),
            (1_409_50, "壹仟肆佰零玖元伍角整"),
            (6_007_14, "陆仟零柒元壹角肆分"),
            (16_409_02, "壹万陆仟肆佰零玖元零贰分"),
            (107_000_53, "壹拾万柒仟元伍角叁分"),
            (100_500_00, "壹拾万零伍佰元整"),
            (1_234_567_89, "壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分"),
            (10_000_100_00, "壹仟万零壹佰元整"),
            (100_050_000_00, "壹亿零伍万元整"),
            (10**13, "壹仟亿元整"),
            (-3_00, "负叁元整"),
        ],
    )
    def test_as_chinese_forms_write_them(self, fen: int, said: str) -> None:
        assert in_words(fen) == f"人民币{said}"

    def test_every_amount_is_told_apart_from_the_next(self) -> None:
        said = [in_words(fen) for fen in range(0, 3_000_000, 37)]
        assert len(set(said)) == len(said)
        assert not any("零零" in one or "零元" in one for one in said[1:])
