"""Loads every feed: files into the raw store, the raw store into views of schema `raw`."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from loader.assignments import FOLDER as ASSIGNMENTS
from loader.assignments import show_assignments
from loader.feeds import Feed, FeedError
from loader.files import find_files
from loader.store import (
    BROKEN,
    FileColumns,
    as_text,
    first_line,
    literal,
    path_literal,
    select_text,
    store_file,
    store_rows,
)

STORE_FORMAT = 2  # to be raised with every change of what store_file writes


@dataclass
class LoadedFile:
    """A file that the raw store holds, or once held.

    first_loaded_at  when this content first came in for this feed (UTC). It outlives the file, so that what
                     was too far in the future on that day stays so
    stored_as        the Parquet file's name; none once its rows no longer count
    load_number      which load it came in with: 1, 2, ... through the store's life
    """

    feed: str
    file_name: str
    content_hash: str
    first_loaded_at: str
    row_count: int
    stored_as: str | None
    load_number: int


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
    (from 1), _loaded_at and _load_number. A feed without a file is read from the table `raw.<feed>`, where somebody put
    one. The tables raw.loaded_feeds and raw.loaded_files say what was read, and raw.kept_assignments shows what
    assignments.py keeps. If anything is wrong with any
    file, nothing changes and the report says what.
    """
    report = Report()
    try:
        store = _Store(store_dir)
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
            problems = _problems_of_table(feed, tables[feed.name], files)
            report.errors += problems
            if feed.keeps and not problems:
                now_loaded += store.load_table(connection, feed, tables[feed.name], full_refresh)
            continue
        for path in files:
            file_name = str(path.relative_to(raw_dir))
            try:
                file = store.load(connection, feed, path, file_name, full_refresh)
            except FeedError as error:
                report.errors.append(str(error))
                continue
            twin = next((other for other in now_loaded if other.stored_as == file.stored_as), None)
            if twin is None:
                now_loaded.append(file)
            else:
                report.warnings.append(
                    f"Feed {feed.name}: file {file_name} has the content of another: it counts once."
                )
    if not found.files and not any(feed.name in tables for feed in feeds):
        report.errors.append(
            f"ENGAGEMENT_RAW_DIR is {raw_dir}, which holds no feed: expected one of "
            f"{', '.join(feed.name for feed in feeds)}, as .csv, .csv.gz or .parquet."
        )
    if report.errors:
        return report

    report.loaded, absent = _summary(feeds, found.files, tables, now_loaded, store)
    report.warnings += absent
    report.warnings += [
        f"Feed {file.feed}: file {file.file_name} is gone, and its rows with it."
        for feed in feeds
        if not feed.keeps
        for file in store.gone(feed, now_loaded)
    ]
    if not full_refresh:
        kept = [file for feed in feeds if feed.keeps for file in store.kept(feed, now_loaded)]
        report.warnings += [_kept_warning(file, now_loaded) for file in kept]
        now_loaded += kept
    store.commit(now_loaded)
    _create_views(connection, feeds, tables, store)
    show_assignments(connection, store_dir)
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
        try:
            entries = json.loads(self._list.read_text("utf-8")) if self._list.exists() else []
            self.files = [LoadedFile(**entry) for entry in entries]
        except (ValueError, TypeError) as error:
            raise FeedError(
                f"The list of what has been loaded, {self._list}, cannot be read ({error}). Without it, everything is "
                "loaded anew, as of now: to do so, remove that file."
            ) from error
        self._before = {file.stored_as for file in self.files if file.stored_as}
        self._load_number = 1 + max((file.load_number for file in self.files), default=0)

    def load(self, connection, feed: Feed, path: Path, file_name: str, full_refresh: bool) -> LoadedFile:
        """Reads a file, unless the store holds it already. Nothing counts before `commit`."""
        where = f"file {file_name}"
        try:
            with path.open("rb") as file:
                content_hash = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise FeedError(f"Feed {feed.name}: {where} cannot be read ({error.strerror}).") from error
        # A feed that keeps its rows knows a file by its content alone: under another name it is the same file.
        stored_as = _stored_name(feed, "" if feed.keeps else file_name, content_hash)
        known = [file for file in self.files if file.feed == feed.name and file.content_hash == content_hash]
        for file in known:
            if file.stored_as == stored_as and not full_refresh and (self.folder / stored_as).exists():
                return file
        row_count = store_file(connection, feed, path, where, self.folder / stored_as)
        first_loaded_at = min((file.first_loaded_at for file in known), default=_now())
        if feed.keeps:
            file_name = self._free_name(feed, file_name, content_hash)
        # What is read again is no new load: who has taken it in need not do so once more.
        load_number = min((file.load_number for file in known if file.stored_as), default=self._load_number)
        return LoadedFile(feed.name, file_name, content_hash, first_loaded_at, row_count, stored_as, load_number)

    def load_table(self, connection, feed: Feed, types: dict[str, str], full_refresh: bool) -> list[LoadedFile]:
        """Stores what a loader's table has and the store lacks, compared row by row, as if it were a file."""
        mine = [] if full_refresh else [file for file in self.files if file.feed == feed.name and file.stored_as]
        columns = FileColumns(list(types), [as_text(name, kind) for name, kind in types.items()])
        select = select_text(feed, columns, f"raw.{feed.name}")
        if mine:
            paths = ", ".join(path_literal(self.folder / file.stored_as) for file in mine)
            select = f"{select} except all select * from read_parquet([{paths}])"
        target = self.folder / feed.name / "table.parquet"
        target.parent.mkdir(parents=True, exist_ok=True)
        row_count = store_rows(connection, f"from ({select}) order by all", target)
        if row_count == 0:
            target.unlink()
            return mine
        with target.open("rb") as file:
            content_hash = hashlib.file_digest(file, "sha256").hexdigest()
        stored_as = _stored_name(feed, "", content_hash)
        target.replace(self.folder / stored_as)
        name = self._free_name(feed, f"raw.{feed.name}", content_hash)
        return [
            *mine,
            LoadedFile(feed.name, name, content_hash, _now(), row_count, stored_as, self._load_number),
        ]

    def _free_name(self, feed: Feed, file_name: str, content_hash: str) -> str:
        """The file's name, numbered where another content of that name has been loaded before."""
        others = {
            file.content_hash
            for file in self.files
            if file.feed == feed.name and file.file_name.split("#")[0] == file_name
        } - {content_hash}
        return f"{file_name}#{len(others) + 1}" if others else file_name

    def gone(self, feed: Feed, now_loaded: list[LoadedFile]) -> list[LoadedFile]:
        """The feed's files that were loaded before and of whose name there is none now."""
        names = {file.file_name for file in now_loaded if file.feed == feed.name}
        return [
            file for file in self.files if file.feed == feed.name and file.stored_as and file.file_name not in names
        ]

    def kept(self, feed: Feed, now_loaded: list[LoadedFile]) -> list[LoadedFile]:
        """The feed's files that were loaded before and are no longer there as they were."""
        current = {file.content_hash for file in now_loaded if file.feed == feed.name}
        return [
            file
            for file in self.files
            if file.feed == feed.name and file.stored_as and file.content_hash not in current
        ]

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
            name = path.relative_to(self.folder)
            if name.parts[0] != ASSIGNMENTS and str(name) not in used:
                path.unlink()


