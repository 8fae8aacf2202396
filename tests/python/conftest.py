"""What several tests need: the project built on a folder of feeds, in a folder of its own."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import pytest
from lives import Life, draw_lives, write_lives

PROJECT = Path(__file__).resolve().parents[2]
DBT = Path(sys.executable).with_name("dbt")
SAMPLE = PROJECT / "data" / "sample"

# Where two processes share the files out, what takes longest begins first, so that none waits for it in the end.
LONGEST_FIRST = (
    "test_interruptions.py",
    "test_sessions_property.py",
    "test_publish.py",
    "test_bad_inputs.py",
    "test_variables.py",
    "test_metrics.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


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

    def copy_to(self, folder: Path) -> "Build":
        """The same build in a home of its own: whoever opens a build file as dbt does, keeps all readers out of it."""
        shutil.copytree(self.home, folder, ignore=shutil.ignore_patterns("published"))
        return Build(folder, self.status, self.output)

    def query(self, sql: str) -> list[tuple]:
        """The rows of a query on the build file."""
        with duckdb.connect(str(self.build_file), read_only=True) as connection:
            return connection.execute(sql).fetchall()


def environment(raw_dir: Path, home: Path, *, science: bool = True) -> dict[str, str]:
    """The environment in which the project reads `raw_dir` and writes to `home` alone.

    science   False: what requirements/science.txt installs cannot be imported. Statistics and predictions are empty
              tables, which saves half of a build where they are not what a test is about.
    """
    shadows = {} if science else {"PYTHONPATH": str(Path(__file__).with_name("without_science"))}
    return (
        os.environ
        | shadows
        | {
            "ENGAGEMENT_RAW_DIR": str(raw_dir),
            "ENGAGEMENT_HOME": str(home),
            "DBT_TARGET_PATH": str(home / "target"),
            "DBT_LOG_PATH": str(home / "logs"),
            "DBT_USE_COLORS": "false",
            "DO_NOT_TRACK": "1",
        }
    )


def run(command: list, raw_dir: Path, home: Path, *, science: bool = True) -> Build:
    """Runs a command of the project, in its `environment`."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=PROJECT,
        env=environment(raw_dir, home, science=science),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Build(home, done.returncode, done.stdout)


def run_dbt(raw_dir: Path, home: Path, *arguments: str, science: bool = True) -> Build:
    """Runs dbt, such as `run_dbt(raw_dir, home, "build", "-s", "staging")`."""
    return run([DBT, *arguments], raw_dir, home, science=science)


# Other time zones, on both sides of UTC; in New York as it was known when clocks there were about to be set back.
PLACES = {
    "as it is": {},
    "New York": {"reporting_timezone": "America/New_York", "as_of": "2025-11-02 05:30:00"},
    "Shanghai": {"reporting_timezone": "Asia/Shanghai"},
}


@pytest.fixture(scope="session")
def build_once(tmp_path_factory) -> Callable[..., Build]:
    """Builds a folder of feeds when it is first asked for, once for all processes that share out the tests.

    build_once(name, raw_dir, *arguments)   `name` tells the build from others; whoever asks next gets the same one
    """
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent

    @cache
    def build(name: str, raw_dir: Path, *arguments: str) -> Build:
        home = shared / name
        output = shared / f"{name}.txt"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not output.exists():
                done = run_dbt(raw_dir, home, "build", *arguments)
                assert done.status == 0, done.output
                output.write_text(done.output, "utf-8")
        return Build(home, 0, output.read_text("utf-8"))

    return build


@pytest.fixture(scope="session")
def sample_in(sample_build, build_once) -> Callable[[str], Build]:
    """The sample in one of PLACES, built when it is first asked for."""

    def build_in(place: str) -> Build:
        if not PLACES[place]:
            return sample_build
        variables = json.dumps(PLACES[place])
        return build_once(f"sample in {place}", SAMPLE, "--exclude", "test_type:unit", "--vars", variables)

    return build_in


# Made-up lives (lives.py), whose moments lie at the bounds of days, weeks and months of each of these zones.
LIVES_DRAWN = 1_200
LIVES_VARIABLES = {
    "retention_periods": {"day": 9, "week": 5, "month": 3},
    "one_and_done_periods": {"day": 3, "week": 2, "month": 1},
}
LIVES = {
    f"lives in {zone.rpartition('/')[2]}": LIVES_VARIABLES | {"reporting_timezone": zone}
    for zone in ("UTC", "Asia/Shanghai", "America/New_York")
}


@pytest.fixture(scope="session")
def lives_in(build_once, tmp_path_factory) -> Callable[[str], tuple[list[Life], Build]]:
    """The lives of one of LIVES, and the project built on them without its tests."""

    @cache
    def build_in(place: str) -> tuple[list[Life], Build]:
        lives = draw_lives(LIVES[place]["reporting_timezone"], LIVES_DRAWN, seed_number=1)
        raw_dir = tmp_path_factory.mktemp("lives") / "feeds"
        write_lives(raw_dir, lives)
        variables = json.dumps(LIVES[place])
        return lives, build_once(place, raw_dir, "--exclude-resource-type", "test", "unit_test", "--vars", variables)

    return build_in


@pytest.fixture(scope="session")
def build_in(sample_in, lives_in) -> Callable[[str], Build]:
    """A build in one of PLACES or LIVES."""
    return lambda place: sample_in(place) if place in PLACES else lives_in(place)[1]


@pytest.fixture(scope="session")
def sample_build(build_once) -> Build:
    """The whole project built on the sample world."""
    return build_once("sample", SAMPLE)


@pytest.fixture(scope="session")
def platform_data() -> Path:
    """Real files of the moderated chat platform, where there are any."""
    folder = os.environ.get("ENGAGEMENT_REAL_DATA_DIR")
    path = Path(folder, "platform") if folder else None
    if path is None or not path.is_dir():
        pytest.skip("needs real files: set ENGAGEMENT_REAL_DATA_DIR to a folder that holds platform/")
    return path


@pytest.fixture(scope="session")
def platform_build(platform_data, build_once) -> Build:
    """The whole project built on the platform's real files; what unit tests say does not depend on them."""
    return build_once("platform", platform_data, "--exclude", "test_type:unit")
