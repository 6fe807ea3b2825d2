"""The widget behind predictions and quizzes."""

import pytest

from splitbrain.widgets.choice import Choice, marked


def test_it_answers_each_choice_once_and_tells_the_page():
    heard = []
    widget = Choice("Which?", ["one", "two"], respond=lambda option: heard.append(option) or f"You said {option}.")
    widget.set_state({"chosen": 1})
    widget.set_state({"chosen": 1})
    assert heard == ["two"] and widget.note == "You said two."
    assert widget.answer("a").option == "one" and heard == ["two", "one"]


def test_what_was_chosen_before_is_shown_at_once():
    widget = Choice("Which?", ["one", "two"], respond=str.upper, chosen="two")
    assert (widget.chosen, widget.note) == (1, "TWO")


@pytest.mark.parametrize("options", ["none", ["one"], ["a", "a"], [str(i) for i in range(27)]])
def test_options_are_different_and_have_letters(options):
    with pytest.raises(ValueError, match="options"):
        Choice("Which?", options, respond=str)


def test_an_option_that_is_a_letter_of_another_is_meant_by_its_words():
    widget = Choice("Which?", ["b", "a"], respond=str)
    assert widget.answer("a").option == "a" and widget.answer("b").option == "b"


def test_text_is_escaped_and_code_is_marked():
    assert marked("<b> `x < 1`") == "&lt;b&gt; <code>x &lt; 1</code>"
