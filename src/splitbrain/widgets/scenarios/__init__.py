"""The classic failures by name, each a small protocol, a schedule, and what to look for.

>>> scenario("split brain").run().verdict.status
'violated'
"""

from splitbrain.widgets.scenarios.catalogue import SCENARIOS, Scenario, scenario

__all__ = ["SCENARIOS", "Scenario", "scenario"]
