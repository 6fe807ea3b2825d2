"""Someone who thinks that data of little worth needs no promise: it is the database that breaks, not the last
row.
"""

EXERCISE = "settings"
EXPECT = "left a broken database"


def settings():
    return {
        "ledger": ("wal", "full"),
        "share": ("delete", "extra"),
        "metrics": ("wal", "off"),
        "scratch": ("delete", "off"),
    }
