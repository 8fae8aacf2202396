"""The first line of a text file: its encoding, its delimiter, its columns."""

import codecs
import csv
from dataclasses import dataclass
from pathlib import Path

from loader.feeds import Feed, FeedError
from loader.records import LINE

DELIMITERS = (",", ";", "\t", "|")
HEADER_BYTES = 1 << 20  # a header longer than this is no header

_BYTE_ORDER_MARKS = (  # the longer first: UTF-32 (little endian) begins as UTF-16 does
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


@dataclass(frozen=True)
class Header:
    """The header of a text file.

    names      column names as they stand in the file
    delimiter  the character between two fields
    end        the byte after the header
    is_first   whether the header is the file's very first line, and one line only
    """

    names: list[str]
    delimiter: str
    end: int
    is_first: bool


def read_header(path: Path, feed: Feed, where: str) -> Header:
    """Reads the header of a text file. The delimiter is the one that shows most of the feed's columns.

    Raises FeedError where the file is empty, is not UTF-8, or has not the columns that the feed requires.
    """
    with path.open("rb") as file:
        head = file.read(HEADER_BYTES)
    for mark, encoding in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            raise FeedError(f"Feed {feed.name}: {where} is {encoding}; save it as UTF-8.")
    start = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    lines = [match for match in LINE.finditer(head, start) if match.group().strip(b"\r\n")]
    if not lines:
        raise FeedError(f"Feed {feed.name}: {where} is empty: it has not even a header line.")
    return _best_header(lines, start, feed, where)


def _best_header(lines: list, start: int, feed: Feed, where: str) -> Header:
    candidates = []
    for delimiter in DELIMITERS:
        # A quoted column name may hold a line break, so the reader takes as many lines as it needs.
        reader = csv.reader((_decode(line.group(), feed, where) for line in lines), delimiter=delimiter)
        names = next(reader)
        known = {name.strip().casefold() for name in names} & set(feed.columns)
        candidates.append((len(known), names, delimiter, reader.line_num))
    _, names, delimiter, line_count = max(candidates, key=lambda candidate: candidate[0])
    if any(b"\0" in line.group() for line in lines[:line_count]):
        raise FeedError(f"Feed {feed.name}: {where} is not text in UTF-8: its header holds null bytes.")
    feed.match_columns(names, where)
    return Header(
        names=names,
        delimiter=delimiter,
        end=lines[line_count - 1].end(),
        is_first=line_count == 1 and lines[0].start() == start,
    )


def _decode(line: bytes, feed: Feed, where: str) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FeedError(
            f"Feed {feed.name}: {where} is not UTF-8 (its header holds the byte 0x{line[error.start]:02X}); "
            "save it as UTF-8."
        ) from error
