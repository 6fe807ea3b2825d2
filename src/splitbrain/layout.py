"""What a cluster is made of, as it is given: names, a class each, who is joined to whom."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from types import FunctionType
from typing import Any

from splitbrain.client import Client
from splitbrain.errors import Misuse
from splitbrain.node import Node


class Classes(dict):
    """Names with a class each that `read_classes` has looked at: a search makes the same cluster a thousand times."""


def read_classes(node: type[Node] | None, nodes: int | str | Iterable[str] | Mapping[str, type[Node]]) -> Classes:
    """Node names with a class each.

    Raises
    ------
    Misuse
        If a name is no word or comes twice, or a class is none that can run.
    """
    if isinstance(nodes, Classes):
        return Classes(nodes)
    if isinstance(nodes, Mapping):
        classes = dict(nodes)
    else:
        names = [f"n{i}" for i in range(1, nodes + 1)] if isinstance(nodes, int) else _words(nodes)
        classes = dict.fromkeys(names, node)
        if len(classes) != len(names):
            raise Misuse(f"two nodes of one name: {', '.join(names)}")
    if not classes:
        raise Misuse("a cluster needs at least one node")
    for name, kind in classes.items():
        if not isinstance(name, str) or name.split() != [name]:
            raise Misuse(f"a node's name is a word, not {name!r}")
        if not (isinstance(kind, type) and issubclass(kind, Node)):
            raise Misuse(f"{name} needs a subclass of Node to run, got {kind!r}: Cluster(MyNode, nodes=3)")
    for kind in dict.fromkeys(classes.values()):
        _check(kind)
    return Classes(classes)


def _words(names: str | Iterable[str]) -> list[str]:
    return names.split() if isinstance(names, str) else list(names)


def _check(kind: type[Node]) -> None:
    for handler in kind._handlers:
        if hasattr(Client, handler):
            raise Misuse(f"{kind.__name__}.{handler}: clients have a {handler!r} of their own, so "
                         f"client.{handler}(...) would not call it: give the handler another name")
    own = [base for base in kind.__mro__ if not issubclass(Node, base)]
    for member in (m for base in own for m in vars(base).values() if isinstance(m, FunctionType)):
        # "from time import sleep" is out of reach of what refuses time.sleep while a cluster runs.
        if any(member.__globals__.get(name) is time.sleep for name in member.__code__.co_names):
            raise Misuse(f"{member.__qualname__} uses time.sleep, which stops the whole simulation, not one node: "
                         "await self.sleep(milliseconds)")


def read_links(names: list[str], links: Any) -> list[tuple[str, str]]:
    """Pairs of nodes, each once; `links` is an iterable of pairs, a networkx graph, or None for everyone to everyone.

    Raises
    ------
    Misuse
        If a pair does not join two nodes.
    """
    if links is None:
        return [(a, b) for i, a in enumerate(names) for b in names[i + 1:]]
    pairs = [tuple(pair) for pair in (links.edges() if hasattr(links, "edges") else links)]
    for pair in pairs:
        unknown = [name for name in pair if name not in names]
        if unknown or len(set(pair)) != 2 or len(pair) != 2:
            raise Misuse(f"link {pair!r}: {f'{unknown[0]!r} is no node' if unknown else 'a link joins two nodes'}")
    return list(dict.fromkeys(tuple(sorted(pair, key=names.index)) for pair in pairs))
