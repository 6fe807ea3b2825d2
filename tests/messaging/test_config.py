"""Options become directives; those that keep a server private cannot be had."""

import pytest

from splitbrain.messaging.config import directives, listening


def test_defaults_give_way_to_options():
    assert directives({}) == ['save ""', "appendonly no", "repl-diskless-sync-delay 0"]
    assert directives({"save": "60 1", "appendonly": True, "repl_diskless_sync_delay": 5}) == [
        "save 60 1",
        "appendonly yes",
        "repl-diskless-sync-delay 5",
    ]


def test_several_values_are_several_lines():
    assert directives({"save": ["60 1", "300 10"]})[-2:] == ["save 60 1", "save 300 10"]


@pytest.mark.parametrize("name", ["bind", "port", "requirepass", "protected_mode", "PROTECTED_MODE", "dir"])
def test_the_launchers_own_are_refused(name):
    with pytest.raises(ValueError, match="set by the launcher"):
        directives({name: "x"})


@pytest.mark.parametrize("value", ["x\nbind 0.0.0.0", "x\r", "x\0"])
def test_a_value_stays_on_its_line(value):
    with pytest.raises(ValueError, match="one line"):
        directives({"maxmemory": value})
    with pytest.raises(ValueError, match="one line"):
        directives({f"maxmemory {value}": 1})


def test_loopback_and_the_password_always(tmp_path):
    for lines in (listening(password="p", port=7, socket=None), listening(password="p", port=None, socket=tmp_path)):
        assert {"protected-mode yes", "requirepass p", "bind 127.0.0.1"} <= set(lines)
    assert "port 0" in lines
