"""The checks of lab 11: a question that gets its answer, what a saga does next, and a saga that survives SIGKILL."""

from splitbrain.course.checks.service_patterns_ask import check_ask
from splitbrain.course.checks.service_patterns_plan import check_plan
from splitbrain.course.checks.service_patterns_saga import check_saga

__all__ = ["check_ask", "check_plan", "check_saga"]
