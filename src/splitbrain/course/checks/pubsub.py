"""The checks of lab 09: a lease, a cache that is told, and how to keep up with what is told."""

from splitbrain.course.checks.pubsub_caches import check_leased, check_told
from splitbrain.course.checks.pubsub_keep_up import check_keep_up

__all__ = ["check_keep_up", "check_leased", "check_told"]
