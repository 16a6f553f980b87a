"""How many requests one asker may make: counted in memory that all worker processes of this gateway share.

A policy is a quota of so many requests in so many seconds. It is counted as a bucket that refills evenly (the generic
cell rate algorithm): one instant per asker says when their bucket will be full again, and that instant is all there is
to keep. The instants stand in an anonymous shared mapping made before the workers are forked, so every worker sees
the same count and nothing is asked of anybody. Two workers that count the same asker in the same microsecond may count
one request for two; several gateways on several machines each count for themselves.

    person    a person who has signed in, however many browsers they use
    token     a program's access token, apart from its person
    address   an address (of IPv6 its /64) whose asker nobody knows: an office stands behind one address
    sign-in   an address, at the doors of the sign-in, besides
    wrong     wrong passwords and codes from an address, besides

Answers carry `RateLimit-Policy` and `RateLimit` of draft-ietf-httpapi-ratelimit-headers (10): `q` requests in `w`
seconds; `r` are left, and in `t` seconds all of them are again.
"""

import hashlib
import ipaddress
import math
import mmap
import secrets
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, TypeVar

from chassis import clock
from chassis.actors import NotSignedIn
from chassis.refusals import Refusal
from chassis.tokens import Verifier
from flask import Flask, Response, g, request

from gateway import browsers, programs
from gateway.limit_policies import Policy

SLOTS: Final = 1 << 16
WAYS: Final = 8
UNCOUNTED: Final = ("/static/", "/livez", "/readyz", "/metrics")
WRONG: Final = frozenset({"wrong-credentials", "wrong-code", "too-many-attempts"})
View = TypeVar("View", bound=Callable[..., Any])


class TooManyRequests(Refusal):
    """There were too many requests; try again in {wait_s} seconds."""


class Counts:
    """The instants at which askers' buckets are full again, by a keyed hash of who they are.

    A set of WAYS slots may hold an asker; a new one takes the slot whose bucket has been full for longest.
    """

    def __init__(self, slots: int = SLOTS) -> None:
        self._sets = slots // WAYS
        self._memory = mmap.mmap(-1, slots * 16)
        self._who = memoryview(self._memory)[: slots * 8].cast("Q")
        self._full_at = memoryview(self._memory)[slots * 8 :].cast("d")
        self._lock = threading.Lock()
        self._salt = secrets.token_bytes(16)

    def take(self, name: str, who: str, policy: Policy, *, now: float, cost: int = 1) -> tuple[int, float, float]:
        """Count `cost` requests of somebody.

        Return how many are left, in how many seconds all are again, and how many seconds they are over: 0 when the
        request is within the quota. What is over is not counted. With cost 0 nothing is counted, only looked at.
        """
        digest = hashlib.blake2b(f"{name}:{who}".encode(), digest_size=8, key=self._salt).digest()
        asker = int.from_bytes(digest, "little") or 1
        each_s = policy.window_s / policy.quota
        first = (asker % self._sets) * WAYS
        with self._lock:
            slot = self._slot_of(asker, first)
            full_at = max(self._full_at[slot], now) if self._who[slot] == asker else now
            after = full_at + max(cost, 1) * each_s
            over_s = after - now - policy.window_s
            if over_s > 1e-9:
                return 0, full_at - now, over_s
            if cost:
                self._who[slot] = asker
                self._full_at[slot] = after
                full_at = after
        left = math.floor((policy.window_s - (full_at - now)) / each_s + 1e-9)
        return left, full_at - now, 0.0

    def _slot_of(self, asker: int, first: int) -> int:
        oldest = first
        for slot in range(first, first + WAYS):
            if self._who[slot] == asker:
                return slot
            if self._full_at[slot] < self._full_at[oldest]:
                oldest = slot
        return oldest


COUNTS: Final = Counts()
"""Made when the module is loaded, which the process that forks the workers does."""


def at_sign_in(view: View) -> View:
    """Count a view as one of the sign-in's: fewer of them from one address, and far fewer wrong ones."""
    view.is_sign_in = True  # type: ignore[attr-defined]
    return view


def register(app: Flask, held: dict[str, Policy] | None, verifier: Verifier, *, counts: Counts = COUNTS) -> None:
    """Make the app count its requests, and tell of it on its answers; with no policies it does neither."""
    if held is None:
        return
    app.extensions["zhendi.counts"] = counts
    told = {name: f'"{name}";q={policy.quota};w={policy.window_s}' for name, policy in held.items()}

    @app.before_request
    def count() -> None:
        if request.path.startswith(UNCOUNTED):
            return
        name, who = _asker(verifier)
        asked = [(name, who, 1)]
        view = app.view_functions.get(request.endpoint or "")
        if getattr(view, "is_sign_in", False):
            address = _address()
            # Of the wrong ones none is counted yet: `finish` does, when it was one.
            asked += [("sign-in", address, 1), ("wrong", address, 0)]
        now = time.time()
        states, over_s = [], 0.0
        for policy_name, asker, cost in asked:
            left, full_in_s, over = counts.take(policy_name, asker, held[policy_name], now=now, cost=cost)
            states.append((policy_name, left, full_in_s))
            over_s = max(over_s, over)
        g.limits = states
        if over_s:
            raise TooManyRequests(wait_s=math.ceil(over_s))

    @app.after_request
    def finish(response: Response) -> Response:
        states = g.get("limits")
        if states is None:
            return response
        if len(states) > 1 and g.get("refused") in WRONG:
            left, full_in_s, _ = counts.take("wrong", _address(), held["wrong"], now=time.time())
            states[-1] = ("wrong", left, full_in_s)
        response.headers.add("RateLimit-Policy", ", ".join(told[name] for name, _, _ in states))
        now_left = (f'"{name}";r={left};t={math.ceil(full_in_s)}' for name, left, full_in_s in states)
        response.headers.add("RateLimit", ", ".join(now_left))
        return response


def _asker(verifier: Verifier) -> tuple[str, str]:
    """Return by which policy the request is counted, and for whom; nobody is asked, and nothing is refused."""
    header = request.headers.get("Authorization")
    token: str | None
    if header:
        kind, _, token = header.partition(" ")
        token = token.strip() if kind.lower() == "bearer" else None
        if token and programs.is_programs(token):
            known = programs.current_programs().knows(token)
            return ("token", hashlib.sha256(token.encode()).hexdigest()) if known else ("address", _address())
    else:
        token = browsers.kept().token if browsers.has_token() else None
    if token:
        try:
            actor = verifier.actor(token, at=clock.now(), lenient=True)
        except NotSignedIn:
            pass
        else:
            return "person", str(actor.person_id)
    return "address", _address()


def _address() -> str:
    return _one_of(request.remote_addr or "")


@lru_cache(maxsize=4096)
def _one_of(told: str) -> str:
    """Return an address as it is counted: of IPv6 its /64, for a household has as many of those as it likes."""
    try:
        address = ipaddress.ip_address(told)
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return str(ipaddress.ip_network((address, 64), strict=False))
        address = address.ipv4_mapped
    return str(address)
