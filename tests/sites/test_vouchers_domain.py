"""The short code: it survives being typed, and finds what was typed wrong."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sites.domain.vouchers import SIGNS, VoucherUnknown, new_code, read_code

codes = st.lists(st.sampled_from(SIGNS), min_size=7, max_size=7).map(lambda signs: new_code(lambda _: signs.pop()))


class TestReadCode:
    @pytest.mark.parametrize("dress", [str.lower, lambda code: f" {code[:4]}-{code[4:]} ", "–".join, lambda code: code])
    def test_takes_what_people_type(self, dress: Any) -> None:
        code = new_code()
        assert read_code(dress(code)) == code

    @pytest.mark.parametrize("typed", ["", "ABC", "00000000", "I1O0L222", "ABCDEFGHJ", "蒲松龄纪念馆", "        "])
    def test_refuses_what_cannot_be_a_code(self, typed: Any) -> None:
        with pytest.raises(VoucherUnknown):
            read_code(typed)

    @given(code=codes, place=st.integers(0, 7), sign=st.sampled_from(SIGNS))
    def test_finds_every_single_wrong_sign(self, code: str, place: int, sign: str) -> None:
        assume(code[place] != sign)
        with pytest.raises(VoucherUnknown):
            read_code(code[:place] + sign + code[place + 1 :])

    @given(code=codes, one=st.integers(0, 7), other=st.integers(0, 7))
    def test_finds_every_swap(self, code: str, one: int, other: int) -> None:
        assume(code[one] != code[other])
        signs = list(code)
        signs[one], signs[other] = signs[other], signs[one]
        with pytest.raises(VoucherUnknown):
            read_code("".join(signs))


def test_a_code_has_eight_signs_none_of_them_mistaken_for_another() -> None:
    code = new_code()
    assert len(code) == 8
    assert not set("01OIL") & set(SIGNS)
    assert len({new_code() for _ in range(200)}) == 200
