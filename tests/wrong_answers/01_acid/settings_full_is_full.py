"""Someone who takes FULL by its name: with a rollback journal the deletion of the journal is not waited for."""

EXERCISE = "settings"
EXPECT = "lost acknowledged commits"


def settings():
    return {
        "ledger": ("wal", "full"),
        "share": ("delete", "full"),
        "metrics": ("wal", "normal"),
        "scratch": ("delete", "off"),
    }
