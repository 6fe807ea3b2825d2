"""What a click asks for, turned into one call of the cluster's own methods: what runs is what is shown."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Wish = Mapping[str, Any]
"""What the page sends: ``{"action": "cut", "nodes": ["n1", "n2"]}``."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One call: of the cluster, or of the client whose home is `home`.

    >>> Deed("put", ("x", 1), home="n1").code()
    "cluster.client('n1').put('x', 1)"
    """

    method: str
    arguments: tuple = ()
    home: str | None = None

    def code(self, variable: str = "cluster") -> str:
        """The line of Python that does the same."""
        target = variable if self.home is None else f"{variable}.client({self.home!r})"
        return f"{target}.{self.method}({', '.join(map(repr, self.arguments))})"

    def carry_out(self, cluster) -> Any:
        """Call it; whatever it raises is the caller's."""
        target = cluster if self.home is None else cluster.client(self.home)
        return getattr(target, self.method)(*self.arguments)


@dataclass(frozen=True, slots=True)
class Form:
    """An operation that clients have: its name, and its arguments with what their fields hold at first."""

    name: str
    fields: tuple[tuple[str, str], ...]

    def plain(self) -> dict:
        """As the page wants it."""
        return {"name": self.name, "fields": [list(field) for field in self.fields]}


def form(signature: str) -> Form:
    """Read an operation as it would be defined.

    Raises
    ------
    ValueError
        If it is not of this form.

    Examples
    --------
    >>> form("put(key='x', value=1)")
    Form(name='put', fields=(('key', 'x'), ('value', '1')))
    >>> form("transfer(source, target, amount=10)").fields[0]
    ('source', '')
    """
    try:
        function = ast.parse(f"def {signature}: ...").body[0]
        arguments = function.args
        firsts = [""] * (len(arguments.args) - len(arguments.defaults))
        firsts += [_field(ast.literal_eval(default)) for default in arguments.defaults]
    except (SyntaxError, ValueError):
        raise ValueError(f"an operation is written like \"put(key='x', value=1)\", not {signature!r}") from None
    return Form(function.name, tuple(zip([a.arg for a in arguments.args], firsts, strict=True)))


def _field(value: Any) -> str:
    """What to type so that `literal` reads this value."""
    return value if isinstance(value, str) and literal(value) == value else repr(value)


def literal(text: str) -> Any:
    """What somebody means who types this: a Python literal, or else the text itself.

    >>> literal("1"), literal("x"), literal("'1'"), literal("[1, 2]")
    (1, 'x', '1', [1, 2])
    """
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text


def deed(wish: Wish, cluster, forms: Sequence[Form]) -> Deed:
    """The call that a wish stands for.

    Raises
    ------
    ValueError
        If it asks for what the cluster does not have, or for nothing that there is. A wish comes from a page,
        which may be old: nothing in it is taken on trust.
    """
    try:
        make = _DEEDS[wish.get("action")]
    except (KeyError, TypeError):
        raise ValueError(f"the panel knows no action {wish.get('action')!r}") from None
    return make(wish, cluster, forms)


def _nodes(wish: Wish, cluster, count: int) -> tuple[str, ...]:
    names = tuple(wish.get("nodes") or ())
    strangers = [name for name in names if name not in cluster.names]
    if len(names) != count or strangers:
        raise ValueError(f"{wish['action']} is for {count} of {', '.join(cluster.names)}, not {list(names)!r}")
    return names


def _link(wish: Wish, cluster, _) -> Deed:
    a, b = _nodes(wish, cluster, 2)
    if not {(a, b), (b, a)} & set(cluster.links):
        raise ValueError(f"{a} and {b} have no link")
    cut = [cluster.is_cut(a, b), cluster.is_cut(b, a)]
    if wish["action"] == "cut" and all(cut):
        raise ValueError(f"the link {a} to {b} is already cut")
    if wish["action"] == "join" and not any(cut):
        raise ValueError(f"the link {a} to {b} is not cut")
    return Deed("cut" if wish["action"] == "cut" else "heal", (a, b))


_FROM = {"crash": "up", "restart": "crashed", "resume": "paused"}


def _node(wish: Wish, cluster, _) -> Deed:
    (name,) = _nodes(wish, cluster, 1)
    if cluster.state(name) != _FROM[wish["action"]]:
        raise ValueError(f"{name} is {cluster.state(name)}: nothing to {wish['action']}")
    return Deed(wish["action"], (name,))


def _call(wish: Wish, cluster, forms: Sequence[Form]) -> Deed:
    (home,) = _nodes(wish, cluster, 1)
    asked = next((f for f in forms if f.name == wish.get("operation")), None)
    texts = wish.get("arguments") or []
    if asked is None or len(texts) != len(asked.fields):
        raise ValueError(f"the clients of this panel have {', '.join(f.name for f in forms)}")
    for (name, _), text in zip(asked.fields, texts, strict=True):
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"{asked.name} needs a {name}")
    return Deed(asked.name, tuple(map(literal, texts)), home)


def _run(wish: Wish, *_) -> Deed:
    ms = wish.get("ms")
    if not isinstance(ms, int | float) or isinstance(ms, bool) or not 0 < ms <= 1_000_000:
        raise ValueError("run wants a number of virtual milliseconds between 0 and 1,000,000")
    return Deed("run", (int(ms) if ms == int(ms) else ms,))


def _bare(wish: Wish, *_) -> Deed:
    return Deed(wish["action"])


_DEEDS: dict[str, Callable[..., Deed]] = {
    "cut": _link, "join": _link, "crash": _node, "restart": _node, "resume": _node,
    "call": _call, "run": _run, "step": _bare, "heal": _bare, "reset": _bare,
}
