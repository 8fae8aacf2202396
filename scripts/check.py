"""The whole check, one step after another: style, a build of the sample, conventions, tests.

    python scripts/check.py

Runs every step, whatever the ones before it gave, and ends with what failed.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import install_packages

PROJECT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
HOME = PROJECT / "target" / "check"  # a warehouse of its own: a check never touches the user's

STEPS = {
    "Python style": [["ruff", "check", "--no-cache"], ["ruff", "format", "--check", "--no-cache"]],
    "dbt build of the sample, documentation": [["dbt", "build"], ["dbt", "--quiet", "docs", "generate"]],
    "dbt conventions": [["dbt-bouncer", "run", "--config-file", "dbt-bouncer.yml"]],
    "SQL style": [["sqlfluff", "lint", "--disable-progress-bar"]],
    # A build in a test takes little more than one core: two processes share the tests out, file by file.
    "tests": [["pytest", "--numprocesses=2", "--dist=loadfile", "--no-loadscope-reorder", "--durations=10"]],
}


def passes(command: list[str]) -> bool:
    """Whether a command of the environment ends well."""
    environment = os.environ | {
        "ENGAGEMENT_HOME": str(HOME),
        "ENGAGEMENT_RAW_DIR": str(PROJECT / "data" / "sample"),
        "DO_NOT_TRACK": "1",
    }
    print(f"\n$ {' '.join(command)}", flush=True)
    return subprocess.run([BIN / command[0], *command[1:]], cwd=PROJECT, env=environment, check=False).returncode == 0


def main() -> int:
    if install_packages.main() != 0:
        return 1
    failed = []
    for step, commands in STEPS.items():
        started = time.monotonic()
        if not all([passes(command) for command in commands]):
            failed.append(step)
        print(
            f"-- {step}: {'failed' if step in failed else 'passed'} in {time.monotonic() - started:.0f} s", flush=True
        )
    print(f"\nFailed: {', '.join(failed)}." if failed else "\nEverything passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
