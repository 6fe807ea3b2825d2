"""The disk that forgets: what is synced stays, each kind of forgetting happens, and switched off does not."""

import apsw
import pytest

from splitbrain.powercut import EVERYTHING, GROWTH, NAMES, TEARS, WRITES, Disk, PowerCut

PAGE = 4096
SEEDS = range(60)


def filled(disk, *, journal_mode="delete", synchronous="off", rows=40):
    """A table of pages full of ones, all of it on the platter."""
    db = disk.connect("a.db", journal_mode=journal_mode, synchronous=synchronous)
    db.execute("CREATE TABLE page (id INTEGER PRIMARY KEY, content TEXT)")
    db.executemany("INSERT INTO page VALUES (?, ?)", [(i, "1" * 1500) for i in range(rows)])
    disk.settle()
    return db


def overwritten_then_cut(seed, forgets):
    disk = Disk(seed=seed, forgets=forgets)
    db = filled(disk)
    before = disk.files["a.db"]
    db.execute("UPDATE page SET content = replace(content, '1', '2')")
    after = disk.files["a.db"]
    disk.cut()
    return before, disk.files["a.db"], after


def pages(content):
    return [content[i:i + PAGE] for i in range(0, len(content), PAGE)]


def strange_pages(before, left, after):
    """Pages that are neither as they were nor as they were to be."""
    return [p for p, b, a in zip(pages(left), pages(before), pages(after), strict=True) if p not in (a, b)]


def test_what_was_synced_is_there_after_the_cut():
    for seed in SEEDS:
        disk = Disk(seed=seed)
        db = disk.connect("a.db", synchronous="extra")
        db.execute("CREATE TABLE t (x)")
        db.execute("INSERT INTO t VALUES (1)")
        assert disk.unsynced == 0
        disk.cut()
        assert disk.connect("a.db").execute("SELECT x FROM t").fetchall() == [(1,)]


def test_unsynced_writes_are_lost_in_part_and_in_any_order():
    outcomes = [overwritten_then_cut(seed, {WRITES}) for seed in SEEDS]
    kept = {sum(p == a for p, a in zip(pages(left), pages(after), strict=True)) for _, left, after in outcomes}
    assert len(kept) > 5                                # none, all, and much between
    assert any(pages(left)[-1] == pages(after)[-1] != pages(before)[-1] and left != after
               for before, left, after in outcomes)     # a later write arrived, an earlier one did not


def test_no_write_is_lost_when_writes_are_not_forgotten():
    for seed in SEEDS:
        _, left, after = overwritten_then_cut(seed, EVERYTHING - {WRITES})
        assert left == after


def test_a_torn_write_leaves_whole_sectors_of_both_states():
    torn = [outcome for seed in SEEDS if strange_pages(*(outcome := overwritten_then_cut(seed, {WRITES, TEARS})))]
    assert torn
    for before, left, after in torn:
        for i in range(0, len(left), 512):
            assert left[i:i + 512] in (before[i:i + 512], after[i:i + 512])


def test_no_write_is_torn_when_tears_are_switched_off():
    for seed in SEEDS:
        assert not strange_pages(*overwritten_then_cut(seed, EVERYTHING - {TEARS}))


def grown_then_cut(seed, forgets):
    disk = Disk(seed=seed, forgets=forgets)
    db = filled(disk, rows=2)
    size = len(disk.files["a.db"])
    db.executemany("INSERT INTO page VALUES (?, ?)", [(i, "1" * 1500) for i in range(2, 40)])
    disk.cut()
    return disk.files["a.db"][size:]


def ends_in_zeros(growth):
    return bool(growth) and not any(pages(growth)[-1])


def test_a_file_that_grew_may_hold_zeros():
    assert any(ends_in_zeros(grown_then_cut(seed, {WRITES, GROWTH})) for seed in SEEDS)
    assert any(not grown_then_cut(seed, {WRITES, GROWTH}) for seed in SEEDS)     # or have its old size


def test_a_file_never_ends_in_zeros_when_growth_is_switched_off():
    assert not any(ends_in_zeros(grown_then_cut(seed, {WRITES})) for seed in SEEDS)


def test_a_deleted_journal_comes_back_unless_its_directory_was_synced():
    def comes_back(synchronous, forgets):
        found = 0
        for seed in SEEDS:
            disk = Disk(seed=seed, forgets=forgets)
            db = filled(disk, synchronous=synchronous, rows=2)
            db.execute("DELETE FROM page")
            assert disk.unsynced == (synchronous == "full")
            disk.cut()
            found += "a.db-journal" in disk.files
            rows = disk.connect("a.db").execute("SELECT count(*) FROM page").get
            assert rows == 2 * ("deletion forgotten" in [row["what"] for row in disk.damage])
        return found

    assert 0 < comes_back("full", {NAMES}) < len(SEEDS)
    assert comes_back("full", EVERYTHING - {NAMES}) == 0
    assert comes_back("extra", EVERYTHING) == 0


