"""The shape of the code: imports point one way, and a file is one idea."""

import ast
from collections import defaultdict
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "splitbrain"
FILES = sorted(SOURCE.rglob("*.py"))

# Plain values, and what looks at them: these know nothing of the simulator.
ONLY = {
    "records": set(), "watchdog": set(), "errors": set(), "plain": set(), "latency": set(), "faults": {"latency"},
    "checkers": {"records"}, "views": {"records"}, "workloads": {"records"}, "messaging": {"records"},
    "storage": {"errors"}, "clock": {"errors", "futures"}, "network": {"clock", "errors", "latency", "records"},
}
# From the bottom up: whatever is here imports only what stands to its left, or is named above.
ORDER = ["futures", "clock", "network", "storage", "process", "waits", "node", "client", "guard", "layout", "injection",
         "cluster", "experiment", "explore", "widgets", "course"]


def imports(tree: ast.AST) -> set[str]:
    """Names of ours that are imported, from within functions too, but not for type checkers only."""
    found = set()
    typing_only = [n for n in ast.walk(tree) if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.dump(n.test)]
    skipped = {id(inner) for block in typing_only for inner in ast.walk(block)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "splitbrain":
            rest = node.module.split(".")[1:]
            found |= {rest[0]} if rest else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("splitbrain.")}
    return found


def parts() -> dict[str, set[str]]:
    """What each file or folder directly under `splitbrain` imports of the others."""
    found = defaultdict(set)
    for path in FILES:
        part = path.relative_to(SOURCE).parts[0].removesuffix(".py")
        found[part] |= imports(ast.parse(path.read_text(encoding="utf-8"))) - {part}
    return found


def test_the_reader_of_imports_reads():
    tree = ast.parse("from splitbrain.node import rpc\n"
                     "def f():\n    import splitbrain.views\n    from splitbrain import at")
    assert imports(tree) == {"node", "views", "at"}


def test_plain_values_and_those_who_look_at_them_know_nothing_of_the_simulator():
    found = parts()
    assert {part: found[part] - allowed for part, allowed in ONLY.items() if found[part] - allowed} == {}


def test_imports_point_one_way():
    found = parts()
    against = {part: sorted(found[part] & set(ORDER[place:])) for place, part in enumerate(ORDER)}
    assert {part: names for part, names in against.items() if names} == {}


def test_nothing_imports_the_course():
    assert [part for part, names in parts().items() if "course" in names and part != "course"] == []


def test_a_file_is_one_idea():
    long = {str(p.relative_to(SOURCE)): n for p in FILES if (n := p.read_text(encoding="utf-8").count("\n")) > 400}
    assert long == {}
