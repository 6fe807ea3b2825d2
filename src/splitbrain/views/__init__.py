"""Pictures of records: what happened, drawn, and said in words."""

from splitbrain.views.curves import curves
from splitbrain.views.dependency_graph import dependency_graph
from splitbrain.views.distribution import distribution
from splitbrain.views.heat_map import heat_map
from splitbrain.views.message_trace import message_trace
from splitbrain.views.picture import Picture
from splitbrain.views.space_time import space_time
from splitbrain.views.timeline import timeline
from splitbrain.views.topology import topology

__all__ = [
    "Picture", "curves", "dependency_graph", "distribution", "heat_map", "message_trace", "space_time", "timeline",
    "topology",
]
