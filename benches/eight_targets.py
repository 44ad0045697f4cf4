"""Builds a project of eight independent targets from nothing, through build-orchestrator, through
docker-compose and through docker's own client one after another, in turn, and writes the times as JSON.

Each target copies a folder and runs two steps that compute: real work, of a different length in each.
A build argument that is new in every run keeps all of them out of the cache.

Usage: eight_targets.py OUT.json ROUNDS BUILD_ORCHESTRATOR BUSYBOX
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TARGETS = 8

DOCKERFILE = """\
FROM scratch AS builder
ARG RUN_ID
COPY busybox /bin/busybox
COPY input /input
RUN ["/bin/busybox", "sh", "-c", "/bin/busybox seq 1 {work} | /bin/busybox gzip -9 > /numbers.gz; echo $RUN_ID"]
RUN ["/bin/busybox", "sh", "-c", "/bin/busybox seq 1 {work} | /bin/busybox sha256sum > /sum; echo $RUN_ID"]
FROM scratch
COPY --from=builder /numbers.gz /sum /
"""


def make_project(folder: Path, busybox: str) -> None:
    services = ['version: "3.8"', "services:"]
    for number in range(1, TARGETS + 1):
        name = f"target{number}"
        (folder / name / "input").mkdir(parents=True)
        shutil.copy(busybox, folder / name / "busybox")
        for file in range(20):
            (folder / name / "input" / f"{file}.txt").write_text(f"{name} {file}\n" * 1000)
        (folder / name / "Dockerfile").write_text(DOCKERFILE.format(work=400_000 + 150_000 * number))
        services += [
            f"  {name}:",
            f"    image: lucid-bench/{name}",
            "    build:",
            f"      context: {name}",
            "      args: [RUN_ID]",
        ]
    (folder / "compose.yml").write_text("\n".join(services) + "\n")


def run(commands: list[list[str]], folder: Path, run_id: str) -> tuple[dict[str, float], bytes]:
    environment = {
        **os.environ,
        # docker-compose 1.29 calls the first `docker`, which has to be one that can build with BuildKit.
        "PATH": f"/usr/bin:{os.environ['PATH']}",
        "RUN_ID": run_id,
        "DOCKER_BUILDKIT": "1",
        "COMPOSE_DOCKER_CLI_BUILD": "1",
    }
    started = time.perf_counter()
    cpu = 0.0
    stdout = b""
    for command in commands:
        with tempfile.TemporaryFile() as out:
            process = subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            if os.waitstatus_to_exitcode(status) != 0:
                sys.exit(f"eight_targets: {command} failed")
            out.seek(0)
            stdout += out.read()
        cpu += usage.ru_utime + usage.ru_stime
    wall = time.perf_counter() - started
    return {"wall_s": wall, "cpu_s": cpu}, stdout


def bounds(report: bytes) -> dict[str, float]:
    """What our own report says a build cannot be faster than, in seconds."""
    data = json.loads(report.splitlines()[-1])["data"]
    path_ms = sum(link["duration_ms"] for link in data["critical_path"])
    work_ms = data["totals"]["step_duration_ms"]
    return {"critical_path_s": path_ms / 1000, "steps_by_slots_s": work_ms / 1000 / data["parallel_max"]}


def main() -> None:
    out, rounds, ours, busybox = sys.argv[1:]
    names = [f"target{number}" for number in range(1, TARGETS + 1)]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make_project(folder, busybox)
        ours = str(Path(ours).resolve())
        peers = {
            "build-orchestrator": [[ours, "build", "--quiet", "--format", "json"]],
            "docker-compose build": [["docker-compose", "--file", "compose.yml", "build", "--quiet"]],
            "docker build, in sequence": [
                ["/usr/bin/docker", "build", "--quiet", "--build-arg", "RUN_ID", "--tag", f"lucid-bench/{name}", name]
                for name in names
            ],
        }
        runs: dict[str, list[dict[str, float]]] = {name: [] for name in peers}
        for number in range(int(rounds)):
            for name, commands in peers.items():
                times, stdout = run(commands, folder, f"{time.time_ns()}")
                if name == "build-orchestrator":
                    times |= bounds(stdout)
                runs[name].append(times)
    subprocess.run(["docker", "rmi", "--force", *(f"lucid-bench/{name}" for name in names)], stdout=subprocess.DEVNULL)
    Path(out).write_text(json.dumps(runs, indent=1))


if __name__ == "__main__":
    main()
