"""The checks of lab 05: clocks that count, a judge by brute force, and the same judge made fast."""

from splitbrain.course.checks.histories_clocks import check_clocks
from splitbrain.course.checks.histories_judges import check_brute_force, register
from splitbrain.course.checks.histories_search import check_search, questions

__all__ = ["check_brute_force", "check_clocks", "check_search", "questions", "register"]
