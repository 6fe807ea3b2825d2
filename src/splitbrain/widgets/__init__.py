"""What a learner touches. Every widget drives plain values that work without it, from code."""

from splitbrain.widgets.panel import Panel

__all__ = ["Panel"]
