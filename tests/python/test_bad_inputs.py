"""What bad inputs come to: every case of bad_inputs.py, and a reader of CSV that shares nothing with the loader."""

import gzip
import json
import re
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import bad_inputs as cases
import duckdb
import pytest
import yaml
from conftest import PROJECT, SAMPLE, Build, run, run_dbt
from hypothesis import example, given, settings
from hypothesis import strategies as st

from loader.feeds import Feed
from loader.headers import read_header
from loader.load import Report, load_feeds
from loader.records import read_records
from loader.store import MAX_LINE_BYTES, store_file

KEYS = {**cases.KEYS, "moderator_performance": "moderator_id"}
SOURCES = {"point_transactions": "loyalty"}  # of the other feeds: platform
BLANKS = " \t\r\n\u00a0"


# ------------------------------------------------------------------------------- a reader of the test's own


@dataclass(frozen=True)
class Line:
    """A row, or a line that is none: then why, and its text."""

    fields: list[str] | None
    reason: str | None = None
    text: str | None = None


def read_lines(text: str) -> list[Line]:
    """Reads the rows of a CSV file, one character at a time."""
    text = text.removeprefix("\ufeff").lstrip("\r\n")
    delimiter = max(",;\t|", key=text[: _end_of_line(text, 0)].count)
    names, _, at = _read_record(text, 0, delimiter)
    rows = []
    while at < len(text):
        next_line = _end_of_line(text, at)
        line = text[at:next_line].rstrip("\r\n")
        if not line.strip(BLANKS) and delimiter not in line:
            at = next_line
            continue
        fields, reason, at = _read_record(text, at, delimiter)
        if reason is None and len(fields) != len(names):
            reason = "too_few_fields" if len(fields) < len(names) else "too_many_fields"
        if reason is None:
            rows.append(Line(fields))
            continue
        # What is broken and spans lines can only be so by a quote that was never closed: the next line is sound.
        rows.append(Line(None, "unclosed_quote" if at > next_line else reason, line))
        at = next_line
    return rows


def _read_record(text: str, at: int, delimiter: str) -> tuple[list[str], str | None, int]:
    """Reads one record: its fields, what is wrong with it, and where the next one begins."""
    fields, field, state = [], "", "begin"
    while at < len(text):
        character = text[at]
        at += 1
        if state == "quoted":
            if character == '"':
                state = "closed"
            else:
                field += character
        elif state == "closed" and character == '"':
            field += character
            state = "quoted"
        elif character == delimiter:
            fields.append(field)
            field, state = "", "begin"
        elif character in "\r\n":
            return [*fields, field], None, at + (text[at - 1 : at + 1] == "\r\n")
        elif state == "closed":
            return fields, "text_after_quote", at
        elif state == "begin" and character == '"':
            state = "quoted"
        else:
            field += character
            state = "plain"
    return [*fields, field], "unclosed_quote" if state == "quoted" else None, at


def _end_of_line(text: str, at: int) -> int:
    """Where the line after this one begins."""
    while at < len(text) and text[at] not in "\r\n":
        at += 1
    return min(at + 1 + (text[at : at + 2] == "\r\n"), len(text))


# ------------------------------------------------------------------------------------- rows, in a shared build


def timed(text: str, moment: datetime) -> str:
    """The text with every `<now+4 minutes>` written as a time."""
    return re.sub(
        r"<now([+-]\d+) minutes>",
        lambda found: f"{moment + timedelta(minutes=int(found[1])):%Y-%m-%d %H:%M:%S}",
        text,
    )


def filled(case: cases.RowCase, value: object, moment: datetime) -> object:
    """A value of the table of cases as it stands in the file: `@` is the case's name."""
    if isinstance(value, dict):
        return {key: filled(case, inner, moment) for key, inner in value.items()}
    return timed(value.replace("@", f"{case.name} "), moment) if isinstance(value, str) else value


