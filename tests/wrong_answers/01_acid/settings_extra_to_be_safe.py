"""Someone who takes the strictest level for everything, and fears a kill as much as a power cut."""

EXERCISE = "settings"
EXPECT = "There is a cheaper setting"


def settings():
    return {
        "ledger": ("wal", "extra"),
        "share": ("delete", "extra"),
        "metrics": ("wal", "normal"),
        "scratch": ("wal", "extra"),
    }
