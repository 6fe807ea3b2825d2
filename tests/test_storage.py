"""One node's database: what a crash keeps, what is counted, where a node may die."""

import sqlite3

import pytest

from splitbrain.errors import Crash, Misuse
from splitbrain.storage import Storage


class Watched:
    """A storage whose crash points are counted, and at one of which it can be made to crash."""

    def __init__(self, path=None):
        self.points, self.die_at, self.kind = 0, -1, "process"
        self.commits = []
        self.node_code = True
        self.storage = Storage(path, active=lambda: self.node_code, point=self.point, committed=self.commits.append)
        self.storage.open()

    def point(self):
        self.points += 1
        if self.points == self.die_at:
            self.crash(self.kind)
            raise Crash("here")

    def crash(self, kind="process"):
        self.storage.crash(kind)

    def restart(self):
        return self.storage.open()

    @property
    def run(self):
        return self.storage.connection.execute

    def write(self, value, *, forced=True):
        with self.storage.transaction(forced=forced):
            self.run("INSERT INTO t VALUES (?)", (value,))

    def rows(self):
        before, self.node_code = self.node_code, False
        try:
            return [value for value, in self.run("SELECT * FROM t ORDER BY rowid")]
        finally:
            self.node_code = before


@pytest.fixture(params=["memory", "file"])
def disk(request, tmp_path):
    watched = Watched(tmp_path / "n1.db" if request.param == "file" else None)
    watched.node_code = False
    watched.run("CREATE TABLE t (v)")
    watched.node_code = True
    yield watched
    watched.storage.close()


@pytest.fixture
def memory():
    watched = Watched()
    watched.node_code = False
    watched.run("CREATE TABLE t (v)")
    watched.node_code = True
    yield watched
    watched.storage.close()


def counts(watched):
    return watched.storage.transactions, watched.storage.forced_writes


@pytest.mark.parametrize("kind", ["process", "power"])
def test_a_forced_commit_survives_every_crash(disk, kind):
    disk.write(1)
    disk.crash(kind)
    disk.restart()
    assert disk.rows() == [1]


def test_a_commit_that_was_not_forced_survives_a_process_but_not_a_power_crash(disk):
    disk.write(1)
    disk.write(2, forced=False)
    disk.crash("process")
    disk.restart()
    assert disk.rows() == [1, 2]
    disk.write(3, forced=False)
    disk.write(4, forced=False)
    disk.crash("power")
    disk.restart()
    assert disk.rows() == [1], "the first crash forced nothing"


def test_a_later_forced_commit_forces_those_before_it(disk):
    disk.write(1, forced=False)
    disk.write(2)
    disk.crash("power")
    disk.restart()
    assert disk.rows() == [1, 2]


def test_force_keeps_what_was_committed_and_costs_one_forced_write(disk):
    disk.write(1, forced=False)
    disk.storage.force()
    disk.write(2, forced=False)
    disk.crash("power")
    disk.restart()
    assert disk.rows() == [1]
    assert counts(disk) == (2, 1)


def test_looking_at_rows_forces_nothing(disk):
    disk.write(1, forced=False)
    disk.run("SELECT * FROM t").fetchall()
    disk.crash("power")
    disk.restart()
    assert disk.rows() == []


def test_a_statement_on_its_own_is_a_forced_commit(disk):
    disk.write(1, forced=False)
    disk.run("INSERT INTO t VALUES (2)")
    disk.crash("power")
    disk.restart()
    assert disk.rows() == [1, 2]
    assert counts(disk) == (2, 1)


def test_a_table_made_on_its_own_is_a_forced_commit_too(disk):
    disk.write(1, forced=False)
    disk.run("CREATE TABLE u (v)")
    disk.run("CREATE TABLE IF NOT EXISTS u (v)")
    disk.crash("power")
    disk.restart()
    assert disk.rows() == [1]
    assert disk.run("SELECT count(*) FROM u").fetchone() == (0,)
    assert counts(disk) == (2, 1), "and making what is there commits nothing"


