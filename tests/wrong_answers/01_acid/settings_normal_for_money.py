"""Someone who has read that WAL with NORMAL cannot corrupt, and takes that for durable."""

EXERCISE = "settings"
EXPECT = "acknowledged commits in"


def settings():
    return {
        "ledger": ("wal", "normal"),
        "share": ("delete", "extra"),
        "metrics": ("wal", "normal"),
        "scratch": ("delete", "off"),
    }
