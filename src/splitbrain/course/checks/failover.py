"""The checks of lab 13: a detector, a router with epochs, and a fence in the resource."""

from splitbrain.course.checks.failover_detector import check_detector
from splitbrain.course.checks.failover_fence import check_fence
from splitbrain.course.checks.failover_router import check_router

__all__ = ["check_detector", "check_fence", "check_router"]
