"""Many runs instead of one: every crash point, random schedules cut down to the smallest, every state of a model."""

from splitbrain.explore.states import Exploration, Specification, Step, states

__all__ = ["Exploration", "Specification", "Step", "states"]
