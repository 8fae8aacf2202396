"""Publishing: whoever reads the published file sees one whole build, whatever happens meanwhile."""

import json
import re
import shutil
import subprocess
import sys
import time

import build
import duckdb
import publish
import pytest
import yaml
from conftest import PROJECT, SAMPLE, run, run_dbt

PUBLISHES = 50
READERS = 3
ROWS = 20_000

# Reads the published file until told to stop: each time both tables, which every build fills with its own number.
READER = """
import sys, json, pathlib, duckdb
published, stop = sys.argv[1], pathlib.Path(sys.argv[2])
seen, reads = set(), 0
while not stop.exists():
    with duckdb.connect(published, read_only=True) as connection:
        facts = connection.execute("select min(build), max(build), count(*) from marts.facts").fetchone()
        checks = connection.execute("select min(build), max(build), count(*) from quality.checks").fetchone()
    assert facts == checks, f"torn read: {facts} and {checks}"
    assert facts[0] == facts[1], f"torn read: {facts}"
    seen.add(facts[0])
    reads += 1
print(json.dumps({"reads": reads, "builds": len(seen), "rows": facts[2]}))
"""


def make_build(path, number: int, is_publishable: bool = True) -> None:
    """A build file in which every row carries the build's number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts; create schema quality; create schema raw; create schema staging")
        connection.execute(f"create table marts.facts as select {number} as build, range as row from range({ROWS})")
        connection.execute("create view quality.checks as select build from engagement.marts.facts")
        connection.execute("comment on table marts.facts is 'One row per row, it''s all there.'")
        connection.execute("comment on column marts.facts.build is 'The build''s number.'")
        connection.execute("create table staging.private as select 1 as secret")
        connection.execute(f"create table raw.build_state as select {is_publishable} as is_publishable")


def test_readers_during_many_publishes(tmp_path):
    source, published = tmp_path / "build" / "engagement.duckdb", tmp_path / "published" / "engagement.duckdb"
    stop = tmp_path / "stop"
    make_build(source, 0)
    publish.publish(source, published)
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(published), str(stop)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(READERS)
    ]
    # One reader keeps its connection open throughout: it goes on seeing what it opened.
    with duckdb.connect(str(published), read_only=True) as patient:
        for number in range(1, PUBLISHES + 1):
            make_build(source, number)
            publish.publish(source, published)
        assert patient.execute("select min(build), max(build), count(*) from marts.facts").fetchone() == (0, 0, ROWS)
    time.sleep(0.5)
    stop.touch()
    reports = [reader.communicate(timeout=60) for reader in readers]
    assert [errors for _, errors in reports] == [""] * READERS
    for report in (json.loads(output) for output, _ in reports):
        assert report["rows"] == ROWS
        assert report["builds"] > 3, "the reader met too few builds to prove anything"
    with duckdb.connect(str(published), read_only=True) as connection:
        assert connection.execute("select max(build) from marts.facts").fetchone() == (PUBLISHES,)
    assert sorted(path.name for path in published.parent.iterdir()) == ["engagement.duckdb"]


def test_published_file_holds_what_people_read_with_its_documentation(tmp_path):
    source, published = tmp_path / "build" / "engagement.duckdb", tmp_path / "published" / "engagement.duckdb"
    make_build(source, 7)
    assert publish.publish(source, published) == 2
    with duckdb.connect(str(published), read_only=True) as connection:
        tables = connection.execute("select table_schema, table_name from information_schema.tables order by all")
        assert tables.fetchall() == [("marts", "facts"), ("quality", "checks")]
        [(comment,)] = connection.execute("select comment from duckdb_tables() where table_name = 'facts'").fetchall()
        assert comment == "One row per row, it's all there."
        assert connection.execute(
            "select comment from duckdb_columns() where table_name = 'facts' and comment is not null"
        ).fetchall() == [("The build's number.",)]


def test_a_build_that_did_not_pass_is_not_published(tmp_path):
    source, published = tmp_path / "build" / "engagement.duckdb", tmp_path / "published" / "engagement.duckdb"
    make_build(source, 1)
    publish.publish(source, published)
    before = published.read_bytes()
    make_build(source, 2, is_publishable=False)
    with pytest.raises(publish.NotPublishableError):
        publish.publish(source, published)
    assert published.read_bytes() == before
    assert sorted(path.name for path in published.parent.iterdir()) == ["engagement.duckdb"]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A project built and published, to be broken in various ways."""
    home = tmp_path_factory.mktemp("home")
    raw = home / "feeds"
    shutil.copytree(SAMPLE, raw)
    done = run([sys.executable, "scripts/build.py"], raw, home)
    assert done.status == 0, done.output
    return done, raw


