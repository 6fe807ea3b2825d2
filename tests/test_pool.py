"""A database from the pool is as good as new: whatever a node asks of it, the run is the same."""

import sqlite3

import pytest

from splitbrain import Cluster, Experiment, Node, rpc
from splitbrain.errors import Crash
from splitbrain.explore import sweep
from splitbrain.explore.trial import outcome
from splitbrain.pool import Pool
from splitbrain.records import Verdict
from splitbrain.storage import Storage
from splitbrain.workloads import Planned, Workload


class Plain(Node):
    """Writes a row an operation, and tells before and after it what `tell` finds."""

    heard = []

    def setup(self):
        self.db.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, what TEXT)")

    def tell(self):
        return self.db.execute("SELECT count(*), max(id) FROM entry").fetchone()

    @rpc
    async def add(self, what):
        before = self.tell()
        with self.transaction(forced=what != "b"):
            self.db.execute("INSERT INTO entry (what) VALUES (?)", (what,))
        await self.sleep(3)
        return [before, self.tell()]


class Indented(Plain):
    """Its statements begin on a line of their own."""

    def tell(self):
        return self.db.execute("""
            SELECT count(*), max(id) FROM entry""").fetchone()


class WithRows(Plain):
    def setup(self):
        super().setup()
        self.db.execute("CREATE UNIQUE INDEX what ON entry (what)")
        self.db.execute("INSERT INTO entry VALUES (7, 'first')")


class LastRowid(Plain):
    def tell(self):
        return self.db.execute("SELECT last_insert_rowid()").fetchone()


class LastRowidOfCursor(Plain):
    def tell(self):
        return self.db.execute("SELECT 1").lastrowid


class Changes(Plain):
    def tell(self):
        return self.db.execute("SELECT changes(), total_changes()").fetchone()


class TotalChanges(Plain):
    def tell(self):
        return self.db.conn.total_changes


class Pages(Plain):
    """Fills pages, which an emptied database would keep, and counts them."""

    def tell(self):
        for _ in range(9):
            self.db.execute("INSERT INTO entry (what) VALUES (?)", ("x" * 3000,))
        return [self.db.execute(f"PRAGMA {what}").fetchone() for what in ("page_count", "schema_version")]


class Pragma(Plain):
    def tell(self):
        found = [self.db.execute(f"PRAGMA {what}").fetchone() for what in ("cache_size", "user_version")]
        self.db.execute("PRAGMA cache_size = 77")
        self.db.execute("PRAGMA user_version = 78")
        return found


class Functions(Plain):
    def tell(self):
        try:
            return self.db.execute("SELECT known()").fetchone()
        except sqlite3.OperationalError:
            self.db.conn.create_function("known", 0, lambda: 1)
            return None


class RowFactory(Plain):
    def tell(self):
        found = type(self.db.execute("SELECT 1").fetchone()).__name__
        self.db.conn.row_factory = sqlite3.Row
        return found


class TemporaryTable(Plain):
    def tell(self):
        self.db.execute("CREATE TEMP TABLE IF NOT EXISTS seen (x)")
        self.db.execute("INSERT INTO seen VALUES (1)")
        return self.db.execute("SELECT count(*) FROM seen").fetchone()


class LateTable(Plain):
    def tell(self):
        found = self.db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        self.db.execute("CREATE TABLE IF NOT EXISTS late (x)")
        return found


class Autoincrement(Plain):
    def setup(self):
        self.db.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT)")


class Trigger(Plain):
    def setup(self):
        self.db.execute("CREATE TABLE gone (x)")
        super().setup()
        self.db.execute("CREATE TRIGGER note AFTER DELETE ON entry BEGIN INSERT INTO gone VALUES (1); END")

    def tell(self):
        return self.db.execute("SELECT count(*) FROM gone").fetchone()


class Reference(Plain):
    def setup(self):
        super().setup()
        self.db.execute("CREATE TABLE child (id REFERENCES entry ON DELETE RESTRICT)")

    def tell(self):
        self.db.execute("INSERT INTO child SELECT id FROM entry")
        return super().tell()


class Filled(Plain):
    """Its table is made with a row in it, which it changes."""

    def setup(self):
        super().setup()
        self.db.execute("CREATE TABLE count AS SELECT 5 AS n")

    def tell(self):
        self.db.execute("UPDATE count SET n = n + 1")
        return self.db.execute("SELECT n FROM count").fetchone()


class Looks(Plain):
    """Its setup looks whether there is a table, and goes by what it finds."""

    def setup(self):
        self.found = self.db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        super().setup()

    def tell(self):
        return getattr(self, "found", None)


class Tries(Plain):
    """Its setup makes a table twice, and goes by the error."""

    def setup(self):
        self.failed = 0
        for _ in range(2):
            try:
                super().setup()
            except sqlite3.OperationalError:
                self.failed += 1

    def tell(self):
        return getattr(self, "failed", None)


class TakesBack(Plain):
    """Its setup makes a table, uses it, and takes that back."""

    def setup(self):
        super().setup()
        try:
            with self.transaction():
                self.db.execute("CREATE TABLE other (x)")
                self.db.execute("INSERT INTO other VALUES (1)")
                raise ZeroDivisionError
        except (ZeroDivisionError, sqlite3.Error) as error:
            self.seen = type(error).__name__

    def tell(self):
        return getattr(self, "seen", None)


