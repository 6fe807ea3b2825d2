"""A picture that shows in any notebook reader, and says in words what it shows."""

from __future__ import annotations

import base64
import html
import pathlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Picture:
    """A drawing, its text alternative, and the data that it was drawn from.

    In a notebook it shows as an image (one that a reader sees before trusting the notebook), with its data in a
    table that unfolds below. Its ``repr`` is the text alternative.

    Attributes
    ----------
    svg : str
        A whole SVG document with its own background, so it reads on a light page and on a dark one.
    alt : str
        What the picture shows, in words. One or a few lines.
    table : sequence of mappings
        Everything the picture shows, a row a mapping; columns are the keys, in the order in which they come.
    caption : str
        Said below the picture: how to read it, what was left out.

    Examples
    --------
    >>> Picture("<svg/>", "A dot.", [{"shape": "dot", "count": 1}])
    A dot.
    """

    svg: str
    alt: str
    table: Sequence[Mapping[str, Any]] = ()
    caption: str = ""

    @classmethod
    def from_figure(cls, figure, alt: str, table: Sequence[Mapping[str, Any]] = (), caption: str = "") -> Picture:
        """A picture of a ``matplotlib.figure.Figure``: the same figure gives the same bytes in any process.

        Make the figure with ``Figure(...)``, not with pyplot: that one keeps every figure it has ever made.
        """
        from splitbrain.views.svg import render

        alt = _printable(alt)
        return cls(render(figure, alt), alt, tuple(dict(row) for row in table), _printable(caption))

    def __repr__(self) -> str:
        return self.alt

    def _repr_html_(self) -> str:
        data = base64.b64encode(self.svg.encode()).decode()
        # An untrusted notebook shows no SVG, inline or bare, but does show an image whose address is data.
        parts = ['<figure style="margin: 0">',
                 f'<img src="data:image/svg+xml;base64,{data}" alt="{html.escape(self.alt)}" style="max-width: 100%">']
        if self.caption:
            parts.append(f"<figcaption>{html.escape(self.caption)}</figcaption>")
        return "\n".join([*parts, *_details(self.table), "</figure>"])

    def save(self, path: str | pathlib.Path) -> pathlib.Path:
        """Write the picture to a file, ``.svg``, or ``.html`` with its table.

        Raises
        ------
        ValueError
            If the name ends in anything else.
        """
        path = pathlib.Path(path)
        if path.suffix == ".svg":
            text = self.svg
        elif path.suffix == ".html":
            text = f'<!doctype html>\n<meta charset="utf-8">\n<title>Picture</title>\n{self._repr_html_()}\n'
        else:
            raise ValueError(f"a picture is saved as .svg or .html, not as {path.name!r}")
        path.write_text(text, encoding="utf-8", newline="\n")
        return path


def _details(table: Sequence[Mapping[str, Any]]) -> list[str]:
    if not table:
        return []
    columns = list(dict.fromkeys(key for row in table for key in row))
    rows = f"{len(table)} row" + ("s" if len(table) != 1 else "")
    head = "".join(f'<th scope="col">{_cell(column)}</th>' for column in columns)
    lines = [f"<details><summary>The picture as a table ({rows})</summary>",
             f"<table><thead><tr>{head}</tr></thead><tbody>"]
    for row in table:
        first, *rest = (_cell(row.get(column)) for column in columns)
        lines.append(f'<tr><th scope="row">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in rest) + "</tr>")
    return [*lines, "</tbody></table></details>"]


def _cell(value: Any) -> str:
    return "" if value is None else html.escape(_printable(value if isinstance(value, str) else repr(value)))


def _printable(text: str) -> str:
    """Without the control characters that XML and HTML cannot hold."""
    return "".join(c if c.isprintable() or c == "\n" else " " if c.isspace() else "\ufffd" for c in str(text))
