"""The reliable queue beside raw Streams and beside huey, dramatiq, celery and rq, those of them that are installed.

    make bench            # or: .venv/bin/python bench/queues.py [--quick]

One producer, one consumer process, one server, small jobs. *Rate*: from the first put until the last job is done, the
consumer being ready before. Raw Streams is what redis-py can do with XADD in a pipeline, XREADGROUP and XACK; ours adds
to that all it keeps books on. The two take turns, and the median of each counts. *Paced*: a job every 10 ms, from its
put to its beginning. The peers are no dependencies: ``pip install huey dramatiq[redis] celery[redis] rq``.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import subprocess
import sys
import time

import redis

from splitbrain.messaging.server import start_server
from splitbrain.messaging.streams import ReliableQueue

PEERS = ("huey", "dramatiq", "celery", "rq")
BATCH = 100
PACE, PACED = 0.01, 300
ROUNDS = 5


class Tally:
    """What a consumer's job does: notes how old it is, and tells the producer when all have come."""

    def __init__(self, url: str, jobs: int):
        self.client, self.jobs, self.ages = redis.Redis.from_url(url), jobs, []

    def __call__(self, put_at: float) -> bool:
        self.ages.append(time.time() - put_at)
        if len(self.ages) == self.jobs:
            self.client.lpush("done", json.dumps(self.ages))
        return len(self.ages) >= self.jobs


tally: Tally


def job(put_at: float) -> None:
    """The job as peers know it: by its name in this module."""
    tally(put_at)


def task_of(name: str, url: str):
    """The job in the words of a peer: (how it is put, how a consumer works until it is killed)."""
    if name == "huey":
        from huey import RedisHuey

        huey = RedisHuey("bench", url=url, results=False)
        task = huey.task(name="job")(job)
        return task, huey.create_consumer(workers=1, periodic=False, initial_delay=0.01, max_delay=0.01).run
    if name == "dramatiq":
        import dramatiq
        from dramatiq.brokers.redis import RedisBroker

        broker = RedisBroker(url=url)
        dramatiq.set_broker(broker)
        task = dramatiq.actor(job, actor_name="job", broker=broker)
        return task.send, lambda: (dramatiq.Worker(broker).start(), time.sleep(1e6))
    if name == "celery":
        from celery import Celery

        app = Celery("bench", broker=url.replace("unix://", "redis+socket://"))
        app.conf.update(task_ignore_result=True, worker_hijack_root_logger=False, broker_connection_retry=False)
        task = app.task(name="job")(job)
        return task.delay, lambda: app.worker_main(["worker", "--pool=solo", "-l", "ERROR", "--without-mingle",
                                                    "--without-gossip", "--without-heartbeat"])
    import rq

    connection = redis.Redis.from_url(url)
    queue = rq.Queue("bench", connection=connection)
    return (lambda put_at: queue.enqueue("bench_queue.job", put_at, result_ttl=0),
            lambda: rq.SimpleWorker([queue], connection=connection).work(logging_level="ERROR"))


def consume(name: str, url: str, jobs: int, batch: int) -> None:
    """The consumer process: says that it is ready, and works."""
    global tally
    tally = Tally(url, jobs)
    sys.modules["bench_queue"] = sys.modules["__main__"]  # rq looks for a job by its name, and not in __main__
    client = redis.Redis.from_url(url, decode_responses=True)
    if name in PEERS:
        work = task_of(name, url)[1]
        client.lpush("ready", 1)
        work()
        return
    client.lpush("ready", 1)
    {"raw": consume_raw, "ours": consume_ours}[name](client, batch)


def consume_raw(client, batch: int) -> None:
    client.xgroup_create("raw", "g", id="0", mkstream=True)
    done = False
    while not done:
        answer = client.xreadgroup("g", "c", {"raw": ">"}, count=batch, block=1000)
        for _, entries in answer.items() if isinstance(answer, dict) else answer:
            entries = entries[0] if isinstance(entries[0], list) else entries  # RESP3
            done = [tally(json.loads(fields["body"])) for _, fields in entries][-1]
            client.xack("raw", "g", *(entry for entry, _ in entries))


