"""Someone who wants the least work: without a journal on disk a kill in mid-commit leaves half a transaction."""

EXERCISE = "settings"
EXPECT = "keeps no journal on disk"


def settings():
    return {
        "ledger": ("wal", "full"),
        "share": ("delete", "extra"),
        "metrics": ("wal", "normal"),
        "scratch": ("memory", "off"),
    }
