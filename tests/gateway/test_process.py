"""The gateway as a process: it starts, serves, counts over its workers, stops in good order, and says what it lacks."""

import os
import signal
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from gateway.config import GatewayConfig
from local.clone import CLONE

from tests.gateway.conftest import EMPTY_VHOST, eventually, free_port


def environment(config: GatewayConfig, **more: str) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
        "AMQP_URL": config.amqp_url.rpartition("/")[0] + "/" + EMPTY_VHOST,
        "TOKEN_PUBLIC_KEYS": str(config.token_public_keys),
        "SECRET_KEY": config.secret_key,
        "FILE_STORE": str(config.file_store),
        "PYTHONWARNINGS": "ignore",
        **more,
    }


@contextmanager
def gateway(config: GatewayConfig, log: Path, **more: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway"],
            cwd=CLONE,
            env=environment(config, PORT=str(port), **more),
            stderr=output,
        )
    try:
        yield process, port
    finally:
        process.kill()
        process.wait()


def fetch(url: str, **how: Any) -> str:
    try:
        with urllib.request.urlopen(url, timeout=60, **how) as answer:  # noqa: S310 - our own address
            return str(answer.read().decode())
    except OSError:
        return ""


def test_serves_counts_and_stops(config: GatewayConfig, tmp_path: Path) -> None:
    with gateway(config, tmp_path / "log", LOG_LEVEL="INFO", TMPDIR=str(tmp_path)) as (process, port):
        base = f"http://127.0.0.1:{port}"
        eventually(lambda: fetch(f"{base}/livez"), wait_s=180)
        for _ in range(30):
            assert fetch(f"{base}/api/problems/slot-full")
        counted = [line for line in fetch(f"{base}/metrics").splitlines() if 'route="/api/problems/<code>"' in line]
        assert 'http_requests_total{method="GET",route="/api/problems/<code>",status="200"} 30.0' in counted
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=240) == 0
    log = (tmp_path / "log").read_text()
    assert '"message":"GET /api/problems/slot-full 200"' in log
    assert "Traceback" not in log
    assert not list(tmp_path.glob("zhendi-gateway-metrics-*"))


def test_serves_over_tls(config: GatewayConfig, tmp_path: Path) -> None:
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "1",
            ),
            *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")),
        ],
        check=True,
        capture_output=True,
    )
    files = {"TLS_CERT": str(tmp_path / "cert.pem"), "TLS_KEY": str(tmp_path / "key.pem")}
    with gateway(config, tmp_path / "log", GATEWAY_WORKERS="1", TMPDIR=str(tmp_path), **files) as (_, port):
        trusted = ssl.create_default_context(cafile=files["TLS_CERT"])
        eventually(lambda: fetch(f"https://127.0.0.1:{port}/livez", context=trusted), wait_s=180)
        trusted.maximum_version = ssl.TLSVersion.TLSv1_1
        assert fetch(f"https://127.0.0.1:{port}/livez", context=trusted) == ""


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"SECRET_KEY": "short"}, "SECRET_KEY must have at least 16 characters"),
        ({"AMQP_URL": ""}, "AMQP_URL is not set"),
        ({"TOKEN_PUBLIC_KEYS": "/nowhere"}, "TOKEN_PUBLIC_KEYS names no file"),
        ({"PORT": "eighty"}, "PORT must be a whole number"),
        ({"TLS_CERT": "/etc/hostname"}, "TLS_CERT and TLS_KEY go together"),
    ],
)
def test_says_in_a_sentence_what_is_wrong_with_its_settings(
    config: GatewayConfig, settings: dict[str, str], sentence: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gateway"],
        cwd=CLONE,
        env=environment(config, **settings),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.strip().startswith(sentence)
    assert len(done.stderr.strip().splitlines()) == 1
