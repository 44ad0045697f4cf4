#!/usr/bin/env bash
# Builds the images that benches/layers.sh reads, and saves them as archives into FOLDER; what is
# there already is left alone.
#
#   rl-deb   a minimal Debian with package lists, changed files and a moved tree: 350 MB, 7,000 entries
#   rl-many  175,000 small files, of which 25,000 are replaced and 300 deleted: 230 MB
#   rl-wh    25,000 small files, of which 1,000 are deleted one by one: 29 MB
#   rl-big   blobs of 250 MB and 1,000 files of 1 MB, copied, moved, replaced and deleted: 2.4 GB
#
# FOLDER/NAME.tar is what `docker save` writes, NAME.oci.tar and NAME.zst.tar are OCI layouts with
# layers in gzip and in zstd, written by skopeo. The images stay in the Engine as lucid/bench-NAME, for
# the caller to use and delete.
#
# usage: benches/make_images.sh FOLDER
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mkdir --parents "$1"
images=$(realpath "$1")
readonly images
readonly PREFIX=lucid/bench-
# The docker of Debian, whose legacy builder keeps one layer for each instruction.
readonly DOCKER=${DOCKER:-/usr/bin/docker}
export DOCKER_BUILDKIT=0

scratch=$(mktemp --directory --tmpdir="$images" build.XXXXXX)
trap 'rm --recursive --force "$scratch"' EXIT

need() { # need PROGRAM: installs it, on Debian as root
  command -v "$1" >/dev/null || DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes --quiet=2 --no-install-recommends "$1" >&2
}

build() { # build NAME < Dockerfile: from $scratch/NAME, saved as NAME.tar
  cat >"$scratch/$1/Dockerfile"
  "$DOCKER" build --quiet --tag "$PREFIX$1" "$scratch/$1" >/dev/null
  "$DOCKER" save --output "$scratch/$1.tar" "$PREFIX$1"
  mv "$scratch/$1.tar" "$images/$1.tar"
  rm --recursive --force "${scratch:?}/$1"
}

has() { [[ -s $images/$1.tar ]]; }

busybox() { # busybox NAME: an image with a shell, to start from
  mkdir --parents "$scratch/$1"
  "$DOCKER" image inspect "${PREFIX}busybox" >/dev/null 2>&1 && return
  scripts/rootfs.sh examples/glossary/rootfs
  mkdir "$scratch/busybox"
  cp examples/glossary/rootfs/bin/busybox "$scratch/busybox/"
  printf '%s\n' 'FROM scratch' 'COPY busybox /bin/busybox' \
    'RUN ["/bin/busybox", "--install", "-s", "/bin"]' >"$scratch/busybox/Dockerfile"
  "$DOCKER" build --quiet --tag "${PREFIX}busybox" "$scratch/busybox" >/dev/null
}

deb() {
  need debootstrap
  debootstrap --variant=minbase bookworm "$scratch/rootfs" >/dev/null
  tar --directory "$scratch/rootfs" --exclude='./proc/*' --exclude='./sys/*' --exclude='./dev/*' --create . |
    "$DOCKER" import --message 'debootstrap minbase' - "${PREFIX}debian" >/dev/null
  rm --recursive --force "$scratch/rootfs"
  mkdir "$scratch/rl-deb"
  python3 benches/make_files.py deb "$scratch/rl-deb"
  build rl-deb <<EOF
FROM ${PREFIX}debian
COPY lists /var/lib/apt/lists
COPY cache-1 /var/cache/apt
RUN cp /var/lib/dpkg/status /var/lib/dpkg/status-old && echo one >> /var/lib/dpkg/status
COPY cache-2 /var/cache/apt
RUN cp -a /usr/share/perl5 /usr/share/perl5-copy && echo two >> /var/lib/dpkg/status
COPY app /app
RUN chown -R 1000:1000 /app
WORKDIR /app
RUN rm -rf /var/lib/apt/lists /var/cache/apt/pkgcache.bin /app/module-00 && echo three >> /var/lib/dpkg/status
CMD ["/bin/true"]
EOF
}

many() {
  busybox rl-many
  python3 benches/make_files.py many "$scratch/rl-many"
  build rl-many <<EOF
FROM ${PREFIX}busybox
COPY all /data
COPY again /data
COPY more /more
RUN rm -rf /data/d0900 /data/d0901 /data/d0902
RUN chmod -R o-r /more && echo done > /done
EOF
}

whiteouts() {
  busybox rl-wh
  python3 benches/make_files.py whiteouts "$scratch/rl-wh"
  build rl-wh <<EOF
FROM ${PREFIX}busybox
COPY all /data
RUN rm -f /data/*/file-000 /data/*/file-001 /data/*/file-002 /data/*/file-003
EOF
}

big() {
  busybox rl-big
  python3 benches/make_files.py big "$scratch/rl-big"
  build rl-big <<EOF
FROM ${PREFIX}busybox
COPY blob /blob
COPY small /small
COPY again /small
RUN cp /blob/0 /blob/0-copy && mv /blob/1 /blob/1-moved
RUN rm /blob/0-copy /blob/2
EOF
}

oci() { # oci NAME KIND COMPRESSION
  need skopeo
  local layout=$scratch/$1.$2
  skopeo --insecure-policy copy --quiet --dest-compress-format "$3" \
    "docker-archive:$images/$1.tar" "oci:$layout:latest"
  tar --directory "$layout" --create --file "$layout.tar" .
  mv "$layout.tar" "$images/"
  rm --recursive --force "$layout"
}

has rl-wh || whiteouts
has rl-deb || deb
has rl-many || many
has rl-big || big
for name in rl-deb rl-many rl-big; do
  has "$name.oci" || oci "$name" oci gzip
  has "$name.zst" || oci "$name" zst zstd
done
