"""No test, and no notebook that pytest runs (nbval), meets the predictions and progress of whoever runs it."""

import os
import shutil
import tempfile

import pytest

_folder = pytest.StashKey[str]()


def pytest_configure(config):
    config.stash[_folder] = tempfile.mkdtemp(prefix="splitbrain-tests-")
    os.environ["SPLITBRAIN_HOME"] = config.stash[_folder]


def pytest_unconfigure(config):
    shutil.rmtree(config.stash.get(_folder, ""), ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """A notebook's kernel starts in an empty home of its own, as when it was stored: lesson 00 shows progress."""
    if item.path.suffix == ".ipynb":
        home = os.path.join(item.config.stash[_folder], item.path.parent.name, item.path.stem)
        os.environ.update(SPLITBRAIN_HOME=home, IPYTHONDIR=home, JUPYTER_CONFIG_DIR=home)
