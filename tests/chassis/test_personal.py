"""Personal data: sealed differently each time, found by its index, readable after a rotation of keys."""

import pytest
from chassis.personal import Unreadable, blind_index, mask_name, mask_phone, seal, unseal
from cryptography.fernet import Fernet

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONAL_DATA_KEYS", OLD)


def test_what_is_sealed_is_unsealed() -> None:
    assert unseal(seal("张三")) == "张三"
    assert unseal(memoryview(seal("张三"))) == "张三"
    assert seal("张三") != seal("张三")
    assert "张三".encode() not in seal("张三")


def test_after_a_rotation_the_old_is_readable_and_the_new_is_sealed_with_the_new(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sealed, index = seal("张三"), blind_index("1", column="phone")

    monkeypatch.setenv("PERSONAL_DATA_KEYS", f"{NEW},{OLD}")
    assert unseal(sealed) == "张三"
    assert blind_index("1", column="phone") == index
    fresh = seal("李四")
    monkeypatch.setenv("PERSONAL_DATA_KEYS", NEW)
    assert unseal(fresh) == "李四"
    with pytest.raises(Unreadable):
        unseal(sealed)


def test_a_blind_index_is_the_same_for_the_same_text_in_the_same_column() -> None:
    assert blind_index("1", column="phone") == blind_index("1", column="phone")
    assert blind_index("1", column="phone") != blind_index("2", column="phone")
    assert blind_index("1", column="phone") != blind_index("1", column="identity_number")


def test_without_a_key_nothing_is_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PERSONAL_DATA_KEYS")

    with pytest.raises(Unreadable, match="PERSONAL_DATA_KEYS is not set"):
        seal("张三")


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812345678", "138****5678"),
        ("0533-1234567", "053*****4567"),
        ("12345678", "******78"),
        ("12345", "*****"),
        ("", ""),
    ],
)
def test_a_masked_phone(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


@pytest.mark.parametrize(("name", "masked"), [("张三丰", "张**"), ("张", "张"), ("", "")])
def test_a_masked_name(name: str, masked: str) -> None:
    assert mask_name(name) == masked
