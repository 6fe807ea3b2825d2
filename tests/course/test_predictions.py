"""Predictions are kept and shown beside what happened; they work from code, and a stored notebook shows nobody's."""

import pytest

from splitbrain.course import predict, reveal
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
    assert widget.chosen is None and prediction("acid-kill") is None and widget.note == ""
    widget.set_state({"chosen": 1})                       # what a click in the browser does
    assert prediction("acid-kill") == "a few"
    assert widget.note == "Your prediction: a few. It is shown beside what happens."
    assert ask().chosen == 1


def test_answering_from_code_and_changing_ones_mind():
    ask(answer="none")
    ask(answer="most")
    assert prediction("acid-kill") == "most"
    assert repr(ask().answer("b")) == "Your prediction: a few. It is shown beside what happens."
    assert prediction("acid-kill") == "a few"


def test_the_widget_has_a_still_form_without_anybodys_answer():
    widget = ask(answer="none")
    data, _ = widget._repr_mimebundle_()
    assert WIDGET_VIEW in data
    assert data["text/html"].endswith("<p><em>Run this cell to answer.</em></p>")
    assert "<code>synchronous=OFF</code>" in data["text/html"] and "Your prediction" not in data["text/html"]
    assert data["text/plain"] == repr(widget) == (
        "How many commits are lost under `synchronous=OFF`?\n  a) none\n  b) a few\n  c) most\n"
        "Run this cell to answer.")


def test_options_that_changed_since_choose_nothing():
    ask(answer="most")
    assert predict("acid-kill", "How many?", ["none", "all"]).chosen is None


@pytest.mark.parametrize("options", ["none", ["one"], ["a", "a"]])
def test_options_are_at_least_two_different_strings(options):
    with pytest.raises(ValueError, match="options"):
        predict("acid-kill", "How many?", options)


def test_an_answer_that_is_no_option():
    with pytest.raises(ValueError, match=r"'all' is none of the options: a\) none, b\) a few, c\) most"):
        ask(answer="all")
    assert prediction("acid-kill") is None


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
