"""What the gateway reads from its environment; checked at the start, one sentence per fault."""

from dataclasses import dataclass
from pathlib import Path

from chassis.config import LOG_LEVELS, number, one_of, readable_file, seconds, setting, url, word, writable_folder
from chassis.patience import PATIENCE

from gateway.limit_policies import DEFAULT, Policy, policies

SECRET_KEY_MIN = 16


def secret_key(text: str) -> str:
    """Read the text from which the gateway's cookie keys are made."""
    if len(text) < SECRET_KEY_MIN:
        raise ValueError(f"must have at least {SECRET_KEY_MIN} characters that nobody can guess")
    return text


def switch(text: str) -> bool:
    """Read 1 or 0."""
    if text not in ("0", "1"):
        raise ValueError("must be 1 or 0")
    return text == "1"


def tiles(text: str) -> str:
    """Read the address pattern of a tile service, with {z}, {x} and {y}."""
    if not text.startswith(("https://", "http://")) or not all(part in text for part in ("{z}", "{x}", "{y}")):
        raise ValueError("must be an address with {z}, {x} and {y} in it")
    return text


def line(text: str) -> str:
    """Read one line of text."""
    return text.strip()


@dataclass(frozen=True)
class GatewayConfig:
    """What `python -m gateway` reads."""

    amqp_url: str = setting(url("amqp"), example="amqp://user:password@127.0.0.1:5672/vhost")
    token_public_keys: Path = setting(readable_file, example="keys/public.json")  # noqa: RUF009 - it is a field
    secret_key: str = setting(secret_key, example="$(openssl rand -hex 32)")
    file_store: Path = setting(writable_folder, example="/var/lib/zhendi/files")  # noqa: RUF009 - it is a field
    port: int = setting(number(1, 65535), example="8000", default=8000)
    bind: str = setting(word, example="127.0.0.1", default="127.0.0.1")
    tls_cert: Path | None = setting(readable_file, example="tls/cert.pem", default=None)  # noqa: RUF009 - it is a field
    tls_key: Path | None = setting(readable_file, example="tls/key.pem", default=None)  # noqa: RUF009 - it is a field
    rpc_timeout_s: float = setting(seconds(0.05, 60), example="5", default=min(60.0, 5.0 * PATIENCE))
    gateway_workers: int = setting(number(1, 64), example="2", default=2)
    gateway_threads: int = setting(number(1, 512), example="16", default=16)
    process_name: str = setting(word, example="gateway", default="gateway")
    log_level: str = setting(one_of(LOG_LEVELS), example="INFO", default="INFO")
    clock_offset_s: float = setting(seconds(-1e10, 1e10), example="0", default=0.0)
    clock_offset_file: Path | None = setting(  # noqa: RUF009 - it is a field
        readable_file, example="clock-offset", of_demo=True, default=None
    )
    tile_url: str | None = setting(tiles, example="https://tiles.example/{z}/{x}/{y}.png", default=None)
    tile_labels_url: str | None = setting(
        tiles, example="https://t{s}.tiles.example/labels/{z}/{x}/{y}.png", default=None
    )
    tile_subdomains: str = setting(word, example="01234567", default="abc")
    tile_attribution: str = setting(line, example="© 天地图", default="")
    tile_review_number: str = setting(line, example="GS(2024)0568号", default="")
    rate_limits: dict[str, Policy] | None = setting(  # noqa: RUF009 - it is a field
        policies, example="person=1200/60", default_factory=lambda: DEFAULT
    )
    proxies: int = setting(number(0, 5), example="1", default=0)
    demo: bool = setting(switch, example="1", default=False)

    @property
    def over_tls(self) -> bool:
        """Say whether browsers reach this gateway over TLS."""
        return self.tls_cert is not None and self.tls_key is not None
