"""The lessons: the one place that lists them all, written or to come."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PARTS = {0: "Start", 1: "One node", 2: "The distributed database", 3: "Services and messages", 4: "Choosing"}


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson and its lab.

    Attributes
    ----------
    name : str
        File name without ending, the same in ``notebooks/``, ``solutions/`` and ``labs/``: ``01_acid``.
    title : str
        For people.
    part : int
        A key of `PARTS`.
    minutes : int
        The core of the lesson, without optional sections and without the lab; the most it may take if it is to come.
    lab_minutes : int
        0 if there is no lab.
    builds_on : tuple of str
        Names of the lessons to have done before.
    claims : tuple of str
        What of the article it tests.
    """

    name: str
    title: str
    part: int
    minutes: int
    lab_minutes: int
    builds_on: tuple[str, ...]
    claims: tuple[str, ...] = ()

    @property
    def number(self) -> str:
        """``01``."""
        return self.name[:2]

    @property
    def slug(self) -> str:
        """``acid``: what exercises and predictions of this lesson begin with."""
        return self.name[3:]

    def is_written(self) -> bool:
        """Whether its notebook is there."""
        folder = course_folder()
        return folder is not None and (folder / "notebooks" / f"{self.name}.ipynb").is_file()


def course_folder() -> Path | None:
    """The folder that holds ``notebooks/``: where this package is, or around the current folder."""
    for folder in (Path(__file__).resolve().parents[3], Path.cwd(), *Path.cwd().parents):
        if (folder / "notebooks").is_dir():
            return folder
    return None


def lesson(name: str) -> Lesson:
    """The lesson of a name (``01_acid``), a number (``01``) or a slug (``acid``).

    Raises
    ------
    LookupError
        There is none; the message lists all.
    """
    for one in LESSONS:
        if name in (one.name, one.number, one.slug):
            return one
    raise LookupError(f"there is no lesson {name!r}; there are {', '.join(one.name for one in LESSONS)}")


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


LESSONS = (
    Lesson("00_start_here", "Start here", 0, 20, 0, ()),
    Lesson("01_acid", "ACID, and the two ways to die", 1, 60, 60, ("00_start_here",), _words("T9 C6 C27")),
    Lesson("02_isolation", "Isolation: ten anomalies", 1, 60, 60, ("01_acid",), _words("T10 C8")),
    Lesson("03_replication", "Replication", 2, 60, 60, ("01_acid",), _words("T1 T2 T6 C18 C23 C32")),
    Lesson("04_sharding", "Sharding", 2, 60, 60, ("03_replication",), _words("T3 T4 T5 C19 C20 C25")),
    Lesson("05_histories", "Reading histories", 2, 45, 60, ("03_replication",)),
    Lesson("06_cap", "CAP, said exactly", 2, 60, 60, ("05_histories",), _words("T8 C1 C2 C3")),
    Lesson("07_two_phase_commit", "Two-phase commit", 2, 60, 60, ("02_isolation", "03_replication"),
           _words("T7 T10 T12 C7 C9 C11 C28")),
    Lesson("08_base", "BASE and staleness", 2, 60, 60, ("06_cap",), _words("T13 C4 C5 C29 C30")),
    Lesson("09_pubsub", "Publish and subscribe", 3, 60, 60, ("00_start_here",), _words("T21 T27 C13 C24")),
    Lesson("10_message_queues", "Message queues", 3, 60, 60, ("01_acid", "09_pubsub"),
           _words("T15 T16 T17 T18 T19 T20 C12 C13 C14 C15 C16 C17")),
    Lesson("11_service_patterns", "Service patterns", 3, 60, 60, ("10_message_queues",), _words("T14 T22 T23 T24")),
    Lesson("12_messages_and_transactions", "Messages and transactions", 3, 60, 60,
           ("07_two_phase_commit", "10_message_queues"), _words("T11 T25 C10 C21 C31")),
    Lesson("13_failover", "Failover", 3, 60, 60, ("03_replication", "10_message_queues"), _words("T17 T26 C15 C22")),
    Lesson("14_choosing", "How to choose", 4, 60, 60,
           ("04_sharding", "08_base", "11_service_patterns", "12_messages_and_transactions", "13_failover"),
           _words("T28 C26")),
    Lesson("15_the_article_checked", "The article, checked", 4, 30, 0, ("14_choosing",)),
)
