#!/usr/bin/env bash
# Fuzzes a parser for some seconds: scripts/fuzz.sh bake|dockerfile|junit|layer|reports [SECONDS].
#
# Starts from the fixtures. Installs cargo-fuzz when it is missing; RUSTC_BOOTSTRAP lets the stable
# toolchain use the sanitizer.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly TARGET=${1:?which parser: bake, dockerfile, junit, layer or reports}
readonly SECONDS_MAX=${2:-60}

seeds() {
  case $TARGET in
    bake) find tests examples -name 'docker-bake*' -type f ;;
    dockerfile) find . -name '*Dockerfile*' -not -path './target/*' -not -path './out/*' -type f ;;
    junit) find tests/fixtures crates/test-aggregator/testdata -name '*.xml' -type f ;;
    layer) find crates/layer-analyzer/testdata -name '*.tar*' -type f ;;
    reports) find tests/fixtures/reports -name '*.json' -type f ;;
    *)
      echo "fuzz: there is no parser called $TARGET" >&2
      exit 2
      ;;
  esac
}

cargo fuzz --version >/dev/null 2>&1 || cargo install --locked cargo-fuzz
corpus=fuzz/corpus/$TARGET
mkdir --parents "$corpus"
seeds | while IFS= read -r seed; do
  # What is not compressed is copied as it is.
  gzip --decompress --force --stdout "$seed" >"$corpus/$(sha256sum "$seed" | cut --delimiter=' ' --fields=1)"
done
RUSTC_BOOTSTRAP=1 cargo fuzz run "$TARGET" -- -max_total_time="$SECONDS_MAX" -timeout=10 -rss_limit_mb=2048
