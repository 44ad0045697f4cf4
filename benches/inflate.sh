#!/usr/bin/env bash
# Measures libraries that read gzip, on the largest layer of rl-deb and of rl-many, and leaves
# OUT/inflate.json.
#
# usage: benches/inflate.sh OUT [ROUNDS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly OUT=$1 ROUNDS=${2:-5}

scratch=$(mktemp --directory)
trap 'rm --recursive --force "$scratch"' EXIT

largest_layer() { # largest_layer NAME: a layout's largest blob, which is a layer
  tar --list --verbose --file "$OUT/images/$1.oci.tar" | sort --numeric-sort --reverse --key 3 |
    awk '/blobs\/sha256\// { print $6; exit }'
}

for name in rl-deb rl-many; do
  tar --extract --to-stdout --file "$OUT/images/$name.oci.tar" "$(largest_layer "$name")" >"$scratch/$name"
done
cargo build --quiet --release --locked --manifest-path benches/inflate/Cargo.toml --target-dir target/inflate
(cd "$scratch" && "$OLDPWD/target/inflate/release/inflate-bench" "$ROUNDS" rl-deb rl-many) >"$OUT/inflate.json"
