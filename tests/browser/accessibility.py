"""An automated audit of accessibility, by axe-core, in both themes."""

from playwright.sync_api import expect


def serious(part):
    """What is wrong with a part of the page in which axe-core has been loaded, where it matters."""
    found = part.evaluate("async (part) => (await axe.run(part)).violations.map((v) => "
                          "[v.impact, v.id, v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200))])")
    return [violation for violation in found if violation[0] in ("serious", "critical")]


def set_theme(book, name):
    book.tab.get_by_role("menuitem", name="Settings", exact=True).click()
    book.tab.get_by_text("Theme", exact=True).first.hover()
    book.tab.get_by_text(f"JupyterLab {name}", exact=True).click()
    expect(book.tab.locator("body")).to_have_attribute("data-jp-theme-light", "true" if name == "Light" else "false")
