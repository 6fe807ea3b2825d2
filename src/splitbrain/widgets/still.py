"""What a saved notebook keeps of a panel: a picture that says how to get the panel itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

_CAPTION = "A still picture of the panel. Run this cell to use the panel itself."


def still(clusters: Sequence) -> dict[str, str]:
    """The clusters as they are, as HTML by mimetype; nothing if they cannot be drawn."""
    from splitbrain.views import topology  # draws with matplotlib, which is slow to import

    try:
        pictures = [replace(topology(cluster), caption=_CAPTION)._repr_html_() for cluster in clusters]
    except Exception:  # a `values` method of a learner's may raise: the panel itself says so, and must appear
        return {}
    return {"text/html": "\n".join(pictures)}
