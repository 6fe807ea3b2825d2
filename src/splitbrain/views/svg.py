"""Matplotlib's SVG, made small and the same everywhere.

What matplotlib writes carries version, generated ids and sixteen digits of every coordinate, the last of which
differ between processors. A picture that is stored in a notebook and compared there can afford none of these.
"""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

_NUMBER = re.compile(r"-?\d*\.\d+(?:e-?\d+)?|-?\d+e-?\d+|-?\d+")
_SPACE = re.compile(r"\s+(?=[A-Za-z])|(?<=[A-Za-z])\s+")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_NUMERIC = {"d", "points", "transform", "x", "y", "width", "height", "cx", "cy", "r", "x1", "y1", "x2", "y2"}
KEPT = "sb-"


def render(figure, alt: str) -> str:
    """The figure as SVG text, titled with `alt`; the figure is laid out in 72 dots an inch, a dot is a pixel.

    The same figure gives the same bytes under the same matplotlib, on any machine.
    """
    from splitbrain.views.canvas import plain_settings

    buffer = io.StringIO()
    with plain_settings():
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return tidy(buffer.getvalue(), alt)


def tidy(svg: str, alt: str = "") -> str:
    """Drop what nobody draws, round to a hundredth of a pixel, and number the ids that are referred to."""
    root = ElementTree.fromstring(svg)
    names: dict[str, str] = {}
    texts: dict[str, str] = {}
    for element in root.iter():
        for value in element.attrib.values():
            for name in ([value[1:]] if value.startswith("#") else _REFERENCE.findall(value)):
                names.setdefault(name, f"s{len(names)}")
    _, _, width, height = root.get("viewBox").split()
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" role="img" '
             f'width="{_round(width)}" height="{_round(height)}" viewBox="0 0 {_round(width)} {_round(height)}">']
    if alt:
        parts.append(f"<title>{escape(alt)}</title>")
    for child in root:
        _write(child, names, texts, parts)
    return "\n".join([*parts, "</svg>", ""])


def _write(element, names: dict[str, str], texts: dict[str, str], parts: list[str]) -> None:
    tag = element.tag.rpartition("}")[2]
    if tag == "metadata":
        return
    attributes = dict(_attributes(tag, element, names))
    if tag == "g" and not attributes:
        for child in element:
            _write(child, names, texts, parts)
        return
    given = "".join(f" {k}={quoteattr(v)}" for k, v in attributes.items())
    start = f"<{tag}{given}"
    if not len(element) and not (element.text or "").strip():
        parts.append(start + "/>")
        return
    inner: list[str] = []
    for child in element:
        _write(child, names, texts, inner)
    if tag == "g" and inner and all(part.startswith("<use ") for part in inner):
        parts.append(_once("".join(inner), given, texts))
        return
    parts.append(start + ">" + escape((element.text or "").strip()))
    parts += [*inner, f"</{tag}>"]


def _once(letters: str, given: str, texts: dict[str, str]) -> str:
    """A text that was drawn before is referred to: words in a picture of a run come again and again."""
    if letters in texts:
        return f'<use href="#{texts[letters]}"{given}/>'
    texts[letters] = f"t{len(texts)}"
    return f'<g{given}><g id="{texts[letters]}">{letters}</g></g>'


def _attributes(tag: str, element, names: dict[str, str]):
    for key, value in element.attrib.items():
        key = key.rpartition("}")[2]
        if key == "id":
            if value in names:
                yield key, names[value]
            elif value.startswith(KEPT):
                yield key, value
        elif key == "href":
            yield key, "#" + names[value[1:]]
        elif key == "style":
            style = _REFERENCE.sub(lambda m: f"url(#{names[m[1]]})", value.replace("; ", ";").replace(": ", ":"))
            yield key, style
        elif key == "transform" and tag == "use":
            # Only ever translate(x y) for one letter of a text.
            x, y = (value[value.index("(") + 1 : -1].replace(",", " ").split() + ["0"])[:2]
            yield from ((k, _round(v, 1)) for k, v in (("x", x), ("y", y)) if _round(v, 1) != "0")
        elif key in _NUMERIC:
            yield key, _short(value, 1 if names.get(element.get("id"), "") and tag == "path" else 2)
        else:
            yield key, value if key != "clip-path" else f"url(#{names[_REFERENCE.findall(value)[0]]})"


def _short(value: str, digits: int) -> str:
    def number(match):
        inside_scale = value.rfind("scale", 0, match.start()) > value.rfind(")", 0, match.start())
        return _round(match[0], 6 if inside_scale else digits)

    return _SPACE.sub("", _NUMBER.sub(number, value)).strip()


def _round(number: str, digits: int = 2) -> str:
    text = f"{float(number):.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
