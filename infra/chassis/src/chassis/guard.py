"""The guard: a command's id is claimed, and its answer stored, in the transaction that does what it asks.

    claim ── the id is new ──▶ act ──▶ remember the answer ──▶ commit
      │  └── done before, same door, caller and body ──▶ the stored answer, no second effect
      │  └── done before, anything else ──▶ IdempotencyKeyReused
      └── another call holds the id ──▶ wait for its commit (then as above) or its rollback (then act)

A refusal rolls the claim back with everything else, so a retry is judged afresh.

An answer that holds a secret (a feed's address, a device's code) is not stored at all: the command is remembered as
done with an empty answer, and a retry is refused with ShownOnce, which says what to do. So no copy of the secret
outlives its reply; to blank the one field and repeat the rest would give the caller an answer that looks like success.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from chassis.audit.records import Record
from chassis.refusals import IdempotencyKeyReused, ShownOnce


@dataclass(frozen=True)
class Command:
    """The identity of a command: its id, and the SHA-256 of the body it came with.

    `record` is what the audit keeps of it; a command that another one makes for itself has none.
    """

    id: UUID
    body_hash: bytes
    door: str
    caller: UUID | None = None
    record: Record | None = field(default=None, compare=False)

    def told(self, *ids: UUID) -> str | None:
        """Return the audit's record for an SQL function to write, about these new ids as well."""
        return self.record.text(*ids) if self.record else None


_CLAIM = text(
    "INSERT INTO commands (id, door, caller, body_hash, created_at) VALUES (:id, :door, :caller, :body_hash, :at)"
    " ON CONFLICT (id) DO NOTHING"
)
_FIND = text("SELECT door, caller, body_hash, answer FROM commands WHERE id = :id")
KEPT_NOWHERE: Final = b""
"""What is stored in place of an answer that holds a secret; no answer is empty."""

_REMEMBER = text("UPDATE commands SET answer = :answer WHERE id = :id")
_REMEMBER_AND_KEEP = text(
    "WITH kept AS (INSERT INTO audit_waiting (record) VALUES (CAST(:record AS jsonb)))"
    " UPDATE commands SET answer = :answer WHERE id = :id"
)


def claim(db: Connection, command: Command, *, at: datetime) -> bytes | None:
    """Claim the command's id for this transaction; return the stored answer when it was done before.

    Waits while another transaction holds the id. Raises IdempotencyKeyReused; ShownOnce when the answer was a secret.
    """
    claimed = db.execute(
        _CLAIM,
        {
            "id": command.id,
            "door": command.door,
            "caller": command.caller,
            "body_hash": command.body_hash,
            "at": at,
        },
    )
    if claimed.rowcount == 1:
        return None
    done = db.execute(_FIND, {"id": command.id}).one()
    if (done.door, done.caller, bytes(done.body_hash)) != (command.door, command.caller, command.body_hash):
        raise IdempotencyKeyReused()
    answer = bytes(done.answer)
    if answer == KEPT_NOWHERE:
        raise ShownOnce()
    return answer


def remember(db: Connection, command: Command, answer: bytes, *, record: str | None = None) -> None:
    """Store the answer beside the effect, and the audit's record of it, in the same transaction and one round trip."""
    if record is None:
        db.execute(_REMEMBER, {"id": command.id, "answer": answer})
    else:
        db.execute(_REMEMBER_AND_KEEP, {"id": command.id, "answer": answer, "record": record})
