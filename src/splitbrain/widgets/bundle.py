"""Several small JavaScript modules as the single one that a widget is given; no build step, no tools.

The modules use one form only: named imports from relative paths, and exports before a declaration. Their
top-level names are therefore joined in one scope, and have to differ.
"""

from __future__ import annotations

import re
from pathlib import Path

_IMPORT = re.compile(r'^import \{[^}]*\} from "(\.[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)


def bundle(entry: Path) -> str:
    """The text of a module after that of all it imports, each once."""
    parts: dict[Path, str] = {}
    _collect(entry.resolve(), parts)
    return "\n".join(parts.values())


def _collect(path: Path, parts: dict[Path, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for relative in _IMPORT.findall(text):
        imported = (path.parent / relative).resolve()
        if imported not in parts:
            _collect(imported, parts)
    parts[path] = _EXPORT.sub("", _IMPORT.sub("", text))
