from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID
from datetime import datetime, date
import marshmallow as ma
from marshmallow import validate, fields
import marshmallow_dataclass as md
@dataclass(frozen=True)
class P:
    slot_id: UUID
    party_size: Annotated[int, fields.Integer(strict=True, required=True, validate=validate.Range(1,500))]
    at: datetime
    on: date | None = None
    items: tuple[str, ...] = ()
S = md.class_schema(P)
s=S()
print(s.load({"slot_id":"6a4c1b9e-0000-4000-8000-000000000000","party_size":4,"at":"2026-01-01T00:00:00+08:00"}))
print(s.validate({"slot_id":"x","party_size":"4","at":"2026-01-01"}))
import timeit
print(timeit.timeit(lambda: s.load({"slot_id":"6a4c1b9e-0000-4000-8000-000000000000","party_size":4,"at":"2026-01-01T00:00:00+08:00"}),number=5000)/5000*1e6,"us")
