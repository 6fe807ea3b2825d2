"""How quickly the panel answers, in a real JupyterLab in Chromium: a click, a scrub through a long run, a step.

    make bench            # or: .venv/bin/python bench/panel.py

- From a click on a link of a cluster of five nodes to the frame in which it is drawn as cut, through the kernel and
  back: 95 of 100 are to take less than 100 ms.
- One frame while somebody drags the slider through a journal of 10,000 events, cluster and space-time diagram and all,
  layout included: half of them are to take less than 16 ms.
- What one step sends to the page, early and late in a run of 10,000 events: the same.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.browser.conftest import FLAGS, Book, Lab
from tests.browser.panels import REGISTER

EVENTS = 10_000
RUN = """
import json
cluster = Cluster(Register, nodes=5, seed=7)
panel = Panel(cluster)
panel
"""
LONG = f"""
sizes = []
for i in range(10**6):
    if len(cluster.journal) >= {EVENTS}: break
    cluster.client(f"n{{i % 5 + 1}}").put("x", i % 10)
    panel.refresh()
    sizes.append((len(cluster.journal), len(json.dumps(panel.news)) + len(json.dumps(panel.snapshot))))
print(json.dumps(sizes))
"""
CLICKS = """async (panel) => {
  const link = panel.querySelector('.sb-link');
  const took = [];
  for (let i = 0; i < 60; i++) {
    const before = link.dataset.cut;
    const begun = performance.now();
    link.dispatchEvent(new MouseEvent('click', {bubbles: true}));
    while (link.dataset.cut === before) await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    took.push(performance.now() - begun);
    await new Promise((done) => setTimeout(done, 60));
  }
  return took;
}"""
SCRUB = """async (panel) => {
  const range = panel.querySelector('input[name=moment]');
  const events = Number(range.max);
  const took = [];
  for (let i = 0; i < 400; i++) {
    let begun = 0;
    await new Promise((done) => {
      requestAnimationFrame(() => { begun = performance.now(); });
      range.value = Math.round(events * (i < 200 ? i / 200 : Math.abs(Math.sin(i))));
      range.dispatchEvent(new Event('input'));
      requestAnimationFrame(() => { panel.getBoundingClientRect(); took.push(performance.now() - begun); done(); });
    });
  }
  return [events, took];
}"""


def share(numbers: list[float], part: float) -> float:
    """The number below which this part of them lies."""
    return sorted(numbers)[min(int(len(numbers) * part), len(numbers) - 1)]


def measure(page, lab: Lab) -> tuple[list[float], int, list[float], list[list[int]]]:
    """Clicks in ms, events, frames in ms, and (events so far, bytes sent) of every step."""
    book = Book.write(page, lab, "bench.ipynb", REGISTER, RUN, LONG)
    for cell in (0, 1):
        book.run(cell)
    panel = book.cell(1).locator(".sb-panel")
    panel.wait_for()
    clicks = panel.evaluate(CLICKS)
    book.start(2)
    book.wait_until_idle(300)
    output = book.cell(2).locator(".jp-OutputArea-output pre")
    output.wait_for(timeout=300_000)
    page.wait_for_timeout(3000)  # until the page has heard it all
    events, frames = panel.evaluate(SCRUB)
    return clicks, events, frames, json.loads(output.inner_text())


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        print("no chromium on the PATH: nothing measured")
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, sync_playwright() as playwright:
        lab = Lab(Path(folder))
        try:
            lab.url = lab.address()
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            page = browser.new_page(viewport={"width": 1280, "height": 1300}, reduced_motion="reduce")
            clicks, events, frames, steps = measure(page, lab)
            browser.close()
        finally:
            lab.stop()
    early = [size for at, size in steps if 500 <= at < 1500]
    late = [size for at, size in steps if at >= EVENTS - 1000]
    for what, numbers, bound in (("from a click to its frame, 5 nodes", clicks, "95 of 100 under 100 ms"),
                                 (f"a frame of scrubbing {events:,} events", frames, "half of them under 16 ms")):
        print(f"{what:38} median {statistics.median(numbers):5.1f} ms, 95 of 100 within {share(numbers, 0.95):5.1f} ms"
              f"   ({bound})")
    sizes = [f"{statistics.mean(size):,.0f} around event {at:,}" for size, at in ((early, 1000), (late, EVENTS))]
    print(f"{'bytes that a step sends':38} {', '.join(sizes)}   (the same)")


if __name__ == "__main__":
    main()
