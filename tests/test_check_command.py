"""``splitbrain check``: what it makes of histories that are right, wrong, hard, or no histories at all."""

import io
import json
import subprocess
import sys
from collections import Counter
from random import Random

import pytest

from splitbrain import check as command
from splitbrain import history_file
from splitbrain.__main__ import main
from splitbrain.history_file import Unreadable, free_memory, read


def events(*lines):
    """``0 invoke read``, ``0 ok read 1``: an event a line; the value is JSON."""
    for line in lines:
        process, kind, f, *value = line.split(" ", 3)
        yield json.dumps({"process": int(process), "type": kind, "f": f,
                          "value": json.loads(value[0]) if value else None})


def written(tmp_path, *lines):
    file = tmp_path / "history.jsonl"
    file.write_text("\n".join(events(*lines)) + "\n")
    return str(file)


def done(process, f, value="null", result=None):
    return f"{process} invoke {f} {value}", f"{process} ok {f} {value if result is None else result}"


FINE = {
    "register": [*done(0, "write", "1"), *done(1, "read", result="1")],
    "cas-register": [*done(0, "write", "1"), *done(1, "cas", "[1, 2]"), "2 invoke cas [1, 3]", "2 fail cas [1, 3]"],
    "kv": [*done(0, "put", '"a"'), *done(1, "append", '"b"'), *done(0, "get", result='"ab"')],
    "mutex": [*done(0, "acquire"), *done(0, "release"), *done(1, "acquire")],
    "fifo-queue": [*done(0, "enqueue", "1"), *done(0, "enqueue", "2"), *done(1, "dequeue", result="1")],
    "total-queue": [*done(0, "enqueue", "1"), *done(1, "dequeue", result="1"), *done(1, "dequeue", result="1")],
    "counter": [*done(0, "add", "2"), *done(1, "read", result="2")],
    "set": [*done(0, "add", "2"), "1 invoke add 3", *done(0, "read", result="[3, 2]")],
    "bank": [*done(0, "read", result='{"a": 5, "b": 5}'), *done(1, "read", result='{"a": 1, "b": 9}')],
    "list-append": [*done(0, "txn", '[["append", "x", 1]]'),
                    *done(1, "txn", '[["r", "x", null]]', '[["r", "x", [1]]]')],
    "rw-register": [*done(0, "txn", '[["w", "x", 1]]'), *done(1, "txn", '[["r", "x", null]]', '[["r", "x", 1]]')],
}
WRONG = {
    "register": [*done(0, "write", "1"), *done(1, "read", result="null")],
    "cas-register": [*done(0, "write", "1"), *done(1, "cas", "[2, 3]")],
    "kv": [*done(0, "put", '"a"'), *done(1, "append", '"b"'), *done(0, "get", result='"ba"')],
    "mutex": [*done(0, "acquire"), *done(1, "acquire")],
    "fifo-queue": [*done(0, "enqueue", "1"), *done(0, "enqueue", "2"), *done(1, "dequeue", result="2")],
    "total-queue": [*done(0, "enqueue", "1"), *done(1, "dequeue", result="null")],
    "counter": [*done(0, "add", "2"), *done(1, "read", result="0")],
    "set": [*done(0, "add", "2"), *done(0, "read", result="[]")],
    "bank": [*done(0, "read", result='{"a": 5, "b": 5}'), *done(1, "read", result='{"a": 1, "b": 8}')],
    "list-append": [*done(0, "txn", '[["append", "x", 1]]'),
                    *done(1, "txn", '[["r", "x", null]]', '[["r", "x", [2]]]')],
    "rw-register": ["0 invoke txn [[\"w\", \"x\", 1]]", "0 fail txn [[\"w\", \"x\", 1]]",
                    *done(1, "txn", '[["r", "x", null]]', '[["r", "x", 1]]')],
}


