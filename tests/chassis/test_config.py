"""Configuration: every fault is told in one sentence, all at once, before anything starts."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from chassis.config import ConfigFaults, ServeConfig, WorkConfig, read, service_settings
from counters.running import Place
from cryptography.fernet import Fernet

GOOD = {
    "DATABASE_URL": "postgresql://a:b@127.0.0.1/c",
    "AMQP_URL": "amqp://a:b@127.0.0.1/v",
    "METRICS_PORT": "9101",
}


def test_what_is_not_given_has_its_default() -> None:
    config = read(WorkConfig, GOOD)

    assert (config.metrics_port, config.log_level, config.clock_offset_s) == (9101, "INFO", 0.0)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DATABASE_URL", "", "DATABASE_URL is not set"),
        ("DATABASE_URL", "mysql://a/b", "DATABASE_URL must begin with postgresql://"),
        ("DATABASE_URL", "postgresql:///b", "DATABASE_URL names no host"),
        ("AMQP_URL", "amqp://a:b@c:port/v", "AMQP_URL is not a URL"),
        ("METRICS_PORT", "eighty", "METRICS_PORT must be a whole number from 1 to 65535"),
        ("METRICS_PORT", "70000", "METRICS_PORT must be a whole number from 1 to 65535"),
        ("CLOCK_OFFSET_S", "tomorrow", "CLOCK_OFFSET_S is not a number of seconds"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR"),
        (
            "PERSONAL_DATA_KEYS",
            f"{Fernet.generate_key().decode()},short",
            "PERSONAL_DATA_KEYS holds no Fernet key in place 2",
        ),
        ("FILE_STORE", "/nowhere", "FILE_STORE names no folder"),
        ("TOKEN_PRIVATE_KEY", "/nowhere.pem", "TOKEN_PRIVATE_KEY names no file"),
    ],
)
def test_a_fault_is_told_with_an_example(name: str, value: str, sentence: str) -> None:
    with pytest.raises(ConfigFaults) as told:
        read(WorkConfig, {**GOOD, name: value})

    (fault,) = told.value.faults
    assert fault.startswith(sentence)
    assert f"{name}=" in fault


def test_a_clock_that_moves_is_for_the_demonstration_alone(tmp_path: Path) -> None:
    file = tmp_path / "clock-offset"
    file.write_text("0")
    moving = {**GOOD, "CLOCK_OFFSET_FILE": str(file)}

    with pytest.raises(ConfigFaults, match="for the demonstration alone"):
        read(WorkConfig, moving)
    assert read(WorkConfig, {**moving, "DEMO": "1"}).clock_offset_file == file


def test_no_fault_tells_a_password() -> None:
    with pytest.raises(ConfigFaults) as told:
        read(WorkConfig, {**GOOD, "DATABASE_URL": "mysql://me:hunter2@db/x"})

    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize("kind", ["serve", "work"])
def test_a_process_tells_all_faults_and_ends_with_two(kind: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", f"chassis.{kind}", "counters"],
        env={"METRICS_PORT": "x"},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )

    assert ended.returncode == 2
    lines = ended.stderr.strip().splitlines()
    expected = ["AMQP_URL", "DATABASE_URL", "METRICS_PORT"] + (["TOKEN_PUBLIC_KEYS"] if kind == "serve" else [])
    assert sorted(line.split()[0] for line in lines) == expected


def test_a_port_that_is_taken_is_told(place: Place) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "chassis.work", "counters"],
            env=place.environment(port=taken.getsockname()[1], name="late"),
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )

    assert ended.returncode == 2
    assert "METRICS_PORT" in ended.stderr
    assert "cannot be listened on: Address already in use" in ended.stderr


def test_a_service_that_does_not_exist_is_told(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "chassis.work", "nothing"],
        env=GOOD,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )

    assert ended.returncode == 2
    assert "nothing is no service" in ended.stderr


class TestServiceSettings:
    def settings(self, tmp_path: Path, text: str) -> dict[str, object]:
        path = tmp_path / "config.yml"
        path.write_text(text)
        return service_settings(path, {"AMQP_URL": "amqp://x", "EMPTY": ""})

    def test_names_are_filled_in(self, tmp_path: Path) -> None:
        text = "AMQP_URI: ${AMQP_URL}\nmax_workers: ${MAX_WORKERS:16}\nx: ${EMPTY:y}\n"

        assert self.settings(tmp_path, text) == {"AMQP_URI": "amqp://x", "max_workers": 16, "x": "y"}

    @pytest.mark.parametrize(
        ("text", "word"),
        [("a: ${MISSING}", "MISSING is not set"), ("a: [", "is not YAML"), ("7", "must hold names and values")],
    )
    def test_faults_are_told(self, tmp_path: Path, text: str, word: str) -> None:
        with pytest.raises(ConfigFaults, match=word):
            self.settings(tmp_path, text)

    def test_a_missing_file_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigFaults, match="cannot be read"):
            service_settings(tmp_path / "config.yml", {})


def test_serve_needs_the_public_keys(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text("{}")

    assert read(ServeConfig, {**GOOD, "TOKEN_PUBLIC_KEYS": str(keys)}).token_public_keys == keys
    with pytest.raises(ConfigFaults, match="TOKEN_PUBLIC_KEYS is not set"):
        read(ServeConfig, GOOD)
