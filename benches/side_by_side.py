"""Runs commands in turn, round by round, and writes each one's wall and CPU times as JSON.

In turn, because a machine that gets slower or faster during the run then does so for all of them.

Usage: side_by_side.py OUT.json ROUNDS NAME=COMMAND NAME=COMMAND…
"""

import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

WARM_UP_ROUNDS = 3


def run(command: list[str]) -> dict[str, float]:
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"side_by_side: `{shlex.join(command)}` failed")
    return {
        "wall_s": wall,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "rss_mib": usage.ru_maxrss / 1024,
    }


def main() -> None:
    out, rounds, *named = sys.argv[1:]
    commands = {name: shlex.split(text) for name, _, text in (item.partition("=") for item in named)}
    for _ in range(WARM_UP_ROUNDS):
        for command in commands.values():
            run(command)
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in commands}
    for _ in range(int(rounds)):
        for name, command in commands.items():
            runs[name].append(run(command))
    Path(out).write_text(json.dumps(runs, indent=1))


if __name__ == "__main__":
    main()
