"""Two clusters side by side, under the same faults and the same operations."""

from __future__ import annotations

from typing import Any

import ipywidgets

from splitbrain.errors import Misuse
from splitbrain.widgets.panel import Panel
from splitbrain.widgets.still import still


class Comparison(ipywidgets.HBox):
    """Panels that are driven together: what is done in one is done to the clusters of all."""

    def __init__(self, panels: list[Panel]):
        self.panels = panels
        for panel in panels:
            panel.together = panels
        super().__init__(panels, layout=ipywidgets.Layout(width="100%"))
        self.add_class("sb-comparison")

    def _repr_mimebundle_(self, **kwargs: Any) -> dict:
        data = super()._repr_mimebundle_(**kwargs)
        return data | still([panel.cluster for panel in self.panels])

    def __repr__(self) -> str:
        return "\n".join(f"{panel.title}: {panel!r}" for panel in self.panels)


def compare(*clusters, titles: tuple[str, ...] = (), variables: tuple[str, ...] = ("a", "b"),
            **options: Any) -> Comparison:
    """Show two clusters side by side. Whatever is done in either panel is done to both, at the same virtual time.

    Parameters
    ----------
    *clusters : Cluster
        Two, with the same names of nodes.
    titles : tuple of str
        What each is called: ``("CP", "AP")``. By default the names of their nodes' classes.
    variables : tuple of str
        What each is called in the code that is shown.
    **options
        For both `Panel`.

    Raises
    ------
    Misuse
        If it is not two clusters of the same names.

    Examples
    --------
    >>> from splitbrain import Cluster, Node
    >>> both = compare(Cluster(Node, nodes=2), Cluster(Node, nodes=2), titles=("CP", "AP"))
    >>> both.panels[1].wish({"action": "crash", "nodes": ["n2"]})
    >>> both
    CP: Panel at 0.0 ms: n1 up; n2 crashed. The databases are empty.
    AP: Panel at 0.0 ms: n1 up; n2 crashed. The databases are empty.
    """
    if len(clusters) != 2 or len({tuple(cluster.names) for cluster in clusters}) != 1:
        raise Misuse("compare wants two clusters whose nodes have the same names")
    titles = titles or tuple(type(cluster[cluster.names[0]]).__name__ for cluster in clusters)
    return Comparison([Panel(cluster, title=title, variable=variable, scenarios=False, **options)
                       for cluster, title, variable in zip(clusters, titles, variables, strict=True)])