def write(case: cases.RowCase, text: str, path: Path) -> None:
    """Makes a case's file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.sql(text).write_parquet(str(path))
    elif path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_bytes(text.encode())


def count_rows(case: cases.RowCase, text: str) -> int:
    """How many rows a case's file has, by the test's own count."""
    if case.suffix == ".parquet":
        with duckdb.connect() as connection:
            return connection.sql(f"select count(*) from ({text})").fetchone()[0]
    return len(read_lines(text))


@dataclass(frozen=True)
class SharedBuild:
    """The build of every row case.

    build     the finished command
    moment    what `<now>` stands for
    own       rows by file, by the test's own count
    counted   rows by file, by the loader's
    outcomes  rows by file and outcome
    rejected  number, reasons and content of every rejected row, by file
    values    the values of every accepted row, by file and number
    """

    build: Build
    moment: datetime
    own: dict[str, int]
    counted: dict[str, int]
    outcomes: Counter
    rejected: dict[str, list[tuple[int, str, dict]]]
    values: dict[tuple[str, int], dict]

    def counts(self, file: str) -> cases.Counts:
        outcomes = [self.outcomes[file, outcome] for outcome in ("accepted", "rejected", "duplicate")]
        return cases.Counts(self.counted[file], *outcomes)


@pytest.fixture(scope="module")
def shared(tmp_path_factory) -> SharedBuild:
    """One build of every row case, each a file of its own, and of a table that is a feed."""
    raw_dir, home = tmp_path_factory.mktemp("feeds"), tmp_path_factory.mktemp("home")
    moment = datetime.now(UTC)
    own = {}
    for case in cases.ROWS:
        text = filled(case, case.content, moment)
        write(case, text, raw_dir / case.file)
        own[case.file] = count_rows(case, text)
    (home / "build").mkdir()
    with duckdb.connect(str(home / "build" / "engagement.duckdb")) as connection:
        connection.execute("create schema raw")
        connection.execute(cases.TABLE)
    models = ["-s", "+rejected_rows", "+feed_reconciliation", "--exclude-resource-type", "unit_test"]
    build = run_dbt(raw_dir, home, "build", *models, "--vars", "{max_rejected_share: 1}")
    assert build.status == 0, build.output
    return _read_build(build, moment, own)


def _read_build(build: Build, moment: datetime, own: dict[str, int]) -> SharedBuild:
    outcomes, values, rejected = Counter(), {}, {}
    with duckdb.connect(str(build.build_file), read_only=True) as connection:
        for feed in KEYS:
            source = SOURCES.get(feed, "platform")
            rows = connection.execute(f"select * from staging.base_{source}__{feed}")
            names = [column[0] for column in rows.description]
            for fields in rows.fetchall():
                row = dict(zip(names, fields, strict=True))
                outcomes[row["file_name"], row["outcome"]] += 1
                if row["outcome"] == "accepted":
                    values[row["file_name"], row["row_number"]] = row
    for file, number, reasons, raw_row in build.query(
        "select file_name, row_number, reasons, raw_row from quality.rejected_rows order by all"
    ):
        rejected.setdefault(file, []).append((number, reasons, json.loads(raw_row)))
    counted = dict(build.query("select file_name, row_count from raw.loaded_files"))
    return SharedBuild(build, moment, own, counted, outcomes, rejected, values)


@pytest.mark.parametrize("case", cases.ROWS, ids=lambda case: case.name)
def test_rows(case, shared):
    assert shared.build.status == case.status
    assert shared.own[case.file] == case.counts.raw
    assert shared.counts(case.file) == case.counts
    assert shared.rejected.get(case.file, []) == [
        (row.row_number, row.reasons, filled(case, row.raw_row, shared.moment)) for row in case.rejected
    ]
    for number, expected in case.accepted.items():
        row = shared.values[case.file, number]
        found = {name: _plain(row[name]) for name in expected}
        assert found == filled(case, expected, shared.moment)
    assert "\n".join(line for line in shared.build.output.splitlines() if case.file in line) == case.message


def _plain(value: object) -> object:
    return str(value) if isinstance(value, datetime) else value


def test_cases_are_many_and_named_apart():
    assert len(cases.ROWS) + len(cases.FILES) + len(cases.WARNINGS) + len(cases.BUILDS) >= 40
    names = {case.name.lower() for case in cases.ROWS}
    assert len(names) == len(cases.ROWS)
    assert not any(character in name for name in names for character in ',;|"@')


def test_every_row_of_every_case_is_reconciled(shared):
    totals = {feed: Counter() for feed in cases.COLUMNS}
    for case in cases.ROWS:
        totals[case.feed].update(vars(case.counts))
    expected = [(feed, True, *counts.values()) for feed, counts in totals.items()]
    expected.append(("moderator_performance", True, *vars(cases.TABLE_COUNTS).values()))
    assert shared.build.query("from quality.feed_reconciliation where is_present order by feed") == sorted(expected)


def test_table_is_a_feed(shared):
    file = "raw.moderator_performance"
    assert [(number, reasons) for number, reasons, _ in shared.rejected[file]] == list(cases.TABLE_REJECTED)
    accepted = {row["moderator_id"]: row["avg_response_time"] for key, row in shared.values.items() if key[0] == file}
    assert accepted == cases.TABLE_ACCEPTED


# --------------------------------------------------------------------------------------- files, the loader alone


def declared_feeds() -> list[Feed]:
    """Three feeds as dbt hands them to the loader."""
    sources = yaml.safe_load((PROJECT / "models/staging/platform/_platform__sources.yml").read_text("utf-8"))
    [tables] = [source["tables"] for source in sources["sources"] if source["name"] == "platform"]
    return [
        Feed.from_declaration(
            {
                **table["config"]["meta"],
                "name": table["name"],
                "columns": [{"name": column["name"], **column["config"]["meta"]} for column in table["columns"]],
            }
        )
        for table in tables
        if table["name"] in cases.ONLY_ACTIVITY
    ]


@dataclass
class Loader:
    """The loader on a database and a store of its own."""

    folder: Path
    connection: duckdb.DuckDBPyConnection

    def load(self, raw_dir: Path) -> Report:
        return load_feeds(self.connection, declared_feeds(), raw_dir, self.folder / "store", full_refresh=False)

    def write(self, folder: str, files: dict[str, bytes | None]) -> Path:
        """Makes a folder of feeds."""
        for name, content in files.items():
            path = self.folder / folder / name
            if content is None:
                path.mkdir(parents=True)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        return self.folder / folder

    def state(self) -> dict:
        """Everything that a load changes."""
        names = ["loaded_feeds", "loaded_files", *(f"{feed}_rows" for feed in cases.ONLY_ACTIVITY)]
        tables = {name: self.connection.execute(f"from raw.{name} order by all").fetchall() for name in names}
        return {**tables, "list": (self.folder / "store" / "files.json").read_text("utf-8")}

    def leftovers(self) -> list[Path]:
        """What is in the store besides its list and its Parquet files."""
        return [
            path
            for path in (self.folder / "store").rglob("*")
            if path.suffix not in (".json", ".parquet") and path.name not in KEYS
        ]

    def raw_rows(self) -> dict[str, int | None]:
        """How many rows of each feed came in; none of a feed that is absent."""
        return dict(
            self.connection.execute(
                "select feed, case when read_from is not null then raw_rows end from raw.loaded_feeds"
            ).fetchall()
        )


@pytest.fixture
def loader(tmp_path) -> Loader:
    with duckdb.connect() as connection:
        yield Loader(tmp_path, connection)


def says(expected: str, raw_dir: Path) -> re.Pattern:
    """What a message must be: `{raw_dir}` stands for the folder, `…` for words of a library, in one line."""
    sentence = re.escape(expected.replace("{raw_dir}", str(raw_dir)))
    return re.compile(sentence.replace("…", "[^\n]+"))


@pytest.mark.parametrize("case", cases.FILES, ids=lambda case: case.name)
def test_files(case, loader):
    assert loader.load(loader.write("before", cases.SOUND_FILES)).errors == []
    before = loader.state()
    beside = {} if case.is_alone else {n: c for n, c in cases.SOUND_FILES.items() if n != "user_activity.csv"}
    loader.write("feeds", beside | case.files)
    raw_dir = loader.folder / case.raw_dir

    report = loader.load(raw_dir)

    assert len(report.errors) == len(case.errors), report.errors
    for error, expected in zip(report.errors, case.errors, strict=True):
        assert says(expected, raw_dir).fullmatch(error), error
    assert report.warnings == list(case.warnings)
    assert bool(report.errors) == bool(case.status)
    after = loader.state()
    assert after == before
    assert len(after["user_activity_rows"]) - len(before["user_activity_rows"]) == case.counts.raw
    assert loader.leftovers() == []


@pytest.mark.parametrize("case", cases.WARNINGS, ids=lambda case: case.name)
def test_warnings(case, loader):
    report = loader.load(loader.write("feeds", case.files))

    assert report.errors == []
    assert report.warnings == list(case.warnings)
    assert bool(report.errors) == bool(case.status)
    assert loader.raw_rows() == case.raw_rows
    for feed, rows in case.raw_rows.items():
        assert len(loader.connection.execute(f"from raw.{feed}_rows").fetchall()) == (rows or 0)


def test_table_beside_a_file(loader):
    loader.connection.execute("create schema raw")
    loader.connection.execute("create table raw.user_activity (session_id varchar)")
    report = loader.load(loader.write("feeds", cases.SOUND_FILES))
    assert report.errors == [
        "Feed user_activity: there is both the table raw.user_activity and a file; keep one.",
    ]


def test_table_without_a_column(loader):
    loader.connection.execute("create schema raw")
    loader.connection.execute("create table raw.user_activity (session_id varchar, user_id varchar)")
    recommendations = {"recommendations.csv": cases.SOUND_FILES["recommendations.csv"]}
    report = loader.load(loader.write("feeds", recommendations))
    assert report.errors == [
        "Feed user_activity: table raw.user_activity lacks the required columns timestamp, session_length, "
        "messages_sent, feedback_rating, resources_clicked; it has 'session_id', 'user_id'.",
    ]


def test_folders_of_odd_names(tmp_path):
    folder = tmp_path / "it's [a-z]* 'é'"
    folder.mkdir()
    with duckdb.connect() as connection:
        loader = Loader(folder, connection)
        report = loader.load(loader.write("feeds [1]?", cases.SOUND_FILES))
        assert report.errors == []
        assert [len(loader.state()[f"{feed}_rows"]) for feed in cases.ONLY_ACTIVITY] == [2, 1, 1]


# ------------------------------------------------------------------------- two readers that must read the same

PROBE = Feed("probe", ("a", "b", "c"), ("a", "b"))
FIELDS = (
    *("a", "1", "", "é", "\0", " ", "\u00a0", ";", "a b", 'a"', 'a"b', '""', '"a"', '"é"', '"a,b"', '"a""b"', '""""'),
    *('"a\nb"', '"a\rb"', '"a\r\nb"', '"\0"', ' "a"', '"a" ', '"a"b', '""a', '"', '"a', '"\n', 'b"'),
)
RECORDS = st.tuples(
    st.sampled_from((3, 3, 3, 3, 3, 0, 1, 2, 4)).flatmap(
        lambda width: st.lists(st.sampled_from(FIELDS), min_size=width, max_size=width).map(",".join)
    ),
    st.sampled_from(("\n", "\n", "\n", "\r\n", "\r", "")),
).map("".join)


