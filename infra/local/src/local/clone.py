"""Where the clone lies, and the folder in which everything that runs from it keeps its state."""

from pathlib import Path

CLONE = Path(__file__).resolve().parents[4]
RUN = CLONE / ".run"
TEST_RUN = RUN / "test"
