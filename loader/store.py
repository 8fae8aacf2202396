"""One file of a feed into one Parquet file of the raw store.

Every Parquet file has the same columns: the feed's, all text, in the declared order, then

    _other_columns  the file's columns that the feed does not know, as JSON text; null where it has none
    _broken_reason  why the line is no row; null for a row
    _broken_line    the broken line's text; null for a row

The order of rows is that of the file, so a row's number is its position.
"""

import csv
import mmap
import shutil
import tempfile
from pathlib import Path

import duckdb

from loader.feeds import Feed, FeedError
from loader.headers import Header, open_text, read_header
from loader.records import LINE, read_records

MAX_LINE_BYTES = 16 << 20  # what DuckDB is asked to take as one line; beyond, the careful reader takes over


def store_file(cursor: duckdb.DuckDBPyConnection, feed: Feed, path: Path, where: str, target: Path) -> int:
    """Reads a file and writes it to `target`, whole or not at all.

    cursor  a DuckDB cursor with nothing open
    where   how to call the file in a message

    Returns the number of rows, broken lines among them. Raises FeedError where the file cannot be read.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    incoming = target.with_suffix(".incoming")
    try:
        if path.name.lower().endswith(".parquet"):
            rows = _store_parquet(cursor, feed, path, where, incoming)
        else:
            rows = _store_text(cursor, feed, path, where, incoming)
        incoming.replace(target)
    finally:
        incoming.unlink(missing_ok=True)
    return rows


def _store_parquet(cursor, feed: Feed, path: Path, where: str, incoming: Path) -> int:
    relation = f"read_parquet({literal(path)})"
    try:
        schema = cursor.execute(f"describe select * from {relation}").fetchall()
        names = [row[0] for row in schema]
        positions = feed.match_columns(names, where)
        texts = [_as_text(name, kind) for name, kind, *_ in schema]
        return _copy(cursor, feed, _select(feed, names, positions, texts, relation), incoming)
    except duckdb.Error as error:
        raise FeedError(f"Feed {feed.name}: {where} cannot be read as Parquet ({first_line(error)}).") from error


def _store_text(cursor, feed: Feed, path: Path, where: str, incoming: Path) -> int:
    header = read_header(path, feed, where)
    if header.is_first:
        try:
            return _copy(cursor, feed, _select_from_text(feed, header, path, header.delimiter), incoming)
        except duckdb.Error:
            pass  # a broken line somewhere: the careful reader finds out which
    return _store_broken_text(cursor, feed, path, where, header, incoming)


def _store_broken_text(cursor, feed: Feed, path: Path, where: str, header: Header, incoming: Path) -> int:
    """Rewrites the file as sound CSV, broken lines in columns of their own, and has DuckDB read that."""
    with tempfile.TemporaryDirectory(dir=incoming.parent) as folder:
        sound = Path(folder) / "sound.csv"
        width = len(header.names)
        try:
            with (
                _mapped(path, Path(folder)) as text,
                sound.open("w", encoding="utf-8", newline="") as file,
            ):
                writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
                writer.writerow([*header.names, "_broken_reason", "_broken_line"])
                for record in read_records(text, header.end, header.delimiter, width):
                    writer.writerow([*(record.fields or [""] * width), record.broken, record.line])
        except UnicodeDecodeError as error:
            raise FeedError(_not_utf8(feed, path, where, Path(folder))) from error
        except (OSError, EOFError) as error:
            raise FeedError(f"Feed {feed.name}: {where} cannot be read ({error}).") from error
        try:
            return _copy(cursor, feed, _select_from_text(feed, header, sound, ",", is_repaired=True), incoming)
        except duckdb.Error as error:
            raise FeedError(f"Feed {feed.name}: {where} cannot be read ({first_line(error)}).") from error


def _mapped(path: Path, folder: Path) -> mmap.mmap:
    """The decompressed file's bytes, mapped into memory."""
    if path.name.lower().endswith(".gz"):
        plain = folder / "plain.csv"
        with open_text(path) as source, plain.open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
        path = plain
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _not_utf8(feed: Feed, path: Path, where: str, folder: Path) -> str:
    """The sentence for a file that is not UTF-8. It names the first line that shows it."""
    with _mapped(path, folder) as text:
        for number, line in enumerate(LINE.finditer(text), start=1):
            try:
                line.group().decode("utf-8")
            except UnicodeDecodeError as error:
                place = f"line {number} holds the byte 0x{line.group()[error.start]:02X}"
                return f"Feed {feed.name}: {where} is not UTF-8 ({place}); save it as UTF-8."
    return f"Feed {feed.name}: {where} is not UTF-8; save it as UTF-8."


