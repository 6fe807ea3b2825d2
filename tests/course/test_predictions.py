"""Predictions are kept and shown beside what happened; they work from code, and a stored notebook shows nobody's."""

import pytest

from splitbrain.course import predict, question, reveal
from splitbrain.course.predictions import prediction
from splitbrain.course.stored import WIDGET_VIEW

OPTIONS = ["none", "a few", "most"]


def ask(**options):
    return predict("acid-kill", "How many commits are lost under `synchronous=OFF`?", OPTIONS, **options)


def html_of(widget):
    data, _ = widget._repr_mimebundle_()
    return data["text/html"]


def test_choosing_with_the_widget_is_kept_and_chosen_again():
    widget = ask()
    assert widget.buttons.value is None and prediction("acid-kill") is None
    widget.buttons.value = "a few"
    assert prediction("acid-kill") == "a few"
    assert "Your prediction: a few" in widget.note.value and 'role="status"' in widget.note.value
    assert ask().buttons.value == "a few"


def test_a_click_from_the_browser_is_the_same():
    widget = ask()
    widget.buttons.set_state({"index": 2})
    assert prediction("acid-kill") == "most"


def test_answering_from_code_and_changing_ones_mind():
    ask(answer="none")
    ask(answer="most")
    assert prediction("acid-kill") == "most"


def test_the_widget_has_a_label_and_a_still_form_without_anybodys_answer():
    widget = ask(answer="none")
    assert widget.buttons.description == "I predict:"
    data, _ = widget._repr_mimebundle_()
    assert WIDGET_VIEW in data
    assert data["text/html"].endswith("<p><em>Run this cell to answer.</em></p>")
    assert "<code>synchronous=OFF</code>" in data["text/html"] and "Your prediction" not in data["text/html"]
    assert data["text/plain"] == repr(widget) == (
        "How many commits are lost under `synchronous=OFF`?\n  ( ) none\n  ( ) a few\n  ( ) most\n"
        "Run this cell to answer.")


def test_options_that_changed_since_choose_nothing():
    ask(answer="most")
    assert predict("acid-kill", "How many?", ["none", "all"]).buttons.value is None


@pytest.mark.parametrize("options", ["none", ["one"], ["a", "a"]])
def test_options_are_at_least_two_different_strings(options):
    with pytest.raises(ValueError, match="options"):
        predict("acid-kill", "How many?", options)


def test_an_answer_that_is_no_option():
    with pytest.raises(ValueError, match="'all' is none of the options: 'none', 'a few', 'most'"):
        ask(answer="all")


def test_revealing_without_a_prediction():
    shown = reveal("acid-kill", "none", because="The kernel has them.")
    assert repr(shown) == "What happened: none\nYou made no prediction.\nThe kernel has them."
    assert "You predicted" not in shown._repr_html_()


@pytest.mark.parametrize("answer, verdict", [("none", "As you predicted."), ("most", "Not what you predicted.")])
def test_revealing_shows_the_prediction_beside_what_happened(answer, verdict):
    ask(answer=answer)
    shown = reveal("acid-kill", "none", because="The kernel has them: `write` returned.")
    assert repr(shown).splitlines()[:3] == [f"You predicted: {answer}", "What happened: none", verdict]
    page = shown._repr_html_()
    assert page.index(answer) < page.index(verdict) and "<code>write</code>" in page


def test_what_is_shown_is_escaped():
    page = reveal("acid-kill", "<b>", because="<script>")._repr_html_() + html_of(predict("a", "<i>?", ["<u>", "x"]))
    assert not any(tag in page for tag in ("<b>", "<script>", "<i>", "<u>"))


def self_test(**options):
    return question("What does `UPDATE t SET x = x + 1` do?", ["adds a row", "changes rows"], answer=1,
                    because={0: "That is INSERT.", 1: "Every row of t."}, **options)


def test_a_question_answers_with_the_reason():
    widget = self_test()
    assert widget.note.value == ""
    widget.buttons.value = "adds a row"
    assert "No: That is INSERT." in widget.note.value
    widget.buttons.value = "changes rows"
    assert "Right: Every row of t." in widget.note.value
    assert "Right" not in html_of(widget)


def test_a_question_from_code():
    assert "Right: Every row of t." in self_test(chosen=1).note.value
    with pytest.raises(ValueError, match="no option 2"):
        self_test(chosen=2)
    with pytest.raises(ValueError, match="no option 3"):
        question("?", ["a", "b"], answer=3, because="x")
