"""What makes a course of a library: checks with feedback, hints, predictions, progress, and the making of labs."""

import importlib

_WHERE = {"predict": "predictions", "reveal": "predictions", "quiz": "quizzes", "hint": "standing",
          "progress": "standing", "finish": "standing", "course_map": "map"}

__all__ = ["course_map", "finish", "hint", "predict", "progress", "quiz", "reveal"]


def __getattr__(name: str):
    # Loaded when first used: a check needs no widgets.
    if name in _WHERE:
        value = getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
