"""How values are put into one line."""

from __future__ import annotations

from typing import Any


def short(value: Any, width: int = 40) -> str:
    """The value as text, cut to a width."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= width else text[: width - 3] + "..."
