"""Writes docs/benchmarks.md from the JSON files that scripts/bench.sh left in the folder named."""

import json
import platform
import subprocess
import sys
from pathlib import Path
from statistics import median


def output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def comparison(path: Path) -> str:
    """A table of all commands of one file, with the first one's ratio to each of the others."""
    runs = json.loads(path.read_text())
    first, *_ = runs.values()
    lines = [
        "| | wall, median | wall, min to max | CPU, median | memory, peak | our wall / its | our CPU / its |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, times in runs.items():
        wall, cpu = ([run[key] for run in times] for key in ("wall_s", "cpu_s"))
        wall_ratio = median(run["wall_s"] for run in first) / median(wall)
        cpu_ratio = median(run["cpu_s"] for run in first) / median(cpu)
        lines.append(
            f"| {name} | {median(wall) * 1000:.0f} ms | {min(wall) * 1000:.0f} to {max(wall) * 1000:.0f} ms "
            f"| {median(cpu) * 1000:.1f} ms | {max(run['rss_mib'] for run in times):.0f} MiB "
            f"| {wall_ratio:.2f} | {cpu_ratio:.2f} |"
        )
    lines.append(f"\n{len(first)} rounds, the commands in turn; CPU and memory are the client's own.")
    return "\n".join(lines)


def eight_targets(path: Path) -> str:
    """Medians of all commands, and how near ours comes to what cannot be beaten on as many slots."""
    runs = json.loads(path.read_text())
    first, *_ = runs.values()
    lines = [
        "| | wall, median | CPU of the client, median | our wall / its | our CPU / its |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, times in runs.items():
        wall, cpu = (median(run[key] for run in times) for key in ("wall_s", "cpu_s"))
        our_wall, our_cpu = (median(run[key] for run in first) for key in ("wall_s", "cpu_s"))
        lines.append(
            f"| {name} | {wall:.2f} s | {cpu * 1000:.0f} ms | {our_wall / wall:.2f} | {our_cpu / cpu:.2f} |"
        )
    over_path = median(run["wall_s"] / run["critical_path_s"] for run in first)
    over_slots = median(run["wall_s"] / run["steps_by_slots_s"] for run in first)
    lines.append(
        f"\n{len(first)} rounds, the commands in turn. Our wall time is {over_path:.2f} times the critical path of its "
        f"own report, and {over_slots:.2f} times the time of all steps divided by the slots."
    )
    return "\n".join(lines)


def main() -> None:
    folder = Path(sys.argv[1])
    engine = output("docker", "version", "--format", "{{.Server.Version}}")
    client = output("/usr/bin/docker", "version", "--format", "{{.Client.Version}}")
    print("# Benchmarks\n")
    print("Written by `scripts/bench.sh`, which anyone can run again; no figure here was typed.\n")
    print(f"Machine: {processor()}, {output('nproc')} cores, Linux {platform.release()}.")
    print(f"Docker Engine {engine}, docker's client {client}.\n")
    print("## A fully cached build\n")
    print("Target `runtime` of `examples/glossary`: 14 steps, all from the cache.\n")
    print(comparison(folder / "cached-build.json"))
    print("\n## Eight independent targets from nothing\n")
    print("Each copies a folder and runs two steps that compute (`benches/eight_targets.py`).\n")
    print(eight_targets(folder / "eight-targets.json"))
    print("\n## What of a build context is sent\n")
    print("`benches/context.sh`; docker's own figures are what its progress lines showed, rounded.\n")
    print("```text\n" + (folder / "context.txt").read_text().rstrip() + "\n```")


if __name__ == "__main__":
    main()
