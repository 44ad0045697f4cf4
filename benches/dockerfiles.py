"""Measures the analysis of 1,000 Dockerfiles in one process, beside hadolint, and writes the times as JSON.

The files are made up from what real ones have (several stages, packages, languages, here-documents, long
continued lines), 165 distinct ones of about 90 lines, each repeated with a label of its own, and each in a
folder of its own as in projects. The same seed gives the same files.

Usage: dockerfiles.py OUT.json ROUNDS CACHE_OPTIMIZER HADOLINT
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DISTINCT = 165
FILES = 1_000
LINES_MIN = 70

BASES = ["debian:bookworm-slim", "ubuntu:22.04", "alpine:3.20", "node:20", "python:3.12-slim", "golang:1.22", "rust:1.80"]
PACKAGES = "build-essential ca-certificates curl git libpq-dev libssl-dev make pkg-config unzip wget xz-utils zlib1g-dev".split()


def apt(rng: random.Random) -> list[str]:
    names = sorted(rng.sample(PACKAGES, rng.randint(4, 9)))
    listed = [f"      {name} \\" for name in names]
    return [
        "RUN set -eux; \\",
        "    apt-get update \\",
        "    && apt-get install -y --no-install-recommends \\",
        *listed,
        "    && rm -rf /var/lib/apt/lists/*",
    ]


def apk(rng: random.Random) -> list[str]:
    return [f"RUN apk add --no-cache {' '.join(rng.sample(PACKAGES, 4))}"]


def node(rng: random.Random) -> list[str]:
    manager = rng.choice(["npm ci", "npm install --omit=dev", "yarn install --frozen-lockfile", "pnpm install"])
    copy = rng.choice(["COPY . .", "COPY package.json package-lock.json ./"])
    return ["WORKDIR /app", copy, f"RUN {manager}", "COPY . .", "RUN npm run build && npm cache clean --force"]


def python(rng: random.Random) -> list[str]:
    return [
        "ENV PYTHONUNBUFFERED=1 \\",
        "    PIP_DISABLE_PIP_VERSION_CHECK=1",
        "WORKDIR /srv",
        rng.choice(["COPY requirements.txt .", "COPY . ."]),
        "RUN --mount=type=cache,target=/root/.cache/pip \\",
        "    pip install -r requirements.txt",
        "COPY . .",
        "RUN python -m compileall -q . && python manage.py collectstatic --noinput",
    ]


def golang(rng: random.Random) -> list[str]:
    return [
        "ARG VERSION=dev",
        "ARG TARGETOS TARGETARCH",
        "WORKDIR /src",
        rng.choice(["COPY go.mod go.sum ./", "COPY . ."]),
        "RUN go mod download",
        "COPY . .",
        'RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -ldflags "-X main.version=$VERSION" -o /out/app ./cmd/app',
    ]


def rust(rng: random.Random) -> list[str]:
    return ["WORKDIR /src", "COPY Cargo.toml Cargo.lock ./", "COPY src src", f"RUN cargo build --release --features {rng.choice(['full', 'tls'])}"]


def script(rng: random.Random) -> list[str]:
    lines = [
        "RUN <<EOT",
        "set -e",
        f"for i in 1 2 {rng.randint(3, 9)}; do",
        '  echo "step $i" >> /var/log/build.log',
        "done",
        'if [ "$(uname -m)" = x86_64 ]; then',
        "  curl -fsSL https://example.com/tool.tar.gz | tar -xz -C /usr/local/bin",
        "fi",
        "EOT",
        "",
    ]
    return lines


def fetched(rng: random.Random) -> list[str]:
    number = rng.randint(1, 40)
    return [
        f"ARG TOOL_VERSION=1.{number}.0",
        "RUN curl -fsSL -o /tmp/tool.tar.gz \\",
        '      "https://example.com/releases/${TOOL_VERSION}/tool-linux-amd64.tar.gz" \\',
        '    && echo "0123456789abcdef  /tmp/tool.tar.gz" | sha256sum -c - || true \\',
        "    && tar -xzf /tmp/tool.tar.gz -C /usr/local/bin \\",
        "    && rm /tmp/tool.tar.gz",
    ]


BLOCKS = [apt, apk, node, python, golang, rust, script, fetched]


def dockerfile(rng: random.Random) -> list[str]:
    lines = ["# syntax=docker/dockerfile:1", "ARG BASE=debian:bookworm-slim", ""]
    stage = 0
    while len(lines) < LINES_MIN:
        lines += [f"# Stage {stage}.", f"FROM {rng.choice(BASES)} AS stage{stage}"]
        for block in rng.sample(BLOCKS, rng.randint(2, 4)):
            lines += block(rng)
        lines.append("")
        stage += 1
    lines += ["FROM ${BASE}", *[f"COPY --from=stage{index} /out /opt/{index}" for index in range(stage)]]
    return [*lines, "EXPOSE 8080", "USER 1000", 'CMD ["/opt/0/app"]']


def make(folder: Path) -> list[str]:
    rng = random.Random(5)
    distinct = [dockerfile(rng) for _ in range(DISTINCT)]
    paths = []
    for index in range(FILES):
        path = folder / str(index) / "Dockerfile"
        path.parent.mkdir()
        path.write_text("\n".join([*distinct[index % DISTINCT], f"LABEL number={index}", ""]))
        paths.append(str(path))
    return paths


def run(command: list[str]) -> dict[str, float]:
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    # hadolint ends with 1 where it found something.
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit(f"dockerfiles: `{command[0]}` failed")
    return {"wall_s": wall, "cpu_s": usage.ru_utime + usage.ru_stime, "rss_mib": usage.ru_maxrss / 1024}


def main() -> None:
    out, rounds, ours, hadolint = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
    with tempfile.TemporaryDirectory() as folder:
        paths = make(Path(folder))
        line_count = sum(len(Path(path).read_text().splitlines()) for path in paths)
        commands = {
            "cache-optimizer": [ours, "analyze", "--only", "--format", "json", *paths],
            "hadolint": [hadolint, "--format", "json", *paths],
        }
        runs: dict[str, list[dict[str, float]]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                runs[name].append(run(command))
    Path(out).write_text(json.dumps({"files": FILES, "lines": line_count, "runs": runs}, indent=1))


if __name__ == "__main__":
    main()
