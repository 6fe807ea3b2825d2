"""Someone who takes the very small chance for none."""

EXERCISE = "settings"
EXPECT = "A small chance is a chance"


def settings():
    return {
        "ledger": ("wal", "full"),
        "share": ("delete", "extra"),
        "metrics": ("delete", "normal"),
        "scratch": ("delete", "off"),
    }
