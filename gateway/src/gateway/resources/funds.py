"""The fund that pays subsidies, and the ledger behind it."""

from contracts.sites.funds import AppropriateFund, FundsAsked, FundView
from contracts.sites.ledger import StatementAsked, StatementView, TrialBalanceAsked, TrialBalanceView
from contracts.sites.policies import PolicyAsked, PolicyView

from gateway.clients import sites
from gateway.nouns import Many, Noun

funds = Noun("funds")

funds.read(
    "/subsidy-policy", sites.funds.subsidy_policy, takes=PolicyAsked, answers=PolicyView, refusals=("not-found",)
)
funds.read("/funds", sites.funds.funds, needs=("read_fund",), takes=FundsAsked, answers=Many(FundView))
funds.act(
    "/funds/<uuid:fund_id>/appropriations",
    sites.funds.appropriate,
    needs=("appropriate",),
    takes=AppropriateFund,
    answers=FundView,
    status=201,
    refusals=("token-too-old", "not-found", "appropriation-repeated"),
)
funds.read(
    "/ledger/trial-balance",
    sites.funds.trial_balance,
    needs=("read_ledger",),
    takes=TrialBalanceAsked,
    answers=TrialBalanceView,
    refusals=("not-found",),
)
funds.read(
    "/ledger/accounts/<account>/statement",
    sites.funds.statement,
    needs=("read_ledger",),
    takes=StatementAsked,
    answers=StatementView,
    refusals=("not-found",),
    query_names={"from": "from_day", "to": "to_day"},
)
