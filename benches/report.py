"""Writes docs/benchmarks.md from the JSON files that scripts/bench.sh left in the folder named."""

import json
import platform
import statistics
import subprocess
import sys
from pathlib import Path


def output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def cached_build(folder: Path) -> str:
    ours, theirs = json.loads((folder / "cached-build.json").read_text())["results"]
    lines = [
        "## A fully cached build",
        "",
        f"`examples/glossary`, target `runtime`, {len(ours['times'])} runs each.",
        "",
        "| | wall, median | wall, min–max | CPU of the client, mean |",
        "| --- | ---: | ---: | ---: |",
    ]
    for result in (ours, theirs):
        wall = statistics.median(result["times"])
        cpu = result["user"] + result["system"]
        lines.append(
            f"| {result['command']} | {wall * 1000:.0f} ms "
            f"| {min(result['times']) * 1000:.0f}–{max(result['times']) * 1000:.0f} ms | {cpu * 1000:.1f} ms |"
        )
    wall_ratio = statistics.median(ours["times"]) / statistics.median(theirs["times"])
    cpu_ratio = (ours["user"] + ours["system"]) / (theirs["user"] + theirs["system"])
    lines.append(f"| ratio | {wall_ratio:.2f} | | {cpu_ratio:.2f} |")
    return "\n".join(lines)


def main() -> None:
    folder = Path(sys.argv[1])
    engine = output("docker", "version", "--format", "{{.Server.Version}}")
    client = output("/usr/bin/docker", "version", "--format", "{{.Client.Version}}")
    print("# Benchmarks\n")
    print("Written by `scripts/bench.sh`, which anyone can run again; no figure here was typed.\n")
    print(f"Machine: {processor()}, {output('nproc')} cores, Linux {platform.release()}.")
    print(f"Docker Engine {engine}, docker's client {client}.\n")
    print(cached_build(folder))


if __name__ == "__main__":
    main()
