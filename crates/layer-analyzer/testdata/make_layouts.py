#!/usr/bin/env python3
"""Makes the archives of testdata/archives that are about OCI layouts and compression, and the others.

Usage: python3 make_layouts.py        (with zstd(1) 1.5.4)

Every layer but where it is said is `etc/a` of 100 bytes, so that what is read is easily told. The
right answers stand in src/input/plan/tests.rs and src/input/layer/tests.rs.
"""

import bz2
import gzip
import hashlib
import json
import lzma
import struct
import subprocess
import tarfile
import zlib

from make_archives import OUT, base, blobs, config, entry, legacy, sha256, tar, write

OCI = "application/vnd.oci.image."
DOCKER = "application/vnd.docker."
INDEX, MANIFEST, CONFIG = OCI + "index.v1+json", OCI + "manifest.v1+json", OCI + "config.v1+json"
LAYER = OCI + "layer.v1.tar"


def packed(data):
    return gzip.compress(data, mtime=0)


def zstd(data, *arguments):
    return subprocess.run(["zstd", "-q", "-c", *arguments], input=data, capture_output=True, check=True).stdout


class Layout:
    """The blobs of a layout, each under its digest unless it is said otherwise."""

    def __init__(self):
        self.blobs = {}

    def add(self, data, media_type, digest=None, **more):
        if not isinstance(data, bytes):
            data = json.dumps(data).encode()
        digest = digest or "sha256:" + sha256(data)
        self.blobs[digest] = data
        return {"mediaType": media_type, "digest": digest, "size": len(data), **more}

    def image(self, layers, target="linux/amd64", media=OCI, compress=packed, layer_type=None, manifest={}, **more):
        os, architecture, *variant = target.split("/")
        document = json.loads(config(layers))
        document |= {"os": os, "architecture": architecture}
        if variant:
            document["variant"] = variant[0]
        if media == OCI:
            types = (MANIFEST, CONFIG, layer_type or LAYER + "+gzip")
        else:
            types = (
                DOCKER + "distribution.manifest.v2+json",
                DOCKER + "container.image.v1+json",
                layer_type or DOCKER + "image.rootfs.diff.tar.gzip",
            )
        body = {
            "schemaVersion": 2,
            "mediaType": types[0],
            "config": self.add(document, types[1]),
            "layers": [self.add(compress(layer), types[2]) for layer in layers],
            **manifest,
        }
        return self.add(body, types[0], **more)

    def platforms(self, *platforms):
        return [self.image([layer_of(p)], p, platform=as_document(p)) for p in platforms]

    def index(self, manifests, media_type=INDEX, **more):
        return self.add({"schemaVersion": 2, "mediaType": media_type, "manifests": manifests}, media_type, **more)

    def write(self, name, manifests, prefix="", others=()):
        members = [
            entry(f"{prefix}blobs/{digest.replace(':', '/')}", blob) for digest, blob in sorted(self.blobs.items())
        ]
        index = {"schemaVersion": 2, "manifests": manifests}
        members.append(entry(prefix + "index.json", json.dumps(index).encode()))
        members.append(entry(prefix + "oci-layout", b'{"imageLayoutVersion":"1.0.0"}'))
        write(name, *members, *others)


def layer_of(platform):
    """One file, as long as the platform's name."""
    return tar(entry("p", platform.encode()))


def as_document(platform):
    return dict(zip(("os", "architecture", "variant"), platform.split("/")))


def named(name):
    return {"annotations": {"org.opencontainers.image.ref.name": name}}


one = tar(entry("etc/a", b"a" * 100))
nowhere = {"os": "unknown", "architecture": "unknown"}

# Layouts that are whole.
layout = Layout()
layout.write("oci", [layout.image([one])])
layout = Layout()
layout.write("oci-dot-slash", [layout.image([one], **named("app:1"))], prefix="./")
layout = Layout()
layout.write("oci-docker-types", [layout.index([layout.image([one], media=DOCKER)], DOCKER + "distribution.manifest.list.v2+json")])
layout = Layout()
layout.write("oci-nondistributable", [layout.image([one], layer_type=OCI + "layer.nondistributable.v1.tar+gzip")])
layout = Layout()
layout.write("oci-names", [
    layout.image([one], annotations={"io.containerd.image.name": "docker.io/library/app:1", "org.opencontainers.image.ref.name": "1"}),
    layout.image([one], **named("second")),
    layout.image([base], **named("third")),
])

