"""How we are doing: records, checks, lights."""
