"""The command line: what it prints, how it ends."""

import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import redis

from splitbrain import __version__, doctor
from splitbrain.__main__ import main
from splitbrain.doctor import Finding


@pytest.fixture(autouse=True)
def no_redis_named(monkeypatch):
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.delenv("SPLITBRAIN_REDIS_SERVER", raising=False)


def run(*arguments, **environment):
    command = [sys.executable, "-m", "splitbrain", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | environment)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "COMMAND"),
        (["surgeon"], "'surgeon'.*doctor.*redis"),
        (["doctor", "--loud"], "--loud"),
        (["redis", "--port", "door"], "from 1 to 65535, not 'door'"),
        (["redis", "--port", "0"], "from 1 to 65535, not '0'"),
        (["redis", "--port", "7", "--unix"], "not allowed with"),
    ],
)
def test_what_is_not_understood_ends_in_64(arguments, complaint, capsys):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    told = capsys.readouterr()
    assert end.value.code == 64
    assert told.out == ""
    assert re.search(rf"^splitbrain.*: .*{complaint}.*\nTry: splitbrain.* --help\n$", told.err)


def test_version_and_help(capsys):
    for arguments, words in (["--version"], __version__), (["--help"], "doctor"), (["redis", "--help"], "--unix"):
        with pytest.raises(SystemExit) as end:
            main(arguments)
        assert end.value.code == 0
        assert words in capsys.readouterr().out


def test_doctor_finds_all_well_here():
    told = run("doctor")
    assert told.returncode == 0, told.stdout
    for subject in ("Python", "packages", "sqlite3", "apsw", "Redis", "Chromium", "disk"):
        assert re.search(rf"^(ok|note) +{subject} ", told.stdout, re.MULTILINE), told.stdout
    assert "the bundled Valkey" in told.stdout


def test_doctor_in_brief_is_one_line():
    told = run("doctor", "--brief")
    assert re.fullmatch(r"All is well: Python 3\.\d+\.\d+, SQLite [\d.]+, the bundled Valkey [\d.]+\.\n", told.stdout)


@pytest.mark.parametrize("brief", [[], ["--brief"]])
def test_doctor_names_what_is_wrong_and_the_mend(brief):
    told = run("doctor", *brief, REDIS_URL="redis://127.0.0.1:1")
    assert told.returncode == 1
    assert re.search(r"^MISSING +Redis .*\n +-> REDIS_URL names .* unset REDIS_URL", told.stdout, re.MULTILINE)


def test_doctor_compares_versions_with_the_ranges(monkeypatch):
    lines = ["psutil>=6", "psutil>=600", "nowhere-to-be-found>=2", "sphinx; extra == 'docs'", "x; os_name == 'nt'"]
    monkeypatch.setattr(doctor.metadata, "requires", lambda name: lines)
    assert [(f.subject, f.well) for f in doctor._packages()] == [("psutil", False), ("nowhere-to-be-found", False)]
    assert [f.mend for f in doctor._packages()][1].endswith("or: pip install 'nowhere-to-be-found>=2'")


@pytest.mark.parametrize("version", ["3.10.13", "3.11.0", "3.13.9", "3.14.0"])
def test_doctor_judges_the_python(monkeypatch, version):
    monkeypatch.setattr(doctor.platform, "python_version", lambda: version)
    assert [finding.well for finding in doctor._python()] == [version in ("3.11.0", "3.13.9")]


def test_doctor_looks_at_the_disk(monkeypatch):
    from splitbrain.messaging import folders

    for kind, words in ("tmpfs", "not a disk"), ("nfs4", "no local folder: set TMPDIR"), ("ext4", ""):
        monkeypatch.setattr(folders, "disk_kind", lambda path, kind=kind: kind)
        (finding,) = doctor._disk()
        assert finding.well and words in finding.mend and kind in finding.found


def test_doctor_without_a_browser(monkeypatch):
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    (finding,) = doctor._browser()
    assert finding.well and "passes over" in finding.mend


def test_only_what_is_needed_and_missing_is_an_illness():
    assert [f.well for f in (Finding("a", ""), Finding("a", "", "mend"), Finding("a", "", "mend", needed=False))] == [
        True, False, True,
    ]  # fmt: skip


@contextmanager
def redis_in_the_foreground(*arguments):
    command = [sys.executable, "-m", "splitbrain", "redis", *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen(command, **pipes, start_new_session=True)
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("where", [[], ["--unix"]])
def test_redis_runs_until_it_is_told_to_end(where, how):
    with redis_in_the_foreground(*where) as (process, url):
        assert "This is the bundled Valkey" in process.stderr.readline()
        with redis.Redis.from_url(url) as client:
            folder = Path(client.config_get("dir")["dir"])
            server = psutil.Process(client.info("server")["process_id"])
        assert url.startswith("unix://" if where else "redis://")
        process.send_signal(how)
        rest = process.communicate()
        assert (process.returncode, rest) == (0, ("", ""))
        assert not server.is_running() and not folder.exists()


def test_redis_at_a_port():
    with redis_in_the_foreground() as (_, url):
        port = url.rpartition(":")[2].removesuffix("/0")
        told = run("redis", "--port", port)
        assert (told.returncode, told.stdout) == (1, "")
        assert told.stderr.startswith(f"splitbrain redis: Port {port} is taken. Name another, or none")


def test_redis_says_so_when_its_server_is_ended_by_another():
    with redis_in_the_foreground() as (process, url):
        with redis.Redis.from_url(url) as client:
            client.shutdown(nosave=True)
        assert process.wait() == 1
        assert "The server was ended. Its last words:" in process.stderr.read()


def test_redis_with_a_server_that_is_not_there():
    told = run("redis", "--server", "/nowhere/redis-server")
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.startswith("splitbrain redis: /nowhere/redis-server does not run (No such file or directory).")
