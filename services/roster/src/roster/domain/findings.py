"""What stands in the way of entering a rule, or of letting a name stand."""

from chassis.refusals import Refusal


class RuleVersionThere(Refusal):
    """A version of this rule from {active_from} on is there already, and no version is ever changed."""


class NothingToOverride(Refusal):
    """The present name breaks no such rule; there is nothing to let stand."""


class OverriddenAlready(Refusal):
    """This name is let stand already."""


class OverrideWithdrawn(Refusal):
    """This was withdrawn already."""


class FindingWorkbookNotReady(Refusal):
    """This workbook is not written yet."""


class TooManyFindingWorkbooks(Refusal):
    """{most} workbooks of yours are being written; wait for one of them."""
