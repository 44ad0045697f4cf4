#!/usr/bin/env bash
# Puts a static busybox into FOLDER (default: examples/glossary/rootfs), for images that start from
# scratch. Takes the one on PATH when it is static, else Debian's busybox-static, without installing
# it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly ROOTFS=${1:-examples/glossary/rootfs}

is_static() {
  # `file` is not everywhere; a static program names no interpreter.
  ! LC_ALL=C grep --text --quiet 'ld-linux\|ld-musl' "$1"
}

find_busybox() {
  local path
  if path=$(command -v busybox) && is_static "$path"; then
    echo "$path"
    return
  fi
  command -v apt-get >/dev/null || {
    echo "rootfs: no static busybox on PATH, and no apt-get to fetch Debian's busybox-static" >&2
    exit 2
  }
  cd "$scratch"
  apt-get --option APT::Sandbox::User=root download --quiet=2 busybox-static >&2 || {
    apt-get update --quiet=2 >&2
    apt-get --option APT::Sandbox::User=root download --quiet=2 busybox-static >&2
  }
  dpkg-deb --extract busybox-static_*.deb .
  find "$scratch" -name busybox -type f -perm -u+x -print -quit
}

if [[ -x $ROOTFS/bin/busybox ]]; then
  exit 0
fi
scratch=$(mktemp --directory)
trap 'rm --recursive --force "$scratch"' EXIT
busybox=$(find_busybox)
mkdir --parents "$ROOTFS/bin"
install --mode=755 "$busybox" "$ROOTFS/bin/busybox"
ln --symbolic --force busybox "$ROOTFS/bin/sh"
echo "rootfs: $ROOTFS/bin/busybox from $busybox" >&2
