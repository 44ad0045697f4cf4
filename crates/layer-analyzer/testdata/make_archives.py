#!/usr/bin/env python3
"""Makes testdata/archives: tiny image archives, each with one trap.

Usage: python3 make_archives.py

Uses Python's tarfile and gzip only, so that the reader under test is not tried on what it wrote.
The right answers stand in src/input/archive/tests.rs and src/run/tests.rs, written by hand.
"""

import gzip
import hashlib
import io
import json
import pathlib
import tarfile

OUT = pathlib.Path(__file__).parent / "archives"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def entry(name, data=b"", type=tarfile.REGTYPE, link="", pax=None):
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = type, link, len(data)
    info.pax_headers = pax or {}
    return info, data


def directory(name):
    return entry(name, type=tarfile.DIRTYPE)


def tar(*entries, format=tarfile.PAX_FORMAT):
    buffer = io.BytesIO()
    with tarfile.open(
        fileobj=buffer, mode="w", format=format, errors="surrogateescape"
    ) as archive:
        for info, data in entries:
            archive.addfile(info, io.BytesIO(data))
        end = archive.offset
    # The end marker alone, without the zeros that fill a record of 10 kB.
    return buffer.getvalue()[: end + 1024]


def config(layers, history="one for each", diff_ids=None):
    document = {
        "architecture": "amd64",
        "os": "linux",
        "rootfs": {
            "type": "layers",
            "diff_ids": diff_ids or ["sha256:" + sha256(layer) for layer in layers],
        },
    }
    if history == "one for each":
        history = [{"created_by": f"RUN step {i} # buildkit"} for i in range(len(layers))]
    if history is not None:
        document["history"] = history
    return json.dumps(document).encode()


def write(name, *members, cut_at=None):
    """Archives compress to a tenth, so all are; `plain` is the one that is not."""
    archive = tar(*members, format=tarfile.GNU_FORMAT)[:cut_at]
    if name == "plain":
        (OUT / "plain.tar").write_bytes(archive)
    else:
        (OUT / f"{name}.tar.gz").write_bytes(gzip.compress(archive, mtime=0))


def legacy(name, layers, stored=None, prefix="", cut_at=None, **options):
    """An archive as Engines before 25 write it: a folder per layer, the manifest last."""
    document = config(layers, **options)
    config_name = prefix + sha256(document) + ".json"
    names = [f"{prefix}{i}{sha256(layer)[1:]}/layer.tar" for i, layer in enumerate(layers)]
    members = [entry(n, data) for n, data in zip(names, stored or layers)]
    manifest = [{"Config": config_name, "RepoTags": ["trap:1"], "Layers": names}]
    write(
        name,
        *members,
        entry(config_name, document),
        entry(prefix + "manifest.json", json.dumps(manifest).encode()),
        cut_at=cut_at,
    )


def blobs(name, layers, compress=lambda layer: layer, manifest=True):
    """An archive as Engines from 25 on write it: OCI blobs, and the old manifest beside them."""
    document = config(layers)
    stored = {sha256(blob): blob for blob in [document, *map(compress, layers)]}
    members = [entry(f"blobs/sha256/{digest}", blob) for digest, blob in sorted(stored.items())]
    members.append(entry("index.json", b'{"schemaVersion":2,"manifests":[]}'))
    if manifest:
        document = [
            {
                "Config": f"blobs/sha256/{sha256(document)}",
                "RepoTags": ["trap:1"],
                "Layers": [f"blobs/sha256/{sha256(compress(layer))}" for layer in layers],
            }
        ]
        members.append(entry("manifest.json", json.dumps(document).encode()))
    members.append(entry("oci-layout", b'{"imageLayoutVersion":"1.0.0"}'))
    write(name, *members)


OUT.mkdir(exist_ok=True)
base = tar(
    directory("etc/"),
    entry("etc/a", b"a" * 100),
    directory("d/"),
    entry("d/x", b"x" * 200),
    entry("d/y", b"y" * 300),
)
over = tar(entry("etc/a", b"b" * 40))