class MakesInStart(Plain):
    """Its code makes a table once it runs, which is a commit, and counts."""

    async def start(self):
        self.db.execute("CREATE TABLE IF NOT EXISTS other (x)")


class AsksLate(Plain):
    """It asks for what only a new connection could tell, but only in a run in which something was lost."""

    @rpc
    async def add(self, what):
        if what == "d" and self.db.execute("SELECT count(*) FROM entry").fetchone() == (0,):
            return self.db.execute("SELECT last_insert_rowid()").fetchone()
        return await super().add(what)


class Remembers(Plain):
    """Its code keeps the connection of an earlier life, and tries it in the next."""

    held = None

    async def start(self):
        self.earlier, Remembers.held = Remembers.held, self.db.conn

    def tell(self):
        if self.earlier is None:
            return "dead"
        try:
            self.earlier.execute("SELECT 1")
        except (Crash, sqlite3.ProgrammingError):
            return "dead"
        return "alive"


class ReadsOn(Plain):
    """Its code has a cursor open when it dies, and reads on from it while it is unwound."""

    @rpc
    async def add(self, what):
        answer = await super().add(what)
        cursor = self.db.execute("SELECT what FROM entry")
        try:
            await self.sleep(3)
            return answer
        finally:
            try:
                self.heard.append([cursor.fetchone(), cursor.fetchmany(1), next(cursor, None), cursor.fetchall()])
            except sqlite3.Error as error:
                self.heard.append(str(error))


class OtherFactory(Plain):
    """Makes its cursors itself."""

    def tell(self):
        class Mine(sqlite3.Cursor):
            pass

        cursor = self.db.conn.cursor(Mine)
        found = cursor.execute("SELECT 1").lastrowid
        return [found, cursor.fetchall()]


KINDS = [Plain, Indented, WithRows, LastRowid, LastRowidOfCursor, Changes, TotalChanges, Pages, Pragma, Functions,
         RowFactory, TemporaryTable, LateTable, Autoincrement, Trigger, Reference, Filled, Looks, Tries, TakesBack,
         MakesInStart, AsksLate, Remembers, ReadsOn, OtherFactory]


def all_of_it(run):
    """All that a run shows, and what its code has heard."""
    heard, Plain.heard[:] = list(Plain.heard), []
    shown = {name: [tuple(row) for row in node.connection.execute("SELECT id, substr(what, 1, 5) FROM entry")]
             for name in run.cluster.names if (node := run.cluster.network.endpoints[name].process)}
    return repr([[(o.status, o.result, o.error) for o in run.history], run.ledger, run.cluster.now, shown, heard])


def asked(kind):
    operations = (*(Planned(4 * n, f"c{n % 2}", 0, "add", what) for n, what in enumerate("abc")),
                  Planned(100, "c2", 0, "add", "d"))
    return Experiment(Cluster(kind, nodes=1, seed=1), Workload("add", operations, lambda history: Verdict("ok", "")))


def connections(monkeypatch):
    made, connect = [], sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *args, **options: made.append(connect(*args, **options)) or made[-1])
    return made


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_run_of_a_sweep_is_the_run_that_it_is_alone(kind):
    Plain.heard.clear()
    hard = {"pairs": True, "limit": 250} if kind is Plain else {"kinds": ["process"]}
    with asked(kind).cluster as cluster:
        found = sweep(Experiment(cluster, asked(kind).workload), judge=all_of_it, progress=False, **hard)
    assert len(found.cases) > 20
    for case in found.cases:
        alone = outcome(case.experiment, all_of_it)[0]
        assert case.outcome == alone, case.place
        with Pool() as pool:  # no run before it, but a restart in it
            assert outcome(case.experiment, all_of_it, pool)[0] == alone, case.place


@pytest.mark.parametrize("kind", [Plain, WithRows])
def test_a_connection_serves_run_after_run(kind, monkeypatch):
    experiment = asked(kind)
    made = connections(monkeypatch)
    with Pool() as pool:
        told = {outcome(experiment, all_of_it, pool) for _ in range(5)}
        assert len(told) == len(made) == 1 and not pool.doubt
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        sqlite3.Connection.execute(made[0], "SELECT 1")


def test_a_connection_that_anybody_holds_serves_nobody_else(monkeypatch):
    held = []

    def holds(run):
        held.append(run.cluster["n1"].db.execute("SELECT what FROM entry"))
        return "ok"

    experiment = asked(Plain)
    made = connections(monkeypatch)
    with Pool() as pool:
        for _ in range(3):
            outcome(experiment, holds, pool)
        assert len(made) == 3 and not pool.doubt
        for cursor in held:
            with pytest.raises(sqlite3.ProgrammingError, match="closed"):
                cursor.fetchone()


def test_a_node_that_does_more_than_what_is_plain_has_its_own_databases(monkeypatch):
    experiment = asked(Pragma)
    with Pool() as pool:
        outcome(experiment, all_of_it, pool)
        assert type(pool.storage("n1")) is Storage and not pool.doubt


def test_a_run_that_may_have_noticed_is_made_again_and_the_pool_is_given_up(monkeypatch):
    calls = []

    def late(run):
        calls.append(run)
        if len(calls) < 3:
            return "ok"
        return str(run.cluster["n1"].db.execute("SELECT total_changes()").fetchone())

    experiment = asked(Plain)
    with Pool() as pool:
        told = [outcome(experiment, late, pool)[0] for _ in range(4)]
    assert told == ["ok", "ok", "(4,)", "(4,)"] and len(calls) == 5 and pool.doubt
