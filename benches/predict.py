"""Measures how near the predictions of `cache-optimizer predict` come to real builds.

Runs the engine tests of tests/engine/predict.rs, which predict thirty changes of the example and of three
generated projects and build after each, one test at a time, and writes what was predicted and what the
build took (`totals.duration_ms` of its report) as JSON, with the medians of the relative errors. Changes
that only touch a file are not predicted: they change nothing.

Usage: predict.py OUT.json [ROUNDS]
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

WORKSPACE = Path(__file__).resolve().parent.parent


def measure() -> list[dict]:
    with tempfile.TemporaryDirectory() as folder:
        measured = Path(folder) / "measured.jsonl"
        subprocess.run(
            ["cargo", "nextest", "run", "--package", "tests", "--test", "engine", "--test-threads", "1"]
            + ["predict::what_runs_in"],
            cwd=WORKSPACE,
            env={**os.environ, "PREDICT_MEASURED": str(measured)},
            check=True,
        )
        return [json.loads(line) for line in measured.read_text().splitlines()]


def error(row: dict) -> float:
    return abs(row["predicted_ms"] - row["measured_ms"]) / row["measured_ms"]


def median_error(rows: list[dict]) -> float | None:
    return statistics.median(map(error, rows)) if rows else None


def main() -> None:
    out = Path(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    rows = [{"round": number, **row} for number in range(1, rounds + 1) for row in measure()]
    predicted = [row for row in rows if row["predicted_ms"] is not None]
    projects = sorted({row["project"] for row in rows})
    result = {
        "changes": len(rows),
        "predicted": len(predicted),
        "median_error_ratio": median_error(predicted),
        "median_error_ratio_where_steps_ran": median_error([row for row in predicted if row["ran_count"]]),
        "median_error_ratio_by_project": {
            name: median_error([row for row in predicted if row["project"] == name]) for name in projects
        },
        "rows": rows,
    }
    out.write_text(json.dumps(result, indent=2) + "\n")
    print(f"{'project':16} {'change':28} {'steps':>5} {'predicted':>9} {'measured':>9} {'error':>6}")
    for row in predicted:
        print(
            f"{row['project']:16} {row['change']:28} {row['ran_count']:5} {row['predicted_ms']:9}"
            f" {row['measured_ms']:9} {error(row):6.0%}"
        )
    for name in ("median_error_ratio", "median_error_ratio_where_steps_ran"):
        print(f"{name}: {result[name]:.1%}")


if __name__ == "__main__":
    main()
