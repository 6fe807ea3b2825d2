"""A service and its arguments as bytes for another process: code of a cell, or of a file, is sent with its text."""

from __future__ import annotations

import pickle
import sys
import types
from typing import Any

LIGHT = ("splitbrain.messaging", "splitbrain.services")  # what a worker may import: a few milliseconds
_EMPTY = types.CellType()


def pickled(service, arguments: dict) -> bytes:
    """By value, if it is no code that workers have anyway: a file may not be found, have changed, or import much."""
    import cloudpickle

    homes = [sys.modules.get(name) for name in _homes([service, *arguments.values()])]
    names = {home.__package__ or home.__name__ for home in homes if home}
    by_value = [sys.modules[name] for name in names if not name.startswith(("__main__", *LIGHT))]
    for module in by_value:
        cloudpickle.register_pickle_by_value(module)
    try:
        return cloudpickle.dumps((service, arguments), protocol=pickle.HIGHEST_PROTOCOL)
    finally:
        for module in by_value:
            cloudpickle.unregister_pickle_by_value(module)


def _homes(these: list) -> set[str | None]:
    """The modules of functions and classes, and of those that they have in their closures."""
    known: dict[int, Any] = {}
    for what in these:      # grows meanwhile
        if isinstance(what, types.FunctionType | type) and id(what) not in known:
            known[id(what)] = what.__module__
            these += [cell.cell_contents for cell in getattr(what, "__closure__", None) or () if cell != _EMPTY]
    return set(known.values())
