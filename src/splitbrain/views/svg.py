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
    """Drop what nobody draws, round to a hundredth of a pixel, write once what comes again and again."""
    root = ElementTree.fromstring(svg)
    _, _, width, height = root.get("viewBox").split()
    writer = _Writer(root)
    for child in root:
        writer.write(child, writer.parts)
    head = [f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{_round(width)}" height="{_round(height)}" '
            f'viewBox="0 0 {_round(width)} {_round(height)}">']
    if alt:
        head.append(f"<title>{escape(alt)}</title>")
    rules = [f".{name}{{{style}}}" for style, name in writer.styles.items()]
    return "\n".join([*head, "<style>*{stroke-linejoin:round;stroke-linecap:butt}", *rules, "</style>", *writer.parts,
                      "</svg>", ""])


class _Writer:
    """`names` are the new ids of what is referred to, `texts` the words written so far, `styles` the looks."""

    def __init__(self, root):
        self.names: dict[str, str] = {}
        self.texts: dict[str, str] = {}
        self.styles: dict[str, str] = {}
        self.parts: list[str] = []
        for element in root.iter():
            for value in element.attrib.values():
                for name in [value[1:]] if value.startswith("#") else _REFERENCE.findall(value):
                    self.names.setdefault(name, f"s{len(self.names)}")

    def write(self, element, parts: list[str]) -> None:
        tag = element.tag.rpartition("}")[2]
        if tag in ("metadata", "style"):
            return
        given = "".join(f" {k}={quoteattr(v)}" for k, v in self.attributes(tag, element))
        inner: list[str] = []
        for child in element:
            self.write(child, inner)
        if tag in ("g", "defs") and not (inner and given):
            # An empty group is nothing, and one without attributes no more than what is in it.
            parts += ["<defs>", *inner, "</defs>"] if inner and tag == "defs" else inner
        elif tag == "g" and all(part.startswith("<use ") for part in inner):
            parts.append(self.once("".join(inner), given))
        else:
            parts += [f"<{tag}{given}>", *inner, f"</{tag}>"] if inner else [f"<{tag}{given}/>"]

    def once(self, letters: str, given: str) -> str:
        """A text that was drawn before is referred to: words in a picture of a run come again and again."""
        if letters in self.texts:
            return f'<use href="#{self.texts[letters]}"{given}/>'
        self.texts[letters] = f"t{len(self.texts)}"
        return f'<g{given}><g id="{self.texts[letters]}">{letters}</g></g>'

    def attributes(self, tag: str, element):
        for key, value in element.attrib.items():
            key = key.rpartition("}")[2]
            if key == "id":
                if value in self.names or value.startswith(KEPT):
                    yield key, self.names.get(value, value)
            elif key == "href":
                yield key, "#" + self.names[value[1:]]
            elif key == "style":
                style = self.refer(value.replace("; ", ";").replace(": ", ":"))
                yield "class", self.styles.setdefault(style, f"c{len(self.styles)}")
            elif key == "transform" and tag == "use":
                # Only ever translate(x y) for one letter of a text.
                numbers = value[value.index("(") + 1 : -1].replace(",", " ").split()
                rounded = [(axis, _round(number, 1)) for axis, number in zip("xy", numbers, strict=False)]
                yield from (pair for pair in rounded if pair[1] != "0")
            elif key in _NUMERIC:
                yield key, _short(value, 2)
            else:
                yield key, self.refer(value)

    def refer(self, value: str) -> str:
        return _REFERENCE.sub(lambda found: f"url(#{self.names[found[1]]})", value)


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
