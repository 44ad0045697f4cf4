"""Reads the same images with layer-analyzer, dive, sha256sum and cat in turn, round by round, and
writes each one's wall time, CPU time and memory as JSON.

In turn, because a machine that gets slower or faster during the run then does so for all of them.
A run counts its child's own time and memory only; what the Engine spends for a client is the
Engine's. Memory is measured in the round that warms the page cache, by GNU time: a child of Python
counts Python's own memory until it has become another program.

Usage: layers.py OUT.json ROUNDS FOLDER LAYER_ANALYZER DIVE [IMAGE]

FOLDER holds the archives of benches/make_images.sh. IMAGE is one of the Engine's; without it the
Engine is left out.
"""

import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# dive exits 1 when an image fails its rules, which those made to waste bytes do.
DIVE_EXITS = (0, 1)

# How often the Engine is asked. Chosen: an export can take it a minute, most of which is its own.
ENGINE_ROUNDS_MAX = 2


def check(status: int, command: list[str], exits: tuple[int, ...]) -> None:
    if status not in exits:
        sys.exit(f"layers: `{shlex.join(command)}` failed")


def peak_memory_mib(command: list[str], exits: tuple[int, ...]) -> float:
    """The most memory that a run has resident."""
    with tempfile.NamedTemporaryFile("r") as found:
        timed = ["/usr/bin/time", "--quiet", "--format", "%M", "--output", found.name, *command]
        ended = subprocess.run(timed, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        check(ended.returncode, command, exits)
        return int(found.read().split()[-1]) / 1024


def times(command: list[str], exits: tuple[int, ...]) -> dict[str, float]:
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    check(os.waitstatus_to_exitcode(status), command, exits)
    return {"wall_s": wall, "cpu_s": usage.ru_utime + usage.ru_stime}


def archive_commands(path: Path, ours: str, dive: str) -> dict[str, list[str]]:
    archive = str(path)
    # dive ends at once on OCI layouts: it looks for a manifest of Docker's.
    peer = {} if "." in path.stem else {"dive": [dive, "--ci", f"docker-archive://{archive}"]}
    return {
        "structure": [ours, "analyze", "--verify=never", f"archive:{archive}"],
        "verified": [ours, "analyze", "--verify", f"archive:{archive}"],
        **peer,
        "sha256sum": ["sha256sum", archive],
        "cat": ["cat", archive],
    }


def engine_commands(image: str, ours: str, dive: str) -> dict[str, list[str]]:
    return {
        "from the Engine": [ours, "analyze", f"engine:{image}"],
        "dive": [dive, "--ci", f"docker://{image}"],
        "docker save": ["/usr/bin/docker", "save", image],
    }


def measured(commands: dict[str, list[str]], rounds: int) -> dict[str, dict]:
    def exits(name: str) -> tuple[int, ...]:
        return DIVE_EXITS if name == "dive" else (0,)

    found = {
        name: {"rss_mib": peak_memory_mib(command, exits(name)), "runs": []} for name, command in commands.items()
    }
    for _ in range(rounds):
        for name, command in commands.items():
            found[name]["runs"].append(times(command, exits(name)))
    return found


def main() -> None:
    out, rounds, folder, ours, dive, *images = sys.argv[1:]
    archives = {}
    for path in sorted(Path(folder).glob("rl-*.tar")):
        archives[path.stem] = measured(archive_commands(path, ours, dive), int(rounds))
        # After each, so that a run that is cut off has left something.
        Path(out).write_text(json.dumps(archives, indent=1))
        print(f"layers: {path.stem} is measured", file=sys.stderr)
    for image in images:
        name = f"{image.rpartition('bench-')[2]} from the Engine"
        archives[name] = measured(engine_commands(image, ours, dive), min(int(rounds), ENGINE_ROUNDS_MAX))
        Path(out).write_text(json.dumps(archives, indent=1))


if __name__ == "__main__":
    main()
