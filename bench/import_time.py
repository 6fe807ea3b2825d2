"""What ``import splitbrain`` costs over a bare interpreter: whole processes, in turn, medians.

    .venv/bin/python bench/import_time.py
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 21
BOUND = 150


def start(code: str) -> float:
    """Milliseconds from the start to the end of an interpreter that runs `code`."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return (time.perf_counter() - begin) * 1000


def main() -> None:
    programs = {"bare interpreter": "pass", "import splitbrain": "import splitbrain",
                "from splitbrain import Cluster, Node, rpc": "from splitbrain import Cluster, Node, rpc"}
    times: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(ROUNDS):
        for name, code in programs.items():
            times[name].append(start(code))
    bare = statistics.median(times["bare interpreter"])
    print(f"milliseconds, median of {ROUNDS}")
    for name, each in times.items():
        print(f"  {name:42} {statistics.median(each):6.1f}   {statistics.median(each) - bare:+6.1f} over bare")
    print(f"  bound: import splitbrain at most {BOUND} ms over bare")


if __name__ == "__main__":
    main()
