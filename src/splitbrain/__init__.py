"""Split Brain: a course in distributed data, taught by breaking things.

The names that lessons use most are here; they are imported when they are first used, so that ``import splitbrain``
stays fast.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "Cluster": "cluster", "Node": "node", "rpc": "node", "Experiment": "experiment", "Run": "experiment",
    "Refused": "errors", "RpcError": "errors", "RpcTimeout": "errors", "Misuse": "errors", "RunsForever": "errors",
    "Crash": "errors", "History": "records", "Operation": "records", "Verdict": "records", "Ledger": "records",
    "at": "faults", "partition": "faults", "heal": "faults", "cut": "faults", "isolate": "faults", "crash": "faults",
    "restart": "faults", "constant": "latency", "uniform": "latency", "exponential": "latency", "pareto": "latency",
    "mixture": "latency", "space_time": "views", "timeline": "views", "topology": "views", "heat_map": "views",
    "dependency_graph": "views", "distribution": "views", "curves": "views", "message_trace": "views",
    "Panel": "widgets", "compare": "widgets", "scenario": "widgets",
    **dict.fromkeys(("append", "bank", "cas_register", "counter", "grow_only_set", "kv", "mutex", "queue", "register",
                     "rw_register"), "workloads"),
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'splitbrain' has no attribute {name!r}")
    value = getattr(import_module(f"splitbrain.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
