"""A voucher's token: small, without a name, and nobody makes or changes one."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from chassis.signatures import SecretMissing, derived_key, is_signed, public_half
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from sites.domain.voucher_tokens import (
    PREFIX,
    TOKEN_BYTES,
    NotAVoucher,
    Voucher,
    base45,
    from_base45,
    is_token,
    payload_of,
    read,
    token_of,
)

KEY = Ed25519PrivateKey.generate()
PUBLIC = public_half(KEY)
STARTS = datetime(2026, 11, 11, 4, 0, tzinfo=UTC)


def sign(voucher: Voucher, key: Ed25519PrivateKey) -> str:
    payload = payload_of(voucher)
    return token_of(payload, key.sign(payload))


def is_true(token: str) -> bool:
    _, payload, signature = read(token)
    return is_signed(payload, signature, public_key=PUBLIC)


def a_voucher(**rest: object) -> Voucher:
    fields = {
        "kid": 3,
        "order_id": uuid4(),
        "revision": 2,
        "site_id": uuid4(),
        "starts_at": STARTS,
        "ends_at": STARTS + timedelta(hours=1),
        "party_size": 20,
    }
    return Voucher(**{**fields, **rest})  # type: ignore[arg-type]


@st.composite
def vouchers(draw: st.DrawFn) -> Voucher:
    starts_at = datetime.fromtimestamp(draw(st.integers(0, 2**32 - 1)), UTC)
    return a_voucher(
        kid=draw(st.integers(1, 65535)),
        revision=draw(st.integers(1, 65535)),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=draw(st.integers(1, 1440))),
        party_size=draw(st.integers(1, 500)),
    )


class TestToken:
    @given(vouchers())
    def test_comes_back_as_it_went(self, voucher: Voucher) -> None:
        token = sign(voucher, KEY)
        assert read(token)[0] == voucher
        assert is_true(token)

    def test_is_at_most_120_bytes_and_alphanumeric_for_a_qr_code(self) -> None:
        token = sign(a_voucher(), KEY)
        assert TOKEN_BYTES <= 120
        assert set(token) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
        assert token == token.strip()  # a form takes spaces away at both ends

    @given(place=st.integers(0, TOKEN_BYTES - 1), bit=st.integers(0, 7))
    def test_with_any_bit_changed_nobody_signed_it(self, place: int, bit: int) -> None:
        _, payload, signature = read(sign(a_voucher(), KEY))
        raw = bytearray(payload + signature)
        raw[place] ^= 1 << bit
        cut = len(payload)
        assert not is_signed(bytes(raw[:cut]), bytes(raw[cut:]), public_key=PUBLIC)

    def test_of_another_key_is_not_ours(self) -> None:
        assert not is_true(sign(a_voucher(), Ed25519PrivateKey.generate()))

    def test_a_key_needs_the_secret(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("VOUCHER_SECRET", "one")
        first = public_half(derived_key("VOUCHER_SECRET", salt=b"salt", purpose="test"))
        assert first == public_half(derived_key("VOUCHER_SECRET", salt=b"salt", purpose="test"))
        assert first != public_half(derived_key("VOUCHER_SECRET", salt=b"other", purpose="test"))
        monkeypatch.delenv("VOUCHER_SECRET")
        with pytest.raises(SecretMissing):
            derived_key("VOUCHER_SECRET", salt=b"salt", purpose="test")

    @pytest.mark.parametrize(
        "text", ["", "ZD1:", "ZD1:AB", "ZD1:" + "A" * 164, "ZD1:" + "a€" * 40, "K7PM4Q9D", "HC1:6B"]
    )
    def test_anything_else_is_none(self, text: str) -> None:
        with pytest.raises(NotAVoucher):
            read(text)

    def test_a_scanner_in_small_letters_is_understood(self) -> None:
        token = sign(a_voucher(), KEY)
        assert is_token(token.lower())
        assert read(token.lower()) == read(token)


class TestBase45:
    # RFC 9285, 4.3 and 4.4
    @pytest.mark.parametrize(
        ("raw", "text"),
        [(b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"), (b"ietf!", "QED8WEX0")],
    )
    def test_as_the_rfc_says(self, raw: bytes, text: str) -> None:
        assert base45(raw) == text
        assert from_base45(text) == raw

    @given(st.binary(max_size=130))
    def test_comes_back(self, raw: bytes) -> None:
        assert from_base45(base45(raw)) == raw

    @pytest.mark.parametrize("text", ["GGW", ":::", "A", "BB8B", "b", "ZZ"])
    def test_refuses_what_stands_for_no_bytes(self, text: str) -> None:
        with pytest.raises(NotAVoucher):
            from_base45(text)

    def test_the_prefix_is_no_short_code(self) -> None:
        assert not set(PREFIX) <= set("23456789ABCDEFGHJKMNPQRSTUVWXYZ")
