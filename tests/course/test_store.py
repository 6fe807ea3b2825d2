"""Whatever happens to the learner's file, the lesson goes on, and one warning says what is lost."""

import contextlib
import multiprocessing
import os
import sqlite3
import warnings

import pytest

from splitbrain.course import store
from splitbrain.course.predictions import predict, prediction


@pytest.fixture(autouse=True)
def forget():
    yield
    while store._in_memory:
        store._in_memory.popitem()[1].close()


@pytest.fixture
def file(own_home):
    predict("acid-kill", "How many?", ["none", "all"], answer="all")
    return own_home / store.FILE


def test_what_is_kept_is_there_for_the_next_kernel(file):
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        assert pool.apply(prediction, ("acid-kill",)) == "all"


def test_home_is_made_when_it_is_needed(own_home, monkeypatch):
    monkeypatch.setenv("SPLITBRAIN_HOME", str(own_home / "a" / "b"))
    predict("acid-kill", "How many?", ["none", "all"], answer="none")
    assert (own_home / "a" / "b" / store.FILE).is_file()


def test_without_a_home_the_systems_folder_is_taken(monkeypatch):
    monkeypatch.delenv("SPLITBRAIN_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", "/nowhere")
    assert store.home().name == "splitbrain"


@pytest.mark.parametrize("damage", [
    lambda path: path.write_bytes(b"no database" * 1000),
    lambda path: path.write_bytes(path.read_bytes()[:4096] + b"\xff" * (path.stat().st_size - 4096)),
    lambda path: on(path, "DROP TABLE prediction"),
], ids=["not a database", "pages overwritten", "a table is gone"])
def test_a_damaged_file_is_put_aside_and_begun_anew(file, damage):
    damage(file)
    with pytest.warns(RuntimeWarning, match="begins anew") as warned:
        predict("acid-kill", "How many?", ["none", "all"], answer="none")
        assert prediction("acid-kill") == "none"
    assert len(of_ours(warned)) == 1
    assert file.with_suffix(".damaged").is_file()
    assert on(file, "SELECT answer FROM prediction") == [("none",)]


def of_ours(warned):
    return [one for one in warned if one.category is RuntimeWarning]


def on(path, statement):
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        return connection.execute(statement).fetchall()


def test_a_full_disk(file, monkeypatch):
    real = sqlite3.connect

    class Full(sqlite3.Connection):
        def execute(self, sql, *rest):
            if sql.startswith("INSERT"):
                raise sqlite3.OperationalError("database or disk is full")
            return super().execute(sql, *rest)

    def connect(path, **options):
        return real(path, **options) if path == ":memory:" else real(path, factory=Full, **options)

    monkeypatch.setattr(sqlite3, "connect", connect)
    with pytest.warns(RuntimeWarning, match="cannot be kept .*disk is full") as warned:
        predict("acid-power", "And now?", ["none", "all"], answer="none")
        predict("acid-again", "And now?", ["none", "all"], answer="none")
    assert len(of_ours(warned)) == 1
    assert [prediction(name) for name in ("acid-kill", "acid-power", "acid-again")] == ["all", "none", "none"]


def test_a_folder_that_cannot_be_made(own_home, monkeypatch):
    (own_home / "file").write_text("in the way")
    monkeypatch.setenv("SPLITBRAIN_HOME", str(own_home / "file" / "folder"))
    with pytest.warns(RuntimeWarning, match="SPLITBRAIN_HOME can name another folder"):
        predict("acid-kill", "How many?", ["none", "all"], answer="none")
    assert prediction("acid-kill") == "none"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(file):
    file.chmod(0o400)
    file.parent.chmod(0o500)
    try:
        with pytest.warns(RuntimeWarning, match="cannot be kept"):
            predict("acid-power", "And now?", ["none", "all"], answer="none")
        assert (prediction("acid-kill"), prediction("acid-power")) == ("all", "none")
    finally:
        file.parent.chmod(0o700)


def test_a_file_of_a_newer_course_is_left_alone(file):
    on(file, "PRAGMA user_version = 99")
    before = file.read_bytes()
    with pytest.warns(RuntimeWarning, match="newer version"):
        predict("acid-kill", "How many?", ["none", "all"], answer="none")
    assert file.read_bytes() == before


def test_a_file_that_another_kernel_holds_for_long(file, monkeypatch):
    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, **options: real(path, **options | {"timeout": 0.01}))
    holder = real(file, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.warns(RuntimeWarning, match="locked"):
        predict("acid-power", "And now?", ["none", "all"], answer="none")
    holder.close()
    assert prediction("acid-power") == "none"


def test_all_is_quiet_when_all_is_well(file):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert prediction("acid-kill") == "all"
