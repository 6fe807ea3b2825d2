"""Workloads: what clients ask of a cluster, planned as plain values."""

from splitbrain.workloads.plan import Planned, Workload
from splitbrain.workloads.register import register
from splitbrain.workloads.transactions import append, rw_register

__all__ = ["Planned", "Workload", "append", "register", "rw_register"]
