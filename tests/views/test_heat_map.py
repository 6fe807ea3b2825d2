import itertools
import random
import re

import pytest

from splitbrain.views import heat_map, style
from splitbrain.views.tones import TONES, tones


def power_cut():
    return heat_map(["DELETE", "WAL"], ["OFF", "NORMAL", "FULL", "EXTRA"],
                    [[("corrupt", "14 of 20"), "kept", ("lost", "1 of 20"), "kept"],
                     [("corrupt", "2 of 20"), ("lost", "9 of 20"), "kept", "kept"]],
                    title="A power cut", row_label="journal mode", column_label="synchronous",
                    legend={"kept": "every acknowledged commit is there", "lost": "it opens, commits are gone",
                            "corrupt": "the database is damaged"})


def test_words_and_table_say_what_the_grid_shows(assert_tidy):
    picture = power_cut()
    assert picture.alt.splitlines() == [
        "Heat map: A power cut. 2 rows (DELETE, WAL), 4 columns (OFF, NORMAL, FULL, EXTRA).",
        "kept: DELETE, NORMAL; DELETE, EXTRA; WAL, FULL; WAL, EXTRA.",
        "lost: DELETE, FULL (1 of 20); WAL, NORMAL (9 of 20).",
        "corrupt: DELETE, OFF (14 of 20); WAL, OFF (2 of 20).",
    ]
    assert picture.table[1] == {"journal mode": "WAL", "OFF": "corrupt, 2 of 20", "NORMAL": "lost, 9 of 20",
                                "FULL": "kept", "EXTRA": "kept"}
    assert_tidy()


def test_each_category_has_its_own_colour_and_its_own_sign():
    for first, second in itertools.combinations(TONES.values(), 2):
        assert first.fill != second.fill and first.sign != second.sign
    for tone in TONES.values():
        assert style.contrast(tone.text, tone.fill) >= 4.5
        assert style.contrast(tone.edge, style.PAPER) >= 3


def test_words_the_map_has_never_met_get_looks_that_differ():
    picture = heat_map(["r"], list("abcd"), [["red", "blue", "kept", "green"]])
    fills = re.findall(r"fill:(#[0-9a-f]{6});stroke:(#[0-9a-f]{6});stroke-width:1.2", picture.svg)
    assert len(fills) == 4 == len(set(fills))


def test_what_must_not_be_looks_so_whatever_it_is_called():
    fills = [f"fill:{TONES['bad'].fill}" in heat_map(["r"], "ab", [["half of it", "kept"]], bad=bad).svg
             for bad in (["half of it"], [])]
    assert fills == [True, False]
    chosen = tones(dict.fromkeys(["violated", "raised", "odd"], ""), bad=["violated", "raised"])
    assert [tone.sign for tone in chosen.values()] == ["✗", "✖", "▲"]


def test_numbers_are_written_and_shaded():
    picture = heat_map(["a"], ["x", "y", "z"], [[0, 5, 2.5]])
    assert "a, x: 0; a, y: 5; a, z: 2.5." in picture.alt
    assert len(set(re.findall(r"fill:(#[0-9a-f]{6});stroke:#0072b2", picture.svg))) == 3
    assert style.contrast(style.INK, "#7abce8") >= 4.5  # the strongest shade


def test_a_mapping_may_leave_cells_out(assert_tidy):
    picture = heat_map(["a", "b"], [1, 2], {("a", 1): "kept", ("b", 2): "lost"})
    assert picture.table == ({"row": "a", "1": "kept", "2": "not tried"}, {"row": "b", "1": "not tried", "2": "lost"})
    assert_tidy()


@pytest.mark.parametrize("shape", [(2, 24), (30, 3), (1, 1), (5, 40)])
def test_many_cells_stay_apart(shape, assert_tidy):
    rows = [f"crash point {i}" for i in range(shape[0])]
    columns = [f"after message {i}" for i in range(shape[1])]
    dice = random.Random(1)
    cells = [[dice.choice(["committed", "rolled back", "in doubt"]) for _ in columns] for _ in rows]
    picture = heat_map(rows, columns, cells, title="Every crash point")
    assert_tidy()
    assert len(picture.svg) < 120_000


@pytest.mark.parametrize(("arguments", "says"), [
    (([], ["c"], []), "at least one row"),
    ((["r"], [], [[]]), "at least one column"),
    ((["r", "r"], ["c"], [["x"], ["y"]]), "row 'r' is given twice"),
    ((["r"], ["c"], [["x", "y"]]), r"cells must be 1 rows of 1, not rows of \[2\]"),
    ((["r"], ["c"], {("r", "d"): "x"}), r"cell \('r', 'd'\) is in no row and column: rows are r; columns are c"),
    ((["r"], ["c"], [[True]]), "a cell is text, a number"),
    ((["r"], ["c"], [[["lost"]]]), "a cell is text, a number"),
])
def test_errors_say_what_is_wrong(arguments, says):
    with pytest.raises(ValueError, match=says):
        heat_map(*arguments)


def test_an_outcome_that_the_legend_does_not_name_is_refused():
    with pytest.raises(ValueError, match=r"cell \(r, c\) is 'lsot', which the legend does not name: kept, lost"):
        heat_map(["r"], ["c"], [["lsot"]], legend=["kept", "lost"])
