"""The assessment's doors: records of the handbook."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "assessment"


def records(fields: Fields, *, who: Holder) -> Answer:
    """List a branch's records (RecordsAsked → Page of RecordLine)."""
    return call(SERVICE, "records", fields, who=who)


def record(fields: Fields, *, who: Holder) -> Answer:
    """Return one record (RecordAsked → RecordView)."""
    return call(SERVICE, "record", fields, who=who)


def record_roll(fields: Fields, *, who: Holder) -> Answer:
    """Return whom a branch's record may name (RecordRollAsked → RecordRollView)."""
    return call(SERVICE, "record_roll", fields, who=who)


def absences(fields: Fields, *, who: Holder) -> Answer:
    """List who of a branch missed what (AbsencesAsked → Page of AbsenceView)."""
    return call(SERVICE, "absences", fields, who=who)


def parts_asked(fields: Fields, *, who: Holder) -> Answer:
    """List the joint records that wait for a branch's word (PartsAsked → Page of PartAskedView)."""
    return call(SERVICE, "parts_asked", fields, who=who)


def draft_record(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Begin a record (DraftRecord → RecordView)."""
    return call(SERVICE, "draft_record", fields, who=who, command_id=command_id)


def write_record(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write a draft anew or complete a record (WriteRecord → RecordView)."""
    return call(SERVICE, "write_record", fields, who=who, command_id=command_id)


def keep_record(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Record a draft (KeepRecord → RecordView)."""
    return call(SERVICE, "keep_record", fields, who=who, command_id=command_id)


def correct_record(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Correct a record with a reason (CorrectRecord → RecordView)."""
    return call(SERVICE, "correct_record", fields, who=who, command_id=command_id)


def discard_record(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Throw a draft away (DiscardRecord → RecordView)."""
    return call(SERVICE, "discard_record", fields, who=who, command_id=command_id)


def withdraw_record(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take back a record of what never took place (WithdrawRecord → RecordView)."""
    return call(SERVICE, "withdraw_record", fields, who=who, command_id=command_id)


def make_up_absence(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write down how somebody made up what they missed (MakeUp → RecordView)."""
    return call(SERVICE, "make_up_absence", fields, who=who, command_id=command_id)


def confirm_part(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Say that the branch took part in another branch's record (ConfirmPart → RecordView)."""
    return call(SERVICE, "confirm_part", fields, who=who, command_id=command_id)


def decline_part(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Say that the branch took no part in another branch's record (DeclinePart → RecordView)."""
    return call(SERVICE, "decline_part", fields, who=who, command_id=command_id)


def print_record(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Draw the paper form of a record (PrintRecord → RecordPrintView)."""
    return call(SERVICE, "print_record", fields, who=who, command_id=command_id)


def record_print(fields: Fields, *, who: Holder) -> Answer:
    """Return how far a paper form is (RecordPrintAsked → RecordPrintView)."""
    return call(SERVICE, "record_print", fields, who=who)


def record_print_file(fields: Fields, *, who: Holder) -> Answer:
    """Return the reference to a paper form's file (RecordPrintAsked → StoredFile)."""
    return call(SERVICE, "record_print_file", fields, who=who)


def add_record_picture(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Add a picture to a record (AddRecordPicture → RecordView)."""
    return call(SERVICE, "add_record_picture", fields, who=who, command_id=command_id)


def remove_record_picture(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take a picture away from a record (RemoveRecordPicture → RecordView)."""
    return call(SERVICE, "remove_record_picture", fields, who=who, command_id=command_id)


def print_handbook(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Draw the book of a branch's year (PrintHandbook → RecordPrintView)."""
    return call(SERVICE, "print_handbook", fields, who=who, command_id=command_id)


def record_rules(fields: Fields, *, who: Holder) -> Answer:
    """Return the numbers of records (RecordRulesAsked → RecordRulesView)."""
    return call(SERVICE, "record_rules", fields, who=who)


def set_record_rule(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Enter numbers of records from a day on (SetRecordRule → RecordRulesView)."""
    return call(SERVICE, "set_record_rule", fields, who=who, command_id=command_id)