def test_a_new_file_is_forgotten_unless_its_directory_was_synced():
    def there(forgets):
        found = 0
        for seed in SEEDS:
            disk = Disk(seed=seed, forgets=forgets)
            disk.connect("a.db", synchronous="off").execute("CREATE TABLE t (x)")
            disk.cut()
            found += "a.db" in disk.files
        return found

    assert 0 < there({NAMES}) < len(SEEDS)
    assert there(EVERYTHING - {NAMES}) == len(SEEDS)


def test_the_same_seed_forgets_the_same_and_another_seed_something_else():
    def after(seed):
        return overwritten_then_cut(seed, EVERYTHING)[1]

    assert after(3) == after(3)
    assert len({after(seed) for seed in range(10)}) > 5


def test_cutting_at_every_operation_of_a_transaction_never_half_does_it():
    whole = Disk()
    db = filled(whole, synchronous="extra", rows=3)
    start = whole.writes + whole.forced_writes
    db.execute("UPDATE page SET content = 'new'")
    for moment in range(whole.writes + whole.forced_writes - start):
        disk = Disk(seed=moment)
        db = filled(disk, synchronous="extra", rows=3)
        disk.cut(after=moment)
        with pytest.raises(PowerCut):
            db.execute("UPDATE page SET content = 'new'")
        contents = disk.connect("a.db").execute("SELECT DISTINCT content FROM page").fetchall()
        assert contents in ([("1" * 1500,)], [("new",)])


@pytest.mark.parametrize("journal_mode", ["delete", "wal"])
def test_a_connection_is_dead_after_a_cut_whatever_it_has_cached(journal_mode, capfd):
    disk = Disk(seed=1)
    db = filled(disk, journal_mode=journal_mode, synchronous="full")
    db.execute("SELECT count(*) FROM page").fetchall()
    disk.cut()
    with pytest.raises(PowerCut, match="open the database again"):
        db.execute("SELECT count(*) FROM page")
    with pytest.raises(PowerCut), db:
        pass
    del db
    assert disk.connect("a.db").execute("SELECT count(*) FROM page").get == 40
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("moment", range(3))
def test_a_commit_that_meets_the_cut_says_so_inside_a_with_block(moment):
    disk = Disk(seed=1)
    db = filled(disk, journal_mode="wal", synchronous="full")
    disk.cut(after=min(moment, 1))
    with pytest.raises(PowerCut), db:
        db.execute("DELETE FROM page WHERE id = 1")


def test_a_second_connection_meets_the_locks_of_the_first():
    disk = Disk()
    first = filled(disk)
    second = disk.connect("a.db")
    first.execute("BEGIN IMMEDIATE")
    with pytest.raises(apsw.BusyError):
        second.execute("BEGIN IMMEDIATE")
    assert second.execute("SELECT count(*) FROM page").get == 40      # readers still read
    first.execute("COMMIT")
    second.execute("BEGIN IMMEDIATE")
    second.execute("ROLLBACK")


def test_forced_writes_are_counted():
    disk = Disk()
    db = filled(disk, synchronous="extra")
    before = disk.syncs, disk.directory_syncs
    db.execute("DELETE FROM page WHERE id = 1")
    assert (disk.syncs - before[0], disk.directory_syncs - before[1]) == (3, 2)
    assert disk.forced_writes == disk.syncs + disk.directory_syncs


def test_what_was_lost_is_listed():
    lists = []
    for seed in SEEDS:
        disk = Disk(seed=seed)
        db = filled(disk)
        db.execute("UPDATE page SET content = '2'")
        lists.append(disk.cut())
        assert lists[-1] == disk.damage
    rows = [row for rows in lists for row in rows]
    assert {"write lost", "write torn"} <= {row["what"] for row in rows}
    assert all(row["file"] == "a.db" and row["bytes"] > 0 for row in rows if row["what"] == "write lost")
    assert [] in lists


def test_errors_say_what_is_wrong():
    disk = Disk()
    with pytest.raises(ValueError, match="not 'rust'"):
        Disk(forgets=["rust"])
    with pytest.raises(ValueError, match="off, normal, full or extra, not 'sometimes'"):
        disk.connect("a.db", synchronous="sometimes")
    with pytest.raises(ValueError, match="'delete' when asked for 'paper'"):
        disk.connect("a.db", journal_mode="paper")
    with pytest.raises(ValueError, match="0 or more"):
        disk.cut(after=-1)
