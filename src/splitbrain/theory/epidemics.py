"""How fast news spread by gossip, and how many never hear them: recurrences and limits.

A. Demers et al., "Epidemic Algorithms for Replicated Database Maintenance", PODC 1987, sections 1.3 and 1.4.
B. Pittel, "On Spreading a Rumor", SIAM J. Applied Mathematics 47(1), 1987.
"""

from __future__ import annotations

from math import exp, log, log2


def ignorant(n: int, rounds: int, *, push: bool = True, pull: bool = False, known: float = 0) -> list[float]:
    """The share of n nodes that has not heard yet, expected after 0, 1, ... rounds of a simple epidemic.

    Demers et al., section 1.3. Push: to stay ignorant a node must be missed by all that know, ``(1 - 1/n) ** (n (1 -
    p))``. Pull: it must have asked another ignorant one, ``p``. Both: both. It begins with the
    share that has heard, `known`; by default one node has.

    >>> [round(p, 3) for p in ignorant(1000, 3, push=False, pull=True)]
    [0.999, 0.998, 0.996, 0.992]
    >>> [round(p, 3) for p in ignorant(1000, 3, push=False, pull=True, known=0.5)]
    [0.5, 0.25, 0.062, 0.004]
    """
    shares = [1 - (known or 1 / n)]
    for _ in range(rounds):
        p = shares[-1]
        shares.append(p * ((1 - 1 / n) ** (n * (1 - p)) if push else 1) * (p if pull else 1))
    return shares


def rounds_until_all(n: int) -> float:
    """The rounds of pushing until all n nodes have heard: ``log2 n + ln n``, give or take a constant (Pittel 1987).

    >>> round(rounds_until_all(1000), 1)
    16.9
    """
    return log2(n) + log(n)


RUMOURS = {1: (0.18, 1.7), 2: (0.037, 3.3), 3: (0.011, 4.5), 4: (0.0036, 5.6), 5: (0.0012, 6.7)}
"""Published, of 1,000 nodes (section 1.4, table 1: push, feedback, counters): after so many useless tellings a node
loses interest; the share that never hears, and the messages sent for each node."""


def never_hear(traffic: float) -> float:
    """The share that never hears of a rumour that was pushed so many times for each node: ``exp(-traffic)``.

    Section 1.4: every telling goes to a node at random, so each node is missed by all of them with that probability,
    whatever makes the rumour stop.

    >>> {k: round(never_hear(traffic), 4) for k, (share, traffic) in RUMOURS.items()}
    {1: 0.1827, 2: 0.0369, 3: 0.0111, 4: 0.0037, 5: 0.0012}
    """
    return exp(-traffic)
