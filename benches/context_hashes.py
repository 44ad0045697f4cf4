"""Measures what remembered digests save: builds that offer 1 GB in 10,000 files, of which a step takes one.

Three ways in turn, round by round: nothing is remembered (an empty cache folder each time), all is
remembered, and one file of 100 kB has changed since. Prints medians as JSON.

Usage: context_hashes.py BUILD_ORCHESTRATOR ROUNDS
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

FILES = 10_000
BYTES = 100_000
SETTLE_S = 3  # A file that changed less than 2 s ago is not remembered.


def make_context(folder: Path) -> None:
    for index in range(FILES):
        path = folder / f"{index // 100}" / f"{index}"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(os.urandom(BYTES))
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY 0/0 /\n")


def build(tool: str, context: Path, cache: Path) -> dict[str, float]:
    command = [tool, "build", "--quiet", "--file", str(context / "Dockerfile")]
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        env=os.environ | {"XDG_CACHE_HOME": str(cache)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit("context_hashes: the build failed")
    return {"wall_s": wall, "cpu_s": usage.ru_utime + usage.ru_stime}


def main() -> None:
    tool, rounds = sys.argv[1], int(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        context, cache, none = (Path(folder) / name for name in ("context", "cache", "none"))
        context.mkdir()
        make_context(context)
        time.sleep(SETTLE_S)
        build(tool, context, cache)
        runs: dict[str, list[dict[str, float]]] = {"none remembered": [], "all remembered": [], "one changed": []}
        for index in range(rounds):
            shutil.rmtree(none, ignore_errors=True)
            runs["none remembered"].append(build(tool, context, none))
            runs["all remembered"].append(build(tool, context, cache))
            (context / "1" / f"{100 + index % 100}").write_bytes(os.urandom(BYTES))
            runs["one changed"].append(build(tool, context, cache))
            time.sleep(SETTLE_S)
            build(tool, context, cache)
    medians = {
        name: {key: round(median(run[key] for run in times), 3) for key in ("wall_s", "cpu_s")}
        for name, times in runs.items()
    }
    print(json.dumps(medians, indent=1))


if __name__ == "__main__":
    main()
