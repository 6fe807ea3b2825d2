"""The histories that Porcupine is tested with: 30 of etcd, taken by Jepsen, and 4 of a key-value store."""

import json
import re

import pytest

from splitbrain.__main__ import main
from splitbrain.checkers import linearizability
from splitbrain.records import History

LOG_LINE = re.compile(r"(\d+)\s+:(invoke|ok|fail|info)\s+:(\w+)\s+(.*)")
EDN_LINE = re.compile(r'\{:process (\d+), :type :(\w+), :f :(\w+), :key "(.*?)", :value (?:nil|"(.*)")\}')


def log_events(text, *, a_failed_cas_compared=False):
    """Jepsen's log as JSON lines. A cas that failed either did nothing, or answered that the values differed."""
    for process, kind, f, value in (LOG_LINE.search(line).groups() for line in text.splitlines()):
        value = None if value in ("nil", ":timed-out") else json.loads(re.sub(r"\s+", ",", value))
        if a_failed_cas_compared and (kind, f) == ("fail", "cas"):
            kind, value = "ok", False
        yield json.dumps({"process": int(process), "type": kind, "f": f, "value": value})


def edn_events(text):
    for process, kind, f, key, value in (EDN_LINE.match(line).groups() for line in text.splitlines()):
        yield json.dumps({"process": int(process), "type": kind, "f": f, "key": key, "value": value})


def expected(published, family):
    lines = (published / "porcupine" / "EXPECTED.txt").read_text().splitlines()
    named = dict(line.split() for line in lines)
    return {name: verdict for name, verdict in named.items() if f"/{family}/" in name}


def agree(published, family, model, events):
    verdicts = expected(published, family)
    for name, verdict in verdicts.items():
        history = History.from_json_lines(events((published / name).read_text()))
        ours = linearizability(history, model=model)
        assert ours.status == {"linearizable": "ok", "not-linearizable": "violated"}[verdict], f"{name}: {ours}"
        assert ours.states < 10_000, name
        assert ours.witness is None or len(ours.witness.operations) <= 5, f"{name}: {ours}"
    return len(verdicts)


@pytest.mark.parametrize("compared", [False, True])
def test_etcd(published, compared):
    # Porcupine reads a failed cas as the answer "the values differed", Jepsen as nothing at all: both agree here.
    assert agree(published, "jepsen", "cas-register",
                 lambda text: log_events(text, a_failed_cas_compared=compared)) == 30


def test_key_value_store(published):
    assert agree(published, "kv", "kv", edn_events) == 4


@pytest.mark.parametrize(("family", "model", "events", "count"),
                         [("jepsen", "cas-register", log_events, 30), ("kv", "kv", edn_events, 4)])
def test_the_command_line_says_the_same(published, tmp_path, capsys, family, model, events, count):
    verdicts = expected(published, family)
    assert len(verdicts) == count
    for name, verdict in verdicts.items():
        file = tmp_path / f"{name.rpartition('/')[2]}.jsonl"
        file.write_text("\n".join(events((published / name).read_text())))
        code = main(["check", str(file), "--model", model, "--time-limit", "10", "--json"])
        right = {"linearizable": (0, "ok"), "not-linearizable": (1, "violated")}[verdict]
        told = json.loads(capsys.readouterr().out)
        assert (code, told["verdict"]) == right, name
        assert told["witness"] is None or 1 <= len(told["witness"]["operations"]) <= 5, told
