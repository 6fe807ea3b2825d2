"""The page without a browser: what it was told, and what its modules make of it, by Node."""

import json
import shutil
import subprocess

import pytest

from splitbrain.widgets import panel
from splitbrain.widgets.bundle import bundle

HERE = panel._HERE
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="no node on the PATH")


def run_node(script, *flags):
    command = ["node", "--input-type=module", *flags]
    done = subprocess.run(command, input=script, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Page:
    """Remembers all news of a panel; `ask` evaluates JavaScript where ``reel``, ``snapshot`` and ``setup`` are."""

    def __init__(self, shown):
        self.panel = shown
        self.news = [shown.news]
        shown.observe(lambda change: self.news.append(change.new), "news")

    def ask(self, expression, news=None):
        modules = [bundle(HERE / "js" / f"{name}.js") for name in ("reel", "look", "film", "geometry", "drag")]
        told = {"news": self.news if news is None else news, "snapshot": self.panel.snapshot, "setup": self.panel.setup}
        return json.loads(run_node("\n".join([
            *modules[:4], modules[4], f"const told = {json.dumps(told)};", "const {snapshot, setup} = told;",
            "const reel = new Reel();", "const taken = told.news.map((n) => reel.take(n));",
            f"console.log(JSON.stringify({expression}));"])))
