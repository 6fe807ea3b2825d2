import base64
import pathlib
import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from splitbrain.views import Picture, heat_map, style
from splitbrain.views.canvas import Canvas, plain_settings


def small() -> Picture:
    return heat_map(["OFF", "FULL"], ["power cut"], [["lost"], ["kept"]], title="Durability")


def test_html_is_an_image_with_its_words_and_a_real_table():
    picture = Picture('<svg xmlns="http://www.w3.org/2000/svg"/>', 'n1 said "1" & n2 <2>',
                      [{"node": "n1", "told": 1}, {"node": "n2", "late": "<b>"}], "How to read it")
    page = picture._repr_html_()
    data = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', page)[1]
    assert base64.b64decode(data).decode() == picture.svg
    tree = ElementTree.fromstring(page.replace('%">', '%"/>', 1))  # nothing but the <img> is left open
    assert tree.find("img").get("alt") == picture.alt
    assert tree.find("figcaption").text == "How to read it"
    assert "open" not in tree.find("details").attrib
    rows = list(tree.find("details/table").iter("tr"))
    assert [(c.text, c.get("scope")) for c in rows[0]] == [("node", "col"), ("told", "col"), ("late", "col")]
    assert [(c.tag, c.text) for c in rows[1]] == [("th", "n1"), ("td", "1"), ("td", None)]
    assert rows[1][0].get("scope") == "row"
    assert [c.text for c in rows[2]] == ["n2", None, "<b>"]


def test_repr_is_the_words():
    assert repr(small()) == small().alt
    assert small().alt.startswith("Heat map: Durability.")


def test_saves_svg_and_html(tmp_path):
    picture = small()
    assert picture.save(tmp_path / "a.svg").read_text(encoding="utf-8") == picture.svg
    assert picture.save(tmp_path / "a.html").read_text(encoding="utf-8").count("<img ") == 1
    with pytest.raises(ValueError, match=r"\.svg or \.html, not as 'a\.png'"):
        picture.save(tmp_path / "a.png")


def test_svg_is_well_formed_small_and_says_what_it_shows():
    picture = small()
    root = ElementTree.fromstring(picture.svg)
    assert root.findtext("{http://www.w3.org/2000/svg}title") == picture.alt
    assert len(picture.svg) < 20_000
    ids = re.findall(r' id="([^"]+)"', picture.svg)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', picture.svg)) <= set(ids)
    assert "font-family" not in picture.svg  # letters are outlines: no reader's fonts change the layout
    assert not re.search(r"\d\.\d{3}", picture.svg.replace("scale(0.015625)", ""))


def test_control_characters_do_no_harm():
    picture = heat_map(["a\x00b", "<&>\n\x1b"], ["$x_1$ 🙂"], [["--]]>\x07"], [None]])
    ElementTree.fromstring(picture.svg)
    page = picture._repr_html_()
    assert "\x00" not in page and "\x07" not in page


PROGRAM = "from splitbrain.views import heat_map\np = heat_map('ab', 'cd', [['kept', 'x'], ['lost', ('z', 'n')]])\n"


def run(program: str, seed: str) -> bytes:
    return subprocess.run([sys.executable, "-c", PROGRAM + program], check=True, capture_output=True,
                          env={"PYTHONHASHSEED": seed, "PATH": "", "MPLCONFIGDIR": "/nonexistent"}).stdout


EVERYTHING = """
import hashlib
from views.journals import every_outcome, split_brain
from splitbrain.views import space_time, timeline, topology

class Three:
    names, links, now = ["n1", "n2", "n3"], [("n1", "n2"), ("n2", "n3"), ("n1", "n3")], 5.0
    state = staticmethod({"n1": "up", "n2": "crashed", "n3": "paused"}.get)
    values = staticmethod(lambda name: {"x": 1, "y": 2})
    is_cut = staticmethod(lambda a, b: "n1" in (a, b))
    in_flight = staticmethod(list)
    __getitem__ = lambda self, name: None

for picture in (p, space_time(split_brain()), timeline(every_outcome()), topology(Three())):
    print(hashlib.sha256(picture._repr_html_().encode()).hexdigest(), repr(picture))
"""


def test_same_bytes_in_another_process_with_another_hash_seed():
    program = f"import sys; sys.path.insert(0, {str(pathlib.Path(__file__).parents[1])!r})\n{EVERYTHING}"
    first, second = run(program, "1"), run(program, "2")
    assert first == second and first.count(b"Topology") == 1


def test_style_sheets_of_the_reader_change_nothing():
    program = ("import sys, matplotlib.style; before = p\nmatplotlib.style.use('dark_background')\n"
               "matplotlib.rcParams.update({'svg.fonttype': 'none', 'font.size': 30, 'lines.linewidth': 9, "
               "'path.sketch': (5, 5, 5)})\nq = heat_map('ab', 'cd', [['kept', 'x'], ['lost', ('z', 'n')]])\n"
               "print(p == q, matplotlib.rcParams['font.size'])")
    assert run(program, "1").split() == [b"True", b"30.0"]


def test_importing_the_views_imports_no_heavy_library_and_pyplot_is_never_used():
    check = ("import sys; import splitbrain.views; "
             "print([m for m in ('matplotlib', 'networkx', 'numpy') if m in sys.modules])")
    assert subprocess.run([sys.executable, "-c", check], check=True, capture_output=True).stdout.strip() == b"[]"
    assert run("import sys; print('matplotlib.pyplot' in sys.modules)", "1").strip() == b"False"


@pytest.mark.parametrize("ground", [style.PAPER, style.SHADE, *(v for k, v in style.TINTS.items() if k != "ink")])
def test_letters_are_legible_on_every_ground(ground):
    for colour in style.TEXT_COLOURS:
        assert style.contrast(colour, ground) >= 4.5, (colour, ground)


def test_lines_are_visible_on_paper_and_in_fault_windows():
    for colour in style.LINE_COLOURS:
        for ground in (style.PAPER, style.SHADE):
            assert style.contrast(colour, ground) >= 3, (colour, ground)
    assert style.contrast("#ffffff", style.TINTS["ink"]) >= 4.5


def test_fit_shortens_to_the_width_or_to_nothing():
    assert style.fit("n1", 100) == "n1"
    shortened = style.fit("partition('n1 n2', 'n3')", 80)
    assert shortened.endswith("…") and style.text_width(shortened) <= 80
    assert style.fit("partition", 3) == ""


@pytest.mark.parametrize("text", ["put(x, 1)", "Ägypten", "gypsy|()", "n1"])
def test_the_box_of_a_text_holds_its_letters(text, svg_renderer):
    with plain_settings():
        canvas = Canvas(200, 40)
        box = canvas.text(10, 20, text)
        drawn = canvas.axes.texts[0].get_window_extent(svg_renderer(canvas.figure))
    assert box.left - 1 <= drawn.x0 and drawn.x1 <= box.right + 1
    assert box.top - 1 <= 40 - drawn.y1 and 40 - drawn.y0 <= box.bottom + 1


def test_canvas_counts_pixels_from_the_top_left():
    with plain_settings():
        canvas = Canvas(100, 50)
        canvas.line([(10, 20), (90, 20)])
    svg = Picture.from_figure(canvas.figure, "A line.").svg
    assert 'width="100" height="50"' in svg
    assert "M10 20L90 20" in svg
