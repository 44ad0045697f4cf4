"""Prunes the same build cache to the same size in three ways, builds what the next day brings, and
writes how many seconds of steps had to run again because of the prune, as JSON.

The workload is drawn from a seed: eight projects whose steps differ in cost and size in every
combination, each built with its own frequency over ten days, with a change of the source in each build
and of the manifest in some; one project is given up after three days. Ten days are built on a private
Engine, whose folder is then kept; each way starts from a copy of it, so that records, times and counts
of use are the same. Then several possible next days are drawn, and each is built from a copy of the
pruned folder. A step is lost when it runs there and came from the cache without a prune; it counts with
the median of all its runs, so that what else the machine does meanwhile favours no way.

The ways: `engine` is `docker builder prune --keep-storage`, which ranks by last use and count of use;
`lru` deletes leaves by last use alone; `value` is `cache-optimizer prune` with the reports of the ten
days. All keep at most the same bytes.

Usage: prune.py OUT.json BUILD_ORCHESTRATOR CACHE_OPTIMIZER BUSYBOX [SEED...]
Needs root, and a disk that overlay2 works on.
"""

import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DAYS = 10
NEXT_DAYS = 3
KEEP_RATIOS = (0.2, 0.35, 0.5)
WAYS = ("engine", "lru", "value")

# For each project: how probable it is that a day builds it; then seconds and megabytes of its three
# steps: tools, dependencies (again when the manifest changes), build (again when the source changes).
PROJECTS = {
    "daily-dear-small": (0.9, (3.0, 2), (2.0, 2), (0.5, 1)),
    "daily-dear-large": (0.9, (3.0, 20), (2.0, 10), (0.5, 1)),
    "daily-cheap-small": (0.9, (0.1, 2), (0.1, 2), (0.1, 1)),
    "daily-cheap-large": (0.9, (0.1, 20), (0.1, 10), (0.1, 2)),
    "weekly-dear-small": (0.2, (3.0, 2), (2.0, 2), (0.5, 1)),
    "weekly-dear-large": (0.2, (3.0, 20), (2.0, 10), (0.5, 1)),
    "weekly-cheap-large": (0.2, (0.1, 20), (0.1, 10), (0.1, 2)),
    "given-up-dear": (0.9, (3.0, 10), (2.0, 5), (0.5, 1)),
}
GIVEN_UP_AFTER = 3
MANIFEST_CHANGES = 0.1

DOCKERFILE = """\
FROM scratch AS build
COPY sh /bin/
RUN echo {name} && head -c {tools_mb}000000 /dev/zero > /tools && sleep {tools_s}
COPY manifest /
RUN echo {name} && head -c {deps_mb}000000 /dev/zero > /deps && sleep {deps_s}
COPY source /
RUN echo {name} && head -c {build_mb}000000 /dev/zero > /objects && sleep {build_s} && cp /source /out
FROM scratch
COPY --from=build /out /out
"""


