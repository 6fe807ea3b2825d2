"""Someone who pays five forced writes a commit where one would do."""

EXERCISE = "settings"
EXPECT = "There is a cheaper setting"


def settings():
    return {
        "ledger": ("delete", "extra"),
        "share": ("delete", "extra"),
        "metrics": ("wal", "normal"),
        "scratch": ("delete", "off"),
    }
