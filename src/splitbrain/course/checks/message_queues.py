"""The checks of lab 10: an effect once, a worker that may be killed, and what becomes of a message that fails."""

from splitbrain.course.checks.message_queues_once import check_once
from splitbrain.course.checks.message_queues_work import IDLE, check_failed, check_work

__all__ = ["IDLE", "check_failed", "check_once", "check_work"]
