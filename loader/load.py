"""Loads every feed: files into the raw store, the raw store into views of schema `raw`."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from loader.feeds import Feed, FeedError
from loader.files import find_files
from loader.store import FileColumns, as_text, first_line, literal, path_literal, select_text, store_file

STORE_FORMAT = 1  # to be raised with every change of what store_file writes


@dataclass
class LoadedFile:
    """A file that the raw store holds, or once held.

    first_loaded_at  when this content first came in for this feed (UTC). It outlives the file, so that what
                     was too far in the future on that day stays so
    stored_as        the Parquet file's name; none once the file is gone or changed
    """

    feed: str
    file_name: str
    content_hash: str
    first_loaded_at: str
    row_count: int
    stored_as: str | None


@dataclass
class Report:
    """What came of a load: one message a problem, one a warning, one a feed."""

    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)


def load_feeds(
    connection: duckdb.DuckDBPyConnection, feeds: list[Feed], raw_dir: Path, store_dir: Path, full_refresh: bool
) -> Report:
    """Brings the raw store and the views of schema `raw` to what the files and tables hold now.

    connection    a DuckDB connection to the build file, with nothing open on it
    feeds         every feed there is
    raw_dir       the folder of feeds
    store_dir     the folder of the raw store
    full_refresh  whether to read files again that the store already holds

    A feed's view, `raw.<feed>_rows`, has the columns of store.py and before them _file_name, _row_number
    (from 1) and _loaded_at. A feed without a file is read from the table `raw.<feed>`, where somebody put
    one. The tables raw.loaded_feeds and raw.loaded_files say what was read. If anything is wrong with any
    file, nothing changes and the report says what.
    """
    report = Report()
    store = _Store(store_dir)
    try:
        found = find_files(raw_dir, [feed.name for feed in feeds])
    except FeedError as error:
        return Report(errors=[str(error)])
    report.warnings += found.warnings
    connection.execute("set TimeZone = 'UTC'")
    tables = _tables_in_raw(connection)
    now_loaded: list[LoadedFile] = []
    for feed in feeds:
        files = found.files.get(feed.name, [])
        if feed.name in tables:
            report.errors += _problems_of_table(feed, tables[feed.name], files)
            continue
        for path in files:
            try:
                now_loaded.append(store.load(connection, feed, path, str(path.relative_to(raw_dir)), full_refresh))
            except FeedError as error:
                report.errors.append(str(error))
    if not found.files and not any(feed.name in tables for feed in feeds):
        report.errors.append(
            f"ENGAGEMENT_RAW_DIR is {raw_dir}, which holds no feed: expected one of "
            f"{', '.join(feed.name for feed in feeds)}, as .csv, .csv.gz or .parquet."
        )
    if report.errors:
        return report

    report.loaded, absent = _summary(feeds, found.files, tables, now_loaded, store)
    report.warnings += absent
    store.commit(now_loaded)
    _create_views(connection, feeds, tables, store)
    store.remove_unused()
    return report


def _problems_of_table(feed: Feed, columns: dict[str, str], files: list[Path]) -> list[str]:
    if files:
        return [f"Feed {feed.name}: there is both the table raw.{feed.name} and a file; keep one."]
    try:
        feed.match_columns(list(columns), f"table raw.{feed.name}")
    except FeedError as error:
        return [str(error)]
    return []


class _Store:
    """The raw store: Parquet files, and the list of what they hold."""

    def __init__(self, folder: Path):
        self.folder = folder.absolute()
        self._list = self.folder / "files.json"
        entries = json.loads(self._list.read_text("utf-8")) if self._list.exists() else []
        self.files = [LoadedFile(**entry) for entry in entries]
        self._before = {file.stored_as for file in self.files if file.stored_as}

    def load(self, connection, feed: Feed, path: Path, file_name: str, full_refresh: bool) -> LoadedFile:
        """Reads a file, unless the store holds it already. Nothing counts before `commit`."""
        where = f"file {file_name}"
        try:
            with path.open("rb") as file:
                content_hash = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise FeedError(f"Feed {feed.name}: {where} cannot be read ({error.strerror}).") from error
        stored_as = _stored_name(feed, file_name, content_hash)
        known = [file for file in self.files if file.feed == feed.name and file.content_hash == content_hash]
        for file in known:
            if file.stored_as == stored_as and not full_refresh and (self.folder / stored_as).exists():
                return file
        row_count = store_file(connection, feed, path, where, self.folder / stored_as)
        first_loaded_at = min(
            (file.first_loaded_at for file in known),
            default=datetime.now(UTC).replace(tzinfo=None).isoformat(" ", "microseconds"),
        )
        return LoadedFile(feed.name, file_name, content_hash, first_loaded_at, row_count, stored_as)

    def is_new(self, file: LoadedFile) -> bool:
        return file.stored_as not in self._before

    def commit(self, now_loaded: list[LoadedFile]) -> None:
        """Makes these files the ones that count, in one step. What was loaded before is remembered."""
        current = {(file.feed, file.content_hash, file.file_name) for file in now_loaded}
        gone = [file for file in self.files if (file.feed, file.content_hash, file.file_name) not in current]
        for file in gone:
            file.stored_as = None
        self.files = now_loaded + gone
        self.folder.mkdir(parents=True, exist_ok=True)
        incoming = self._list.with_suffix(".incoming")
        with incoming.open("w", encoding="utf-8") as file:
            json.dump([asdict(entry) for entry in self.files], file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        incoming.replace(self._list)

    def remove_unused(self) -> None:
        """Removes the Parquet files that no longer count, those of an interrupted load among them."""
        used = {file.stored_as for file in self.files}
        for path in self.folder.rglob("*.parquet"):
            if str(path.relative_to(self.folder)) not in used:
                path.unlink()


def _stored_name(feed: Feed, file_name: str, content_hash: str) -> str:
    """The name under which a file is stored: another content, declaration or store format is another name."""
    identity = json.dumps([STORE_FORMAT, feed.columns, feed.required, file_name, content_hash])
    return f"{feed.name}/{hashlib.sha256(identity.encode()).hexdigest()[:32]}.parquet"


def _tables_in_raw(connection) -> dict[str, dict[str, str]]:
    """Columns and their types of every table or view of schema raw, other than the views made here."""
    rows = connection.execute(
        "select table_name, column_name, data_type from duckdb_columns() "
        "where database_name = current_database() and schema_name = 'raw' "
        "and table_name not like '%\\_rows' escape '\\' order by table_name, column_index"
    ).fetchall()
    tables: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        tables.setdefault(table, {})[column] = kind
    return tables


def _summary(feeds, files, tables, now_loaded: list[LoadedFile], store: _Store) -> tuple[list[str], list[str]]:
    loaded, absent = [], []
    for feed in feeds:
        mine = [file for file in now_loaded if file.feed == feed.name]
        if mine:
            rows = sum(file.row_count for file in mine)
            new = sum(store.is_new(file) for file in mine)
            loaded.append(f"Feed {feed.name}: {rows:,} rows in {len(mine):,} files, {new:,} of them new or changed.")
        elif feed.name in tables:
            loaded.append(f"Feed {feed.name}: read from table raw.{feed.name}.")
        else:
            absent.append(f"Feed {feed.name} is absent: its tables will be empty.")
    return loaded, absent


def _create_views(connection, feeds: list[Feed], tables: dict[str, dict[str, str]], store: _Store) -> None:
    connection.execute("begin")
    try:
        connection.execute("create schema if not exists raw")
        connection.execute(
            "create or replace table raw.loaded_files (feed varchar, file_name varchar, content_hash varchar, "
            "first_loaded_at timestamp, row_count bigint, stored_as varchar)"
        )
        current = [file for file in store.files if file.stored_as]
        for file in current:
            connection.execute("insert into raw.loaded_files values (?, ?, ?, ?, ?, ?)", list(asdict(file).values()))
        connection.execute(
            "create or replace table raw.loaded_feeds (feed varchar, read_from varchar, raw_rows bigint)"
        )
        for feed in feeds:
            mine = [file for file in current if file.feed == feed.name]
            if feed.name in tables:
                select = _select_from_table(feed, tables[feed.name])
                [(raw_rows,)] = connection.execute(f"select count(*) from raw.{feed.name}").fetchall()
                read_from = "table"
            else:
                select = _select_from_store(feed, mine, store)
                raw_rows = sum(file.row_count for file in mine)
                read_from = "files" if mine else None
            connection.execute(f"create or replace view raw.{feed.name}_rows as {select}")
            connection.execute("insert into raw.loaded_feeds values (?, ?, ?)", [feed.name, read_from, raw_rows])
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def _select_from_store(feed: Feed, files: list[LoadedFile], store: _Store) -> str:
    columns = ", ".join([*feed.columns, "_other_columns", "_broken_reason", "_broken_line"])
    if not files:
        nulls = ", ".join(
            f"cast(null as {kind}) as {name}"
            for name, kind in [("_file_name", "varchar"), ("_row_number", "bigint"), ("_loaded_at", "timestamp")]
            + [(name, "varchar") for name in columns.split(", ")]
        )
        return f"select {nulls} where false"
    paths = ", ".join(path_literal(store.folder / file.stored_as) for file in files)
    facts = ", ".join(
        f"({literal(store.folder / file.stored_as)}, {literal(file.file_name)}, timestamp '{file.first_loaded_at}')"
        for file in files
    )
    return (
        f"select facts.file_name as _file_name, stored.file_row_number + 1 as _row_number, "
        f"facts.first_loaded_at as _loaded_at, {columns} "
        f"from read_parquet([{paths}], filename = true, file_row_number = true) as stored "
        f"inner join (values {facts}) as facts (path, file_name, first_loaded_at) on stored.filename = facts.path"
    )


def _select_from_table(feed: Feed, types: dict[str, str]) -> str:
    """A loader's table in the shape of the store. Its rows are numbered in the order of their whole content."""
    table = f"raw.{feed.name}"
    columns = FileColumns(list(types), [as_text(name, kind) for name, kind in types.items()])
    content = ", ".join([*feed.columns, "_other_columns"])
    return (
        f"select {literal(table)} as _file_name, row_number() over (order by {content}) as _row_number, "
        f"cast(null as timestamp) as _loaded_at, * from ({select_text(feed, columns, table)})"
    )


def describe_failure(error: Exception) -> str:
    """A sentence for an error that no check foresaw, such as a full disk."""
    return f"The feeds could not be loaded ({type(error).__name__}: {first_line(error)})."
