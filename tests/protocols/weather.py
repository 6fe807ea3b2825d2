"""What registers are exposed to: many clients that read and write one key at once, and two kinds of weather."""

from splitbrain import Cluster, Experiment, at, register
from splitbrain.explore import fuzz
from splitbrain.explore.schedules import KINDS
from splitbrain.faults import duplicate

# Many operations at once: with a few, one run in a thousand finds a read that does not write back; so one in ten does.
BUSY = register(clients=8, ops=80, reads=0.7)


def storm(node, *, runs, nodes=3, faults=KINDS, always=(), workload=BUSY, until=None, **options):
    """Fuzz a register: every fault there is, unless you say which."""
    with Cluster(node, nodes=nodes) as cluster:
        return fuzz(Experiment(cluster, workload, always, until), runs=runs, faults=faults, most_operations=80,
                    span=300, progress=False, **options)


def failures(weather, node, runs=60, **options):
    """How many of so many runs go wrong. (Nothing is cut down.)"""
    return weather(node, runs=runs, bad=(), **options).counts.get("violated", 0)


def echoes(node, **options):
    """Every message comes twice, the second time perhaps much later, and nodes crash in between."""
    return storm(node, faults=("crash",), most_faults=3, always=[at(0, duplicate(1.0))], **options)
