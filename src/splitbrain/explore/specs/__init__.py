"""Small specifications, for `splitbrain.explore.states`."""

from splitbrain.explore.specs.two_phase_commit import two_phase_commit

__all__ = ["two_phase_commit"]
