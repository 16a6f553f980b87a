"""How long this process waits before it says "busy" or "not available", for machines slower than most.

The waits of the chassis suit a machine that is not starved. Where all is several times slower, a lock or a connection
that would have come is given up; `PATIENCE=4` in the environment makes every such wait four times as long. It changes
no deadline that a caller set, and nothing that is decided.
"""

import os
import sys
from typing import Final

PATIENCE_MAX: Final = 100.0


def patience_of(said: str | None) -> float:
    """Return the factor that `said` names, 1 where it names none.

    Raises ValueError when it is no number from 1 to 100.
    """
    try:
        factor = float(said or "1")
    except ValueError:
        factor = 0.0
    if not 1 <= factor <= PATIENCE_MAX:
        raise ValueError(f"PATIENCE is a number from 1 to {PATIENCE_MAX:.0f}, not {said!r}.")
    return factor


def _patience() -> float:
    """Read the factor; a fault of the settings ends the process as any other does, with a sentence and status 2."""
    try:
        return patience_of(os.environ.get("PATIENCE"))
    except ValueError as fault:
        sys.stderr.write(f"{fault}\n")
        raise SystemExit(2) from None


PATIENCE: Final = _patience()