def consume_ours(client, batch: int) -> None:
    queue, done = ReliableQueue(client, "bench"), False
    while not done:
        if messages := queue.take("c", batch, block=1.0):
            done = [tally(message.body) for message in messages][-1]
            queue.acknowledge(*messages)


def producer(name: str, url: str, batch: int):
    """A function that puts so many jobs."""
    client = redis.Redis.from_url(url, decode_responses=True)
    if name == "raw":
        def put(count: int) -> None:
            with client.pipeline(transaction=False) as pipe:
                for _ in range(count):
                    pipe.xadd("raw", {"body": json.dumps(time.time())})
                pipe.execute()
        return put
    if name == "ours":
        queue = ReliableQueue(client, "bench")
        return lambda count: queue.put_many([time.time() for _ in range(count)])
    send = task_of(name, url)[0]
    return lambda count: [send(time.time()) for _ in range(count)]


def run(name: str, url: str, jobs: int, *, batch: int = 1, take: int = 0,
        pace: float = 0.0) -> tuple[float, list[float]]:
    """(jobs a second, ages in seconds) of one run on an empty server: `batch` put at once, `take` taken."""
    client = redis.Redis.from_url(url, socket_timeout=None)  # by itself, 5 s
    client.flushall()
    command = [sys.executable, __file__, "--consumer", name, url, str(jobs), str(take or batch)]
    consumer = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        if not client.brpop("ready", timeout=60):
            raise SystemExit(f"the consumer of {name} did not come up")
        time.sleep(2.0 if name in PEERS else 0.1)  # workers that subscribe after they have begun
        put, begin = producer(name, url, batch), time.perf_counter()
        for number in range(0, jobs, batch):
            if pace:
                time.sleep(max(0.0, begin + number * pace - time.perf_counter()))
            put(min(batch, jobs - number))
        told = client.brpop("done", timeout=600)
        if not told:
            raise SystemExit(f"{name} did not finish {jobs} jobs in 600 s")
        return jobs / (time.perf_counter() - begin), json.loads(told[1])
    finally:
        consumer.kill()
        consumer.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the jobs")
    jobs = 2_000 if parser.parse_args().quick else 20_000
    peers = [name for name in PEERS if importlib.util.find_spec(name)]
    print(f"jobs a second, {jobs:,} jobs, one producer, one consumer process")
    with start_server(transport="unix") as server:
        rates = {}
        for batch in (1, 10, BATCH):
            found = {"raw": [], "ours": []}
            for _ in range(ROUNDS):
                for name, some in found.items():
                    some.append(run(name, server.url, jobs, batch=batch)[0])
            rates |= {(name, batch): statistics.median(some) for name, some in found.items()}
            raw, ours = rates["raw", batch], rates["ours", batch]
            print(f"  batch {batch:3}: raw Streams {raw:7,.0f}, the reliable queue {ours:7,.0f}, {ours / raw:.2f} of it"
                  " (at least 0.60)")
        print("  put one by one, taken up to 10 at once; the peers as they come")
        rate = statistics.median(run("ours", server.url, jobs, take=10)[0] for _ in range(ROUNDS))
        print(f"    ours      {rate:7,.0f}")
        for name in peers:
            theirs = run(name, server.url, jobs)[0]
            print(f"    {name:9} {theirs:7,.0f}; ours {rate / theirs:.1f} times that (more than 1.0)")
        print(f"paced, a job every {PACE * 1000:g} ms, {PACED} jobs: ms from put to work, p50 and p99")
        for name in ("raw", "ours", *peers):
            ages = sorted(run(name, server.url, PACED, pace=PACE)[1])
            print(f"  {name:9} {1000 * ages[len(ages) // 2]:6.2f} {1000 * ages[len(ages) * 99 // 100]:6.2f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--consumer"]:
        consume(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
    else:
        main()
