"""Every test keeps its predictions and progress in a folder of its own, and leaves the user's alone."""

import pytest


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory, monkeypatch):
    home = tmp_path_factory.mktemp("splitbrain-home")
    monkeypatch.setenv("SPLITBRAIN_HOME", str(home))
    return home
