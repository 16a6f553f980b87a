"""Data lies where the server's user can reach it."""

import os
import shutil
from pathlib import Path

import pytest
from local.accounts import server_account
from local.data import OUTSIDE, data_folder

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts servers as another user")


def test_data_lies_in_the_clone_when_its_user_gets_in(tmp_path: Path) -> None:
    assert data_folder(tmp_path, "postgres", None) == tmp_path / "data" / "postgres"


@needs_root
def test_data_lies_outside_when_the_servers_user_cannot_pass(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    data = data_folder(tmp_path, "postgres", server_account("postgres"))
    try:
        assert data.is_relative_to(OUTSIDE)
        tmp_path.chmod(0o755)
        assert data_folder(tmp_path, "postgres", server_account("postgres")) == data, "it is remembered"
    finally:
        shutil.rmtree(data.parent, ignore_errors=True)
