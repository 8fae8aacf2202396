"""Rows of a text file that is broken somewhere.

DuckDB reads a sound file far faster than Python does, and refuses one with a broken line. Only then is this
reader asked: it gives every row there is, and every broken line by itself, so that one forgotten quote costs
one line and not the rest of the file.
"""

import csv
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")

csv.field_size_limit(sys.maxsize)


@dataclass(frozen=True)
class Record:
    """One row, or one broken line.

    fields  the row's fields; none where the line is broken
    broken  why the line is no row: too_few_fields, too_many_fields, unclosed_quote, text_after_quote
    line    the broken line's text, without its line end
    """

    fields: list[str] | None
    broken: str | None = None
    line: str | None = None


class _Lines:
    """Decoded lines for csv.reader, remembering where the record that is being read began."""

    def __init__(self, text, start: int):
        self._matches = LINE.finditer(text, start)
        self.first = None  # the first line of the current record

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        match = next(self._matches)
        if self.first is None:
            self.first = match
        return match.group().decode("utf-8")


def read_records(text, start: int, delimiter: str, width: int) -> Iterator[Record]:
    """Reads every row of a text, from a byte on.

    text       bytes-like, UTF-8; lines end in \\n, \\r\\n or \\r
    start      the byte after the header
    delimiter  the character between two fields
    width      how many fields a row has

    A line of blanks alone is no row. A record is what the csv module (strict) takes as one; a quote that opens in a
    line and does not close so as to give a whole row makes that one line broken, and reading goes on with
    the line after it. Raises UnicodeDecodeError where the text is not UTF-8.
    """
    while start is not None:
        start = yield from _read_until_lost(text, start, delimiter, width)


def _read_until_lost(text, start: int, delimiter: str, width: int) -> Iterator[Record]:
    """Reads until a record spans lines and is broken. Returns the byte to go on from, none at the end."""
    lines = _Lines(text, start)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    lines_before = 0
    while True:
        lines.first = None
        error = None
        try:
            fields = next(reader, None)
        except csv.Error as caught:
            fields, error = [], caught
        if fields is None:
            return None
        spans_lines = reader.line_num - lines_before > 1
        lines_before = reader.line_num
        if error is None and len(fields) == width:
            yield Record(fields)
            continue
        if error is None and not spans_lines and not _line_text(lines.first).strip():
            continue
        broken = _line_text(lines.first)
        if spans_lines or (error is not None and "unexpected end" in str(error)):
            yield Record(None, "unclosed_quote", broken)
            return lines.first.end()
        if error is not None:
            yield Record(None, "text_after_quote", broken)
            return lines.first.end()
        yield Record(None, "too_few_fields" if len(fields) < width else "too_many_fields", broken)


def _line_text(match: re.Match) -> str:
    return match.group().decode("utf-8").rstrip("\r\n")
