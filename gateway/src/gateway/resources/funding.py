"""Which funds bear a place's visits, and what they owe each other."""

from contracts.sites.funding import (
    FundingRulesAsked,
    FundingRuleView,
    MoveFunding,
    OwedAsked,
    OwedView,
    ProposeFunding,
    RecordTransfer,
)

from gateway.clients import sites
from gateway.nouns import Many, Noun

funding = Noun("funding")

funding.read(
    "/funding-rules",
    sites.funding.funding_rules,
    needs=("read_fund",),
    takes=FundingRulesAsked,
    answers=Many(FundingRuleView),
)
funding.act(
    "/funding-rules",
    sites.funding.propose_funding,
    needs=("propose_funding",),
    takes=ProposeFunding,
    answers=FundingRuleView,
    status=201,
    refusals=("token-too-old", "not-found", "funding-taken"),
)
funding.act(
    "/funding-rules/<uuid:rule_id>/adoption",
    sites.funding.adopt_funding,
    needs=("adopt_funding",),
    takes=MoveFunding,
    answers=FundingRuleView,
    refusals=("token-too-old", "not-found", "funding-not-movable", "own-funding-rule"),
)
funding.act(
    "/funding-rules/<uuid:rule_id>/withdrawal",
    sites.funding.withdraw_funding,
    needs=("withdraw_funding",),
    takes=MoveFunding,
    answers=FundingRuleView,
    refusals=("not-found", "funding-not-movable"),
)
funding.read(
    "/fund-transfers/owed",
    sites.funding.owed_between_funds,
    needs=("read_fund",),
    takes=OwedAsked,
    answers=Many(OwedView),
)
funding.act(
    "/fund-transfers",
    sites.funding.record_transfer,
    needs=("record_transfer",),
    takes=RecordTransfer,
    answers=OwedView,
    status=201,
    refusals=("token-too-old", "not-found", "transfer-repeated"),
)
