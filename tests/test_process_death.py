"""SIGKILL in mid-commit, at every setting: nothing acknowledged is lost, and the half transaction is gone."""

import os
import sqlite3
import subprocess
import tempfile

import psutil
import pytest

from splitbrain import process_death
from splitbrain.durability import JOURNAL_MODES, LEVELS
from splitbrain.process_death import campaign, process_death_table

SETTINGS = [(mode, level) for mode in JOURNAL_MODES for level in LEVELS]


@pytest.mark.parametrize(("mode", "level"), SETTINGS)
def test_a_killed_process_loses_nothing_it_acknowledged(mode, level):
    for death in campaign(mode, level, kills=2):
        assert (death.lost, death.corrupt) == (0, "")


@pytest.mark.long
def test_three_hundred_kills_over_all_settings_lose_nothing():
    deaths = [death for mode, level in SETTINGS for death in campaign(mode, level, kills=22, seed=1)]
    assert len(deaths) >= 300
    assert all((death.lost, death.corrupt) == (0, "") for death in deaths)
    assert sum(death.unfinished for death in deaths) > 60
    assert sum(death.acknowledged for death in deaths) > 300


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_kills_land_inside_a_commit_and_leave_half_a_transaction(mode):
    deaths = campaign(mode, "off", kills=12)
    assert any(death.unfinished for death in deaths)
    assert len({death.operation for death in deaths}) > 5
    assert len({death.acknowledged for death in deaths}) > 1


def test_the_moments_and_the_counts_do_not_depend_on_speed():
    assert campaign("delete", "full", kills=4, seed=2) == campaign("delete", "full", kills=4, seed=2)
    assert campaign("delete", "full", kills=4, seed=2) != campaign("delete", "full", kills=4, seed=3)


def test_a_lost_commit_would_be_seen(monkeypatch):
    """The harness has to be able to fail: here an acknowledged transfer is deleted before the database is examined."""
    examine = process_death.examine_bank

    def tampered(db, acknowledged):
        db.execute("DELETE FROM transfer WHERE number = 1")
        return examine(db, acknowledged)

    monkeypatch.setattr(process_death, "examine_bank", tampered)
    deaths = campaign("delete", "full", kills=6)
    assert any(death.lost == 1 for death in deaths)
    assert any("not" in death.corrupt or "otherwise" in death.corrupt for death in deaths)


def test_a_database_that_does_not_open_is_corrupt_and_not_an_error(monkeypatch):
    def broken(db, acknowledged):
        raise sqlite3.DatabaseError("database disk image is malformed")

    monkeypatch.setattr(process_death, "examine_bank", broken)
    (death,) = campaign("delete", "full", kills=1)
    assert death.lost is None and death.corrupt == "DatabaseError: database disk image is malformed"


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = {child.pid for child in psutil.Process(os.getpid()).children(recursive=True)}
    campaign("wal", "normal", kills=3)
    assert list(tmp_path.iterdir()) == []
    assert {child.pid for child in psutil.Process(os.getpid()).children(recursive=True)} <= before


def test_a_child_that_fails_says_why(tmp_path, monkeypatch):
    script = tmp_path / "child.py"
    script.write_text("raise SystemExit('no disk today')")
    monkeypatch.setattr(process_death, "CHILD", script)
    with pytest.raises(RuntimeError, match="ended by itself: no disk today"):
        campaign("delete", "full", kills=1)


def test_a_setting_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="not 'paper' and 'full'"):
        campaign("paper", "full")


def test_the_table_has_a_row_a_setting():
    rows = process_death_table(["delete"], ["off", "full"], kills=2)
    assert [(row["synchronous"], row["kills"], row["commits lost"]) for row in rows] == [("off", 2, 0), ("full", 2, 0)]


def test_the_child_ends_by_itself_when_nobody_kills_it_and_its_parent_is_gone(tmp_path):
    path = process_death._create(tmp_path / "a.db", "delete")
    command = process_death._command(path, "delete", "full", transfers=1, die_at=3)
    child = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert (child.stdout, child.returncode) == ("!\n", 1)
