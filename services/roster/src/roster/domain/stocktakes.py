"""What a stocktake refuses."""

from chassis.refusals import Refusal


class RegisterChanged(Refusal):
    """The register has changed since you read it; read it again and sign then."""


class YearNotNow(Refusal):
    """What is counted now is signed for {year}."""