@pytest.mark.parametrize("model", FINE)
def test_every_model_accepts_and_rejects(model, tmp_path, capsys):
    assert main(["check", written(tmp_path, *FINE[model]), "--model", model]) == 0
    assert capsys.readouterr().out.startswith("ok: ")
    assert main(["check", written(tmp_path, *WRONG[model]), "--model", model]) == 1
    told = capsys.readouterr()
    assert told.out.startswith("violated: ") and "\n  lines " in told.out and told.err == ""


def test_a_verdict_names_the_lines(tmp_path, capsys):
    assert main(["check", written(tmp_path, *WRONG["register"]), "--model", "register"]) == 1
    assert capsys.readouterr().out == (
        "violated: process 1 read None, the initial value, after process 0 had written 1\n"
        "  lines 1 and 2: 0: write(1) -> 1\n"
        "  lines 3 and 4: 1: read() -> None\n")


def test_json(tmp_path, capsys):
    assert main(["check", written(tmp_path, *WRONG["register"]), "--model", "register", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["verdict", "model", "explanation", "witness", "anomalies", "not", "operations", "seconds"]
    assert (told["verdict"], told["model"], told["operations"]) == ("violated", "register", 2)
    assert told["anomalies"] == told["not"] == [] and told["seconds"] > 0
    assert told["witness"] == {"edges": [[0, 1, "was over before it began"]], "operations": [
        {"process": 0, "f": "write", "key": None, "value": 1, "result": 1, "status": "ok", "lines": [1, 2]},
        {"process": 1, "f": "read", "key": None, "value": None, "result": None, "status": "ok", "lines": [3, 4]}]}
    assert main(["check", written(tmp_path, *FINE["register"]), "--model", "register", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"] == "ok" and told["witness"] is None


HARD = [*(f"{i} invoke write {i % 13}" for i in range(40)), *(f"{i} ok write {i % 13}" for i in range(40)),
        *done(50, "read", result="99"), *done(51, "write", "99")]


def test_out_of_time_is_unknown(tmp_path, capsys):
    assert main(["check", written(tmp_path, *HARD), "--model", "register", "--time-limit", "0.3"]) == 2
    assert capsys.readouterr().out == "unknown: gave up after 0.3 s: found neither right nor wrong\n"
    assert main(["check", written(tmp_path, *HARD), "--model", "register", "--time-limit", "0.2", "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert (told["verdict"], told["operations"]) == ("unknown", 42)


def test_out_of_memory_is_unknown(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(command, "MEMORY", 5)
    assert main(["check", written(tmp_path, *HARD), "--model", "register"]) == 2
    assert capsys.readouterr().out.startswith("unknown: gave up after 5 MB of memory and ")


def test_time_enough_changes_nothing(tmp_path):
    assert main(["check", written(tmp_path, *FINE["kv"]), "--model", "kv", "--time-limit", "60"]) == 0


INVOKE = '{"process": 0, "type": "invoke", "f": "read"}\n'
NO_HISTORIES = [
    ("not json\n", "line 1: not JSON (Expecting value at column 1)"),
    (INVOKE + '{"process": 0, "type"', "line 2: not JSON"),
    ("[1, 2]\n", "line 1: expected an object, got [1, 2]"),
    ("\n\n3\n", "line 3: expected an object, got 3"),
    ('{"process": 0, "f": "read"}', "line 1: 'type' is missing"),
    ('{"type": "invoke", "f": "read"}', "line 1: 'process' is missing"),
    ('{"process": 0, "type": "invoke"}', "line 1: 'f' is missing"),
    ('{"process": 0, "type": "start", "f": "read"}', "line 1: type 'start' is none of invoke, ok, fail, info"),
    ('{"process": 0, "type": ["ok"], "f": "read"}', "line 1: type \"['ok']\" is none of invoke"),
    ('{"process": [0], "type": "invoke", "f": "read"}', "line 1: a process is a number or a name, not [0]"),
    ('{"process": true, "type": "invoke", "f": "read"}', "line 1: a process is a number or a name, not True"),
    ('{"process": 0, "type": "invoke", "f": 7}', "line 1: f is the name of a function, not 7"),
    ('{"process": 0, "type": "invoke", "f": "read", "time": "noon"}', "line 1: time is a number, not noon"),
    ('{"process": 0, "type": "invoke", "f": "read", "time": NaN}', "line 1: not readable (NaN is no number in JSON)"),
    ('{"process": 0, "type": "invoke", "f": "read", "time": 1e999}', "line 1: time is a number, not inf"),
    ('{"process": 0, "type": "invoke", "f": "read", "value": ' + "9" * 5000 + "}", "line 1: not readable (Exceeds"),
    ("[" * 100_000, "line 1: lists nested too deeply"),
    (INVOKE + INVOKE, "line 2: process 0 invokes 'read' while its operation of line 1 has not ended"),
    ('{"process": 4, "type": "ok", "f": "read"}', "line 1: process 4 completes 'read', which it never invoked"),
    (INVOKE + '{"process": 0, "type": "ok", "f": "write"}',
     "line 2: process 0 completes 'write', but on line 1 it invoked 'read'"),
    (INVOKE + '{"process": 0, "type": "ok", "f": "read", "key": "x"}',
     "line 2: process 0 completes 'read' of key x, but on line 1 it invoked it of key None"),
    (INVOKE.encode() + b'{"process": 0, "type": "ok", "f": "r\xffd"}', "line 2: not UTF-8 (byte 0xff at 37)"),
    ('{:process 0, :type :invoke, :f :read}', "line 1: this is EDN, as Jepsen writes it: convert it to JSON"),
    (INVOKE + '{"process": 7, "type": "info", "f": "kill"}',
     "line 2: process 7 completes 'kill', which it never invoked (only the lines of a process named nemesis are"),
    ('{"process": "nemesis", "type": "info", "f": "kill"}', "it holds no operation"),
    ('{"process": "nemesis", "type": "start", "f": "kill"}', "line 1: type 'start' is none of invoke, ok, fail, info"),
    ("", "it holds no operation"),
    (" \n\n", "it holds no operation"),
    ('{"process": 0, "type": "invoke", "f": "push"}',
     "line 1: the model register knows get, put, read, write, not 'push' (0: push() -> ?)"),
]


@pytest.mark.parametrize(("text", "complaint"), NO_HISTORIES, ids=range(len(NO_HISTORIES)))
def test_what_is_no_history_ends_in_64(text, complaint, tmp_path, capsys):
    file = tmp_path / "broken.jsonl"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert main(["check", str(file), "--model", "register"]) == 64
    told = capsys.readouterr()
    assert told.out == "" and told.err.startswith(f"splitbrain check: {file}: {complaint}"), told.err
    assert told.err.count("\n") == 1 and len(told.err) < 400


@pytest.mark.parametrize(("model", "lines", "complaint"), [
    ("cas-register", ["0 invoke cas [1]"], "line 1: the value of cas is a pair [old, new], not [1]"),
    ("kv", [*done(1, "put", '"a"'), *done(0, "get", result="7")], "line 4: the answer of get is a string, not 7"),
    ("counter", ["0 invoke add true"], "line 1: the value of add is a number, not True"),
    ("set", done(0, "read", result="null"), "line 2: the answer of read is the list of what is in the set, not None"),
    ("bank", done(0, "read", result='{"a": "1"}'), "line 2: the answer of read is an object of account: balance, or"),
    ("bank", done(0, "read", result="5"), "line 2: the answer of read is an object of account: balance, or a list"),
    ("bank", ["0 invoke deposit 5"], "line 1: the model bank knows read, transfer, not 'deposit'"),
    ("mutex", ["0 invoke lock"], "line 1: the model mutex knows acquire, release, not 'lock'"),
    ("fifo-queue", ["0 invoke drain"], "line 1: the model fifo-queue knows dequeue, enqueue, not 'drain'"),
    ("total-queue", ["0 invoke push 1"], "line 1: the model total-queue knows dequeue, drain, enqueue, not 'push'"),
    ("total-queue", ["0 invoke enqueue"], "line 1: the value of enqueue is a message, and null would say that the"),
    ("total-queue", done(0, "drain"), "line 2: the answer of drain is a list, not None"),
    ("counter", ["0 invoke add " + "9" * 400], "line 1: the value of add is a number, not 999"),
    ("list-append", ["0 invoke txn 5"], "line 1: "),
    ("rw-register", ['0 invoke txn [["append", "x", 1]]'], "line 1: "),
])
def test_values_that_the_model_cannot_judge(model, lines, complaint, tmp_path, capsys):
    file = written(tmp_path, *lines)
    assert main(["check", file, "--model", model]) == 64
    assert capsys.readouterr().err.startswith(f"splitbrain check: {file}: {complaint}")


@pytest.mark.parametrize("depth", [700, 900, 950, 5_000, 50_000])
def test_deep_values_are_judged_or_refused(depth, tmp_path, capsys):
    file = tmp_path / "deep.jsonl"
    write = '{"process": 0, "type": "%s", "f": "write", "value": ' + "[" * depth + "]" * depth + "}"
    file.write_text("\n".join([*events(*done(0, "read")), write % "invoke", write % "ok"]))
    code, told = main(["check", str(file), "--model", "register"]), capsys.readouterr()
    assert code == 0 or (code == 64 and f"{file}: line 3: lists nested too deeply" in told.err), told.err[:300]


def test_files_that_are_none(tmp_path, capsys):
    for path, complaint in (tmp_path / "no", "No such file or directory"), (tmp_path, "Is a directory"):
        assert main(["check", str(path), "--model", "register"]) == 64
        assert capsys.readouterr().err == f"splitbrain check: {path}: it cannot be read ({complaint})\n"


def test_an_unknown_model(tmp_path, capsys):
    assert main(["check", written(tmp_path), "--model", "stack"]) == 64
    told = capsys.readouterr().err
    assert told.startswith("splitbrain check: there is no model 'stack'; there are register, cas-register, kv, mutex,")


@pytest.mark.parametrize("arguments", [["check"], ["check", "x"], ["check", "x", "--model", "kv", "--time-limit", "-1"],
                                       ["check", "x", "--model", "kv", "--time-limit", "soon"]])
def test_arguments_that_are_not_understood(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 64 and "Try: splitbrain check --help" in capsys.readouterr().err


def test_duplicates_are_reported_and_allowed(tmp_path, capsys):
    assert main(["check", written(tmp_path, *FINE["total-queue"]), "--model", "total-queue", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["anomalies"] == ["duplicated"]


def test_transactions_say_which_models_are_ruled_out(tmp_path, capsys):
    assert main(["check", written(tmp_path, *WRONG["rw-register"]), "--model", "rw-register", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["anomalies"] == ["G1a"] and told["not"] == ["read-committed"]


@pytest.mark.parametrize(("model", "lines"), [
    ("set", done(0, "add", "2")), ("bank", done(0, "transfer", "2")),
    ("list-append", [*done(0, "txn", '[["append", "x", 1]]'), *done(1, "txn", '[["append", "x", 1]]')]),
    ("rw-register", [*done(0, "txn", '[["w", "x", 1]]'), *done(1, "txn", '[["w", "x", 1]]')]),
])
def test_what_nobody_can_know_is_unknown(model, lines, tmp_path, capsys):
    assert main(["check", written(tmp_path, *lines), "--model", model]) == 2
    assert capsys.readouterr().out.startswith("unknown: ")


FUNCTIONS = {"register": "read write get put", "cas-register": "read write cas", "kv": "get put append",
             "mutex": "acquire release", "fifo-queue": "enqueue dequeue", "total-queue": "enqueue dequeue drain",
             "counter": "add read", "set": "add read", "bank": "transfer read", "list-append": "txn",
             "rw-register": "txn"}
ODD = [None, True, 1, 1.0, -1, 0.5, 1e308, 10**400, "", "a", ":r", [], {}, [1, 2], [[1], None], {"a": 1}, {"a": [None]},
       {"a": None, "b": -1}, [["r", "x", [1]], ["append", "x", 1]], [["w", "x", 1], ["r", "x", None]], [["r"]], [[]]]
WRITES = {"list-append": "append", "rw-register": "w"}


def odd_history(random, model):
    """Lines that are well-formed, with values of any kind."""
    running = {}
    for _ in range(2 + int(random() * 10)):
        process, value = ("a", 0, 1.5)[int(random() * 3)], ODD[int(random() * len(ODD))]
        if model in WRITES and random() < 0.9:
            f, value = ("r", WRITES[model])[random() < 0.5], [value] if model == "list-append" else value
            value = [[f, ODD[int(random() * len(ODD))], value]]
        if process in running:
            kind = ("ok", "ok", "ok", "info", "fail")[int(random() * 5)]
            yield running.pop(process) | {"type": kind, "value": value}
        else:
            names = FUNCTIONS[model].split()
            running[process] = {"process": process, "f": names[int(random() * len(names))],
                                "key": ODD[int(random() * len(ODD))] if random() < 0.3 else "x"}
            yield running[process] | {"type": "invoke", "value": value}


@pytest.mark.parametrize("model", FUNCTIONS)
def test_whatever_the_values_there_is_a_verdict_or_a_line_that_is_wrong(model, tmp_path, capsys):
    codes = Counter()
    for seed in range(150):
        lines = list(odd_history(Random(seed).random, model))
        file = tmp_path / "odd.jsonl"
        file.write_text("\n".join(map(json.dumps, lines)))
        code, told = main(["check", str(file), "--model", model, *["--json"] * (seed % 2)]), capsys.readouterr()
        codes[code] += 1
        if code == 64:
            number = int(told.err.removeprefix(f"splitbrain check: {file}: line ").partition(":")[0])
            assert 1 <= number <= len(lines) and told.out == ""
        else:
            assert told.out.startswith('{"verdict": ' if seed % 2 else ("ok", "violated", "unknown")[code])
    assert codes.total() - codes[64] > 3 and len(codes) > 1, codes


def test_what_may_be_left_out_or_odd(tmp_path, capsys):
    file = tmp_path / "odd.jsonl"
    lines = ['\ufeff{"process": "a", "type": "invoke", "f": "write", "value": {"x": [1]}, "key": ["k", 1]}', "",
             '{"process": "a", "type": "ok", "f": "write", "extra": 1}\r',
             '{"process": "\\ud800", "type": "invoke", "f": "read", "key": ["k", 1]}',
             '{"process": "\\ud800", "type": "ok", "f": "read", "value": null}']
    file.write_text("\n".join(lines), encoding="utf-8")
    assert main(["check", str(file), "--model", "register"]) == 1
    assert "  lines 1 and 3: a: write(['k', 1], {'x': [1]})" in capsys.readouterr().out


JEPSEN = """
{"process": "nemesis", "type": "info", "f": "start-partition", "value": null, "time": 1000, "index": 0}
{"process": 0, "type": "invoke", "f": "write", "value": 3, "time": 2000, "index": 1}
{"process": "nemesis", "type": "info", "f": "start-partition", "value": [["n1"], ["n2", "n3"]], "time": 3000}
{"process": 0, "type": "info", "f": "write", "value": 3, "time": 5000, "index": 3, "error": "timeout"}
{"process": 5, "type": "invoke", "f": "read", "value": null, "time": 6000, "index": 4}
{"process": 5, "type": "ok", "f": "read", "value": 4, "time": 7000, "index": 5}
"""


def test_what_a_nemesis_did_is_passed_over(tmp_path, capsys):
    file = tmp_path / "jepsen.jsonl"
    file.write_text(JEPSEN)
    assert main(["check", str(file), "--model", "register"]) == 1
    assert capsys.readouterr().out == (
        "violated: process 5 read 4, which nobody wrote\n  lines 6 and 7: 5: read() -> 4\n")


def test_keywords_may_have_kept_their_colons(tmp_path, capsys):
    lines = [('{"process": ":nemesis", "type": ":info", "f": ":kill", "value": [":n1"]}'),
             '{"process": 0, "type": ":invoke", "f": ":txn", "value": [[":append", "x", 1]]}',
             '{"process": 0, "type": ":ok", "f": ":txn", "value": [[":append", "x", 1]]}',
             '{"process": 1, "type": ":invoke", "f": ":txn", "value": [[":r", "x", null]]}',
             '{"process": 1, "type": ":ok", "f": ":txn", "value": [[":r", "x", []]]}']
    file = tmp_path / "converted.jsonl"
    file.write_text("\n".join(lines))
    assert main(["check", str(file), "--model", "list-append"]) == 1
    assert capsys.readouterr().out.startswith("violated: G-single-item-realtime")


def test_the_help_tells_of_every_model(capsys):
    with pytest.raises(SystemExit):
        main(["check", "--help"])
    told = capsys.readouterr().out
    words = [line.split()[0] for line in told.splitlines() if line.startswith("  ")]
    assert [word for word in words if word in command.models()] == command.models()
    assert max(map(len, told.splitlines())) <= 120


def test_standard_input(monkeypatch, capsys):
    text = "\n".join(events(*WRONG["kv"])).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert main(["check", "-", "--model", "kv"]) == 1
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"x")))
    assert main(["check", "-", "--model", "kv"]) == 64
    assert capsys.readouterr().err.startswith("splitbrain check: standard input: line 1: not JSON")


def test_a_file_that_memory_does_not_hold(tmp_path, monkeypatch):
    class Growing:  # what a process really takes depends on what it did before
        rss = 0

        def memory_info(self):
            Growing.rss += 10**6
            return self

    file = tmp_path / "long.jsonl"
    file.write_text("".join(line + "\n" for line in events(*done(0, "write", "1"))) * 500)
    with monkeypatch.context() as patch:
        patch.setattr(history_file, "GLANCE", 100)
        patch.setattr(history_file.psutil, "Process", Growing)
        with pytest.raises(Unreadable, match=r"^line 300: no memory left for what follows \(2 MB are taken\): c"):
            read(str(file), memory=2e6)
        assert len(read(str(file), memory=2e7)) == 500
    monkeypatch.setattr(history_file, "LINE", 40)
    with pytest.raises(Unreadable, match="^line 1: longer than 0 MiB"):
        read(str(file))


def test_an_endless_line(monkeypatch):
    monkeypatch.setattr(history_file, "LINE", 2**20)
    with pytest.raises(Unreadable, match="^line 1: longer than 1 MiB"):
        read("/dev/zero")


def test_a_limit_of_the_process_is_seen():
    assert 0 < free_memory() < 1e15
    code = ("import resource; from splitbrain.history_file import free_memory; "
            "resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30)); print(free_memory() < 2**30)")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "True\n"


def no_memory(*arguments):
    raise MemoryError


def test_when_memory_ends_all_the_same(tmp_path, capsys, monkeypatch):
    file = written(tmp_path, *FINE["kv"])
    with monkeypatch.context() as patch:
        patch.setattr(command, "_judge", no_memory)
        assert main(["check", file, "--model", "kv"]) == 2
        assert capsys.readouterr().out == "unknown: gave up: the memory of this machine is not enough\n"
    monkeypatch.setattr(history_file, "_lines", no_memory)
    assert main(["check", file, "--model", "kv"]) == 64
    assert "does not fit into the memory of this machine" in capsys.readouterr().err