class Engine:
    """A private Engine, as tests/src/private.rs starts it, on a folder that stays."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.host = f"unix://{folder}/docker.sock"
        (folder / "daemon.json").write_text("{}")
        command = ["unshare", "--net", "--mount-proc", "--fork", "--kill-child", "dockerd"]
        command += ["--bridge=none", "--iptables=false", "--storage-driver=overlay2"]
        for option, name in (("config-file", "daemon.json"), ("data-root", "data"), ("exec-root", "exec"), ("pidfile", "pid")):
            command += [f"--{option}", str(folder / name)]
        log = open(folder / "log", "w")
        self.process = subprocess.Popen(
            command + ["--host", self.host], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log
        )
        for _ in range(300):
            if subprocess.run(["docker", "--host", self.host, "version"], capture_output=True).returncode == 0:
                return
            time.sleep(0.2)
        sys.exit(f"prune: the Engine does not start: {(folder / 'log').read_text()}")

    def docker(self, *args: str) -> str:
        done = subprocess.run(["docker", "--host", self.host, *args], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"prune: docker {args}: {done.stderr}")
        return done.stdout

    def records(self) -> list[dict]:
        path = f"{self.folder}/docker.sock"
        done = subprocess.run(["curl", "--silent", "--unix-socket", path, "http://engine/system/df"], capture_output=True)
        return json.loads(done.stdout)["BuildCache"] or []

    def delete(self, record: str) -> None:
        self.docker("builder", "prune", "--force", "--filter", f"id=^{record}$")

    def stop(self) -> None:
        # dockerd is the first process of its own space of processes: its end is that of all of them.
        children = subprocess.run(["pgrep", "--parent", str(self.process.pid)], capture_output=True, text=True)
        for child in children.stdout.split():
            os.kill(int(child), signal.SIGTERM)
        self.process.wait(timeout=60)


def kept_bytes(records: list[dict]) -> int:
    return sum(record["Size"] for record in records if not record["Shared"])


class Workload:
    """Which projects each day builds, with which contents, drawn from a seed."""

    def __init__(self, folder: Path, seed: int, busybox: str):
        self.folder = folder
        self.random = random.Random(seed)
        self.manifests = dict.fromkeys(PROJECTS, 0)
        self.sources = 0
        for name, (_, tools, deps, build) in PROJECTS.items():
            project = folder / name
            project.mkdir(parents=True)
            shutil.copy(busybox, project / "sh")
            numbers = {"tools": tools, "deps": deps, "build": build}
            values = {f"{step}_{unit}": value for step, pair in numbers.items() for unit, value in zip(("s", "mb"), pair)}
            (project / "Dockerfile").write_text(DOCKERFILE.format(name=name, **values))

    def day(self, day: int, draw: random.Random) -> list[tuple[str, int, int]]:
        """The builds of a day: project, version of the manifest, version of the source."""
        builds = []
        for name, (probability, *_) in PROJECTS.items():
            is_built = draw.random() < probability
            is_new = draw.random() < MANIFEST_CHANGES
            if name.startswith("given-up") and day > GIVEN_UP_AFTER:
                continue
            # Each project is built once at least, or there would be nothing to keep of it.
            first = list(PROJECTS).index(name) % GIVEN_UP_AFTER + 1
            if is_built or day == first:
                self.manifests[name] += is_new
                self.sources += 1
                builds.append((name, self.manifests[name], self.sources))
        draw.shuffle(builds)
        return builds

    def build(self, engine: Engine, tool: str, builds: list[tuple[str, int, int]]) -> list[dict]:
        reports = []
        for name, manifest, source in builds:
            project = self.folder / name
            (project / "manifest").write_text(f"{name} {manifest}\n")
            (project / "source").write_text(f"{name} {source}\n")
            command = [tool, "build", "--quiet", "--host", engine.host, "--network", "none", "--format", "json"]
            command += ["--tag", f"bench/{name}", "--file", str(project / "Dockerfile")]
            done = subprocess.run(command, capture_output=True, text=True, cwd=project, stdin=subprocess.DEVNULL)
            if done.returncode != 0:
                sys.exit(f"prune: {name}: {done.stderr}{done.stdout}")
            reports.append(json.loads(done.stdout))
        return reports


def steps(report: dict) -> dict[str, dict]:
    found = (step for target in report["data"]["targets"] for step in target["steps"])
    return {step["id"]: step for step in found if step["kind"] == "instruction"}


class Times:
    """The times of all runs of each step, in seconds."""

    def __init__(self) -> None:
        self.runs: dict[str, list[float]] = {}

    def add(self, reports: list[dict]) -> None:
        for report in reports:
            for name, step in steps(report).items():
                if step["cached"] is False:
                    self.runs.setdefault(name, []).append(step["duration_ms"] / 1000)

    def lost_seconds(self, lost: list[str]) -> float:
        return round(sum(statistics.median(self.runs[name]) for name in lost), 3)


def lost_steps(pruned: list[dict], control: list[dict]) -> list[str]:
    """The steps that ran after the prune, and came from the cache without one."""
    lost = []
    for after, before in zip(pruned, control):
        known = steps(before)
        ran = (name for name, step in steps(after).items() if step["cached"] is False)
        lost += [name for name in ran if known[name]["cached"] is True]
    return lost


def prune(way: str, engine: Engine, keep: int, history: Path, tool: str) -> None:
    if way == "engine":
        engine.docker("builder", "prune", "--force", "--keep-storage", str(keep))
    elif way == "value":
        command = [tool, "prune", "--host", engine.host, "--keep-bytes", str(keep), "--history", str(history)]
        done = subprocess.run(command + ["--apply", "--format", "json"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            sys.exit(f"prune: {done.stderr}")
    else:
        while True:
            records = engine.records()
            if kept_bytes(records) <= keep:
                return
            parents = {record["Parent"] for record in records}
            leaves = [r for r in records if r["ID"] not in parents and not r["Shared"] and not r["InUse"]]
            engine.delete(min(leaves, key=lambda record: record["LastUsedAt"])["ID"])


def copied(source: Path, target: Path) -> None:
    if target.exists():
        shutil.rmtree(target)
    subprocess.run(["cp", "--archive", str(source), str(target)], check=True)


def record(seed: int, build_tool: str, busybox: str, scratch: Path) -> tuple[Workload, int]:
    """Builds the ten days. Gives the bytes of the cache; the Engine's folder is then `days`."""
    history = scratch / "history"
    history.mkdir()
    workload = Workload(scratch / "projects", seed, busybox)
    engine = Engine(scratch)
    for day in range(1, DAYS + 1):
        for report in workload.build(engine, build_tool, workload.day(day, workload.random)):
            (history / f"{time.time_ns()}.json").write_text(json.dumps(report))
        # A new image leaves the old one without a name, and its layers are shared until it goes.
        engine.docker("image", "prune", "--force")
    size = kept_bytes(engine.records())
    engine.stop()
    copied(scratch / "data", scratch / "days")
    return workload, size


