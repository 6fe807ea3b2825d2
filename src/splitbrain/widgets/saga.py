"""An order through three services: choose who refuses and who is killed, and see where it ends."""

from __future__ import annotations

import os
import tempfile

from splitbrain.messaging.server import get_server
from splitbrain.services.shop import BUILDS, REFUSALS, Kill, Shop
from splitbrain.views import Picture, message_trace
from splitbrain.widgets.explorer import Explorer, number, one_of

NOBODY = "nobody"


class SagaExplorer(Explorer):
    """One order, really run on the local Redis and three SQLite databases each time that something is set.

    Attributes
    ----------
    build : str
        Routing slip, orchestrated or choreographed saga.
    refused : str
        The step that is refused.
    killed : str
        The service that dies once, or nobody.
    boundary : int
        At which of the boundaries that it passes, from 1; beyond the last one nobody dies.
    """

    title = "An order, and what becomes of it"
    build = one_of("orchestrated saga", "Build", list(BUILDS))
    refused = one_of("ship", "Refused", list(REFUSALS))
    killed = one_of("stock", "Killed", [NOBODY, "order", "stock", "payment"])
    boundary = number(10, "at its boundary", 1, 45)

    def draw(self) -> Picture:
        return saga_picture(**self.settings)


def saga_picture(build: str = "orchestrated saga", refused: str = "ship", killed: str = "stock",
                 boundary: int = 10) -> Picture:
    """The trace of an order, and below it how it ended; see `SagaExplorer`.

    Where the database should stand on a disk: nowhere. A kill is no power cut, and what is drawn is gone at once.
    """
    memory = "/dev/shm" if os.path.isdir("/dev/shm") and os.access("/dev/shm", os.W_OK) else None
    kills = [] if killed == NOBODY else [Kill(killed, boundary)]
    with tempfile.TemporaryDirectory(prefix="splitbrain-saga-", dir=memory) as folder, \
            Shop(get_server().client(), folder, BUILDS[build], kills=kills) as shop:
        order = shop.place(**REFUSALS[refused])
        shop.run()
        ended, price, deaths, goods = shop.outcome(), shop.price(), shop.deaths, shop.goods()
        died = f"killed: {killed}"
        if kills:
            passed = len(shop.passed[killed])
            where = deaths[0].partition(", ")[2] if deaths else f"it passes only {passed}"
            died += f" at boundary {boundary} ({where})"
        left = ", ".join(f"{name} {n}" for name, n in goods.items())
        return _said(message_trace(shop.trace(order), title=f"{build}, refused: {refused}, {died}"),
                     f"It ends {ended if ended in ('completed', 'compensated') else 'half done: ' + ended}. "
                     f"{price['messages']} messages, {price['transactions']} forced commits. Left: {left}.")


def _said(picture: Picture, sentence: str) -> Picture:
    return Picture(picture.svg, f"{sentence}\n{picture.alt}", picture.table, sentence)
