#!/bin/sh
# Makes testdata/real: one tiny image in the forms that real tools write.
#
# Usage: sh make_real.sh            (as root, for podman and buildah; with an Engine, for docker)
#
# Made with podman 4.3.1, buildah 1.28.2, skopeo 1.9.3, umoci 0.4.7 and Docker Engine 20.10.24, all
# from Debian 12. Archives are compressed afterwards, because tar's zeros are most of them.

set -eu

out=$(cd "$(dirname "$0")" && pwd)/real
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out" "$work/files"
cd "$work"

printf 'hello\n' > files/hello
printf 'world\n' > files/world
touch -d @1700000000 files/hello files/world files
cat > Containerfile <<'END'
FROM scratch
COPY hello /etc/hello
COPY world /etc/world
LABEL made=for-tests
END

in_store() {
    tool=$1
    shift
    "$tool" --root "$work/store" --runroot "$work/run" --storage-driver vfs "$@"
}
build() {
    in_store podman build --quiet --timestamp 1700000000 --isolation chroot --layers "$@" -f Containerfile files
}
keep() {
    gzip -9n < "$1" > "$out/$(basename "$1").gz"
}
tar_of() {
    tar --sort=name --owner=0 --group=0 --mtime=@1700000000 -C "$1" -cf "$2" .
}

# One platform: podman, buildah and skopeo.
build --platform linux/amd64 -t localhost/real:1
in_store podman save -o podman-docker.tar localhost/real:1
in_store podman save --format oci-archive -o podman-oci.tar localhost/real:1
in_store buildah push --quiet localhost/real:1 oci-archive:buildah-oci.tar:real:1
skopeo copy --quiet oci-archive:podman-oci.tar docker-archive:skopeo-docker.tar:real:1
skopeo copy --quiet --dest-compress-format zstd --dest-compress oci-archive:podman-oci.tar oci:zstd:real
tar_of zstd skopeo-zstd.tar

# Two platforms under one name: an index in the layout's index, each with its blobs.
in_store buildah manifest create real-index
for arch in amd64 arm64; do
    printf '%s\n' "$arch" > files/hello
    touch -d @1700000000 files/hello files
    build --platform "linux/$arch" -t "localhost/real:$arch"
    in_store buildah manifest add real-index "localhost/real:$arch"
done
in_store buildah manifest push --quiet --all real-index oci:index:real
tar_of index buildah-index.tar

# Two names in one layout: umoci.
umoci init --layout umoci
umoci new --image umoci:first
umoci insert --image umoci:first files/world /etc/world
umoci tag --image umoci:first second
umoci insert --image umoci:second files/hello /etc/hello
umoci gc --layout umoci
tar_of umoci umoci.tar

# The Engine.
DOCKER_BUILDKIT=1 /usr/bin/docker build --quiet -t lucid/sources-real:1 -f Containerfile files
/usr/bin/docker save -o docker.tar lucid/sources-real:1
/usr/bin/docker rmi lucid/sources-real:1

for archive in *.tar; do
    keep "$archive"
done
ls -l "$out"
