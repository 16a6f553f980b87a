"""The books as other programs read them: lines of JSON with each seal, hledger's journal, beancount's ledger.

An amount leaves the debited account and enters the credited one, so a balance is credits less debits: what is granted
stands negative, what is available, set aside, owed and paid positive, and all accounts together are zero.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sites.domain import seals
from sites.domain.amounts import yuan

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Format:
    """How a journal is written: what stands at its head, and one entry."""

    head: Callable[[Sequence[Fields]], str]
    entry: Callable[[Fields], str]


def _json_entry(entry: Fields) -> str:
    line = {**seals.plain(entry), "fund_code": entry["fund_code"], "hash": bytes(entry["hash"]).hex()}
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"


def _hledger_account(code: str, year: int, account: str) -> str:
    return f"{code}:{year}:{account}"


def _hledger_head(accounts: Sequence[Fields]) -> str:
    declared = "".join(
        f"account {_hledger_account(each['fund_code'], each['year'], each['account'])}\n" for each in accounts
    )
    return f"decimal-mark .\ncommodity 1000.00 CNY\n{declared}\n"


def _hledger_entry(entry: Fields) -> str:
    debit, credit = (_hledger_account(entry["fund_code"], entry["year"], entry[side]) for side in ("debit", "credit"))
    amount = yuan(entry["amount_fen"])
    return (
        f"{entry['booked_on']} * ({entry['sequence']}) {entry['reason']}  ; {entry['id']}\n"
        f"    {debit}  -{amount} CNY\n    {credit}  {amount} CNY\n\n"
    )


def _beancount_account(code: str, year: int, account: str) -> str:
    kind, _, site = account.partition(":")
    parts = ["Equity", f"F{code}", f"Y{year}", kind.capitalize(), *([f"S-{_plain(site)}"] if site else [])]
    return ":".join(parts)


def _plain(text: str) -> str:
    """Return the letters, digits and hyphens of a code; beancount takes nothing else in an account."""
    return re.sub(r"[^A-Za-z0-9-]", "-", text)


def _beancount_head(accounts: Sequence[Fields]) -> str:
    opened = "".join(
        f"{each['since']} open {_beancount_account(each['fund_code'], each['year'], each['account'])} CNY\n"
        for each in accounts
    )
    return f'option "operating_currency" "CNY"\n\n{opened}\n'


def _beancount_entry(entry: Fields) -> str:
    debit, credit = (_beancount_account(entry["fund_code"], entry["year"], entry[side]) for side in ("debit", "credit"))
    amount = yuan(entry["amount_fen"])
    return (
        f'{entry["booked_on"]} * "{entry["reason"]}"\n'
        f'  sequence: {entry["sequence"]}\n  entry: "{entry["id"]}"\n'
        f"  {debit}  -{amount} CNY\n  {credit}  {amount} CNY\n\n"
    )


FORMATS: Final[dict[str, Format]] = {
    "json": Format(lambda accounts: "", _json_entry),
    "hledger": Format(_hledger_head, _hledger_entry),
    "beancount": Format(_beancount_head, _beancount_entry),
}
