"""The JSON API, one file per noun. `gateway.nouns` says how a call is declared."""

from flask import Flask

from gateway.resources import (
    activities,
    after_visits,
    allocation_rounds,
    arrivals,
    calendar_feeds,
    calendars,
    check_ins,
    claims,
    devices,
    funding,
    funds,
    guides,
    ledger,
    lights,
    orders,
    organisations,
    policies,
    problems,
    programmes,
    quotas,
    reports,
    routes,
    sessions,
    settlement,
    settlement_batches,
    site_rules,
    sites,
    training_cases,
    voucher_keys,
    waiting_entries,
)

NOUNS = (
    sessions.sessions,
    sites.places,
    calendars.calendars,
    site_rules.rules,
    orders.orders,
    routes.routes,
    arrivals.arrivals,
    check_ins.check_ins,
    after_visits.after_visits,
    devices.devices,
    voucher_keys.voucher_keys,
    waiting_entries.waiting,
    allocation_rounds.rounds,
    quotas.quotas,
    calendar_feeds.feeds,
    claims.claims,
    settlement_batches.batches,
    settlement.payees,
    settlement.publicity,
    settlement.overpayments,
    settlement.bank,
    funds.funds,
    reports.reports,
    ledger.ledger,
    funding.funding,
    policies.policies,
    organisations.organisations,
    lights.lights,
    activities.activities,
    problems.problems,
    programmes.programmes,
    guides.guides,
    training_cases.cases,
)


def register(app: Flask) -> None:
    """Put every noun under /api/v1."""
    for noun in NOUNS:
        app.register_blueprint(noun)