def test_every_path_that_the_build_prints_is_there(built):
    done, _ = built
    printed = [line.strip() for line in done.output.split("Published")[1].splitlines()[1:] if line.startswith("  ")]
    assert str(done.published_file) in printed
    assert len(printed) > 1
    for path in printed:
        assert (done.home / path).exists(), path


def test_pages_ask_nothing_of_the_network(built):
    done, _ = built
    pages = list(done.published_file.parent.glob("*.html"))
    assert pages
    for page in pages:
        text = page.read_text("utf-8")
        board = yaml.safe_load((PROJECT / "charts" / f"{page.stem}.yml").read_text("utf-8"))
        assert board["title"] in text
        addresses = r"""(?:(?:src|href)\s*=\s*["']?|url\(["']?)(?:https?:)?//"""
        assert re.findall(addresses + r"|@import|fetch\(|XMLHttpRequest|WebSocket", text) == []


def test_a_failed_test_leaves_the_published_file_and_says_so(built):
    done, raw = built
    before = done.published_file.read_bytes()
    strict = ["--vars", "{max_rejected_share: 0}"]
    failed = run([sys.executable, "scripts/build.py", *strict], raw, done.home, science=False)
    assert failed.status == 1
    assert f"Nothing is published: {done.published_file} is as it was." in failed.output
    assert "more than max_rejected_share (0) allows" in failed.output
    assert done.published_file.read_bytes() == before


def test_part_of_a_build_is_not_published(built):
    done, raw = built
    before = done.published_file.read_bytes()
    assert run_dbt(raw, done.home, "build", "--select", "fct_moderator_performance").status == 0
    refused = run([sys.executable, "scripts/publish.py"], raw, done.home)
    assert refused.status == 1
    assert refused.output == (
        "Nothing is published: The last build was not a whole `dbt build` that passed every test.\n"
    )
    assert done.published_file.read_bytes() == before


@pytest.mark.parametrize(
    "part",
    [
        ["build", "--empty"],
        ["build", "--exclude-resource-type", "test", "unit_test"],
        ["build", "--exclude", "agg_session_times"],
    ],
    ids=" ".join,
)
def test_nothing_but_a_whole_build_with_its_tests_may_be_published(built, part):
    done, raw = built
    ran = run_dbt(raw, done.home, *part, science=False)
    assert ran.status == 0, ran.output
    assert ran.query("select is_publishable from raw.build_state") == [(False,)]


def test_a_second_build_at_the_same_time_is_refused(built):
    done, raw = built
    with build.one_at_a_time(done.home / "build") as is_ours:
        assert is_ours
        refused = run([sys.executable, "scripts/build.py"], raw, done.home)
    assert refused.status == 1
    assert f"Another build is running in {done.home}." in refused.output


def test_paths_do_not_depend_on_where_one_stands(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ENGAGEMENT_HOME", "somewhere")
    assert publish.published_file() == PROJECT / "somewhere" / "published" / "engagement.duckdb"
    monkeypatch.setenv("ENGAGEMENT_HOME", str(tmp_path / "else"))
    assert publish.published_file() == tmp_path / "else" / "published" / "engagement.duckdb"
