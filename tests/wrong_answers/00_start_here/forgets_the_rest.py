# ruff: noqa: RET503
"""Says what to do if a majority agrees, and nothing about the other case."""

from collections import Counter

EXERCISE = "decide"
EXPECT = "returns None: is there a `return` missing?"


def decide(copies, nodes):
    value, votes = Counter(copies).most_common(1)[0]
    if votes > nodes / 2:
        return value
