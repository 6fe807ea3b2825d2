"""Someone who has read that WAL is better, and not where it works."""

EXERCISE = "settings"
EXPECT = "memory that all processes share"


def settings():
    return {
        "ledger": ("wal", "full"),
        "share": ("wal", "full"),
        "metrics": ("wal", "normal"),
        "scratch": ("delete", "off"),
    }
