"""What the exercises of lab 06 start from: each is the one before with its exercise solved."""

from __future__ import annotations

from typing import Any

from splitbrain.node import Node, rpc


class Table(Node):
    """A node with a table of copies: of each key one value, and the tag it came with."""

    def setup(self) -> None:
        self.db.execute("CREATE TABLE copy (key TEXT PRIMARY KEY, value, number, writer TEXT)")

    def held(self, key: str) -> tuple[int, str, Any]:
        """``(number, writer, value)`` of this copy; ``(0, "", None)`` if there is none."""
        row = self.db.execute("SELECT number, writer, value FROM copy WHERE key = ?", (key,)).fetchone()
        return row or (0, "", None)

    def write(self, key: str, number: int, writer: str, value: Any) -> None:
        """Replace this copy, whatever is there."""
        self.db.execute("INSERT OR REPLACE INTO copy VALUES (?, ?, ?, ?)", (key, value, number, writer))


class Replica(Table):
    """Holds what has the largest tag of all that it was given: exercise 1."""

    @rpc
    async def copy(self, key: str) -> tuple[int, str, Any]:
        return self.held(key)

    @rpc
    async def keep(self, key: str, number: int, writer: str, value: Any) -> None:
        with self.transaction():
            if (number, writer) > self.held(key)[:2]:
                self.write(key, number, writer, value)


class Register(Replica):
    """Two majorities meet: exercise 2."""

    async def ask(self, method: str, *args: Any) -> list:
        """Ask everyone, this node too: the answers of the first majority. `RpcError` if there is none."""
        everyone = [self.name, *self.peers]
        calls = [self.call(name, method, *args, timeout=200) for name in everyone]
        return await self.first(len(everyone) // 2 + 1, *calls)

    @rpc
    async def get(self, key: str) -> Any:
        return newest(await self.ask("copy", key))[2]

    @rpc
    async def put(self, key: str, value: Any) -> None:
        number = newest(await self.ask("copy", key))[0] + 1
        await self.ask("keep", key, number, self.operation, value)


class Atomic(Register):
    """A get writes back what it is about to tell: exercise 3."""

    @rpc
    async def get(self, key: str) -> Any:
        told = newest(await self.ask("copy", key))
        await self.ask("keep", key, *told)
        return told[2]


def newest(told: list[tuple]) -> tuple:
    """Of several ``(number, writer, value)`` that with the largest tag."""
    return max(told, key=lambda answer: answer[:2])
