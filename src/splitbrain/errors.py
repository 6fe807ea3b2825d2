"""What can go wrong, by what is known afterwards.

*Definite*: `Refused`, and only it, says that the operation did not happen. *Indefinite*: `RpcError` and
`RpcTimeout` say that nobody knows. `Misuse` is a mistake in node code that no network can be blamed for; it ends
the run, loudly, wherever it was raised.
"""

from __future__ import annotations


class Refused(Exception):
    """A handler declines before it has had any effect: it did not happen, and will not.

    A refusal that comes back from another node says this of *that* call only. If a handler lets it pass, its
    own caller gets an `RpcError`: what the handler had done by then, nobody has said.
    """

    remote = False


class RpcError(Exception):
    """A handler failed, at an unknown point: its effects may or may not be there."""


class RpcTimeout(RpcError, TimeoutError):
    """No answer in time: the request may be lost, late, or done with its answer lost."""


class Misuse(Exception):
    """Node code did what a simulated node cannot do; the text says what to do instead."""


class RunsForever(Misuse):
    """A run that would not end by itself was stopped; the text names the node and handler that spun."""


class Crash(BaseException):
    """The node died here. A BaseException, so that ``except Exception`` does not survive it."""
