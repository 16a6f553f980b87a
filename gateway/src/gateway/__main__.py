"""The gateway as a process: gunicorn with threads, over TLS when TLS_CERT and TLS_KEY are set.

    python -m gateway

One worker process with many threads is the default: a request waits for its service most of the time, and on two cores
a second process only takes them from the services. GATEWAY_WORKERS and GATEWAY_THREADS change it; with more than one
worker `/metrics` tells of one of them.
"""

import ssl
import sys
from collections.abc import Callable
from typing import Any

from chassis import logs
from chassis.config import leave, read_or_exit
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.config import Config

from gateway.app import create_app
from gateway.config import GatewayConfig

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
        return create_app(self._config)


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


def main() -> int:
    """Serve until SIGTERM."""
    config = read_or_exit(GatewayConfig)
    if (config.tls_cert is None) != (config.tls_key is None):
        leave(["TLS_CERT and TLS_KEY go together; set both or none"])
    Gateway(config).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