def test_a_change_of_tables_is_counted_once_wherever_it_stands(disk):
    def counted(statement):
        before = disk.storage.transactions
        statement()
        return disk.storage.transactions - before

    def undone():
        with pytest.raises(ZeroDivisionError), disk.storage.transaction():
            disk.run("CREATE TABLE z (v)")
            raise ZeroDivisionError

    def done():
        with disk.storage.transaction():
            disk.run("CREATE TABLE y (v)")

    def again():
        disk.run("CREATE TABLE IF NOT EXISTS y (v)")

    def script():
        disk.storage.connection.executescript("SELECT 1; CREATE TABLE x (v)")

    assert counted(lambda: disk.run("create table u (v)")) == counted(lambda: disk.run("\n CREATE TABLE w (v)")) == 1
    assert [counted(script), counted(done), counted(lambda: disk.run("SELECT 1")), counted(again)] == [1, 1, 0, 0]
    assert [counted(undone), counted(again)] == [0, 0]
    disk.crash()
    disk.restart()
    assert [counted(again), counted(lambda: disk.run("INSERT INTO y VALUES (1)"))] == [0, 1]


def test_a_commit_that_only_reading_its_answer_ends_is_noticed_then(disk):
    assert disk.run("INSERT INTO t VALUES (1) RETURNING v").fetchone() == (1,)
    disk.run("SELECT 1")
    assert counts(disk) == (1, 1)


def test_begin_and_commit_in_sql_count_once_at_the_commit(disk):
    disk.write(0, forced=False)
    disk.run("BEGIN")
    disk.run("INSERT INTO t VALUES (1)")
    disk.run("INSERT INTO t VALUES (2)")
    assert counts(disk) == (1, 0)
    disk.run("COMMIT")
    assert counts(disk) == (2, 1)
    disk.crash("power")
    disk.restart()
    assert disk.rows() == [0, 1, 2]


def test_a_begin_that_a_power_crash_overtakes_forces_nothing(disk):
    disk.write(0, forced=False)
    disk.run("BEGIN")
    disk.run("INSERT INTO t VALUES (1)")
    disk.crash("power")
    disk.restart()
    assert disk.rows() == []


@pytest.mark.parametrize("way", ["commit method", "with connection"])
def test_the_connections_own_commit_is_seen(disk, way):
    connection = disk.storage.connection
    before = disk.points
    disk.run("BEGIN")
    disk.run("INSERT INTO t VALUES (1)")
    if way == "commit method":
        connection.commit()
    else:
        with connection:
            pass
    assert counts(disk) == (1, 1)
    assert disk.points == before + 3


def test_a_rollback_counts_as_nothing(disk):
    disk.run("BEGIN")
    disk.run("INSERT INTO t VALUES (1)")
    disk.storage.connection.rollback()
    with pytest.raises(ZeroDivisionError), disk.storage.transaction():
        disk.run("INSERT INTO t VALUES (2)")
        raise ZeroDivisionError
    disk.run("SELECT 1")
    assert disk.rows() == [] and counts(disk) == (0, 0)


def test_reading_after_what_setup_or_a_cell_wrote_is_no_commit(disk):
    disk.node_code = False
    disk.run("INSERT INTO t VALUES (1)")
    disk.node_code = True
    disk.run("SELECT * FROM t")
    assert counts(disk) == (0, 0) and disk.commits == []


def test_what_a_cell_does_is_no_crash_point_and_costs_nothing(memory):
    memory.node_code = False
    memory.write(1)
    memory.storage.force()
    assert (memory.points, counts(memory), memory.commits) == (0, (0, 0), [])


def test_what_is_open_when_the_node_dies_is_rolled_back(disk):
    with pytest.raises(Crash), disk.storage.transaction():
        disk.run("INSERT INTO t VALUES (1)")
        disk.crash()
        disk.restart()
        disk.storage.before_statement("another life's connection")
    assert disk.rows() == []
    disk.write(2)
    assert disk.rows() == [2]


def test_an_old_connection_and_its_cursors_are_dead_after_a_crash(disk):
    connection, cursor = disk.storage.connection, disk.storage.connection.cursor()
    disk.crash()
    for attempt in (connection.execute, connection.executemany, connection.executescript,
                    cursor.execute, cursor.executemany, cursor.executescript):
        with pytest.raises(Crash):
            attempt("DELETE FROM t")
    for attempt in (connection.commit, connection.rollback):
        with pytest.raises(Crash):
            attempt()
    disk.restart()
    with pytest.raises(Crash):
        connection.execute("DELETE FROM t")


