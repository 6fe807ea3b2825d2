"""A real JupyterLab in a real Chromium, for tests of what a learner sees.

`lab` starts the server once, in folders of its own; `page` opens a tab and fails the test if the console reports an
error; `Book` is a notebook in that tab. Without Chromium the tests are skipped, with a reason; with
``SPLITBRAIN_REQUIRE_BROWSER=1`` they fail instead.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import psutil
import pytest
from playwright.sync_api import expect

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]
SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
}
TOKEN = "tests-of-splitbrain"
expect.set_options(timeout=15_000)  # a busy machine is no failure
HARMLESS = re.compile(r"favicon|ResizeObserver loop|404 \(Not Found\)")


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


class Lab:
    """A JupyterLab that serves `root`; everything it writes is below `folder`."""

    def __init__(self, folder: Path):
        self.root = folder / "root"
        self.folder = folder
        for name in ("root", "settings", "runtime"):
            (folder / name).mkdir()
        for plugin, value in SETTINGS.items():
            path = folder / "settings" / f"{plugin}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(value))
        own = {"JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
               "JUPYTER_RUNTIME_DIR": "runtime", "JUPYTER_DATA_DIR": "data", "JUPYTER_CONFIG_DIR": "config",
               "IPYTHONDIR": "ipython", "SPLITBRAIN_HOME": "home", "XDG_CACHE_HOME": "cache", "XDG_DATA_HOME": "share"}
        self.log = (folder / "log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.port=0", "--ServerApp.ip=127.0.0.1",
             f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={self.root}", "--allow-root"],
            stdout=self.log, stderr=self.log, start_new_session=True,
            env=os.environ | {name: str(folder / value) for name, value in own.items()})

    def address(self) -> str:
        """Wait for the server; its base URL."""
        told = self.folder / "runtime" / f"jpserver-{self.process.pid}.json"
        for _ in range(300):
            if self.process.poll() is not None:
                break
            if told.exists() and (text := told.read_text()).endswith("}"):
                return json.loads(text)["url"]
            time.sleep(0.1)
        raise AssertionError(f"JupyterLab did not start:\n{(self.folder / 'log').read_text()[-2000:]}")

    def stop(self) -> None:
        """End the server, its kernels, and whatever these have started."""
        family = psutil.Process(self.process.pid).children(recursive=True) if self.process.poll() is None else []
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        _, alive = psutil.wait_procs(family, timeout=2)
        for process in alive:
            process.kill()
        self.log.close()


@pytest.fixture(scope="session")
def chromium() -> str:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        if os.environ.get("SPLITBRAIN_REQUIRE_BROWSER") == "1":
            pytest.fail("SPLITBRAIN_REQUIRE_BROWSER=1, but there is no chromium on the PATH")
        pytest.skip("no chromium on the PATH (apt install chromium)")
    return path


@pytest.fixture(scope="session")
def lab(chromium, tmp_path_factory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("lab")
    server = Lab(folder)
    try:
        server.url = server.address()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def browser(chromium):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def tab(browser):
    """A page that collects in `tab.complaints` what its console reports as errors."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000}, reduced_motion="reduce")
    page.set_default_timeout(15_000)
    page.complaints = []
    page.on("console", lambda m: m.type == "error" and not HARMLESS.search(m.text) and page.complaints.append(m.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    page.close()


@pytest.fixture(scope="session")
def axe(tmp_path_factory):
    """The checker of accessibility, axe-core, from npm, outside of the tree."""
    if shutil.which("npm") is None:
        pytest.skip("no npm on the PATH to fetch axe-core with")
    folder = tmp_path_factory.mktemp("axe")
    done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts",
                           "--loglevel=error", "axe-core@4"], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"npm could not fetch axe-core: {done.stderr.strip()[:200]}")
    return folder / "node_modules" / "axe-core" / "axe.min.js"


class Book:
    """A notebook, open in a tab."""

    def __init__(self, tab, lab: Lab, name: str):
        self.tab, self.lab, self.name = tab, lab, name
        tab.goto(f"{lab.url}doc/tree/{name}?token={TOKEN}&reset")
        cells = len(nbformat.read(lab.root / name, 4).cells)
        expect(tab.locator(".jp-Notebook .jp-Cell")).to_have_count(cells, timeout=60_000)  # drawn a few at a time
        # The toolbar's indicator is idle before there is a kernel at all, and a key pressed then is lost.
        tab.get_by_text("| Idle", exact=False).wait_for(timeout=60_000)
        self.wait_until_idle(60)

    @classmethod
    def write(cls, tab, lab: Lab, name: str, *sources: str) -> Book:
        """A new notebook of code cells."""
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources],
                                        metadata={"kernelspec": kernel})
        nbformat.write(book, lab.root / name)
        return cls(tab, lab, name)

    def wait_until_idle(self, seconds: float = 20) -> None:
        self.tab.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=seconds * 1000)

    def cell(self, index: int):
        return self.tab.locator(".jp-Notebook .jp-Cell").nth(index)

    def start(self, index: int):
        """Run a cell without waiting for its end."""
        self.cell(index).locator(".jp-InputPrompt").click()
        self.tab.keyboard.press("Control+Enter")

    def run(self, index: int) -> str:
        """Run a cell; the text that it printed or returned."""
        prompt = self.cell(index).locator(".jp-InputPrompt")
        before = prompt.inner_text()
        self.start(index)
        expect(prompt).not_to_have_text(before)
        expect(prompt).to_have_text(re.compile(r"\[\d+\]"), timeout=20_000)
        return "\n".join(self.cell(index).locator(".jp-OutputArea-output pre").all_inner_texts()).strip()

    def run_all(self, seconds: float = 120) -> None:
        self.cell(0).locator(".jp-InputPrompt").click()
        self.tab.get_by_role("menuitem", name="Run").first.click()
        self.tab.get_by_text("Run All Cells", exact=True).first.click()
        last = self.tab.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt").last
        expect(last).to_have_text(re.compile(r"\[\d+\]"), timeout=seconds * 1000)
        self.wait_until_idle(seconds)

    def errors(self) -> list[str]:
        """What cells wrote as errors, but for those tagged to raise one."""
        cells = nbformat.read(self.lab.root / self.name, 4).cells
        found = []
        for index in (i for i, c in enumerate(cells) if "raises-exception" not in c.metadata.get("tags", ())):
            found += self.cell(index).locator(
                ".jp-RenderedText[data-mime-type='application/vnd.jupyter.error'], "
                ".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']").all_inner_texts()
        return found
