"""The audit of a service: who did or saw what, when, from where, through which request.

    a door ── done or seen ──▶ audit_waiting ──┐ with the command, in its transaction
       └───── refused ───────▶ audit_refusals ─┤ counted by the minute
                                               ▼
                    *work*: numbered, sealed with the seal of the one before
                                               ▼
                                        audit_records ──▶ searched, proved, kept as long as the rule says

What was done is told by the door, the ids that stood in the message and in the answer, and the names of the fields
that were given. No value that somebody typed is kept, so no secret and no personal data: names are looked up when a
record is shown.
"""
