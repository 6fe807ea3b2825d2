"""Everything that was broken is made well again: only then is convergence promised."""

from splitbrain.checkers import convergence, divergence


def mend(cluster, ms=6000):
    """End every fault, start whoever is down, and let some time pass; again, if a planned crash comes in between."""
    for _ in range(5):
        cluster.heal()
        for share in (cluster.loss, cluster.duplicate):
            share(0)
        cluster.reorder(0, 0)
        for name in cluster.names:
            if cluster.state(name) == "crashed":
                cluster.restart(name)
            if cluster.state(name) == "paused":
                cluster.resume(name)
            cluster.slow(name, 0)
        cluster.run(ms)  # long: with stragglers among the messages, most attempts to compare fail
        if all(cluster.state(name) == "up" for name in cluster.names):
            return cluster
    raise AssertionError("some node crashes for ever")


def converges(run):
    """A judge for `fuzz`: once mended, all hold the same."""
    return convergence(mend(run.cluster, 1500))


def apart(cluster, names=None):
    """For how many milliseconds the replicas disagreed about some key, until now."""
    steps = [*divergence(cluster.journal, names), (cluster.now, 0)]
    return sum(after - time for (time, keys), (after, _) in zip(steps, steps[1:], strict=False) if keys)
