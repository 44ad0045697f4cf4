"""Writes the files that the images of benches/make_images.sh are made of: the same bytes each time.

Usage: make_files.py deb|many|whiteouts|big FOLDER
"""

import random
import sys
from pathlib import Path

MIB = 1 << 20


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def deb(folder: Path) -> None:
    """Package lists and caches, which do not compress, and an application of 40 MiB."""
    write(folder / "lists" / "archive_Packages", random.randbytes(18_000_000))
    for name in ("cache-1", "cache-2"):
        write(folder / name / "pkgcache.bin", random.randbytes(24_000_000))
    for index in range(40):
        write(folder / "app" / f"module-{index:02d}", random.randbytes(MIB))


def small_files(folder: Path, folder_count: int) -> None:
    """A hundred files of 30 to 330 bytes in each folder."""
    for number in range(folder_count):
        for index in range(100):
            text = f"{folder.name} {number} {index} " + "x" * random.randint(20, 300) + "\n"
            write(folder / f"d{number:04d}" / f"file-{index:03d}", text.encode())


def many(folder: Path) -> None:
    small_files(folder / "all", 1000)
    small_files(folder / "again", 250)
    small_files(folder / "more", 500)


def whiteouts(folder: Path) -> None:
    small_files(folder / "all", 250)


def half_random(path: Path, size_mib: int) -> None:
    """Every second half mebibyte compresses well, the others not at all."""
    halves = (random.randbytes(MIB // 2) + bytes([index & 255]) * (MIB // 2) for index in range(size_mib))
    write(path, b"".join(halves))


def big(folder: Path) -> None:
    for index in range(3):
        half_random(folder / "blob" / f"{index}", 250)
    for index in range(700):
        half_random(folder / "small" / f"{index:03d}", 1)
    for index in range(300):
        half_random(folder / "again" / f"{index:03d}", 1)


def main() -> None:
    kind, folder = sys.argv[1:]
    random.seed(4)
    {"deb": deb, "many": many, "whiteouts": whiteouts, "big": big}[kind](Path(folder))


if __name__ == "__main__":
    main()
