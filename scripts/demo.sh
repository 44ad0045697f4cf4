#!/usr/bin/env bash
# The main job on real input: builds the tools, then runs the whole chain on examples/glossary three
# times: cold, unchanged, and after an edit of one source file. Leaves out/pipeline.jsonl, the four
# reports of the last run, and prints each tool's table.
#
# Needs a Rust toolchain; scripts/engine.sh sees to the Engine. Works on a copy of the example.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly OUT=out
readonly EXAMPLE=$OUT/glossary
readonly BIN=target/release
readonly TEST_CONTAINER=lucid-demo-test-$$

say() { printf '\n== %s\n\n' "$*"; }

remove_test_container() {
  docker rm --force "$TEST_CONTAINER" >/dev/null 2>&1 || true
}

# Runs the tests of the image that was just built and copies their results out of the container,
# which works with an Engine on another machine too.
run_tests() {
  docker create --name "$TEST_CONTAINER" lucid/glossary-test:dev >/dev/null
  docker start --attach "$TEST_CONTAINER" >&2 || true # What failed is in the results.
  rm --recursive --force "$OUT/results"
  docker cp "$TEST_CONTAINER":/results "$OUT/results" >/dev/null
  remove_test_container
}

# run_chain RUN [BUILD ARGUMENT...]: builds, tests and analyses into out/RUN.jsonl.
run_chain() {
  local run=$1
  shift
  "$BIN/build-orchestrator" build --file "$EXAMPLE/compose.yml" "$@" >"$OUT/build.jsonl"
  run_tests
  "$BIN/layer-analyzer" analyze <"$OUT/build.jsonl" |
    "$BIN/cache-optimizer" analyze "${baseline[@]}" |
    "$BIN/test-aggregator" aggregate "$OUT/results" >"$OUT/$run.jsonl"
  baseline=(--baseline "$OUT/$run.jsonl")
}

trap remove_test_container EXIT
scripts/engine.sh
scripts/rootfs.sh
cargo build --release --locked \
  --package build-orchestrator --package layer-analyzer \
  --package cache-optimizer --package test-aggregator
rm --recursive --force "$EXAMPLE"
mkdir --parents "$OUT"
cp --recursive examples/glossary "$EXAMPLE"
baseline=()

say "Run 1: cold"
run_chain cold --no-cache

say "Run 2: nothing changed"
run_chain unchanged
"$BIN/cache-optimizer" render "$OUT/unchanged.jsonl" --format table

say "Run 3: a term was edited"
# With the time, so that no earlier run of this script built the same.
echo "A [stage] that no other one needs is not built. Edited $(date --iso-8601=ns)." >>"$EXAMPLE/terms/stage.txt"
run_chain pipeline
for tool in build-orchestrator layer-analyzer cache-optimizer test-aggregator; do
  say "$tool"
  "$BIN/$tool" render "$OUT/pipeline.jsonl" --format table
done
say "The four reports are in $OUT/pipeline.jsonl"
