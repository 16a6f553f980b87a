"""Doors of sites: how a fund's year goes and ends, and its accounting vouchers."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "sites"


def execution(fields: Fields, *, who: Holder) -> Answer:
    """Return how a fund's year is executed, compared and forecast (ExecutionAsked → ExecutionView)."""
    return call(SERVICE, "execution", fields, who=who)


def record_fiscal_growth(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Enter by how much fiscal revenue grew, with its source (RecordFiscalGrowth → ExecutionView)."""
    return call(SERVICE, "record_fiscal_growth", fields, who=who, command_id=command_id)


def year_end(fields: Fields, *, who: Holder) -> Answer:
    """Return how a fund's year stands at its end, and who did what (YearEndAsked → YearEndStandingView)."""
    return call(SERVICE, "year_end", fields, who=who)


def propose_year_end(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Propose to carry over or give back what a year has left; needs a fresh token (ProposeYearEnd → YearEndView)."""
    return call(SERVICE, "propose_year_end", fields, who=who, command_id=command_id)


def approve_year_end(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Do what another person proposed for a year's end; needs a fresh token (MoveYearEnd → YearEndView)."""
    return call(SERVICE, "approve_year_end", fields, who=who, command_id=command_id)


def withdraw_year_end(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take a proposal for a year's end back (MoveYearEnd → YearEndView)."""
    return call(SERVICE, "withdraw_year_end", fields, who=who, command_id=command_id)


def voucher_layout(fields: Fields, *, who: Holder) -> Answer:
    """Return columns and codes of a fund's accounting vouchers (VoucherLayoutAsked → VoucherLayoutView)."""
    return call(SERVICE, "voucher_layout", fields, who=who)


def set_voucher_layout(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Give a fund's accounting vouchers columns and codes (SetVoucherLayout → VoucherLayoutView)."""
    return call(SERVICE, "set_voucher_layout", fields, who=who, command_id=command_id)
