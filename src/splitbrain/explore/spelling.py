"""An experiment as one line of text, and back: what `splitbrain.explore.replay` speaks.

    nodes=3, seed=7, ask=[op(0, 'c1', 'put', 'x', 1), op(4, 'c2', 'get', 'x', node=1)], faults=[at(0, isolate('n1'))]

It reads as Python, but is never run as Python: only the names in this file, and literals, mean anything.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from importlib import import_module
from typing import Any

from splitbrain import latency
from splitbrain.cluster import Cluster
from splitbrain.errors import Misuse
from splitbrain.experiment import Experiment
from splitbrain.explore.trial import by_verdict
from splitbrain.faults import FAULTS, Fault, at
from splitbrain.latency import spell
from splitbrain.workloads import Planned, Workload

_DISTRIBUTIONS = {f.__name__: f for f in (latency.constant, latency.uniform, latency.exponential, latency.pareto,
                                          latency.mixture)}
_DEFAULTS = {"seed": 0, "latency": None, "links": None, "timeout": 1000, "in_order": False, "max_events": 5_000_000}


def op(at: float, process: str, f: str, key: Any = None, value: Any = None, *, node: int = 0, salt: int | None = 0,
       after: int | None = None) -> Planned:
    """One planned operation, in the order in which it is read aloud."""
    return Planned(at, process, node, f, key, value, salt, after)


_CALLS: dict[str, Callable] = {"op": op, "at": at, **FAULTS, **_DISTRIBUTIONS}


def spell_experiment(experiment: Experiment, judge: Callable | None = None) -> tuple[str, str, dict[str, str]]:
    """The code for the node's class, if only its notebook knows it, else ``""``; the text; and, as arguments that it
    needs beside it, the checker and the judge that only their notebook knows.

    Raises
    ------
    Misuse
        If something in it cannot be written as a literal.
    """
    arguments = experiment.cluster.arguments
    node, told = _spell_nodes(arguments["nodes"])
    told += [f"{name}={arguments[name]!r}" for name, usual in _DEFAULTS.items() if arguments[name] != usual]
    told.append(f"ask=[{', '.join(map(_spell_op, experiment.workload.operations))}]")
    if experiment.faults:
        told.append(f"faults={list(experiment.faults)!r}")
    if experiment.until is not None:
        told.append(f"until={experiment.until!r}")
    if experiment.after is not None:
        told.append(f"after={experiment.after!r}")
    named: dict[str, str] = {}
    for name, judging in (("check", experiment.workload.check), ("judge", judge)):
        known = _path(judging) if callable(judging) else judging
        if known:
            told.append(f"{name}={known!r}")
        elif judging is not None:
            named[name] = _code_name(judging, name)
    text = ", ".join(told)
    try:
        _fields(text)
    except Misuse:  # told now, not to whoever replays it
        raise Misuse(f"this run has no line that repeats it: not all of it is plain values: {text}") from None
    return node, text, named


def _spell_nodes(classes: dict[str, type]) -> tuple[str, list[str]]:
    kinds = list(dict.fromkeys(classes.values()))
    names = list(classes)
    count = len(names) if names == [f"n{i + 1}" for i in range(len(names))] else names
    if len(kinds) == 1:
        path = _path(kinds[0])
        return ("", [f"node={path!r}", f"nodes={count!r}"]) if path else (kinds[0].__name__, [f"nodes={count!r}"])
    paths = {name: _path(kind) for name, kind in classes.items()}
    if all(paths.values()):
        return "", [f"nodes={paths!r}"]
    return "{" + ", ".join(f"{name!r}: {kind.__name__}" for name, kind in classes.items()) + "}", []


def _code_name(function: Callable, usual: str) -> str:
    """What a notebook calls a function; one without a name is given where it stands in the line."""
    name = getattr(function, "__name__", "")
    return name if name.isidentifier() else usual


def _path(thing: Any) -> str:
    """``module:name`` if that is where everyone finds it, else nothing."""
    module, name = getattr(thing, "__module__", ""), getattr(thing, "__qualname__", "")
    if module in ("", "__main__") or not name.isidentifier():
        return ""
    try:
        return f"{module}:{name}" if getattr(import_module(module), name, None) is thing else ""
    except ImportError:  # a file that is run, or a test, is no module that others could import
        return ""


def _spell_op(o: Planned) -> str:
    values = [o.key, o.value] if o.value is not None else [o.key] if o.key is not None else []
    more = [f"node={o.node}"] if o.node else []
    more += [f"salt={o.salt}"] if o.salt != 0 else []
    more += [f"after={o.after}"] if o.after is not None else []
    return f"op({', '.join([spell(o.at), *map(repr, [o.process, o.f, *values]), *more])})"


def read_experiment(text: str, node: Any = None, check: Any = None, judge: Any = None) -> tuple[Experiment, Callable]:
    """The experiment that a line tells of, and who judges its run.

    Parameters
    ----------
    text : str
    node : type, or dict of str to type
        Where the text names no class that can be imported.
    check, judge : function
        Where the text names none.

    Raises
    ------
    Misuse
        If it is no such line, or what it names cannot be found.
    """
    fields = _fields(text)
    check, asked = fields.pop("check", check), fields.pop("ask", [])
    faults, until, after = fields.pop("faults", []), fields.pop("until", None), fields.pop("after", None)
    judge = _find(fields.pop("judge")) if "judge" in fields else judge or by_verdict
    named = fields.pop("node", None)
    if isinstance(node, dict):
        fields["nodes"], node = node, None
    elif isinstance(fields.get("nodes"), dict):
        fields["nodes"] = {name: _find(path) for name, path in fields["nodes"].items()}
    elif node is None and named is None:
        raise Misuse("replay(MyNode, '...'): the line names no class that can be imported, so give the class")
    if check is None:
        raise Misuse("replay(..., check=...): the line names no checker, so give the one that judged the run")
    check = _find(check) if isinstance(check, str) and ":" in check.partition("(")[0] else check
    try:
        cluster = Cluster(_find(named) if node is None and named else node, **fields)
    except TypeError as error:
        raise Misuse(f"replay: {error}") from None
    planned = Workload("replay", tuple(asked), check)
    return Experiment(cluster, planned, faults=tuple(faults), until=until, after=after), judge


def read_fault(text: str) -> Fault:
    """A fault from its repr, as it stands in a journal.

    >>> read_fault("cut('n1', 'n2', one_way=True)").options
    (('one_way', True),)
    """
    return _value(ast.parse(text, mode="eval").body)


def _find(path: str) -> Any:
    module, _, name = path.partition(":")
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError):
        raise Misuse(f"replay: there is no {name} in {module} here; give it: replay({name}, '...')") from None


def _fields(text: str) -> dict[str, Any]:
    try:
        call = ast.parse(f"f({text})", mode="eval").body
    except (SyntaxError, ValueError):
        raise Misuse(f"replay: this is no line that a search has printed: {text!r}") from None
    if not isinstance(call, ast.Call) or call.args or any(k.arg is None for k in call.keywords):
        raise Misuse(f"replay: this is no line that a search has printed: {text!r}")
    return {k.arg: _value(k.value) for k in call.keywords}


def _value(node: ast.expr) -> Any:
    """The value of an expression made of literals and of the names of this file."""
    if isinstance(node, ast.List):
        return [_value(one) for one in node.elts]
    if isinstance(node, ast.Tuple):
        return tuple(_value(one) for one in node.elts)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CALLS:
        return _CALLS[node.func.id](*map(_value, node.args), **{k.arg: _value(k.value) for k in node.keywords})
    try:
        return ast.literal_eval(node)
    except ValueError:
        raise Misuse(f"replay: {ast.unparse(node)} means nothing here; a line holds plain values, "
                     f"{', '.join(_CALLS)}") from None
