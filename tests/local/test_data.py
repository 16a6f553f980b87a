"""Data lies where the server's user can reach it, and half-made data is not taken for whole."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from local.accounts import server_account
from local.clone import TEST_RUN
from local.data import OUTSIDE, data_folder
from local.postgres import Postgres
from local.rabbitmq import RabbitMQ

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


@needs_root
def test_what_a_clone_left_that_stood_here_is_put_aside(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    account = server_account("postgres")
    data = data_folder(tmp_path, "postgres", account)
    try:
        data.mkdir()
        (data / "PG_VERSION").write_text("15\n")
        (tmp_path / "postgres.folder").unlink()  # the clone and its passwords are gone
        assert data_folder(tmp_path, "postgres", account) == data
        assert not data.exists()
        assert (data.with_name("postgres.left-1") / "PG_VERSION").exists()
    finally:
        shutil.rmtree(data.parent, ignore_errors=True)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A stack's folder that the servers' users can pass."""
    made = TEST_RUN / f"data-{os.getpid()}"
    yield made
    shutil.rmtree(made, ignore_errors=True)


def test_a_cluster_whose_making_was_killed_is_made_again(folder: Path) -> None:
    postgres = Postgres(folder=folder, durable=False)
    draft = postgres.data.with_name("postgres.draft")
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("15\n")
    postgres.prepare()
    assert (postgres.data / "global" / "pg_control").exists()
    assert not draft.exists()


def test_a_broker_killed_in_its_first_start_begins_anew_but_never_later(folder: Path) -> None:
    rabbitmq = RabbitMQ(folder=folder)
    rabbitmq.prepare()
    half_made = rabbitmq.data / "mnesia" / "half-made"
    half_made.mkdir(parents=True)
    rabbitmq.prepare()
    assert not half_made.exists()
    half_made.mkdir(parents=True)
    (rabbitmq.data / "was-ready").touch()
    rabbitmq.prepare()
    assert half_made.exists()
