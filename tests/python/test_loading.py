"""What the loader remembers: which files it has read, and when their content first came in."""

import json
from datetime import datetime, timedelta

import duckdb
import pytest
from conftest import run_dbt

from loader.feeds import Feed
from loader.load import load_feeds

FEED = Feed("visits", ("visit_id", "place"), ("visit_id",))
HEADER = "visit_id,place\n"


@pytest.fixture
def world(tmp_path):
    """A function that loads a folder of feeds, empty at first, and gives file, row number, visit, place of each."""
    raw, store = tmp_path / "raw", tmp_path / "store"
    (raw / "visits").mkdir(parents=True)
    connection = duckdb.connect()

    def load(feed=FEED, full_refresh=False):
        report = load_feeds(connection, [feed], raw, store, full_refresh)
        assert report.errors == []
        return connection.execute(
            "select _file_name, _row_number, visit_id, place from raw.visits_rows order by all"
        ).fetchall()

    load.folder, load.store, load.connection = raw / "visits", store, connection
    return load


def written_at(load) -> dict[str, int]:
    """When each Parquet file of the store was written."""
    return {path.name: path.stat().st_mtime_ns for path in load.store.rglob("*.parquet")}


def first_loaded(load) -> dict[str, datetime]:
    return dict(load.connection.execute("select distinct _file_name, _loaded_at from raw.visits_rows").fetchall())


def test_only_what_is_new_is_read(world):
    (world.folder / "a.csv").write_text(HEADER + "1,here\n")
    world()
    before = written_at(world)
    (world.folder / "b.csv").write_text(HEADER + "2,there\n")
    assert world() == [("visits/a.csv", 1, "1", "here"), ("visits/b.csv", 1, "2", "there")]
    after = written_at(world)
    assert len(after) == 2
    assert before.items() <= after.items()


def test_a_changed_file_takes_the_place_of_its_old_rows(world):
    (world.folder / "a.csv").write_text(HEADER + "1,here\n2,here\n")
    world()
    (world.folder / "a.csv").write_text(HEADER + "1,there\n")
    assert world() == [("visits/a.csv", 1, "1", "there")]
    assert len(written_at(world)) == 1


def test_a_file_that_is_gone_takes_its_rows_with_it(world):
    for name in ("a", "b"):
        (world.folder / f"{name}.csv").write_text(HEADER + f"{name},here\n")
    world()
    (world.folder / "a.csv").unlink()
    assert world() == [("visits/b.csv", 1, "b", "here")]


def test_content_keeps_the_moment_it_first_came_in(world):
    """Through other runs, a full refresh, a new name, and an absence."""
    (world.folder / "a.csv").write_text(HEADER + "1,here\n")
    world()
    [first] = first_loaded(world).values()
    world(full_refresh=True)
    assert first_loaded(world) == {"visits/a.csv": first}
    (world.folder / "a.csv").rename(world.folder / "b.csv")
    world()
    assert first_loaded(world) == {"visits/b.csv": first}
    (world.folder / "c.csv").write_text(HEADER + "2,here\n")
    (world.folder / "b.csv").unlink()
    world()
    (world.folder / "b.csv").write_text(HEADER + "1,here\n")
    world()
    loaded = first_loaded(world)
    assert loaded["visits/b.csv"] == first
    assert loaded["visits/c.csv"] > first


def test_a_full_refresh_reads_again(world):
    (world.folder / "a.csv").write_text(HEADER + "1,here\n")
    rows = world()
    before = written_at(world)
    assert world(full_refresh=True) == rows
    assert written_at(world).keys() == before.keys()
    assert written_at(world) != before


def test_a_new_column_in_the_declaration_is_read_from_old_files(world):
    (world.folder / "a.csv").write_text("visit_id,place,mood\n1,here,good\n")
    world()
    world(Feed("visits", ("visit_id", "place", "mood"), ("visit_id",)))
    assert world.connection.execute("select mood from raw.visits_rows").fetchall() == [("good",)]


def test_a_store_that_somebody_emptied_is_filled_again(world):
    (world.folder / "a.csv").write_text(HEADER + "1,here\n")
    rows = world()
    for path in world.store.rglob("*.parquet"):
        path.unlink()
    assert world() == rows


def test_what_an_interrupted_load_left_is_removed(world):
    (world.folder / "a.csv").write_text(HEADER + "1,here\n")
    world()
    (world.store / "visits" / "half.parquet").write_bytes(b"PAR1")
    world()
    assert len(written_at(world)) == 1


