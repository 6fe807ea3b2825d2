"""How the categories of a heat map look: each has a colour, an edge and a sign of its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from splitbrain.views import style


class Tone(NamedTuple):
    """How a category looks: colour of the cell, of its edge and of its text, and its sign."""

    fill: str
    edge: str
    text: str
    sign: str


TONES = {
    "good": Tone(style.TINTS["green"], style.GREEN, style.INK, "✓"),
    "bad": Tone(style.TINTS["vermillion"], style.VERMILLION, style.INK, "✗"),
    "worst": Tone(style.TINTS["ink"], style.INK, "#ffffff", "✖"),
    "doubt": Tone(style.TINTS["yellow"], style.SOFT, style.INK, "?"),
    "other": Tone(style.TINTS["blue"], style.BLUE, style.INK, "▲"),
    "more": Tone(style.TINTS["purple"], style.SOFT, style.INK, "◆"),
    "plain": Tone(style.PAPER, style.RULE, style.INK, "–"),
}
_WORDS = {
    "good": ("kept", "ok", "committed", "holds", "fine", "right", "safe", "yes", "intact", "none lost"),
    "bad": ("lost", "violated", "broken", "wrong", "unsafe", "no", "torn"),
    "worst": ("corrupt",),
    "doubt": ("unknown", "in doubt", "undecided", "blocked"),
    "other": ("rolled back", "aborted", "refused"),
    "plain": ("not reached", "not run"),
}
_USUAL = {word: tone for tone, words in _WORDS.items() for word in words}
_SPARE = ("other", "more", "doubt", "good", "bad", "worst", "plain")


def tones(meanings: Mapping[str, str], bad: Collection[str] = ()) -> dict[str, Tone]:
    """Words with a usual meaning get their usual look, `bad` ones a bad look; the others share what is left."""
    chosen = {outcome: _USUAL[outcome.lower()] for outcome in meanings if outcome.lower() in _USUAL}
    for outcome in meanings:
        if outcome in bad and outcome not in chosen:
            chosen[outcome] = "worst" if "bad" in chosen.values() else "bad"
    spare = [tone for tone in _SPARE if tone not in chosen.values()] or list(_SPARE)
    others = [outcome for outcome in meanings if outcome not in chosen]
    chosen |= {outcome: spare[i % len(spare)] for i, outcome in enumerate(others)}
    return {outcome: TONES[tone] for outcome, tone in chosen.items()}


def shade(number: float, lowest: float, highest: float) -> Tone:
    """Light to strong blue, as the number grows; the number itself stands in the cell."""
    share = (number - lowest) / (highest - lowest) if highest > lowest else 0.5
    start, end = (246, 250, 253), (122, 188, 232)
    fill = "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(start, end, strict=True))
    return Tone(fill, style.BLUE, style.INK, "")
