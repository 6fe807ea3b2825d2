"""How tests of the panel see it and touch it."""

import json

from playwright.sync_api import expect

REGISTER = """
from splitbrain import Cluster, Node, Panel, constant, rpc
class Register(Node):
    def setup(self):
        self.db["register"].create({"key": str, "value": int}, pk="key")
    @rpc
    async def put(self, key, value):
        self.write(key, value)
        for peer in self.peers:
            self.send(peer, "copy", key, value)
    @rpc
    async def copy(self, key, value):
        self.write(key, value)
    @rpc
    async def get(self, key):
        row = self.db.execute("SELECT value FROM register WHERE key = ?", (key,)).fetchone()
        return row and row[0]
    def write(self, key, value):
        with self.transaction():
            self.db.execute("INSERT OR REPLACE INTO register VALUES (?, ?)", (key, value))
"""
# What the journal in the kernel says of every moment, from `moment` alone.
MOMENTS = """
import json
from splitbrain.widgets.moment import flying, moment
def told(cluster, position):
    then = moment(cluster, position)
    time = cluster.now if position == len(cluster.journal) else then.time
    return {"states": {n: seen.state for n, seen in then.nodes.items()}, "time": time,
            "roles": {n: seen.role for n, seen in then.nodes.items()},
            "rows": {n: [[str(k), str(v)] for k, v in seen.values.items()] if seen.state != "crashed" else []
                     for n, seen in then.nodes.items()},
            "cut": {f"{a} {b}": [then.is_cut(a, b), then.is_cut(b, a)] for a, b in cluster.links},
            "flying": flying(cluster.journal, position),
            "told": {n: f"{a['client']}: {a['text']}" for n, a in then.answers.items()}}
print(json.dumps([told(panel.cluster, p) for p in range(len(panel.cluster.journal) + 1)]))
"""
_READ = """async (panel) => {
  const text = (e) => e.textContent;
  const all = (from, what) => [...from.querySelectorAll(what)];
  const cuts = {none: [false, false], both: [true, true], there: [true, false], back: [false, true]};
  const read = () => ({
    states: Object.fromEntries(all(panel, '.sb-node').map((n) => [n.dataset.node, n.dataset.state])),
    roles: Object.fromEntries(all(panel, '.sb-node').map((n) => [n.dataset.node, text(n.querySelector('.sb-role'))])),
    rows: Object.fromEntries(all(panel, '.sb-node').map((n) => [n.dataset.node,
      all(n, '.sb-row').map((r) => all(r, 'text').map((t) => text(t).replace('≠ ', '')))])),
    cut: Object.fromEntries(all(panel, '.sb-link').map((l) => [l.dataset.link, cuts[l.dataset.cut]])),
    flying: all(panel, '.sb-message:not([data-lost=true])').map((m) => Number(m.dataset.flight)).sort((a, b) => a - b),
    told: Object.fromEntries(all(panel, '.sb-answer:not([data-status=none])')
      .map((a) => [a.dataset.client, text(a.querySelector('text'))])),
    time: text(panel.querySelector('.sb-clock b')),
  });
  const range = panel.querySelector('input[name=moment]');
  const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const seen = [];
  for (let position = 0; position <= Number(range.max); position++) {
    range.value = position;
    range.dispatchEvent(new Event('input'));
    await frame();
    seen.push(read());
  }
  return seen;
}"""


def moments(panel) -> list[dict]:
    """What the page shows, position by position, as somebody sees it who drags the slider through the whole run."""
    return panel.evaluate(_READ)


def link(panel, name="n1 n2"):
    return panel.locator(f"[data-link='{name}']")


def node(panel, name):
    return panel.locator(f".sb-node[data-node='{name}']")


def click_link(panel, name="n1 n2"):
    """On its middle third, where no cross or word lies above another link."""
    link(panel, name).locator(".sb-hit").click(force=True)


def press(panel, name):
    """A button of the controls."""
    panel.locator(f".sb-controls button[data-do='{name}']").click()


def choose(panel, name):
    """One of the things that can be done to what was chosen."""
    panel.locator(f".sb-choices button[data-do='{name}']").click()


def tab_to(book, selector, *, back=False):
    """Press Tab, as somebody without a mouse does, until the focus is there."""
    for _ in range(70):
        book.tab.keyboard.press("Shift+Tab" if back else "Tab")
        if book.tab.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"Tab never came to {selector}")


def type_into(book, selector, text, **where):
    tab_to(book, selector, **where)
    book.tab.keyboard.press("Control+a")
    book.tab.keyboard.type(text)


def compare_with_journal(book, panel, cell):
    """What the page shows at every moment is what the kernel's journal says; the run is not trivial."""
    told = json.loads(book.run(cell))
    shown = moments(panel)
    assert len(shown) == len(told)
    for position, (seen, right) in enumerate(zip(shown, told, strict=True)):
        clock = float(seen.pop("time").removesuffix(" ms").replace(",", ""))
        assert abs(clock - right.pop("time")) < 0.0501, "the page shows one decimal"
        wrong = {what: (seen[what], right[what]) for what in right if seen[what] != right[what]}
        assert not wrong, f"at position {position}"
    panel.locator("button[data-do='now']").click(force=True)
    expect(panel.locator(".sb-past")).to_be_hidden()
    return told
