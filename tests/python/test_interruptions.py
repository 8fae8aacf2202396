"""Builds that are killed: the next one ends where an undisturbed one does, and readers never notice.

A few kills by default. ENGAGEMENT_LONG_TESTS=1 makes it twenty. The moments are drawn anew each time; a failing test
says which they were, and ENGAGEMENT_KILL_SEED repeats them.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time

import duckdb
import pytest
from conftest import DBT, PROJECT, SAMPLE, environment, run

KILLS = 20 if os.environ.get("ENGAGEMENT_LONG_TESTS") else 2
LATER = ("part-2.csv", "part-3.csv")
# When a file came in first is the clock's, and no two builds share it.
CLOCK = {"loaded_at", "first_loaded_at", "last_loaded_at"}


# All of `make build` but the pages, which are made of what is published and take as long again.
BUILD = ["sh", "-c", f"{DBT} build && exec {sys.executable} scripts/publish.py"]


def make(raw, home):
    return run(BUILD, raw, home, science=False)


def published(path) -> dict[str, list[tuple]]:
    """Every row of every table of the published file, in an order of its own, without what the clock says."""
    with duckdb.connect(str(path), read_only=True) as connection:
        columns = connection.execute("""
            select table_schema || '.' || table_name, list(column_name order by ordinal_position)
            from information_schema.columns
            group by 1
        """).fetchall()
        content = {}
        for table, names in columns:
            kept = ", ".join(f'"{name}"' for name in names if name not in CLOCK)
            content[table] = connection.execute(f"select {kept} from {table} order by all").fetchall()
    return content


class Reader(threading.Thread):
    """Reads the published file over and over; `seen` says how many sessions it found, each number once."""

    def __init__(self, path):
        super().__init__()
        self.path, self.stopped, self.seen, self.failure = path, threading.Event(), set(), None

    def run(self):
        try:
            while not self.stopped.wait(0.05):
                with duckdb.connect(str(self.path), read_only=True) as connection:
                    self.seen.add(connection.execute("select count(*) from marts.fct_sessions").fetchone()[0])
        except duckdb.Error as error:
            self.failure = error

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.join()


@pytest.fixture(scope="module")
def stages(tmp_path_factory):
    """Feeds, a build of them without their later parts, and what it and an undisturbed build of them all published."""
    folder = tmp_path_factory.mktemp("interruptions")
    raw, home, straight = folder / "raw", folder / "home", folder / "straight"
    shutil.copytree(SAMPLE, raw)
    for part in LATER:
        (raw / "chat_events" / part).rename(folder / part)
    first = make(raw, home)
    assert first.status == 0, first.output
    before = published(first.published_file)
    for part in LATER:
        shutil.copy(folder / part, raw / "chat_events" / part)
    shutil.copytree(home, straight)
    started = time.monotonic()
    undisturbed = make(raw, straight)
    assert undisturbed.status == 0, undisturbed.output
    expected = published(undisturbed.published_file)
    assert len(expected["marts.fct_sessions"]) > len(before["marts.fct_sessions"])
    return raw, home, before, expected, time.monotonic() - started


def test_killed_builds_are_made_good_by_the_next(stages, tmp_path):
    raw, first, before, expected, duration = stages
    seed = int(os.environ.get("ENGAGEMENT_KILL_SEED", time.time_ns()))
    draw = random.Random(seed)
    counts = {len(content["marts.fct_sessions"]) for content in (before, expected)}
    killed = 0
    while killed < KILLS:
        home = tmp_path / f"home-{killed}"
        shutil.copytree(first, home)
        # Some builds go on from where another was killed, without a whole build between them.
        moments = [draw.uniform(1, duration) for _ in range(draw.randint(1, 3))]
        what = f"ENGAGEMENT_KILL_SEED={seed}, killed after {', '.join(f'{m:.1f}' for m in moments)} seconds"
        with Reader(home / "published" / "engagement.duckdb") as reader:
            for moment in moments:
                process = subprocess.Popen(
                    BUILD,
                    cwd=PROJECT,
                    env=environment(raw, home, science=False),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
                time.sleep(moment)
                if process.poll() is None:
                    killed += 1
                    os.killpg(process.pid, signal.SIGKILL)  # dbt, a process of its own, too
                process.wait()
            again = make(raw, home)
        assert again.status == 0, f"{what}\n{again.output}"
        assert reader.failure is None, f"{what}: {reader.failure}"
        assert reader.seen <= counts, what
        found = published(again.published_file)
        assert found.keys() == expected.keys(), what
        different = [table for table in expected if found[table] != expected[table]]
        assert different == [], what
        shutil.rmtree(home)
