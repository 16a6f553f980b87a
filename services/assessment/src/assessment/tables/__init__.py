"""The assessment's tables, a module per noun. The database is the referee.

organisations                           roster's tree, copied from its events
rolls ── members                        its branches' rolls, copied too
activities ── activity_history          what a branch held
lights, frozen_months, check_numbers    how its month looks, and by which numbers

The migrations make them, the drift check compares both.
"""

from assessment.tables.activities import activities
from assessment.tables.lights import lights
from assessment.tables.metadata import metadata
from assessment.tables.organisations import organisations

__all__ = ["activities", "lights", "metadata", "organisations", "rolls"]
