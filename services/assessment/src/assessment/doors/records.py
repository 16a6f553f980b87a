"""Doors: records of the handbook, joint activities, who missed what."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.assessment.record_pictures import AddRecordPicture, RemoveRecordPicture
from contracts.assessment.record_prints import PrintHandbook, PrintRecord, RecordPrintAsked, RecordPrintView
from contracts.assessment.record_rules import RecordRulesAsked, RecordRulesView, SetRecordRule
from contracts.assessment.records import (
    AbsencesAsked,
    ConfirmPart,
    CorrectRecord,
    DeclinePart,
    DiscardRecord,
    DraftRecord,
    KeepRecord,
    MakeUp,
    PartsAsked,
    RecordAsked,
    RecordRollAsked,
    RecordRollView,
    RecordsAsked,
    RecordView,
    WithdrawRecord,
    WriteRecord,
)
from contracts.envelope import Page, StoredFile

from assessment.doors.resources import Doors
from assessment.operations import joint_activities, record_pictures, record_prints, record_rules
from assessment.operations import records as writing
from assessment.queries import record_rules as rules
from assessment.queries import records


class RecordDoors(Doors):
    """Doors: records of the handbook, joint activities, who missed what."""

    @query(RecordsAsked, returns=Page)
    def records(self, asked: RecordsAsked, *, actor: Actor, at: datetime) -> Page:
        return records.records_of(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(RecordAsked, returns=RecordView)
    def record(self, asked: RecordAsked, *, actor: Actor, at: datetime) -> RecordView:
        return records.record(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(RecordRollAsked, returns=RecordRollView, recorded=True)
    def record_roll(self, asked: RecordRollAsked, *, actor: Actor, at: datetime) -> RecordRollView:
        return records.roll(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(AbsencesAsked, returns=Page, recorded=True)
    def absences(self, asked: AbsencesAsked, *, actor: Actor, at: datetime) -> Page:
        return records.absences(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(PartsAsked, returns=Page)
    def parts_asked(self, asked: PartsAsked, *, actor: Actor, at: datetime) -> Page:
        return records.parts_asked(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(DraftRecord, returns=RecordView)
    def draft_record(self, given: DraftRecord, *, actor: Actor, at: datetime) -> RecordView:
        return writing.draft(self.database.transaction, given=given, actor=actor, at=at)

    @command(WriteRecord, returns=RecordView)
    def write_record(self, given: WriteRecord, *, actor: Actor, at: datetime) -> RecordView:
        return writing.write(self.database.transaction, given=given, actor=actor, at=at)

    @command(KeepRecord, returns=RecordView)
    def keep_record(self, asked: KeepRecord, *, actor: Actor, at: datetime) -> RecordView:
        return writing.keep(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(CorrectRecord, returns=RecordView)
    def correct_record(self, given: CorrectRecord, *, actor: Actor, at: datetime) -> RecordView:
        return writing.correct(self.database.transaction, given=given, actor=actor, at=at)

    @command(DiscardRecord, returns=RecordView)
    def discard_record(self, asked: DiscardRecord, *, actor: Actor, at: datetime) -> RecordView:
        return writing.discard(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(WithdrawRecord, returns=RecordView)
    def withdraw_record(self, asked: WithdrawRecord, *, actor: Actor, at: datetime) -> RecordView:
        return writing.withdraw(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MakeUp, returns=RecordView)
    def make_up_absence(self, made: MakeUp, *, actor: Actor, at: datetime) -> RecordView:
        return writing.make_up(self.database.transaction, made=made, actor=actor, at=at)

    @command(ConfirmPart, returns=RecordView)
    def confirm_part(self, given: ConfirmPart, *, actor: Actor, at: datetime) -> RecordView:
        return joint_activities.confirm(self.database.transaction, given=given, actor=actor, at=at)

    @command(DeclinePart, returns=RecordView)
    def decline_part(self, given: DeclinePart, *, actor: Actor, at: datetime) -> RecordView:
        return joint_activities.decline(self.database.transaction, given=given, actor=actor, at=at)

    @command(AddRecordPicture, returns=RecordView)
    def add_record_picture(self, asked: AddRecordPicture, *, actor: Actor, at: datetime) -> RecordView:
        return record_pictures.add(self.database.transaction, record_pictures.store(), asked=asked, actor=actor, at=at)

    @command(RemoveRecordPicture, returns=RecordView)
    def remove_record_picture(self, asked: RemoveRecordPicture, *, actor: Actor, at: datetime) -> RecordView:
        return record_pictures.remove(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(PrintRecord, returns=RecordPrintView)
    def print_record(self, asked: PrintRecord, *, actor: Actor, at: datetime) -> RecordPrintView:
        return record_prints.ask(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(PrintHandbook, returns=RecordPrintView)
    def print_handbook(self, asked: PrintHandbook, *, actor: Actor, at: datetime) -> RecordPrintView:
        return record_prints.ask_handbook(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(RecordPrintAsked, returns=RecordPrintView)
    def record_print(self, asked: RecordPrintAsked, *, actor: Actor, at: datetime) -> RecordPrintView:
        return record_prints.record_print(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(RecordPrintAsked, returns=StoredFile)
    def record_print_file(self, asked: RecordPrintAsked, *, actor: Actor, at: datetime) -> StoredFile:
        return record_prints.file_of(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(RecordRulesAsked, returns=RecordRulesView)
    def record_rules(self, asked: RecordRulesAsked, *, actor: Actor, at: datetime) -> RecordRulesView:
        return rules.all_rules(self.database.transaction, actor=actor, at=at)

    @command(SetRecordRule, returns=RecordRulesView)
    def set_record_rule(self, asked: SetRecordRule, *, actor: Actor, at: datetime) -> RecordRulesView:
        return record_rules.set_rule(self.database.transaction, asked=asked, actor=actor, at=at)
