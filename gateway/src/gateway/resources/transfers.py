"""Members who go to another branch; stocktakes, statistics, and the register for print."""

from uuid import UUID

from chassis.files import PDF
from contracts.roster.stocktakes import (
    REGISTERS_FOLDER,
    MakeRegister,
    MemberStatistics,
    MemberStatisticsAsked,
    RegisterAsked,
    RegisterView,
    SignStocktake,
    StocktakeAsked,
    StocktakeView,
)
from contracts.roster.transfers import (
    ConfirmTransfer,
    IssueTransfer,
    RefuseTransfer,
    TransferAsked,
    TransferNoticesAsked,
    TransferNoticeView,
    TransfersAsked,
    TransferView,
    WithdrawTransfer,
)
from flask import Response

from gateway.clients.roster import stocktakes as counted
from gateway.clients.roster import transfers as doors
from gateway.identity import must
from gateway.nouns import Declared, Many, Noun
from gateway.resources.settlement_batches import stored_file

transfers = Noun("transfers")

transfers.read(
    "/organisations/<uuid:organisation_id>/transfers",
    doors.transfers,
    needs=("read_transfers",),
    takes=TransfersAsked,
    answers=Many(TransferView),
    refusals=("not-found",),
)
transfers.read(
    "/organisations/<uuid:organisation_id>/transfer-notices",
    doors.transfer_notices,
    needs=("read_transfers",),
    takes=TransferNoticesAsked,
    answers=Many(TransferNoticeView),
    refusals=("not-found",),
)
transfers.act(
    "/transfers",
    doors.issue_transfer,
    needs=("issue_transfer",),
    takes=IssueTransfer,
    answers=TransferView,
    status=201,
    refusals=(
        "not-found",
        "not-a-branch",
        "not-a-member",
        "same-branch",
        "transfer-open",
        "letter-number-taken",
        "letter-expired",
        "not-yet",
    ),
    located=True,
)
transfers.read(
    "/transfers/<uuid:transfer_id>",
    doors.transfer,
    needs=("read_transfers",),
    takes=TransferAsked,
    answers=TransferView,
    refusals=("not-found",),
)
for _door, _word, _right, _message in (
    (doors.confirm_transfer, "confirmation", "confirm_transfer", ConfirmTransfer),
    (doors.refuse_transfer, "refusal", "refuse_transfer", RefuseTransfer),
    (doors.withdraw_transfer, "withdrawal", "withdraw_transfer", WithdrawTransfer),
):
    transfers.act(
        f"/transfers/<uuid:transfer_id>/{_word}",
        _door,
        needs=(_right,),
        takes=_message,
        answers=TransferView,
        refusals=("not-found", "transfer-decided", "letter-expired", "not-a-member"),
    )
transfers.read(
    "/organisations/<uuid:organisation_id>/stocktakes/<int:year>",
    counted.stocktake,
    needs=("read_stocktake",),
    takes=StocktakeAsked,
    answers=StocktakeView,
    refusals=("not-found",),
)
transfers.act(
    "/organisations/<uuid:organisation_id>/stocktakes/<int:year>",
    counted.sign_stocktake,
    needs=("sign_stocktake",),
    takes=SignStocktake,
    answers=StocktakeView,
    status=201,
    refusals=("not-found", "not-a-branch", "register-changed", "year-not-now"),
)
transfers.read(
    "/organisations/<uuid:organisation_id>/member-statistics",
    counted.member_statistics,
    needs=("read_member_statistics",),
    takes=MemberStatisticsAsked,
    answers=MemberStatistics,
    refusals=("not-found",),
)
transfers.act(
    "/member-registers",
    counted.make_register,
    needs=("make_register",),
    takes=MakeRegister,
    answers=RegisterView,
    status=202,
    refusals=("not-found", "too-many-registers"),
    located=True,
)
transfers.read(
    "/member-registers/<uuid:job_id>",
    counted.register,
    needs=("make_register",),
    takes=RegisterAsked,
    answers=RegisterView,
    refusals=("not-found",),
)


def register_file(job_id: UUID) -> Response:
    """Stream a register's file out of the file store."""
    who = must("make_register")
    stored = counted.register_file({"job_id": job_id}, who=who)
    return stored_file(stored.data, folder=REGISTERS_FOLDER)


transfers.own(
    "/member-registers/<uuid:job_id>/file",
    "GET",
    register_file,
    Declared(
        summary="Return a register's file",
        needs=frozenset({"make_register"}),
        takes=RegisterAsked,
        answers=None,
        refusals=("not-found", "register-not-ready"),
        media_types=(PDF,),
    ),
)
