#!/usr/bin/env bash
# Measures the tools side by side with their peers, in one run, and writes docs/benchmarks.md.
#
# What is measured: a fully cached build of examples/glossary's runtime target, through
# build-orchestrator and through docker's own client with BuildKit. Installs hyperfine when it is
# missing (Debian as root, else through cargo).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly RUNS=${RUNS:-30}
readonly OUT=out/bench
readonly EXAMPLE=examples/glossary
readonly OURS="target/release/build-orchestrator build --file $EXAMPLE/Dockerfile --target runtime --tag lucid/bench-ours --build-arg BASE=scratch --quiet"
readonly THEIRS="/usr/bin/docker build --quiet --file $EXAMPLE/Dockerfile --target runtime --tag lucid/bench-theirs --build-arg BASE=scratch $EXAMPLE"

install_hyperfine() {
  command -v hyperfine >/dev/null && return
  if [[ -r /etc/debian_version && $(id -u) == 0 ]]; then
    apt-get install --yes --quiet=2 hyperfine >&2
  else
    cargo install --locked hyperfine
  fi
}

scripts/engine.sh
scripts/rootfs.sh
install_hyperfine
cargo build --release --locked --package build-orchestrator
mkdir --parents "$OUT"
export DOCKER_BUILDKIT=1
hyperfine --shell=none --warmup 3 --runs "$RUNS" --export-json "$OUT/cached-build.json" \
  --command-name build-orchestrator "$OURS" --command-name "docker build" "$THEIRS"
python3 benches/report.py "$OUT" >docs/benchmarks.md
docker rmi --force lucid/bench-ours lucid/bench-theirs >/dev/null
cat docs/benchmarks.md
