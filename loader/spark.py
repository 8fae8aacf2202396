"""The raw store as Spark sees it: the statements that make schema `raw` there.

The store is filled by load.py, on whatever engine the models run; Spark reads its Parquet files where they lie.
"""

from pathlib import Path

import duckdb

from loader.assignments import COLUMNS as ASSIGNED
from loader.feeds import Feed
from loader.load import Report, load_feeds
from loader.store import BROKEN


def load_for_spark(feeds: list[Feed], raw_dir: Path, store_dir: Path, full_refresh: bool) -> tuple[Report, list[str]]:
    """Loads the feeds into the raw store. Returns the report, and the statements that show Spark what is in the store.

    The statements make the same schema that load.py makes in DuckDB: a view `raw.<feed>_rows` for each feed, and
    raw.loaded_files and raw.loaded_feeds, views here. raw.kept_assignments is empty: Spark keeps none.
    """
    with duckdb.connect() as connection:
        report = load_feeds(connection, feeds, raw_dir, store_dir, full_refresh)
        if report.errors:
            return report, []
        [*files] = connection.execute(
            "select feed, file_name, content_hash, first_loaded_at, row_count, stored_as, load_number "
            "from raw.loaded_files order by all"
        ).fetchall()
        [*counts] = connection.execute("select * from raw.loaded_feeds order by all").fetchall()
    views = {
        "loaded_files": _values(
            ["feed", "file_name", "content_hash", "first_loaded_at", "row_count", "stored_as", "load_number"],
            ["string", "string", "string", "timestamp", "bigint", "string", "bigint"],
            files,
        ),
        "loaded_feeds": _values(["feed", "read_from", "raw_rows"], ["string", "string", "bigint"], counts),
    }
    kinds = ["string" if kind == "varchar" else kind for kind in ASSIGNED.values()]
    views["kept_assignments"] = _values(list(ASSIGNED), kinds, [])
    for feed in feeds:
        mine = [file for file in files if file[0] == feed.name]
        views[f"{feed.name}_rows"] = _rows_of(feed, mine, store_dir.absolute())
    statements = [f"create or replace view raw.{name} as {select}" for name, select in views.items()]
    return report, ["create schema if not exists raw", *statements]


def _rows_of(feed: Feed, files: list[tuple], store_dir: Path) -> str:
    """The rows of a feed's files, each file a branch of its own."""
    columns = [*feed.columns, "_other_columns", *BROKEN]
    facts = {"_file_name": "string", "_row_number": "bigint", "_loaded_at": "timestamp", "_load_number": "bigint"}
    if not files:
        return _values([*facts, *columns], [*facts.values(), *["string"] * len(columns)], [])
    branches = []
    for _, file_name, _, first_loaded_at, _, stored_as, load_number in files:
        path = str(store_dir / stored_as).replace("`", "``")
        branches.append(
            f"select {_literal(file_name)} as _file_name, _metadata.row_index + 1 as _row_number, "
            f"{_literal(first_loaded_at, 'timestamp')} as _loaded_at, "
            f"{_literal(load_number, 'bigint')} as _load_number, {', '.join(columns)} from parquet.`{path}`"
        )
    return " union all ".join(branches)


def _values(names: list[str], types: list[str], rows: list[tuple]) -> str:
    """A select of literal rows."""
    columns = ", ".join(names)
    if not rows:
        nulls = ", ".join(f"{_literal(None, kind)} as {name}" for name, kind in zip(names, types, strict=True))
        return f"select {nulls} where false"
    literals = (
        "(" + ", ".join(_literal(value, kind) for value, kind in zip(row, types, strict=True)) + ")" for row in rows
    )
    return f"select {columns} from values {', '.join(literals)} as literal ({columns})"


def _literal(value: object, kind: str = "string") -> str:
    """A value as a literal of Spark's SQL, where a backslash escapes."""
    if value is None:
        return f"cast(null as {kind})"
    escaped = str(value).replace("\\", "\\\\").replace("'", "\\'")
    return f"cast('{escaped}' as {kind})"