# Several platforms.
layout = Layout()
layout.write("oci-platforms", [layout.index(layout.platforms("linux/amd64", "linux/arm64", "linux/arm/v6", "linux/arm/v7"))])
layout = Layout()
layout.write("oci-platforms-flat", layout.platforms("linux/amd64", "linux/arm64"))
layout = Layout()
layout.write("oci-platforms-elsewhere", [layout.index(layout.platforms("linux/s390x", "linux/ppc64le"))])
layout = Layout()
manifests = layout.platforms("linux/s390x", "linux/ppc64le")
del layout.blobs[manifests[0]["digest"]]
layout.write("oci-platform-absent", [layout.index(manifests)])
layout = Layout()
manifests = [layout.image([layer_of(p)], p) for p in ("linux/amd64", "linux/s390x")]
layout.write("oci-platforms-unsaid", [layout.index(manifests)])

# What is no image.
layout = Layout()
image = layout.image([one], platform=as_document("linux/amd64"))
statement = layout.add(b"{}", "application/vnd.in-toto+json")
empty = layout.add(b"{}", OCI[:-6] + "empty.v1+json")
old = layout.image([one], layer_type="application/vnd.in-toto+json")
attestation = {"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": image["digest"]}
body = {"schemaVersion": 2, "mediaType": MANIFEST, "artifactType": "application/vnd.example", "config": empty, "layers": [statement]}
others = [
    old | {"platform": nowhere, "annotations": attestation},
    old | {"annotations": {}},
    layout.add(body, MANIFEST, platform={"os": "linux", "architecture": ""}),
    layout.add({"x": 1}, MANIFEST, artifactType="application/vnd.example"),
    layout.add({"y": 1}, "application/vnd.example.unknown+json"),
    {"mediaType": "text/plain", "digest": "sha512:0a", "size": 1},
]
layout.write("oci-attestations", [layout.index([others[0], image, *others[1:]])])
layout.write("oci-attestations-only", [layout.index(others)])

# Nesting.
layout = Layout()
nested = layout.image([one])
for _ in range(8):
    nested = layout.index([nested])
layout.write("oci-nested-8", [nested])
layout.write("oci-nested-9", [layout.index([nested])])
layout = Layout()
wide = layout.image([one])
for depth in range(6):
    wide = layout.index([wide | {"annotations": {"i": str(i)}} for i in range(100)])
layout.write("oci-nested-wide", [wide])

# Beside Docker's manifest: the index of Engine 25.0.0 has a manifest without layers.
layout = Layout()
image = layout.image([one], compress=lambda layer: layer)
body = json.loads(layout.blobs[image["digest"]])
manifest = [{
    "Config": "blobs/sha256/" + body["config"]["digest"][7:],
    "RepoTags": ["trap:1"],
    "Layers": ["blobs/sha256/" + layer["digest"][7:] for layer in body["layers"]],
}]
manifest = entry("manifest.json", json.dumps(manifest).encode())
empty_manifest = layout.add(body | {"layers": []}, MANIFEST)
layout.write("oci-without-layers", [empty_manifest], others=[manifest])

# As go-containerregistry, crane and kaniko write it: everything by its digest, at the root.
document, blob = config([one]), packed(one)
manifest = [{"Config": "sha256:" + sha256(document), "RepoTags": ["trap:1"], "Layers": [sha256(blob) + ".tar.gz"]}]
write(
    "docker-by-digest",
    entry("sha256:" + sha256(document), document),
    entry(sha256(blob) + ".tar.gz", blob),
    entry("manifest.json", json.dumps(manifest).encode()),
)

# Wrong and hostile digests.
for role in ("manifest", "config", "layer"):
    layout = Layout()
    image = layout.image([one])
    body = json.loads(layout.blobs[image["digest"]])
    digest = {"manifest": image, "config": body["config"], "layer": body["layers"][0]}[role]["digest"]
    layout.blobs[digest] = packed(base) if role == "layer" else layout.blobs[digest] + b" "
    layout.write(f"oci-wrong-{role}", [image])
