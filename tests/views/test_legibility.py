"""Every colour that letters and lines are drawn in, read from the pictures themselves."""

import re
from xml.etree import ElementTree

import pytest

from splitbrain.records import Witness
from splitbrain.views import dependency_graph, heat_map, space_time, style, timeline
from splitbrain.views.dependency_graph import LOOKS
from splitbrain.views.tones import TONES

from .journals import every_outcome, split_brain, split_brain_history

PICTURES = {
    "dependency_graph": lambda: dependency_graph(Witness(
        tuple(every_outcome()), edges=tuple((i, (i + 1) % 6, f"{kind}: so") for i, kind in enumerate(LOOKS)))),
    "heat_map": lambda: heat_map(["a"], list("bcdefg"), [["kept", "lost", "corrupt", "in doubt", "rolled back", 3]]),
    "space_time": lambda: space_time(split_brain(), witness=Witness(tuple(split_brain_history()), events=(3,))),
    "timeline": lambda: timeline(every_outcome(), witness=Witness((every_outcome()[1],))),
}
GROUNDS = {style.PAPER, style.SHADE, *style.TINTS.values()}


@pytest.fixture(params=PICTURES)
def picture(request):
    return PICTURES[request.param]()


def looks(svg: str) -> dict[str, dict[str, str]]:
    return {name: dict(pair.split(":", 1) for pair in rule.split(";") if ":" in pair)
            for name, rule in re.findall(r"\.(c\d+)\{([^}]*)\}", svg)}


def test_letters_are_dark_enough(picture):
    rules = looks(picture.svg)
    root = ElementTree.fromstring(picture.svg)
    letters = [e for e in root.iter() if e.tag.endswith("}g") and e.get("transform", "").endswith("-0.11)")
               or (e.get("href") or "").startswith("#t")]
    assert letters
    for element in letters:
        colour = rules[element.get("class")]["fill"] if element.get("class") else "#000000"
        # White stands on the one dark tint only; every other colour is legible on paper, shade and light tints.
        assert colour in {c.lower() for c in style.TEXT_COLOURS} | {"#ffffff"}


def test_lines_are_strong_enough(picture):
    lines = {c.lower() for c in style.LINE_COLOURS} | {style.FRAME, "none"}
    allowed = lines | {t.edge.lower() for t in TONES.values()}
    for rule in looks(picture.svg).values():
        assert rule.get("stroke", "none") in allowed, rule


def test_every_shape_that_is_filled_lightly_has_an_edge(picture):
    for rule in looks(picture.svg).values():
        fill = rule.get("fill", "none")
        light = fill not in {"none", "#ffffff", *(g.lower() for g in GROUNDS)} and style.contrast(fill, style.PAPER) < 3
        if light:
            assert rule.get("stroke", "none") != "none", rule
