"""Runs with a bit of everything, for tests that compare what is shown with what is so."""

import random
from contextlib import suppress

from splitbrain import Misuse, Refused, RpcError, RpcTimeout, mixture, uniform


def acts(cluster, seed, count=40):
    """Do whatever a learner may do, at random; yields after each act."""
    draw = random.Random(seed)
    for number in range(count):
        a, b = draw.sample(cluster.names, 2)
        act = draw.choice([
            cluster.step, cluster.step, lambda: cluster.run(draw.choice([1, 2, 3.5])), lambda: cluster.run(30),
            lambda a=a, b=b: cluster.cut(a, b, one_way=draw.random() < 0.5), lambda a=a, b=b: cluster.heal(a, b),
            cluster.heal, lambda a=a: cluster.partition(a), lambda a=a, b=b: cluster.partition(f"{b} {a}"),
            lambda a=a: cluster.isolate(a), lambda a=a: cluster.crash(a, kind=draw.choice(["process", "power"])),
            lambda a=a: cluster.restart(a), lambda a=a: cluster.restart(a), lambda a=a: cluster.pause(a),
            lambda a=a: cluster.resume(a), lambda a=a: cluster.slow(a, draw.choice([0, 3])),
            lambda a=a: cluster.skew(a, 5, rate=draw.choice([1.0, 1.5])),
            lambda a=a, b=b: cluster.latency(draw.choice([uniform(1, 9), mixture((1, uniform(2, 3)))]), a, b),
            lambda a=a, n=number: cluster.client(a).start("put", "x", n),
            lambda a=a, n=number: cluster.client(a).put("y", n), lambda a=a: cluster.client(a).get("x"),
            lambda a=a: setattr(cluster[a], "role", draw.choice(["leader", "follower"])),
            lambda a=a: cluster[a].log("hello"), lambda: single(cluster, draw)])
        with suppress(Misuse, Refused, RpcError, RpcTimeout):
            act()
        yield number


def single(cluster, draw):
    """Do something to one message that is on its way."""
    flying = [m for m, _, _ in cluster.in_flight()]
    if flying:
        m = draw.choice(flying)
        getattr(cluster, draw.choice(["drop", "deliver", "repeat"]))(m.operation, m.source, m.target)