layout = Layout()
layout.write("oci-digest-leads-out", [layout.image([one]) | {"digest": "sha256:../../oci-layout"}])
layout = Layout()
image = layout.image([one])
del layout.blobs[json.loads(layout.blobs[image["digest"]])["layers"][0]["digest"]]
layout.write("oci-layer-absent", [image])

# Links.
document = config([one, base, one])
manifest = [{"Config": "c.json", "RepoTags": None, "Layers": ["a/layer.tar", "b/layer.tar", "c/layer.tar"]}]
rest = [entry("b/layer.tar", base), entry("c.json", document), entry("manifest.json", json.dumps(manifest).encode())]
first, last = entry("a/layer.tar", one), entry("c/layer.tar", one)
write("symlinked-layer-first", entry("a/layer.tar", type=tarfile.SYMTYPE, link="../c/layer.tar"), *rest, last)
write("hard-linked-layer", first, *rest, entry("c/layer.tar", type=tarfile.LNKTYPE, link="a/layer.tar"))
write("dead-link", first, *rest, entry("c/layer.tar", type=tarfile.SYMTYPE, link="../d/layer.tar"))
write("link-leads-out", first, *rest, entry("c/layer.tar", type=tarfile.SYMTYPE, link="../../../../../a/layer.tar"))

# Compression.
skipped = b"\x50\x2a\x4d\x18" + struct.pack("<I", 3) + b"abc"
halves = [one[:700], one[700:]]
blobs("layer-zstd", [one], compress=zstd)
blobs("layer-zstd-frames", [one], compress=lambda layer: skipped + zstd(halves[0]) + skipped + zstd(halves[1]) + skipped)
blobs("layer-zstd-window", [one], compress=lambda layer: zstd(layer, "--ultra", "--long=28"))
blobs("layer-zstd-cut", [one], compress=lambda layer: zstd(layer)[:-9])
blobs("layer-gzip-members", [one], compress=lambda layer: packed(halves[0]) + packed(b"") + packed(halves[1]))
blobs("layer-gzip-zeros", [one], compress=lambda layer: packed(layer) + bytes(1000))
blobs("layer-gzip-garbage", [one], compress=lambda layer: packed(layer) + bytes(10) + b"garbage")
blobs("layer-gzip-cut", [one], compress=lambda layer: packed(layer)[:60])
blobs("layer-gzip-checksum", [one], compress=lambda layer: packed(layer)[:-8] + b"xxxx" + packed(layer)[-4:])
blobs("layer-bzip2", [one], compress=bz2.compress)
blobs("layer-xz", [one], compress=lzma.compress)


def named_gzip(data):
    """A member with every optional field of a header."""
    compressor = zlib.compressobj(wbits=-15)
    deflated = compressor.compress(data) + compressor.flush()
    header = b"\x1f\x8b\x08\x1f" + bytes(6) + b"\x02\x00xx" + b"name\0" + b"comment\0" + b"cc"
    return header + deflated + struct.pack("<II", zlib.crc32(data), len(data))


blobs("layer-gzip-fields", [one], compress=named_gzip)

# eStargz: a member for each entry, the table of contents, and the footer that says where that is.
toc = entry("stargz.index.json", b'{"version":1,"entries":[]}')
landmark = entry(".no.prefetch.landmark", b"\x0f")
lazy = tar(entry("etc/a", b"a" * 100), entry("etc/.no.prefetch.landmark", b"x"), landmark, toc)


def estargz(layer):
    parts = [layer[:1024], layer[1024:2048], layer[2048:3072], layer[3072:]]
    members = [packed(part) for part in parts]
    offset = sum(map(len, members[:3]))
    extra = b"SG" + struct.pack("<H", 22) + b"%016xSTARGZ" % offset
    footer = b"\x1f\x8b\x08\x04" + bytes(5) + b"\xff" + struct.pack("<H", len(extra)) + extra
    return b"".join(members) + footer + b"\x01\x00\x00\xff\xff" + bytes(8)


blobs("layer-estargz", [lazy], compress=estargz)
blobs("layer-no-estargz", [lazy], compress=packed)

# A whole archive in zstd.
plain = (OUT / "plain.tar").read_bytes()
(OUT / "plain.tar.zst").write_bytes(zstd(plain[:5000]) + zstd(plain[5000:]))
