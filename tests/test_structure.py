"""The shape of the code: imports point one way, and a file is one idea."""

import ast
from collections import defaultdict
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "splitbrain"
FILES = sorted(SOURCE.rglob("*.py"))

# Plain values, and what looks at them: these know nothing of the simulator.
ONLY = {
    "records": set(), "watchdog": set(), "errors": set(), "plain": set(), "latency": set(), "faults": {"latency"},
    "checkers": {"records"}, "views": {"records"}, "workloads": {"records"}, "messaging": {"faults", "records"},
    "theory": {"latency", "protocols"},
    "storage": {"errors"}, "clock": {"errors", "futures"}, "network": {"clock", "errors", "latency", "records"},
}
# From the bottom up: whatever is here imports only what stands to its left, or is named above.
# Widgets show what theory says of a protocol, so they come after both; neither knows of a cluster.
ORDER = ["futures", "clock", "network", "storage", "pool", "process", "waits", "node", "protocols", "theory", "client",
         "guard", "layout", "injection", "cluster", "experiment", "explore", "widgets", "course"]


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


def public(tree: ast.Module):
    """Functions, classes and methods that are offered: none within a function, none that begins with an underscore."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name[0] != "_":
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node)


def test_what_is_offered_is_explained():
    """Modules always; classes and functions unless they are a few lines, or the `main` of a program."""
    silent = []
    for path in FILES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if not ast.get_docstring(tree):
            silent.append(str(path.relative_to(SOURCE)))
        silent += [f"{path.relative_to(SOURCE)}: {node.name}" for node in public(tree)
                   if not ast.get_docstring(node) and node.end_lineno - node.lineno > 12 and node.name != "main"]
    assert silent == []


def test_no_file_names_a_registry_or_a_machine_of_ours():
    root = SOURCE.parents[1]
    hosts = ["pypi" + ".org", "pythonhosted" + ".org", "conda." + "anaconda" + ".org", "registry." + "npmjs"]
    files = [p for folder in ("src", "tests", "bench", "docs") for p in (root / folder).rglob("*")]
    files += [p for p in root.iterdir() if p.suffix in {".md", ".toml", ".txt", ".yml", ""} and p.is_file()]
    texts = {p: p.read_text(encoding="utf-8", errors="ignore") for p in files if p.is_file() and p.suffix != ".pyc"}
    assert [str(p.relative_to(root)) for p, text in texts.items() if any(host in text for host in hosts)] == []
