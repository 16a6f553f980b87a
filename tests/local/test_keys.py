"""Keys and passwords are made once and stay private."""

import json
import stat
from pathlib import Path

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from local import keys
from local.secrets import secret
from local.stack import EVERYWHERE
from local.tls import own_certificate


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_secret_is_made_once_and_read_by_nobody_else(tmp_path: Path) -> None:
    made = secret(tmp_path, "amqp")
    assert len(made) == 40
    assert secret(tmp_path, "amqp") == made
    assert secret(tmp_path, "other") != made
    assert mode_of(tmp_path / "secrets") == 0o700
    assert mode_of(tmp_path / "secrets" / "amqp") == 0o600


def test_the_public_key_belongs_to_the_private_one_and_carries_its_name(tmp_path: Path) -> None:
    private = keys.token_private_key(tmp_path)
    (public,) = json.loads(keys.token_public_keys(tmp_path).read_text())["keys"]
    assert public["kid"] == private.stem
    assert public["kty"] == "OKP"
    assert public["crv"] == "Ed25519"
    assert "d" not in public
    assert mode_of(private) == 0o600
    assert load_pem_private_key(private.read_bytes(), password=None)
    assert keys.token_private_key(tmp_path) == private


def test_personal_data_is_sealed_with_the_same_key_tomorrow(tmp_path: Path) -> None:
    sealed = Fernet(keys.personal_data_keys(tmp_path)).encrypt(b"370302")
    assert Fernet(keys.personal_data_keys(tmp_path)).decrypt(sealed) == b"370302"


def test_the_certificate_is_kept_until_it_must_cover_another_address(tmp_path: Path) -> None:
    made = own_certificate(tmp_path, bind=EVERYWHERE)
    first = made.certificate.read_bytes()
    assert mode_of(made.key) == 0o600
    assert own_certificate(tmp_path, bind=EVERYWHERE).certificate.read_bytes() == first
    assert own_certificate(tmp_path, bind="192.0.2.7").certificate.read_bytes() != first