def test_a_transaction_made_in_one_life_cannot_be_entered_in_the_next(disk):
    made = disk.storage.transaction()
    disk.crash()
    with pytest.raises(Crash), made:
        pass
    disk.restart()
    with pytest.raises(Crash), made:
        disk.run("INSERT INTO t VALUES (1)")
    assert disk.rows() == [] and not disk.storage.connection.in_transaction


def test_crash_points_are_begin_each_statement_and_commit(memory):
    with memory.storage.transaction():
        memory.run("INSERT INTO t VALUES (1)")
        memory.run("INSERT INTO t VALUES (2)")
    assert memory.points == 4
    memory.storage.force()
    memory.run("SELECT 1")
    assert memory.points == 6


@pytest.mark.parametrize("point", [1, 2, 3, 4])
def test_a_crash_at_any_point_of_a_transaction_undoes_all_of_it(disk, point):
    disk.die_at = point
    with pytest.raises(Crash), disk.storage.transaction():
        disk.run("INSERT INTO t VALUES (1)")
        disk.run("INSERT INTO t VALUES (2)")
    disk.restart()
    assert disk.rows() == [] and counts(disk) == (0, 0)


def test_a_crash_point_in_many_statements_at_once_comes_before_all_of_them(memory):
    memory.die_at = 1
    with pytest.raises(Crash):
        memory.storage.connection.executemany("INSERT INTO t VALUES (?)", [(1,), (2,)])
    memory.restart()
    assert memory.rows() == []


def test_transactions_do_not_nest(memory):
    with pytest.raises(Misuse, match="do not nest"), memory.storage.transaction(), memory.storage.transaction():
        pass
    assert not memory.storage.connection.in_transaction


def test_a_script_in_a_transaction_is_refused_for_it_would_commit(memory):
    with pytest.raises(Misuse, match="executescript"), memory.storage.transaction():
        memory.run("INSERT INTO t VALUES (1)")
        memory.storage.connection.executescript("INSERT INTO t VALUES (2);")
    assert memory.rows() == []


def test_force_in_a_transaction_is_refused(memory):
    with pytest.raises(Misuse, match="commit first"), memory.storage.transaction():
        memory.storage.force()


def test_a_failing_commit_undoes_the_transaction(memory):
    memory.run("CREATE TABLE child (p REFERENCES t(v) DEFERRABLE INITIALLY DEFERRED)")
    memory.run("CREATE UNIQUE INDEX i ON t(v)")
    before = counts(memory)
    with pytest.raises(sqlite3.IntegrityError), memory.storage.transaction():
        memory.run("INSERT INTO child VALUES (7)")
    assert memory.run("SELECT count(*) FROM child").fetchone() == (0,)
    assert counts(memory) == before


def test_an_empty_database_survives_as_one(disk, tmp_path):
    empty = Watched()
    assert empty.storage.fresh is False
    empty.crash("power")
    assert empty.storage.fresh is False, "setup has had its turn"
    empty.restart()
    assert empty.run("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    empty.storage.close()


def test_fresh_only_before_the_first_opening(tmp_path):
    for path in (None, tmp_path / "x.db"):
        storage = Storage(path)
        assert storage.fresh
        storage.open()
        storage.crash("process")
        assert not storage.fresh
        storage.open()
        storage.close()


def test_a_file_holds_the_same_as_memory_would(tmp_path):
    watched = Watched(tmp_path / "x.db")
    watched.run("CREATE TABLE t (v)")
    watched.write(1)
    watched.storage.close()
    outside = sqlite3.connect(tmp_path / "x.db")
    assert outside.execute("SELECT v FROM t").fetchall() == [(1,)]
    outside.close()


def test_sqlite_utils_writes_inside_a_transaction_and_alone(memory):
    database = memory.storage.as_database()
    assert memory.storage.as_database() is database
    with memory.storage.transaction():
        database["t"].insert_all({"v": i} for i in range(3))
    assert counts(memory) == (1, 1)
    database["t"].insert({"v": 9})
    assert counts(memory) == (2, 2)
    assert memory.rows() == [0, 1, 2, 9]
