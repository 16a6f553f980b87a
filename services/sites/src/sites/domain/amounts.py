"""Amounts of money as text for files and messages; inside the platform they are whole fen.

On paper they are as `chassis.amounts.yuan` says.
"""


def yuan(fen: int) -> str:
    """Return fen as files and messages write yuan: -123450 is -1234.50."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"
