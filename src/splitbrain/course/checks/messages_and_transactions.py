"""The checks of lab 12: an order with its message, the relay that sends it, and the stock that counts it once."""

from splitbrain.course.checks.messages_and_transactions_place import check_place
from splitbrain.course.checks.messages_and_transactions_relay import check_relay
from splitbrain.course.checks.messages_and_transactions_stock import check_stock

__all__ = ["check_place", "check_relay", "check_stock"]
