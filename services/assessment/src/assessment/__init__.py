"""How we are doing: activity records, checks, lights."""