def _select_from_text(feed: Feed, header: Header, path: Path, delimiter: str, is_repaired: bool = False) -> str:
    width = len(header.names)
    fields = [f"field_{position}" for position in range(width)]
    extra = ["_broken_reason", "_broken_line"] if is_repaired else []
    columns = ", ".join(f"'{name}': 'varchar'" for name in [*fields, *extra])
    relation = (
        f"read_csv({literal(path)}, auto_detect = false, header = true, strict_mode = true, "
        f"delim = {literal(delimiter)}, quote = '\"', escape = '\"', columns = {{{columns}}}, "
        f"max_line_size = {_line_limit(path) if is_repaired else MAX_LINE_BYTES})"
    )
    return _select(feed, header.names, header.positions, fields, relation, extra)


def _line_limit(path: Path) -> int:
    """A repaired file may hold one very long field: any line of it fits into its own size."""
    return max(MAX_LINE_BYTES, path.stat().st_size)


def _select(feed, names: list[str], positions: dict[str, int], texts: list[str], relation: str, extra=()) -> str:
    """A select of the raw store's columns; `texts` are the SQL texts of the file's columns, in its order."""
    known = [
        f"nullif({texts[positions[column]]}, '') as {column}"
        if column in positions
        else f"cast(null as varchar) as {column}"
        for column in feed.columns
    ]
    others = [position for position in range(len(names)) if position not in positions.values()]
    pairs = ", ".join(
        f"{literal(name)}, nullif({texts[position]}, '')"
        for name, position in zip(_distinct([names[position] for position in others]), others, strict=True)
    )
    other_columns = f"cast(json_object({pairs}) as varchar)" if others else "cast(null as varchar)"
    marks = [f"{other_columns} as _other_columns"]
    for mark in ("_broken_reason", "_broken_line"):
        marks.append(f"nullif({mark}, '') as {mark}" if mark in extra else f"cast(null as varchar) as {mark}")
    return f"select {', '.join(known + marks)} from {relation}"


def _distinct(names: list[str]) -> list[str]:
    """Column names made distinct for JSON: an empty one is `column`, a repeated one gets its number."""
    seen: dict[str, int] = {}
    result = []
    for name in (name.strip() or "column" for name in names):
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return result


def _as_text(name: str, kind: str) -> str:
    """A Parquet column as the text that a person would have typed: no exponents."""
    column = '"' + name.replace('"', '""') + '"'
    text = f"cast({column} as varchar)"
    if kind in ("FLOAT", "DOUBLE"):
        # Up to 20 decimals: as many as the smallest number that matters here needs.
        text = f"case when {text} like '%e%' then format('{{:.20f}}', {column}) else {text} end"
    return text


def _copy(cursor, feed: Feed, select: str, incoming: Path) -> int:
    [(rows,)] = cursor.execute(f"copy ({select}) to {literal(incoming)} (format parquet, compression zstd)").fetchall()
    return rows


def literal(value: object) -> str:
    """A value as an SQL text literal."""
    return "'" + str(value).replace("'", "''") + "'"


def first_line(error: Exception) -> str:
    """The first line of a library's message."""
    return str(error).splitlines()[0]
