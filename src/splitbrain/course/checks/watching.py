"""What a learner's handlers raise, told to the check: in a run only the caller would hear of it."""

from __future__ import annotations

import inspect
from typing import Any

from splitbrain.course.feedback import CheckFailed, Wrong
from splitbrain.course.learner import blame
from splitbrain.errors import Refused, RpcError
from splitbrain.node import Node

_WORDS = (Refused, RpcError, TimeoutError)  # by these a node says that it cannot answer


def watched(kind: Any, base: type[Node], spelt: str, *methods: str) -> type[Node]:
    """The same class, that keeps in ``failures`` what its methods raise and what is no word for "no answer".

    Parameters
    ----------
    kind : type
        The answer.
    base : type
        What it has to be made from; `spelt` is how the lab calls that.
    *methods : str
        Names of handlers that it has to have.

    Raises
    ------
    Wrong
        It is no such class, or a handler is missing.
    """
    if not (isinstance(kind, type) and issubclass(kind, base)):
        raise Wrong(f"The answer has to be a class made from {spelt}.", expected=f"class ...({spelt})", got=kind)
    missing = [name for name in methods if name not in kind._handlers]
    if missing:
        raise Wrong(f"{kind.__name__} has no handler {missing[0]}, marked with @rpc.",
                    expected=f"@rpc async def {missing[0]}(self, ...)",
                    got=f"handlers: {', '.join(sorted(kind._handlers)) or 'none'}")
    failures: list[CheckFailed] = []
    own = {name: _watch(getattr(kind, name), failures) for name in kind._handlers}
    return type(kind.__name__, (kind,), own | {"failures": failures, "__module__": kind.__module__})


def raise_first(kind: type[Node]) -> None:
    """What the first of the learner's handlers raised that has failed, if one has."""
    if kind.failures:
        raise kind.failures[0]


def _watch(method: Any, failures: list[CheckFailed]) -> Any:
    async def run(self, *arguments):
        try:
            return await method(self, *arguments)
        except _WORDS:
            raise
        except Exception as error:
            call = f"{method.__name__}({', '.join(map(repr, arguments))})"
            failures.append(error if isinstance(error, CheckFailed) else blame(error, f"in {call}"))
            raise

    run.__name__, run.__signature__, run.is_rpc = method.__name__, inspect.signature(method), True
    return run
