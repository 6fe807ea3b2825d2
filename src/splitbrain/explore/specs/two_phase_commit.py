"""Two-phase commit as Gray and Lamport specify it: what may happen, without clocks, crashes or databases.

Gray and Lamport, "Consensus on Transaction Commit", ACM TODS 31(1), 2006, section 3 and the appendix (the module
TwoPhase). A resource manager may prepare or abort by itself; a transaction manager commits once it has heard from
all that they are prepared, or aborts whenever it likes. Messages are never lost and never used up: one that has not
arrived yet cannot be told from one that is lost.

A state is ``(managers, decision, heard, sent)``:

managers
    A letter for each resource manager: ``w`` working, ``p`` prepared, ``c`` committed, ``a`` aborted.
decision
    The transaction manager's: ``none``, ``commit`` or ``abort``.
heard
    The set of those whose "prepared" it has received: bit i for manager i.
sent
    The set of messages sent: bit i for manager i's "prepared", the next bit for "commit", the next for "abort".
"""

from __future__ import annotations

from collections.abc import Iterator

from splitbrain.explore.states import Specification

State = tuple[str, str, int, int]
_WORDS = {"w": "working", "p": "prepared", "c": "committed", "a": "aborted"}


def consistent(state: State) -> bool:
    """No resource manager has committed while another has aborted (TCConsistent)."""
    managers = state[0]
    return not ("a" in managers and "c" in managers)


def show(state: State) -> str:
    """
    >>> show(("wp", "none", 0, 2))
    'r1 working, r2 prepared; decision none, heard nobody'
    """
    managers, decision, heard, _ = state
    told = ", ".join(f"r{i + 1} {_WORDS[letter]}" for i, letter in enumerate(managers))
    prepared = " ".join(f"r{i + 1}" for i in range(len(managers)) if heard >> i & 1)
    return f"{told}; decision {decision}, heard {prepared or 'nobody'}"


def two_phase_commit(participants: int = 3) -> Specification:
    """The specification for so many resource managers; `consistent` is its invariant.

    >>> from splitbrain.explore import states
    >>> states(two_phase_commit(3)).distinct
    288
    """
    managers = [(i, f"r{i + 1}") for i in range(participants)]
    everyone = (1 << participants) - 1
    commit, abort = 1 << participants, 2 << participants
    # The names of actions are made once: there are millions of steps.
    hears = [f"hears that {name} is prepared" for _, name in managers]
    prepares, gives_up = [f"{name} prepares" for _, name in managers], [f"{name} aborts" for _, name in managers]
    commits = [f"{name} is told to commit" for _, name in managers]
    aborts = [f"{name} is told to abort" for _, name in managers]

    def after(state: State) -> Iterator[tuple[str, State]]:
        rm, decision, heard, sent = state
        if decision == "none":
            if heard == everyone:
                yield "decides to commit", (rm, "commit", heard, sent | commit)
            yield "decides to abort", (rm, "abort", heard, sent | abort)
            for i, _ in managers:
                if sent >> i & 1:
                    yield hears[i], (rm, decision, heard | 1 << i, sent)
        for i, _ in managers:
            if rm[i] == "w":
                yield prepares[i], (rm[:i] + "p" + rm[i + 1:], decision, heard, sent | 1 << i)
                yield gives_up[i], (rm[:i] + "a" + rm[i + 1:], decision, heard, sent)
            if sent & commit:
                yield commits[i], (rm[:i] + "c" + rm[i + 1:], decision, heard, sent)
            if sent & abort:
                yield aborts[i], (rm[:i] + "a" + rm[i + 1:], decision, heard, sent)

    initial = "w" * participants, "none", 0, 0
    return Specification(f"two_phase_commit({participants})", (initial,), after, (consistent,), show)
