"""The checks of lab 08: a counter and a set that merge, siblings, anti-entropy."""

from splitbrain.course.checks.base_anti_entropy import Replica, check_anti_entropy
from splitbrain.course.checks.base_siblings import check_siblings
from splitbrain.course.checks.base_values import check_cart, check_counter

__all__ = ["Replica", "check_anti_entropy", "check_cart", "check_counter", "check_siblings"]