def test_a_timestamp_may_lie_five_minutes_after_its_row_was_loaded_and_no_more(tmp_path):
    """On both sides of each bound of the valid range, to the microsecond."""
    loaded_at = datetime(2025, 6, 1, 12, 0, 0)
    moments = {
        loaded_at + timedelta(minutes=5): "accepted",
        loaded_at + timedelta(minutes=5, microseconds=1): "rejected",
        datetime(2000, 1, 1): "accepted",
        datetime(1999, 12, 31, 23, 59, 59, 999999): "rejected",
    }
    raw, home = tmp_path / "feeds", tmp_path / "home"
    raw.mkdir()
    rows = [f"user,{number},{moment},10,1,4,0" for number, moment in enumerate(moments)]
    header = "user_id,session_id,timestamp,session_length,messages_sent,feedback_rating,resources_clicked"
    (raw / "user_activity.csv").write_text("\n".join([header, *rows]))
    model = "base_platform__user_activity"
    assert run_dbt(raw, home, "run", "--select", model).status == 0
    registry = home / "raw" / "files.json"
    files = json.loads(registry.read_text())
    files[0]["first_loaded_at"] = str(loaded_at)
    registry.write_text(json.dumps(files))
    done = run_dbt(raw, home, "run", "--full-refresh", "--select", model)
    assert done.status == 0, done.output
    outcomes = done.query(f"select outcome, reasons from staging.{model} order by row_number")
    assert [outcome for outcome, _ in outcomes] == list(moments.values())
    assert {reasons for _, reasons in outcomes} == {None, "timestamp: timestamp_out_of_range"}


KEPT = Feed("visits", ("visit_id", "place"), ("visit_id",), keeps=True)


@pytest.mark.parametrize("full_refresh", [False, True])
def test_a_kept_file_counts_once_whatever_its_names(world, full_refresh):
    (world.folder / "a.csv").write_text(HEADER + "1,here\n")
    (world.folder / "b.csv").write_text(HEADER + "1,here\n")
    assert len(world(KEPT)) == 1
    assert len(world(KEPT, full_refresh)) == 1
    (world.folder / "a.csv").rename(world.folder / "c.csv")
    assert len(world(KEPT, full_refresh)) == 1


def test_kept_rows_stay_when_their_file_goes_or_changes(world):
    (world.folder / "a.csv").write_text(HEADER + "1,here\n")
    (world.folder / "b.csv").write_text(HEADER + "2,here\n")
    world(KEPT)
    (world.folder / "a.csv").unlink()
    (world.folder / "b.csv").write_text(HEADER + "3,there\n")
    assert world(KEPT) == [
        ("visits/a.csv", 1, "1", "here"),
        ("visits/b.csv", 1, "2", "here"),
        ("visits/b.csv#2", 1, "3", "there"),
    ]
    assert world(KEPT, full_refresh=True) == [("visits/b.csv#2", 1, "3", "there")]


def test_what_is_read_again_is_no_new_load_and_what_comes_back_is(world):
    def loads() -> dict[str, int]:
        return dict(
            world.connection.execute("select distinct _file_name, _load_number from raw.visits_rows").fetchall()
        )

    for name in ("a", "b"):
        (world.folder / f"{name}.csv").write_text(HEADER + f"{name},here\n")
        world(KEPT)
    world(KEPT, full_refresh=True)
    assert loads() == {"visits/a.csv": 1, "visits/b.csv": 2}
    (world.folder / "a.csv").unlink()
    world(KEPT, full_refresh=True)
    (world.folder / "a.csv").write_text(HEADER + "a,here\n")
    world(KEPT)
    assert loads() == {"visits/a.csv": 3, "visits/b.csv": 2}


def test_a_kept_table_gives_what_is_new_in_it(world):
    """Row by row, repeats counted: a row that stands twice is two rows, and one of them may be new."""
    world.folder.rmdir()
    world.connection.execute("create schema raw")
    world.connection.execute("create table raw.visits as select 1 as visit_id, 'here' as place")
    assert world(KEPT) == [("raw.visits", 1, "1", "here")]
    before = written_at(world)
    assert world(KEPT) == [("raw.visits", 1, "1", "here")]
    assert written_at(world) == before
    world.connection.execute("insert into raw.visits values (1, 'here'), (2, 'there')")
    assert world(KEPT) == [
        ("raw.visits", 1, "1", "here"),
        ("raw.visits#2", 1, "1", "here"),
        ("raw.visits#2", 2, "2", "there"),
    ]
    loads = world.connection.execute("select _load_number, count(*) from raw.visits_rows group by all order by all")
    assert loads.fetchall() == [(1, 1), (2, 2)]