@pytest.fixture(scope="module")
def probe(tmp_path_factory) -> Loader:
    """One folder and one connection for every example."""
    with duckdb.connect() as connection:
        yield Loader(tmp_path_factory.mktemp("probe"), connection)


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(st.lists(RECORDS, max_size=4).map("".join))
@example('1,"2" ,3\n')
@example('1, "2",3\n')
@example("1,2,3,\n")
@example('1,2,3,""\n')
@example("1,2,3,\0\n")
@example('"1"x,2,3\n4,5,6\n')
@example('1,"2"x,3')
@example('""\n1,2,3\n')
@example('"\n"\n1,2,3\n')
def test_both_readers_read_what_stands_there(probe, body):
    text = "a,b,c\n" + body
    expected = read_lines(text)
    path, stored = probe.folder / "probe.csv", probe.folder / "probe.parquet"
    path.write_bytes(text.encode())

    header = read_header(path, PROBE, "file probe.csv")
    careful = read_records(text.encode(), header.end, header.delimiter, len(header.names))
    assert [Line(record.fields, record.broken, record.line) for record in careful] == expected

    count = store_file(probe.connection, PROBE, path, "file probe.csv", stored)
    rows = probe.connection.sql(f"select a, b, c, _broken_reason, _broken_line from '{stored}'").fetchall()
    assert count == len(expected)
    assert rows == [
        (*(field or None for field in line.fields or ("", "", "")), line.reason, line.text) for line in expected
    ]


