"""The id of a command, made so that a retried request is the same command.

A program sends `Idempotency-Key`; a form carries it in the hidden field `idempotency_key`, put there when it is drawn
(`new_key()`, also in templates). The id is made of the person, the route and the key, so one person's key never meets
another's. Without a key every request is a command of its own.
"""

import re
from typing import Final
from uuid import UUID, uuid4, uuid5

from chassis.refusals import BadRequest
from contracts.envelope import NAMESPACE_ZHENDI
from flask import request

from gateway.identity import current

HEADER: Final = "Idempotency-Key"
FIELD: Final = "idempotency_key"
_KEY = re.compile(r"[!-~]{1,200}\Z")


def command_id() -> UUID:
    """Return the command id of the request at hand; raises BadRequest for a key that is no key."""
    key = request.headers.get(HEADER)
    if key is None and request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        key = request.form.get(FIELD)
    if key is None:
        return uuid4()
    if not _KEY.match(key):
        raise BadRequest(reason="idempotency-key")
    return uuid5(NAMESPACE_ZHENDI, f"command:{current().person_id}:{request.method}:{request.path}:{key}")


def new_key() -> str:
    """Return a key for a form that is being drawn."""
    return str(uuid4())
