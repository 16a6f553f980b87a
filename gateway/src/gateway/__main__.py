"""The gateway as a process: gunicorn with threads, over TLS when TLS_CERT and TLS_KEY are set.

    python -m gateway

Two worker processes with 16 threads each are the default. On two cores both cost the same CPU a request as one process
with 32, but one waits for its own interpreter while a core is free (orders: 430/s against 640/s on a busy machine).
GATEWAY_WORKERS and GATEWAY_THREADS change it. The workers count into files of one folder, so `/metrics` tells of all.
"""

import os
import shutil
import ssl
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from typing import Any, cast

from chassis import logs
from chassis.config import leave, read_or_exit
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.workers.base import Worker

from gateway.config import GatewayConfig

COUNTS = "PROMETHEUS_MULTIPROC_DIR"
STOP_WAIT_S = 10
KEEP_ALIVE_S = 60
SILENT_MAX_S = 60
CONNECTIONS_MAX = 2000


class Gateway(BaseApplication):
    """gunicorn with our settings; the app is made in each worker, after the fork."""

    def __init__(self, config: GatewayConfig) -> None:
        self._config = config
        super().__init__()

    def load_config(self) -> None:
        """Set what gunicorn shall do."""
        for name, value in settings(self._config).items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the app."""
        logs.begin(process=self._config.process_name, level=self._config.log_level)
        return cast(Flask, import_module("gateway.app").create_app(self._config))


def settings(config: GatewayConfig) -> dict[str, Any]:
    """Return gunicorn's settings."""
    host = f"[{config.bind}]" if ":" in config.bind else config.bind
    chosen: dict[str, Any] = {
        "bind": f"{host}:{config.port}",
        "worker_class": "gthread",
        "workers": config.gateway_workers,
        "threads": config.gateway_threads,
        "worker_connections": CONNECTIONS_MAX,
        "keepalive": KEEP_ALIVE_S,
        "graceful_timeout": STOP_WAIT_S,
        "timeout": SILENT_MAX_S,
        "control_socket_disable": True,
        "worker_tmp_dir": "/dev/shm",  # noqa: S108 - a heartbeat file, made by gunicorn with a name of its own
        "child_exit": _forget,
        "on_exit": _clean_up,
        "proc_name": config.process_name,
        "logger_class": "gunicorn.glogging.Logger",
        "loglevel": config.log_level.lower(),
        "logconfig_dict": {
            "version": 1,
            "disable_existing_loggers": False,
            "root": {"level": config.log_level, "handlers": ["lines"]},
            "handlers": {
                "lines": {"class": "logging.StreamHandler", "formatter": "lines", "stream": "ext://sys.stderr"}
            },
            "formatters": {"lines": {"()": "chassis.logs.JsonLines", "process": config.process_name}},
            "loggers": {"gunicorn.error": {"propagate": True}, "gunicorn.access": {"propagate": False}},
        },
    }
    if config.over_tls:
        chosen |= {"certfile": str(config.tls_cert), "keyfile": str(config.tls_key), "ssl_context": _modern_tls}
    return chosen


def _modern_tls(_config: Config, default: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    context = default()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _forget(_arbiter: Arbiter, worker: Worker) -> None:
    import_module("prometheus_client.multiprocess").mark_process_dead(worker.pid)


def _clean_up(_arbiter: Arbiter) -> None:
    shutil.rmtree(os.environ[COUNTS], ignore_errors=True)


def main() -> int:
    """Serve until SIGTERM."""
    config = read_or_exit(GatewayConfig)
    if (config.tls_cert is None) != (config.tls_key is None):
        leave(["TLS_CERT and TLS_KEY go together; set both or none"])
    # prometheus_client looks for the folder when it is imported, so the app may only be imported now; once, for all
    # workers, whose processes are forked off this one.
    os.environ.setdefault(COUNTS, tempfile.mkdtemp(prefix="zhendi-gateway-metrics-"))
    import_module("gateway.app")
    Gateway(config).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
