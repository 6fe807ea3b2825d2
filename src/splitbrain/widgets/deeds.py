"""What a click asks for, turned into one call of the cluster's own methods: what runs is what is shown."""

from __future__ import annotations

import ast
import re
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
    options: tuple[tuple[str, Any], ...] = ()

    def code(self, variable: str = "cluster") -> str:
        """The line of Python that does the same."""
        target = variable if self.home is None else f"{variable}.client({self.home!r})"
        told = [*map(repr, self.arguments), *(f"{name}={value!r}" for name, value in self.options)]
        return f"{target}.{self.method}({', '.join(told)})"

    def carry_out(self, cluster) -> Any:
        """Call it; whatever it raises is the caller's."""
        target = cluster if self.home is None else cluster.client(self.home)
        return getattr(target, self.method)(*self.arguments, **dict(self.options))


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
    one_way = wish.get("one_way") is True
    cut = [cluster.is_cut(a, b), cluster.is_cut(b, a)]
    if wish["action"] == "cut" and (cut[0] if one_way else all(cut)):
        raise ValueError(f"the link {a} to {b} is already cut")
    if wish["action"] == "join" and not any(cut):
        raise ValueError(f"the link {a} to {b} is not cut")
    if wish["action"] == "join":
        return Deed("heal", (a, b))
    return Deed("cut", (a, b), options=(("one_way", True),) if one_way else ())


_FROM = {"crash": ("up", "paused"), "restart": ("crashed",), "pause": ("up",), "resume": ("paused",),
         "isolate": ("up", "paused", "crashed")}


def _node(wish: Wish, cluster, _) -> Deed:
    (name,) = _nodes(wish, cluster, 1)
    if cluster.state(name) not in _FROM[wish["action"]]:
        raise ValueError(f"{name} is {cluster.state(name)}: nothing to {wish['action']}")
    power = wish["action"] == "crash" and wish.get("kind") == "power"
    return Deed(wish["action"], (name,), options=(("kind", "power"),) if power else ())


def _afflict(wish: Wish, cluster, _) -> Deed:
    (name,) = _nodes(wish, cluster, 1)
    least = 0 if wish["action"] == "slow" else -1_000_000
    return Deed(wish["action"], (name, _number(wish, "ms", least, 1_000_000)))


def _number(wish: Wish, field: str, least: float, most: float) -> float:
    number = wish.get(field)
    if not isinstance(number, int | float) or isinstance(number, bool) or not least <= number <= most:
        raise ValueError(f"{wish['action']} wants a number of virtual milliseconds between {least:,} and {most:,}")
    return int(number) if number == int(number) else number


def _partition(wish: Wish, cluster, _) -> Deed:
    """Of groups as a person writes them: ``n1 n2 | n3``."""
    text = wish.get("groups")
    sides = re.split(r"[|;/]", text) if isinstance(text, str) else []
    groups = [names for names in (re.findall(r"[^\s,]+", side) for side in sides) if names]
    named = [name for names in groups for name in names]
    unclear = len(set(named)) != len(named) or any(name not in cluster.names for name in named)
    if unclear or not named or groups == [named] and len(named) == len(cluster.names):
        raise ValueError(f"name the sides of a partition like {_example(cluster)!r}, each node once, not {text!r}")
    return Deed("partition", tuple(map(" ".join, groups)))


def _example(cluster) -> str:
    half = (len(cluster.names) + 1) // 2
    return f"{' '.join(cluster.names[:half])} | {' '.join(cluster.names[half:])}"


def _message(wish: Wish, cluster, _) -> Deed:
    """A message is known to the page by its number, and in code by what it was sent for: that holds in every run."""
    found = next((raw for *_, raw in cluster.network.under_way() if raw[0] == wish.get("message")), None)
    if found is None:
        raise ValueError("that message is not on its way any more")
    nth = found[12]
    return Deed(wish["action"], (str(found[6]), found[2], found[3]), options=(("nth", nth),) if nth else ())


def _call(wish: Wish, cluster, forms: Sequence[Form]) -> Deed:
    (home,) = _nodes(wish, cluster, 1)
    asked = next((f for f in forms if f.name == wish.get("operation")), None)
    texts = wish.get("arguments") or []
    if asked is None or len(texts) != len(asked.fields):
        raise ValueError(f"the clients of this panel have {', '.join(f.name for f in forms)}")
    for (name, _), text in zip(asked.fields, texts, strict=True):
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"{asked.name} needs a {name}")
    values = tuple(map(literal, texts))
    return Deed("start", (asked.name, *values), home) if wish.get("wait") is False else Deed(asked.name, values, home)


def _run(wish: Wish, *_) -> Deed:
    return Deed("run", (_number(wish, "ms", 0.001, 1_000_000),))


def _quiet(*_) -> Deed:
    return Deed("run_until_quiet")


def _bare(wish: Wish, *_) -> Deed:
    return Deed(wish["action"])


_DEEDS: dict[str, Callable[..., Deed]] = {
    "cut": _link, "join": _link, "partition": _partition, "heal": _bare,
    "crash": _node, "restart": _node, "pause": _node, "resume": _node, "isolate": _node, "slow": _afflict,
    "skew": _afflict, "drop": _message, "deliver": _message, "repeat": _message,
    "call": _call, "run": _run, "quiet": _quiet, "step": _bare, "reset": _bare,
}


def choices() -> dict:
    """What can be done to a thing that was chosen, by its kind and state: a word, the wish, and a field to fill in."""
    ms = {"name": "ms", "unit": "ms"}
    crashes = [_choice("crash", "crash"), _choice("cut its power", "crash", kind="power")]
    more = [_choice("slow by", "slow", field=ms | {"value": 20, "min": 0}),
            _choice("set its clock ahead by", "skew", field=ms | {"value": 50})]
    cut = [_choice("cut", "cut"), _choice("cut {0} → {1}", "cut", one_way=True),
           _choice("cut {1} → {0}", "cut", one_way=True, turned=True)]
    heal = _choice("heal", "join")
    return {
        "node": {"up": [*crashes, _choice("pause", "pause"), _choice("isolate", "isolate"), *more],
                 "paused": [_choice("resume", "resume"), *crashes, *more], "crashed": [_choice("restart", "restart")]},
        "link": {"none": cut, "both": [heal], "there": [heal, cut[2]], "back": [heal, cut[1]]},
        "message": [_choice("deliver it first", "deliver"), _choice("deliver it twice", "repeat"),
                    _choice("lose it", "drop")],
    }


def _choice(word: str, action: str, *, field: dict | None = None, turned: bool = False, **more: Any) -> dict:
    return {"word": word, "wish": {"action": action} | more, "field": field, "turned": turned}
