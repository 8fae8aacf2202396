"""What several tests need: the project built on a folder of feeds, in a folder of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import pytest

PROJECT = Path(__file__).resolve().parents[2]
DBT = Path(sys.executable).with_name("dbt")
SAMPLE = PROJECT / "data" / "sample"


@dataclass(frozen=True)
class Build:
    """A finished dbt command.

    home     the ENGAGEMENT_HOME it ran in
    status   its exit status
    output   what it printed
    """

    home: Path
    status: int
    output: str

    @property
    def build_file(self) -> Path:
        return self.home / "build" / "engagement.duckdb"

    @property
    def published_file(self) -> Path:
        return self.home / "published" / "engagement.duckdb"

    def query(self, sql: str) -> list[tuple]:
        """The rows of a query on the build file."""
        with duckdb.connect(str(self.build_file), read_only=True) as connection:
            return connection.execute(sql).fetchall()


def environment(raw_dir: Path, home: Path) -> dict[str, str]:
    """The environment in which the project reads `raw_dir` and writes to `home` alone."""
    return os.environ | {
        "ENGAGEMENT_RAW_DIR": str(raw_dir),
        "ENGAGEMENT_HOME": str(home),
        "DBT_TARGET_PATH": str(home / "target"),
        "DBT_LOG_PATH": str(home / "logs"),
        "DBT_USE_COLORS": "false",
        "DO_NOT_TRACK": "1",
    }


def run(command: list, raw_dir: Path, home: Path) -> Build:
    """Runs a command of the project."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=PROJECT,
        env=environment(raw_dir, home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Build(home, done.returncode, done.stdout)


def run_dbt(raw_dir: Path, home: Path, *arguments: str) -> Build:
    """Runs dbt, such as `run_dbt(raw_dir, home, "build", "-s", "staging")`."""
    return run([DBT, *arguments], raw_dir, home)


# Other time zones, on both sides of UTC; in New York as it was known when clocks there were about to be set back.
PLACES = {
    "as it is": {},
    "New York": {"reporting_timezone": "America/New_York", "as_of": "2025-11-02 05:30:00"},
    "Shanghai": {"reporting_timezone": "Asia/Shanghai"},
}


@pytest.fixture(scope="session")
def sample_in(sample_build, tmp_path_factory) -> Callable[[str], Build]:
    """The sample in one of PLACES, built when it is first asked for."""

    @cache
    def build_in(place: str) -> Build:
        if not PLACES[place]:
            return sample_build
        home = tmp_path_factory.mktemp("elsewhere")
        done = run_dbt(SAMPLE, home, "build", "--exclude", "test_type:unit", "--vars", json.dumps(PLACES[place]))
        assert done.status == 0, done.output
        return done

    return build_in


@pytest.fixture(scope="session")
def sample_build(tmp_path_factory) -> Build:
    """The whole project built on the sample world."""
    build = run_dbt(SAMPLE, tmp_path_factory.mktemp("sample"), "build")
    assert build.status == 0, build.output
    return build


@pytest.fixture(scope="session")
def platform_data() -> Path:
    """Real files of the moderated chat platform, where there are any."""
    folder = os.environ.get("ENGAGEMENT_REAL_DATA_DIR")
    path = Path(folder, "platform") if folder else None
    if path is None or not path.is_dir():
        pytest.skip("needs real files: set ENGAGEMENT_REAL_DATA_DIR to a folder that holds platform/")
    return path


@pytest.fixture(scope="session")
def platform_build(platform_data, tmp_path_factory) -> Build:
    """The whole project built on the platform's real files."""
    build = run_dbt(platform_data, tmp_path_factory.mktemp("platform"), "build")
    assert build.status == 0, build.output
    return build
