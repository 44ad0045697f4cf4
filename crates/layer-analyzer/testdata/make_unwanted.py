#!/usr/bin/env python3
"""Makes testdata/archives/unwanted.tar.gz: an image with what should not be in one.

Usage: python3 make_unwanted.py

Uses Python's tarfile and gzip only. The secrets are made up, and put together from halves, so that
no scanner of repositories takes them for real ones. The right answers stand in
tests/integration/layer_rules.rs, written by hand.
"""

import gzip
import hashlib
import io
import json
import pathlib
import struct
import tarfile

OUT = pathlib.Path(__file__).parent / "archives/unwanted.tar.gz"

TOKEN = b"gh" + b"p_q7Zk2Mx5Wn4Rt9PlB8vC3dF6gH1jK0sYtUeI"
KEY = (
    b"-----BEGIN " + b"PRIVATE KEY-----\n"
    b"MC4CAQAwBQYDK2VwBCIEIJ8fK2xQpL0vT3mWz7RyHcB1nUgSdE9oAiXk5qPjMtZb\n"
    b"-----END " + b"PRIVATE KEY-----\n"
)


def tar(*members):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def program(symbols_bytes):
    """A 64-bit program with one section of debug information and the sections' names."""
    table = 64 + symbols_bytes
    header = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    header += struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0, 0, table, 0, 64, 0, 0, 64, 2, 1)
    section = struct.pack("<IIQQQQIIQQ", 0, 1, 0, 0, 64, symbols_bytes, 0, 0, 1, 0)
    names = struct.pack("<IIQQQQIIQQ", 0, 3, 0, 0, 64, 1, 0, 0, 1, 0)
    return header + bytes(symbols_bytes) + section + names


LAYERS = [
    tar(
        ("var/lib/apt/lists/packages", b"p" * 1_200_000),
        ("var/lib/apt/lists/lock", b""),
        ("tmp/notes", b"n" * 300),
        ("srv/app/.git/config", b"[core]\n"),
        ("srv/app/.env", b"PORT=80\nGITHUB_TOKEN=" + TOKEN + b"\n"),
        ("srv/app/tls.pem", KEY),
        ("srv/app/public.pem", KEY.replace(b"PRIVATE", b"PUBLIC")),
        ("srv/app/tests/tls.pem", KEY),
        ("srv/bin/app", program(2_000_000)),
    ),
    tar(
        ("var/lib/apt/.wh.lists", b""),
        ("srv/app/.wh.tls.pem", b""),
        ("srv/app/readme", b"https://user:password@example.com/\n"),
    ),
]

HISTORY = [
    {"created_by": "RUN |1 NPM_TOKEN=tr0ub4dor /bin/sh -c npm ci # buildkit"},
    {"created_by": "ENV DB_PASSWORD=correcthorse", "empty_layer": True},
    {"created_by": "RUN /bin/sh -c curl https://me:tr0ub4dor@db.corp/ # buildkit"},
]

CONFIG = json.dumps(
    {
        "os": "linux",
        "architecture": "amd64",
        "config": {"Env": ["PATH=/bin", "DB_PASSWORD=correcthorse"]},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + sha256(layer) for layer in LAYERS]},
        "history": HISTORY,
    }
).encode()

MANIFEST = json.dumps(
    [
        {
            "Config": "config.json",
            "RepoTags": ["unwanted:1"],
            "Layers": ["0/layer.tar", "1/layer.tar"],
        }
    ]
).encode()

ARCHIVE = tar(
    ("0/layer.tar", LAYERS[0]),
    ("1/layer.tar", LAYERS[1]),
    ("config.json", CONFIG),
    ("manifest.json", MANIFEST),
)

OUT.write_bytes(gzip.compress(ARCHIVE, mtime=0))
