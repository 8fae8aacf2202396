"""One file of a feed into one Parquet file of the raw store.

Every Parquet file has the same columns: the feed's, all text, in the declared order, then

    _other_columns  the file's columns that the feed does not know, as JSON text; null where it has none
    _broken_reason  why the line is no row; null for a row
    _broken_line    the broken line's text; null for a row

The order of rows is that of the file, so a row's number is its position.
"""

import csv
import gzip
import mmap
import re
import shutil
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import duckdb

from loader.feeds import Feed, FeedError
from loader.headers import Header, read_header
from loader.records import LINE, read_records

MAX_LINE_BYTES = 16 << 20  # what DuckDB is asked to take as one line; beyond, the careful reader takes over
CHUNK_BYTES = 4 << 20
BROKEN = ("_broken_reason", "_broken_line")

# Blanks between a quote and a delimiter or line end, which DuckDB swallows. Elsewhere such a match means nothing.
SWALLOWED_BLANKS = re.compile(rb'(?:^|[,;\t|\r\n])[ \t]+"|"[ \t]+(?:[,;\t|\r\n]|$)')


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
    relation = f"read_parquet({path_literal(path)})"
    try:
        schema = cursor.execute(f"describe select * from {relation}").fetchall()
        names = [row[0] for row in schema]
        feed.match_columns(names, where)
        columns = FileColumns(names, [as_text(name, kind) for name, kind, *_ in schema])
        return store_rows(cursor, select_text(feed, columns, relation), incoming)
    except duckdb.Error as error:
        raise FeedError(f"Feed {feed.name}: {where} cannot be read as Parquet ({first_line(error)}).") from error


def _store_text(cursor, feed: Feed, path: Path, where: str, incoming: Path) -> int:
    with tempfile.TemporaryDirectory(dir=incoming.parent) as folder:
        if path.name.lower().endswith(".gz"):
            path = _decompressed(feed, path, where, Path(folder))
        header = read_header(path, feed, where)
        rows = _store_sound_text(cursor, feed, path, header, incoming)
        if rows is None:
            rows = _store_broken_text(cursor, feed, path, where, header, Path(folder), incoming)
        return rows


