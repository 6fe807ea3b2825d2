"""What a learner touches. Every widget drives plain values that work without it, from code."""

from importlib import import_module
from typing import Any

_WHERE = {"Panel": "panel", "PowerSwitch": "power_switch", "QuorumExplorer": "quorum", "QueueExplorer": "queue",
          "DetectorExplorer": "detector", "RingExplorer": "hash_ring", "SagaExplorer": "saga",
          "LeaseExplorer": "lease", "CacheExplorer": "cache", "compare": "comparison",
          "scenario": "scenarios", "Scenario": "scenarios", "SCENARIOS": "scenarios", "point_slider": "points"}

__all__ = ["SCENARIOS", "CacheExplorer", "DetectorExplorer", "LeaseExplorer", "Panel", "PowerSwitch", "QueueExplorer",
           "QuorumExplorer", "RingExplorer", "SagaExplorer", "Scenario", "compare", "point_slider", "scenario"]


def __getattr__(name: str) -> Any:
    # Loaded when first used: whoever wants the panel need not load the disk that forgets.
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
    globals()[name] = value
    return value