# Changes of lower layers.
legacy("plain", [base, over])
legacy("overwrite", [base, over])
legacy("delete-file", [base, tar(entry("etc/.wh.a"))])
legacy("delete-directory", [base, tar(entry(".wh.d"))])
legacy("delete-and-recreate", [base, tar(directory("d/"), entry("d/n", b"n" * 7), entry(".wh.d"))])
legacy("opaque-last", [base, tar(directory("d/"), entry("d/z", b"z" * 9), entry("d/.wh..wh..opq"))])
legacy("whiteout-of-nothing", [base, tar(entry("a/.wh.b"), entry("etc/.wh.c"), entry("etc/a", b"b" * 40))])
legacy("whiteout-without-name", [base, tar(entry("etc/.wh."), entry("etc/a", b"b" * 40))])
legacy("whiteout-with-link-name", [base, tar(entry("d/.wh.x", link=".wh..wh.aufs"))])
legacy("aufs-metadata", [base, tar(directory(".wh..wh.plnk/"), entry(".wh..wh.plnk/1.2", b"p" * 50))])
legacy("file-becomes-directory", [base, tar(directory("etc/a/"), entry("etc/a/n", b"n"))])
legacy("directory-becomes-file", [base, tar(entry("d", b"f" * 10))])
legacy("directory-becomes-symlink", [base, tar(entry("d", type=tarfile.SYMTYPE, link="etc"))])
legacy("opaque-over-symlink", [
    tar(directory("target/"), entry("target/x", b"x" * 60), entry("link", type=tarfile.SYMTYPE, link="target")),
    tar(directory("link/"), entry("link/.wh..wh..opq"), entry("link/n", b"n" * 5)),
])

# Hard links.
linked = tar(entry("f", b"f" * 100), entry("g", type=tarfile.LNKTYPE, link="f"))
legacy("hard-link-survives", [linked, tar(entry(".wh.f"))])
legacy("hard-link-all-gone", [linked, tar(entry(".wh.f")), tar(entry("g", b"g" * 3))])
legacy("hard-link-to-lower-layer", [base, tar(entry("etc/b", type=tarfile.LNKTYPE, link="./etc/a")), tar(entry("etc/.wh.a"))])

# Names.
legacy("same-path-twice", [tar(entry("f", b"1" * 100), entry("./f", b"2" * 30))])
legacy("not-utf8", [tar(entry("f\udcff", b"1" * 10), entry("f\udcfe", b"2" * 20), format=tarfile.GNU_FORMAT)])
legacy("prefixes", [tar(entry("/etc/a", b"1" * 10), entry("./etc/b", b"2" * 20), entry("../c", b"3" * 30)), tar(entry("./etc/.wh.a"))])
long_path = "/".join(["n" * 100] * 3)
legacy("long-names", [
    tar(entry(long_path, b"1" * 10), format=tarfile.GNU_FORMAT),
    tar(entry(long_path, b"2" * 20, pax={"SCHILY.xattr.user.a": "line\n12 path=bad\nline"})),
])
comment = tarfile.TarInfo("pax_global_header")
comment.type = tarfile.XGLTYPE
records = b"20 comment=deadbeef\n"
comment.size = len(records)
legacy("global-pax-header", [tar((comment, records), entry("f", b"f" * 10))])

# Archives.
legacy("dot-slash-members", [base], prefix="./")
legacy("empty-layers", [base, tar(), b""])
legacy("gzip-in-legacy", [base], stored=[gzip.compress(base, mtime=0)])
blobs("blobs", [base, over])
blobs("blobs-gzip", [base, over], compress=lambda layer: gzip.compress(layer, mtime=0))
blobs("blobs-same-layer-twice", [base, over, over])
blobs("oci-without-manifest", [base], manifest=False)

document = config([base, over, base])
manifest = [{"Config": "c.json", "RepoTags": None, "Layers": ["a/layer.tar", "b/layer.tar", "c/layer.tar"]}]
duplicate = [
    entry("a/layer.tar", base),
    entry("b/layer.tar", over),
    entry("c/layer.tar", type=tarfile.SYMTYPE, link="../a/layer.tar"),
    entry("c.json", document),
    entry("manifest.json", json.dumps(manifest).encode()),
]
write("symlinked-layer", *duplicate)
loop = entry("a/layer.tar", type=tarfile.SYMTYPE, link="../c/layer.tar")
write("symlink-loop", loop, *duplicate[1:])
write("missing-layer", *duplicate[1:])

first, second = config([base]), config([over])
manifest = [
    {"Config": "1.json", "RepoTags": ["first:1"], "Layers": ["a/layer.tar"]},
    {"Config": "2.json", "RepoTags": ["second:1"], "Layers": ["b/layer.tar"]},
]
write(
    "two-images",
    entry("a/layer.tar", base),
    entry("b/layer.tar", over),
    entry("1.json", first),
    entry("2.json", second),
    entry("manifest.json", json.dumps(manifest).encode()),
)

# Histories.
legacy("history-too-long", [base], history=[{"created_by": "a"}, {"created_by": "b"}])
legacy("history-missing", [base], history=None)

# Broken.
legacy("truncated-layer", [base], stored=[base[:1200]])
legacy("wrong-digest", [base], stored=[over])
legacy("too-few-diff-ids", [base, over], diff_ids=["sha256:" + sha256(base)])
legacy("truncated-archive", [base, over], cut_at=3000)
