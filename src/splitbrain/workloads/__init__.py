"""Workloads: what clients ask of a cluster, planned as plain values."""

from splitbrain.workloads.plan import Planned, Workload
from splitbrain.workloads.register import register

__all__ = ["Planned", "Workload", "register"]