def _decompressed(feed: Feed, path: Path, where: str, folder: Path) -> Path:
    """The file decompressed as a whole, so that its checksum is checked, too."""
    plain = folder / "plain.csv"
    try:
        with gzip.open(path, "rb") as source, plain.open("wb") as target:
            shutil.copyfileobj(source, target, CHUNK_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        raise FeedError(f"Feed {feed.name}: {where} cannot be read ({error}).") from error
    return plain


def _store_sound_text(cursor, feed: Feed, path: Path, header: Header, incoming: Path) -> int | None:
    """Has DuckDB read the file. Returns none where a line is broken, or may be: the careful reader finds out."""
    text = _mapped(path)
    has_quotes = text.find(b'"') >= 0
    if not header.is_first or (has_quotes and SWALLOWED_BLANKS.search(text)):
        return None
    relation = _read_csv(path, header.delimiter, len(header.names))
    try:
        columns = FileColumns(header.names, _fields(header))
        rows = store_rows(cursor, select_text(feed, columns, relation), incoming)
        in_values = _delimiters_in_values(cursor, header, relation) if has_quotes else 0
        # DuckDB drops a surplus empty field silently: the file must have as many delimiters as its rows explain.
        explained = rows * (len(header.names) - 1) + in_values
        return rows if _delimiters(text, header) == explained else None
    except duckdb.Error:
        return None


def _delimiters(text: mmap.mmap, header: Header) -> int:
    """How many delimiters the text has after its header."""
    chunks = (text[start : start + CHUNK_BYTES] for start in range(header.end, len(text), CHUNK_BYTES))
    return sum(chunk.count(header.delimiter.encode()) for chunk in chunks)


def _delimiters_in_values(cursor, header: Header, relation: str) -> int:
    """How many of them stand inside values."""
    without = ((field, f"replace({field}, {literal(header.delimiter)}, '')") for field in _fields(header))
    inside = " + ".join(f"coalesce(len({field}) - len({rest}), 0)" for field, rest in without)
    [(count,)] = cursor.execute(f"select cast(coalesce(sum({inside}), 0) as bigint) from {relation}").fetchall()
    return count


def _store_broken_text(cursor, feed, path: Path, where: str, header: Header, folder: Path, incoming: Path) -> int:
    """Rewrites the file as sound CSV, broken lines in columns of their own, and has DuckDB read that."""
    sound = folder / "sound.csv"
    width = len(header.names)
    text = _mapped(path)
    try:
        with sound.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
            writer.writerow([*header.names, *BROKEN])
            for record in read_records(text, header.end, header.delimiter, width):
                writer.writerow([*(record.fields or [""] * width), record.broken, record.line])
    except UnicodeDecodeError as error:
        raise FeedError(_not_utf8(feed, text, where)) from error
    relation = _read_csv(sound, ",", width, BROKEN, max_line_bytes=max(MAX_LINE_BYTES, sound.stat().st_size))
    try:
        columns = FileColumns(header.names, _fields(header), BROKEN)
        return store_rows(cursor, select_text(feed, columns, relation), incoming)
    except duckdb.Error as error:
        raise FeedError(f"Feed {feed.name}: {where} cannot be read ({first_line(error)}).") from error


def _mapped(path: Path) -> mmap.mmap:
    """The file's bytes, mapped into memory until nothing refers to them any more."""
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _not_utf8(feed: Feed, text: mmap.mmap, where: str) -> str:
    """The sentence for a file that is not UTF-8. It names the first line that shows it."""
    for number, line in enumerate(LINE.finditer(text), start=1):
        try:
            line.group().decode("utf-8")
        except UnicodeDecodeError as error:
            place = f"line {number} holds the byte 0x{line.group()[error.start]:02X}"
            return f"Feed {feed.name}: {where} is not UTF-8 ({place}); save it as UTF-8."
    return f"Feed {feed.name}: {where} is not UTF-8; save it as UTF-8."


def _fields(header: Header) -> list[str]:
    """What the file's columns are called in SQL."""
    return [f"field_{position}" for position in range(len(header.names))]


def _read_csv(path: Path, delimiter: str, width: int, more: tuple = (), max_line_bytes: int = MAX_LINE_BYTES) -> str:
    columns = ", ".join(f"'{name}': 'varchar'" for name in [*(f"field_{place}" for place in range(width)), *more])
    return (
        f"read_csv({path_literal(path)}, auto_detect = false, header = true, strict_mode = true, "
        f"delim = {literal(delimiter)}, quote = '\"', escape = '\"', columns = {{{columns}}}, "
        f"max_line_size = {max_line_bytes})"
    )


@dataclass(frozen=True)
class FileColumns:
    """The columns of a file or table.

    names   as they stand in it
    texts   each as an SQL expression of text
    marks   the columns that mark broken lines, where there are any
    """

    names: list[str]
    texts: list[str]
    marks: tuple[str, ...] = ()


def select_text(feed: Feed, columns: FileColumns, relation: str) -> str:
    """A select of the raw store's columns from a relation that has these columns."""
    names, texts = columns.names, columns.texts
    positions = feed.match_columns(names, relation)
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
    for mark in BROKEN:
        marks.append(f"nullif({mark}, '') as {mark}" if mark in columns.marks else f"cast(null as varchar) as {mark}")
    return f"select {', '.join(known + marks)} from {relation}"


def _distinct(names: list[str]) -> list[str]:
    """Column names made distinct for JSON: an empty one is `column`, a repeated one gets its number."""
    seen: dict[str, int] = {}
    result = []
    for name in (name.strip() or "column" for name in names):
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return result


def as_text(name: str, kind: str) -> str:
    """A typed column as the text that a person would have typed: no exponents."""
    column = '"' + name.replace('"', '""') + '"'
    text = f"cast({column} as varchar)"
    if kind in ("FLOAT", "DOUBLE"):
        # Up to 20 decimals: as many as the smallest number that matters here needs.
        text = f"case when {text} like '%e%' then format('{{:.20f}}', {column}) else {text} end"
    return text


def store_rows(cursor, select: str, incoming: Path) -> int:
    """Writes the rows of a select, in its order, and returns their number."""
    [(rows,)] = cursor.execute(f"copy ({select}) to {literal(incoming)} (format parquet, compression zstd)").fetchall()
    return rows


def path_literal(path: Path) -> str:
    """A path as an SQL text literal for a reader that would take *, ? and [ as a pattern."""
    return literal(re.sub(r"[*?[]", r"[\g<0>]", str(path)))


def literal(value: object) -> str:
    """A value as an SQL text literal."""
    return "'" + str(value).replace("'", "''") + "'"


def first_line(error: Exception) -> str:
    """The first line of a library's message."""
    return str(error).splitlines()[0]
