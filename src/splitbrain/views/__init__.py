"""Pictures of records: what happened, drawn, and said in words."""

from splitbrain.views.heat_map import heat_map
from splitbrain.views.picture import Picture

__all__ = ["Picture", "heat_map"]
