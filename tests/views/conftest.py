import io
import itertools

import pytest

from splitbrain.views.picture import Picture


def svg_renderer(figure):
    """Matplotlib's own measure of what it will write: the renderer for screens rounds letters to whole pixels."""
    from matplotlib.backends.backend_svg import RendererSVG

    return RendererSVG(figure.bbox.width, figure.bbox.height, io.StringIO(), image_dpi=72)


def text_boxes(figure):
    """Every text of a figure with its box, in pixels, y upwards."""
    from matplotlib.text import Text

    renderer = svg_renderer(figure)
    texts = [a for a in figure.axes[0].get_children() if isinstance(a, Text) and a.get_text()]
    return [(t.get_text(), t.get_window_extent(renderer)) for t in texts]


@pytest.fixture(name="svg_renderer")
def svg_renderer_fixture():
    return svg_renderer


@pytest.fixture
def figures(monkeypatch):
    """The matplotlib figures behind the pictures that a test makes."""
    made = []
    original = Picture.from_figure.__func__

    def from_figure(cls, figure, *args, **kwargs):
        made.append(figure)
        return original(cls, figure, *args, **kwargs)

    monkeypatch.setattr(Picture, "from_figure", classmethod(from_figure))
    return made


@pytest.fixture
def assert_tidy(figures):
    """That no two texts of the pictures made so far overlap, and none leaves the sheet."""

    def check():
        assert figures
        for figure in figures:
            boxes = text_boxes(figure)
            width, height = figure.bbox.width, figure.bbox.height
            for text, box in boxes:
                inside = box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height
                assert inside, f"{text!r} leaves the sheet"
            for (first, a), (second, b) in itertools.combinations(boxes, 2):
                apart = a.x1 <= b.x0 + 1 or b.x1 <= a.x0 + 1 or a.y1 <= b.y0 + 1 or b.y1 <= a.y0 + 1
                assert apart, f"{first!r} overlaps {second!r}"

    return check