def _now() -> str:
    return datetime.now(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _kept_warning(file: LoadedFile, now_loaded: list[LoadedFile]) -> str:
    """The sentence for a file whose rows stay although it does not."""
    names = {other.file_name.split("#")[0] for other in now_loaded if other.feed == file.feed}
    fate = "has changed and is loaded as a new file" if file.file_name.split("#")[0] in names else "is gone"
    return f"Feed {file.feed}: file {file.file_name} {fate}; the rows it had stay until a full refresh."


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
            "first_loaded_at timestamp, row_count bigint, stored_as varchar, load_number bigint)"
        )
        current = [file for file in store.files if file.stored_as]
        for file in current:
            connection.execute("insert into raw.loaded_files values (?, ?, ?, ?, ?, ?, ?)", list(asdict(file).values()))
        connection.execute(
            "create or replace table raw.loaded_feeds (feed varchar, read_from varchar, raw_rows bigint)"
        )
        for feed in feeds:
            mine = [file for file in current if file.feed == feed.name]
            if feed.name in tables and not feed.keeps:
                select = _select_from_table(feed, tables[feed.name])
                [(raw_rows,)] = connection.execute(f"select count(*) from raw.{feed.name}").fetchall()
                read_from = "table"
            else:
                select = _select_from_store(feed, mine, store)
                raw_rows = sum(file.row_count for file in mine)
                read_from = "table" if feed.name in tables else "files" if mine else None
            connection.execute(f"create or replace view raw.{feed.name}_rows as {select}")
            connection.execute("insert into raw.loaded_feeds values (?, ?, ?)", [feed.name, read_from, raw_rows])
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def _select_from_store(feed: Feed, files: list[LoadedFile], store: _Store) -> str:
    """The rows of these files. Each load is a branch of its own, so that who asks for new loads reads no other."""
    columns = ", ".join([*feed.columns, "_other_columns", *BROKEN])
    if not files:
        kinds = {"_row_number": "bigint", "_loaded_at": "timestamp", "_load_number": "bigint"}
        names = ["_file_name", *kinds, *columns.split(", ")]
        nulls = ", ".join(f"cast(null as {kinds.get(name, 'varchar')}) as {name}" for name in names)
        return f"select {nulls} where false"
    branches = []
    for load_number in sorted({file.load_number for file in files}):
        of_load = [file for file in files if file.load_number == load_number]
        paths = ", ".join(path_literal(store.folder / file.stored_as) for file in of_load)
        facts = ", ".join(
            f"({literal(store.folder / file.stored_as)}, {literal(file.file_name)}, timestamp '{file.first_loaded_at}')"
            for file in of_load
        )
        branches.append(
            f"select facts.file_name as _file_name, stored.file_row_number + 1 as _row_number, "
            f"facts.first_loaded_at as _loaded_at, cast({load_number} as bigint) as _load_number, {columns} "
            f"from read_parquet([{paths}], filename = true, file_row_number = true) as stored "
            f"inner join (values {facts}) as facts (path, file_name, first_loaded_at) on stored.filename = facts.path"
        )
    return " union all ".join(branches)


def _select_from_table(feed: Feed, types: dict[str, str]) -> str:
    """A loader's table in the shape of the store. Its rows are numbered in the order of their whole content."""
    table = f"raw.{feed.name}"
    columns = FileColumns(list(types), [as_text(name, kind) for name, kind in types.items()])
    content = ", ".join([*feed.columns, "_other_columns"])
    rows = select_text(feed, columns, table)
    return (
        f"select {literal(table)} as _file_name, row_number() over (order by {content}) as _row_number, "
        f"cast(null as timestamp) as _loaded_at, cast(1 as bigint) as _load_number, * from ({rows})"
    )


def describe_failure(error: Exception) -> str:
    """A sentence for an error that no check foresaw, such as a full disk."""
    return f"The feeds could not be loaded ({type(error).__name__}: {first_line(error)})."
