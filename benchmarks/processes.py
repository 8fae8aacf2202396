"""Runs a command as a process of its own, and says what it took."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


@dataclass
class Finished:
    """What a process printed and took: wall clock and processor in seconds, its peak memory in MiB.

    models   of dbt alone: the seconds of each node, by dbt's own count, which leaves its start out
    """

    printed: str
    wall: float
    cpu: float
    memory: float
    models: dict[str, float] = field(default_factory=dict)


def run(command: list[str], environment: dict[str, str]) -> Finished:
    """Runs a command in the project's folder. A failure ends the benchmark."""
    started = time.monotonic()
    process = subprocess.Popen(
        command, cwd=PROJECT, env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(command)} failed:\n{printed[-3000:]}")
    return Finished(printed, time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def run_dbt(home: Path, raw: Path, *arguments: str) -> Finished:
    """Runs dbt on the feeds in `raw`, in a home of its own."""
    environment = {
        "ENGAGEMENT_HOME": str(home),
        "ENGAGEMENT_RAW_DIR": str(raw),
        "DBT_TARGET_PATH": str(home / "target"),
        "DBT_LOG_PATH": str(home / "logs"),
        "DO_NOT_TRACK": "1",
    }
    finished = run([sys.executable, "-m", "dbt.cli.main", *arguments], environment)
    results = json.loads((home / "target" / "run_results.json").read_text())["results"]
    finished.models = {result["unique_id"].split(".", 2)[-1]: result["execution_time"] for result in results}
    return finished
