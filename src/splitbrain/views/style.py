"""One look for every picture: a sheet of paper, a few colours, each with a second sign beside it.

The hues are Okabe and Ito's, which people with any common form of colour blindness can tell apart. Four of them
are too light to be lines or letters on paper (below 3:1), so these only fill shapes that have an ink outline.
"""

from __future__ import annotations

import functools
import pathlib

PAPER = "#fdfcf9"  # every picture brings its own background: an <img> cannot know the theme around it
FRAME = "#cfcbc0"  # the edge of the sheet: decoration, carries nothing
INK = "#20242a"
SOFT = "#565c65"  # secondary text
RULE = "#858a92"  # life lines and axes
BLUE, GREEN, VERMILLION = "#0072B2", "#008A64", "#D55E00"
RUST = "#A34700"  # vermillion for letters
SKY, ORANGE, YELLOW, PURPLE = "#56B4E9", "#E69F00", "#F0E442", "#CC79A7"
SHADE = "#f8efdd"  # a fault was active here
TINTS = {"blue": "#dcecf7", "green": "#d7efe5", "vermillion": "#fbe0cf", "yellow": "#fbf5c4", "purple": "#f6e3ee",
         "ink": "#4a4f57", "paper": PAPER}

TEXT_COLOURS = (INK, SOFT, RUST)  # at least 4.5:1 on PAPER, SHADE and every light tint
LINE_COLOURS = (INK, SOFT, RULE, BLUE, GREEN, VERMILLION, RUST)  # at least 3:1 on PAPER and SHADE


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two ``#rrggbb`` colours, from 1 to 21 (WCAG 2.2, "contrast ratio").

    >>> contrast("#000000", "#ffffff")
    21.0
    """
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@functools.cache
def font(weight: str = "normal"):
    """The DejaVu Sans that matplotlib carries: the same outlines and widths on every machine."""
    import matplotlib
    from matplotlib.font_manager import FontProperties

    file = {"normal": "DejaVuSans.ttf", "bold": "DejaVuSans-Bold.ttf", "italic": "DejaVuSans-Oblique.ttf"}[weight]
    return FontProperties(fname=str(pathlib.Path(matplotlib.get_data_path(), "fonts", "ttf", file)))


@functools.cache
def text_width(text: str, size: float = 12, weight: str = "normal") -> float:
    """Pixels that a line of text takes."""
    from matplotlib.textpath import text_to_path

    properties = font(weight).copy()
    properties.set_size(size)
    return text_to_path.get_text_width_height_descent(clean(text), properties, False)[0]


def fit(text: str, width: float, size: float = 12, weight: str = "normal") -> str:
    """The text, or as much of it as `width` pixels hold, ended by an ellipsis; "" if not even two letters fit."""
    text = clean(text)
    if text_width(text, size, weight) <= width:
        return text
    for length in range(len(text) - 1, 1, -1):
        if text_width(shorter := text[:length].rstrip() + "…", size, weight) <= width:
            return shorter
    return ""


@functools.cache
def _glyphs() -> frozenset[int]:
    from matplotlib.font_manager import get_font

    return frozenset(get_font(font().get_file()).get_charmap())


@functools.lru_cache(4096)
def clean(text: str) -> str:
    """One line of characters that the font has; line ends and control characters would break layout and XML."""
    known = _glyphs()
    return "".join(c if ord(c) in known and c.isprintable() else " " if c.isspace() else "□" for c in str(text))
