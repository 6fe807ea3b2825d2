"""Many runs instead of one: every crash point, random schedules cut down to the smallest, every state of a model."""

from splitbrain.explore.by_hand import by_hand, hand_line
from splitbrain.explore.fuzz import Fuzz, fuzz
from splitbrain.explore.replay import Replay, replay, replay_line
from splitbrain.explore.states import Exploration, Specification, Step, states
from splitbrain.explore.sweep import Case, Sweep, sweep

__all__ = ["Case", "Exploration", "Fuzz", "Replay", "Specification", "Step", "Sweep", "by_hand", "fuzz", "hand_line",
           "replay", "replay_line", "states", "sweep"]
