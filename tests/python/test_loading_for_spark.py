"""The statements that show Spark the raw store. `make spark` runs them; here it is what they say."""

import duckdb
import pytest

from loader.feeds import Feed
from loader.spark import load_for_spark

EVENTS = Feed("events", ("id", "note"), ("id",), keeps=True)
ABSENT = Feed("absent", ("id",), ("id",))


@pytest.fixture
def loaded(tmp_path):
    """Loads a folder with one file under a name that SQL would trip over."""
    folder = tmp_path / "feeds" / "events"
    folder.mkdir(parents=True)
    (folder / "it's `1`.csv").write_text("id,note\na,x\nb,\n")
    return load_for_spark([EVENTS, ABSENT], tmp_path / "feeds", tmp_path / "it's a `store`", full_refresh=False)


def test_every_feed_has_a_view_and_what_was_loaded_is_listed(loaded):
    report, statements = loaded
    assert report.errors == [] and report.warnings == ["Feed absent is absent: its tables will be empty."]
    assert statements[0] == "create schema if not exists raw"
    made = [statement.split(" as ")[0].removeprefix("create or replace view raw.") for statement in statements[1:]]
    assert made == ["loaded_files", "loaded_feeds", "kept_assignments", "events_rows", "absent_rows"]


def test_rows_are_read_from_the_store_with_their_numbers_and_quoted_for_spark(loaded, tmp_path):
    _, [_, _, counts, _, rows, absent] = loaded
    [stored] = (tmp_path / "it's a `store`" / "events").glob("*.parquet")
    assert "cast('events/it\\'s `1`.csv' as string) as _file_name, _metadata.row_index + 1 as _row_number" in rows
    assert f"id, note, _other_columns, _broken_reason, _broken_line from parquet.`{tmp_path}/it's a ``store``/" in rows
    assert duckdb.read_parquet(str(stored)).fetchall() == [("a", "x", None, None, None), ("b", None, None, None, None)]
    assert "(cast('events' as string), cast('files' as string), cast('2' as bigint))" in counts
    assert "(cast('absent' as string), cast(null as string), cast('0' as bigint))" in counts
    assert absent.endswith("where false")


def test_nothing_is_shown_where_a_file_cannot_be_read(tmp_path):
    (tmp_path / "events.csv").write_text("note\nx\n")
    report, statements = load_for_spark([EVENTS], tmp_path, tmp_path / "store", full_refresh=False)
    assert len(report.errors) == 1 and statements == []
