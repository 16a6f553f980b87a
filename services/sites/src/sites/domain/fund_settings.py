"""How a fund's batches are paid (S12): by a third person or not, and published for how long before."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class FundSettings:
    """What a batch keeps of its fund when it is made."""

    separate_payer: bool
    publicity_days: int


DEFAULT: Final = FundSettings(separate_payer=True, publicity_days=5)
