#!/usr/bin/env bash
# Measures the tools side by side with their peers, in one run, and writes docs/benchmarks.md.
#
# What is measured: a fully cached build of examples/glossary's runtime target, through
# build-orchestrator and through docker's own client with BuildKit.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly ROUNDS=${ROUNDS:-30}
readonly OUT=out/bench
readonly EXAMPLE=examples/glossary
readonly TARGET="--file $EXAMPLE/Dockerfile --target runtime --quiet"

scripts/engine.sh
scripts/rootfs.sh
cargo build --release --locked --package build-orchestrator
mkdir --parents "$OUT"
DOCKER_BUILDKIT=1 python3 benches/side_by_side.py "$OUT/cached-build.json" "$ROUNDS" \
  "build-orchestrator=target/release/build-orchestrator build $TARGET --tag lucid/bench-ours" \
  "docker build=/usr/bin/docker build $TARGET --tag lucid/bench-theirs $EXAMPLE"
docker rmi --force lucid/bench-ours lucid/bench-theirs >/dev/null
python3 benches/report.py "$OUT" >docs/benchmarks.md
cat docs/benchmarks.md
