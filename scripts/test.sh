#!/usr/bin/env bash
# Runs everything that must pass, on a fresh machine too: unit and property tests, the real binaries,
# the Engine, the demo, and the docs' build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/engine.sh
scripts/rootfs.sh
if cargo nextest --version >/dev/null 2>&1; then
  cargo nextest run --workspace --all-features --locked
else
  cargo test --workspace --all-features --locked
fi
RUSTDOCFLAGS="--deny warnings" cargo doc --workspace --all-features --no-deps --locked
