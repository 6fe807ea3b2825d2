"""The guide for instructors says what the plan says."""

from pathlib import Path

from splitbrain.course.outcomes import OUTCOMES
from splitbrain.course.plan import LESSONS

GUIDE = (Path(__file__).parents[2] / "docs" / "instructors.md").read_text(encoding="utf-8")


def test_the_table_of_lessons_is_the_plan():
    rows = [f"| {one.name} | {one.minutes} | {one.lab_minutes or ''} | "
            f"{' '.join(name[:2] for name in one.builds_on)} |".replace("|  |", "| |") for one in LESSONS]
    table = "\n".join(line.replace("|  |", "| |") for line in GUIDE.splitlines())
    assert "\n".join(rows).replace("|  |", "| |") in table


def test_every_outcome_is_explained():
    assert all(f"| {outcome} |" in GUIDE for outcome in OUTCOMES)