def compare(workload: Workload, next_days: list, size: int, build_tool: str, prune_tool: str, scratch: Path) -> list[dict]:
    """Prunes in each way to each size, and builds each of the possible next days after it."""
    data, days, pruned = (scratch / name for name in ("data", "days", "pruned"))
    history = scratch / "history"
    times = Times()
    times.add([json.loads(path.read_text()) for path in sorted(history.iterdir())])

    def built(folder: Path, builds: list) -> list[dict]:
        copied(folder, data)
        engine = Engine(scratch)
        reports = workload.build(engine, build_tool, builds)
        engine.stop()
        times.add(reports)
        return reports

    controls = [built(days, builds) for builds in next_days]
    runs = []
    for ratio in KEEP_RATIOS:
        for way in WAYS:
            copied(days, data)
            engine = Engine(scratch)
            prune(way, engine, int(size * ratio), history, prune_tool)
            kept = kept_bytes(engine.records())
            engine.stop()
            copied(data, pruned)
            lost = [lost_steps(built(pruned, builds), control) for builds, control in zip(next_days, controls)]
            runs.append({"way": way, "keep_ratio": ratio, "kept_bytes": kept, "lost": lost})
            print(f"keep {ratio:.0%}, {way}: {kept / 1e6:.0f} MB, lost {sum(map(len, lost))} steps", file=sys.stderr)
    for run in runs:
        run["lost_s"] = [times.lost_seconds(lost) for lost in run["lost"]]
    return runs


def measure(seed: int, build_tool: str, prune_tool: str, busybox: str, scratch: Path) -> dict:
    workload, size = record(seed, build_tool, busybox, scratch)
    next_days = []
    for number in range(NEXT_DAYS):
        manifests = dict(workload.manifests)
        next_days.append(workload.day(DAYS + 1, random.Random(f"{seed} {number}")))
        workload.manifests = manifests
    runs = compare(workload, next_days, size, build_tool, prune_tool, scratch)
    build_count = len(list((scratch / "history").iterdir()))
    return {"seed": seed, "size_bytes": size, "build_count": build_count, "runs": runs}


def print_table(results: list[dict]) -> None:
    print("| may stay | " + " | ".join(WAYS) + " | value / engine | value / lru |")
    print("| --- " + "| ---: " * (len(WAYS) + 2) + "|")
    runs = [run for result in results for run in result["runs"]]
    for ratio in [*KEEP_RATIOS, None]:
        matching = [run for run in runs if ratio in (None, run["keep_ratio"])]
        sums = {way: sum(sum(run["lost_s"]) for run in matching if run["way"] == way) for way in WAYS}
        name = "all" if ratio is None else f"{ratio:.0%}"
        parts = [f"{sums['value'] / sums[way]:.2f}" if sums[way] else "-" for way in ("engine", "lru")]
        print(f"| {name} | " + " | ".join(f"{sums[way]:.1f} s" for way in WAYS) + " | " + " | ".join(parts) + " |")


def main() -> None:
    out, build_tool, prune_tool, busybox, *seeds = sys.argv[1:]
    build_tool, prune_tool = (str(Path(tool).resolve()) for tool in (build_tool, prune_tool))
    results = []
    for seed in seeds or ["1", "2"]:
        with tempfile.TemporaryDirectory() as folder:
            results.append(measure(int(seed), build_tool, prune_tool, busybox, Path(folder)))
    Path(out).write_text(json.dumps(results, indent=1) + "\n")
    print_table(results)


if __name__ == "__main__":
    main()
