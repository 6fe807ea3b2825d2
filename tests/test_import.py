"""``import splitbrain`` brings nothing heavy; each library comes when it is first used."""

import subprocess
import sys

import pytest

HEAVY = {"anywidget", "apsw", "hypothesis", "ipywidgets", "matplotlib", "networkx", "numpy", "redis", "sqlite_utils"}


def modules_after(code: str) -> set[str]:
    program = f"import sys\n{code}\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(run.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("code", [
    "import splitbrain",
    "from splitbrain import Cluster, Node, rpc, Experiment, at, partition, heal, uniform",
    "import splitbrain.views, splitbrain.checkers, splitbrain.workloads, splitbrain.messaging, splitbrain.explore",
])
def test_nothing_heavy_is_imported_before_it_is_used(code):
    found = modules_after(code)
    assert "splitbrain" in found
    assert not found & HEAVY


def test_a_database_brings_sqlite_utils_and_no_more():
    found = modules_after("from splitbrain import Cluster, Node\nCluster(Node, nodes=1)['n1'].db.table_names()")
    assert found & HEAVY - {"numpy"} == {"sqlite_utils"}  # which takes numpy along where it is installed


def test_every_name_that_is_offered_is_there():
    import splitbrain

    missing = [name for name in splitbrain.__all__ if not hasattr(splitbrain, name)]
    assert not missing
    with pytest.raises(AttributeError, match="no attribute 'Clustre'"):
        splitbrain.Clustre  # noqa: B018
