"""A program's access token, exchanged for what the services take.

Roster is asked once in KEPT_S for each token and process; in between the answer is kept by the token's SHA-256. So a
token that was ended, or a role that its person lost, counts no longer than that. While roster does not answer, what it
said before counts until LEFT_S after it was said, and then nothing does.
"""

import hashlib
import threading
import time
from typing import Final

from chassis.refusals import Refusal
from contracts.roster.api_tokens import START, looks_whole
from flask import Flask, current_app, request

from gateway import browsers
from gateway.clients import roster

KEPT_S: Final = 30.0
REFUSED_S: Final = 5.0
LEFT_S: Final = 60.0
TOKENS_MAX: Final = 20_000
_EXTENSION: Final = "zhendi.programs"


class TokenRefused(Refusal):
    """This access token is unknown, has expired or was ended."""


class Programs:
    """The answers of roster that count for a while, at most TOKENS_MAX of them."""

    def __init__(self) -> None:
        self._answers: dict[bytes, tuple[str | Refusal, float]] = {}
        self._lock = threading.Lock()

    def knows(self, token: str) -> bool:
        """Say whether roster has taken the token lately."""
        answer, age_s = self._kept(_digest(token))
        return isinstance(answer, str) and age_s < LEFT_S

    def exchanged(self, token: str) -> str:
        """Return the signed token that stands for a program's token.

        Raises TokenRefused, what else roster refuses, ServiceUnavailable and DeadlinePassed.
        """
        if not looks_whole(token):
            raise TokenRefused()
        digest = _digest(token)
        answer, age_s = self._kept(digest)
        if isinstance(answer, str) and age_s < KEPT_S:
            return answer
        if isinstance(answer, Refusal) and age_s < REFUSED_S:
            raise answer
        try:
            asked = {"token": token, "address": browsers.network_of(request.remote_addr)}
            signed = str(roster.api_tokens.exchange_api_token(asked)["access_token"])
        except Refusal as refusal:
            if refusal.status < 500:
                self._keep(digest, refusal)
            elif isinstance(answer, str) and age_s < LEFT_S:
                return answer
            raise
        self._keep(digest, signed)
        return signed

    def _kept(self, digest: bytes) -> tuple[str | Refusal | None, float]:
        answer, said_at = self._answers.get(digest, (None, 0.0))
        return answer, time.monotonic() - said_at

    def _keep(self, digest: bytes, answer: str | Refusal) -> None:
        with self._lock:
            if len(self._answers) >= TOKENS_MAX:
                self._answers.clear()
            self._answers[digest] = (answer, time.monotonic())


def register(app: Flask) -> None:
    """Let the app take programs' tokens."""
    app.extensions[_EXTENSION] = Programs()


def current_programs() -> Programs:
    """Return the answers that this process keeps."""
    found: Programs = current_app.extensions[_EXTENSION]
    return found


def is_programs(token: str) -> bool:
    """Say whether a bearer token is a program's, by its beginning."""
    return token.startswith(START)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()
