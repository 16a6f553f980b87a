"""A site's log: an incident is written once and added to, never changed; one follow-up closes it."""

from chassis.refusals import Refusal


class IncidentClosed(Refusal):
    """This was closed on {closed_on}; you can add to it, but not close it again."""
