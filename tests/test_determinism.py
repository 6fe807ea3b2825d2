"""The same seed gives the same journal, byte for byte: in any process, on any Python that is here."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"

PROGRAM = """
from splitbrain import Cluster, Experiment, Node, Refused, at, exponential, heal, mixture, pareto, partition, register
from splitbrain import rpc
from splitbrain.faults import crash, crash_at, duplicate, latency, loss, pause, reorder, restart, resume, skew, slow

class Register(Node):
    def setup(self):
        self.connection.execute("CREATE TABLE register (key TEXT PRIMARY KEY, value INTEGER)")

    async def start(self):
        self.every(90, self.tell)

    async def tell(self):
        for key, value in self.values().items():
            self.send(self.peers[int(self.random() * len(self.peers))], "store", key, value)

    @rpc
    async def store(self, key, value):
        with self.transaction(forced=self.random() < 0.5) as db:
            db.execute("INSERT OR REPLACE INTO register VALUES (?, ?)", (key, value))

    @rpc
    async def put(self, key, value):
        await self.store(key, value)
        await self.first(1, *[self.call(peer, "store", key, value, timeout=40) for peer in self.peers])

    @rpc
    async def get(self, key):
        if self.random() < 0.1:
            raise Refused("not now")
        return self.values().get(key)

tail = mixture((0.9, exponential(3)), (0.1, pareto(5, 1.3)))
faults = [at(100, partition("n1", "n2 n3")), at(300, heal()), at(350, loss(0.1)), at(360, duplicate(0.1)),
          at(370, reorder(0.2, 30)), at(400, crash("n2", kind="power")), at(450, skew("n1", 20, rate=1.5)),
          at(500, restart("n2")), at(520, slow("n3", 7)), at(600, pause("n1")), at(700, resume("n1")),
          at(710, crash_at("n3", 400)), at(900, latency(tail)), at(1000, restart("n3"))]
run = Experiment(Cluster(Register, nodes=3, seed=11, latency=tail), workload=register(clients=3, ops=60, seed=5),
                 faults=faults, until=2500).run()
kinds = sorted({event.kind for event in run.journal})
print(len(run.journal), run.journal.digest(), " ".join(kinds), run.verdict)
"""


def journal_of(python: str, **environment: str) -> str:
    run = subprocess.run([python, "-c", PROGRAM], capture_output=True, text=True, timeout=60,
                         env=os.environ | {"PYTHONPATH": str(SOURCE)} | environment)
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.fixture(scope="module")
def here() -> str:
    return journal_of(sys.executable, PYTHONHASHSEED="0")


def test_the_run_is_worth_comparing(here):
    count, _, rest = here.split(" ", 2)
    assert int(count) > 300
    for kind in ("crash", "restart", "drop", "commit", "values", "pause", "resume", "fault", "complete"):
        assert kind in rest.split()


@pytest.mark.parametrize("seed", ["1", "2718", "random"])
def test_the_order_of_hashes_does_not_matter(here, seed):
    assert journal_of(sys.executable, PYTHONHASHSEED=seed) == here


def other_pythons() -> list[str]:
    """Interpreters of the supported versions, on the PATH or where pyenv keeps them."""
    found = {}
    for version in ("3.11", "3.12", "3.13"):
        kept = sorted(Path("~/.pyenv/versions").expanduser().glob(f"{version}.*/bin/python{version}"))
        for python in [*map(str, kept), shutil.which(f"python{version}")]:
            if python and subprocess.run([python, "-c", "import sqlite3"], capture_output=True).returncode == 0:
                found.setdefault(version, python)
    found.pop(f"{sys.version_info.major}.{sys.version_info.minor}", None)
    return list(found.values())


def test_other_pythons_give_the_same_bytes(here):
    pythons = other_pythons()
    if not pythons:
        pytest.skip("no other supported Python is installed")
    for python in pythons:
        assert journal_of(python, PYTHONNOUSERSITE="1") == here, python