def test_line_longer_than_the_fast_reader_takes(tmp_path):
    path, stored = tmp_path / "probe.csv", tmp_path / "probe.parquet"
    path.write_text(f"a,b,c\n{'x' * (MAX_LINE_BYTES + 1)},2,3\n4,5\n", "utf-8")
    with duckdb.connect() as connection:
        assert store_file(connection, PROBE, path, "file probe.csv", stored) == 2
        rows = connection.sql(f"select length(a), b, _broken_reason from '{stored}'").fetchall()
    assert rows == [(MAX_LINE_BYTES + 1, "2", None), (None, None, "too_few_fields")]


# ----------------------------------------------------------------------------------------------- whole builds


@dataclass(frozen=True)
class Published:
    """A folder of feeds without moderators, and the build that published it."""

    raw_dir: Path
    files: dict[str, bytes]
    build: Build
    content: bytes


def run_build(raw_dir: Path, files: dict[str, bytes], home: Path) -> Build:
    """What `make build` runs, on these files."""
    for name, content in files.items():
        (raw_dir / name).write_bytes(content)
    return run([sys.executable, "scripts/build.py"], raw_dir, home, science=False)


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Published:
    raw_dir, home = tmp_path_factory.mktemp("feeds"), tmp_path_factory.mktemp("home")
    files = {name: (SAMPLE / name).read_bytes() for name in ("user_activity.csv", "recommendations.csv")}
    build = run_build(raw_dir, files | cases.ABSENT_FEED.files, home)
    assert build.status == cases.ABSENT_FEED.status, build.output
    return Published(raw_dir, files, build, build.published_file.read_bytes())


def test_absent_feed_is_a_warning(published):
    assert_says(published.build, cases.ABSENT_FEED)
    [(rows,)] = published.build.query("select count(*) from marts.fct_moderator_performance")
    assert rows == 0


@pytest.mark.parametrize("case", cases.BUILDS, ids=lambda case: case.name)
def test_builds(case, published):
    build = run_build(published.raw_dir, published.files | case.files, published.build.home)
    assert build.status == case.status
    assert_says(build, case)
    assert build.published_file.read_bytes() == published.content


def assert_says(build: Build, case: cases.BuildCase) -> None:
    """What a build must have printed, whatever its line breaks, and no stack trace."""
    output = " ".join(build.output.split())
    assert [message for message in case.messages if message not in output] == []
    assert "Traceback" not in output
