"""The checks of lab 01: a transfer, an import, settings for a budget of durability, a lost update."""

from splitbrain.course.checks.acid_import import check_import
from splitbrain.course.checks.acid_sell import check_sell
from splitbrain.course.checks.acid_settings import check_settings
from splitbrain.course.checks.acid_transfer import check_transfer

__all__ = ["check_import", "check_sell", "check_settings", "check_transfer"]
