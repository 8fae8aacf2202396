"""The table of bad inputs: what is put in, and what must come out of it.

Every expectation stands here as it was written down before the project read the input.

    ROWS      files of one shared build: which rows are refused, why, and the four counts
    FILES     folders of feeds that the loader alone must refuse, and its sentence
    WARNINGS  folders of feeds that the loader takes, and what it warns of
    BUILDS    whole builds that must fail, what they say, and that what was published stays as it was
"""

import gzip
from dataclasses import dataclass, field

COLUMNS = {
    "user_activity": "user_id,session_id,timestamp,session_length,messages_sent,feedback_rating,resources_clicked",
    "recommendations": "recommendation_id,user_id,recommendation_type,click_through_rate,feedback_score",
    "users": "user_id,created_at,gender,birth_date,income_band,acquisition_channel,acquisition_campaign,country_group,"
    "device_type,user_level,updated_at",
    "orders": "order_id,user_id,ordered_at,order_value",
    "point_transactions": "transaction_id,user_id,transaction_at,transaction_type,points",
}
HEADER = COLUMNS["user_activity"]
SOUND = {
    "user_activity": {
        "user_id": "u",
        "session_id": "@",
        "timestamp": "2025-01-01 10:00:00",
        "session_length": "30",
        "messages_sent": "4",
        "feedback_rating": "5",
        "resources_clicked": "2",
    },
    "recommendations": {
        "recommendation_id": "@",
        "user_id": "u",
        "recommendation_type": "Video",
        "click_through_rate": "0.5",
        "feedback_score": "3",
    },
    "users": {
        "user_id": "@",
        "created_at": "2025-01-01 10:00:00",
        "gender": "female",
        "birth_date": "1990-02-28",
        "income_band": "low",
        "acquisition_channel": "search",
        "acquisition_campaign": "may",
        "country_group": "tier1",
        "device_type": "mobile",
        "user_level": "gold",
        "updated_at": "2025-02-01 10:00:00",
    },
    "orders": {
        "order_id": "@",
        "user_id": "u",
        "ordered_at": "2025-01-01 10:00:00",
        "order_value": "19.9",
    },
    "point_transactions": {
        "transaction_id": "@",
        "user_id": "u",
        "transaction_at": "2025-01-01 10:00:00",
        "transaction_type": "accrue",
        "points": "19",
    },
}
KEYS = {
    "user_activity": "session_id",
    "recommendations": "recommendation_id",
    "users": "user_id",
    "orders": "order_id",
    "point_transactions": "transaction_id",
}


@dataclass(frozen=True)
class Counts:
    """Where the rows of an input go."""

    raw: int
    accepted: int
    rejected: int
    duplicate: int


NOTHING = Counts(0, 0, 0, 0)


@dataclass(frozen=True)
class Rejected:
    """A row that must be refused: its number, every reason, and the row as it is kept."""

    row_number: int
    reasons: str
    raw_row: dict


@dataclass(frozen=True)
class RowCase:
    """One file of the shared build.

    name      the case, and the name of its file
    content   the file's text, or of a Parquet file the query that makes it. `@` stands for the name, so that
              no two cases share a key; `<now+4 minutes>` for a moment, counted from the load
    counts    the four counts of the file
    rejected  every row that is refused
    accepted  of accepted rows, by row number: the values that the case is about
    status    the exit status of the build
    message   what the build says of the file
    """

    name: str
    content: str
    counts: Counts
    rejected: tuple[Rejected, ...] = ()
    accepted: dict[int, dict] = field(default_factory=dict)
    feed: str = "user_activity"
    suffix: str = ".csv"
    status: int = 0
    message: str = ""

    @property
    def file(self) -> str:
        return f"{self.feed}/{self.name}{self.suffix}"


@dataclass(frozen=True)
class FileCase:
    """A folder of feeds that the loader must refuse as a whole, after it took a sound one.

    files    the content of each file, by its path; none makes an empty folder. Sound files of the two other
             feeds lie beside them where `is_alone` does not say otherwise
    errors   what the loader says. `{raw_dir}` stands for the folder, `…` for the words of a library
    raw_dir  which path is given as the folder of feeds
    counts   the four counts of what comes in: nothing
    status   the exit status of a build that loads this: not 0, as the load has errors
    """

    name: str
    files: dict[str, bytes | None]
    errors: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    is_alone: bool = False
    raw_dir: str = "feeds"
    counts: Counts = NOTHING
    status: int = 1


@dataclass(frozen=True)
class WarningCase:
    """A folder of feeds that the loader takes, and what it warns of.

    raw_rows  how many rows of each feed come in; none of a feed that is absent
    status    the exit status of a build that loads this: 0, as the load has no errors
    """

    name: str
    files: dict[str, bytes | None]
    warnings: tuple[str, ...]
    raw_rows: dict[str, int | None]
    status: int = 0


@dataclass(frozen=True)
class BuildCase:
    """A whole build of the sample world without its moderators.

    files     which files take the place of the sample's
    messages  what is printed
    status    the exit status. Where it is not 0, what was published before stays as it was
    """

    name: str
    files: dict[str, bytes]
    messages: tuple[str, ...]
    status: int = 1


def row(key: str, feed: str = "user_activity", **values: str) -> str:
    """A line of a feed: a sound row, but for the values given."""
    return ",".join(map(_quoted, {**SOUND[feed], KEYS[feed]: key, **values}.values()))


def _quoted(text: str) -> str:
    if any(character in text for character in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def raw_row(key: str, feed: str = "user_activity", **values: str | None) -> dict:
    """How a refused row is kept: as it stands in the file, whole."""
    return {**SOUND[feed], KEYS[feed]: key, **values}


def broken(text: str) -> dict:
    """How a line that is no row is kept."""
    return {"_broken_line": text}


def lines(*texts: str, end: str = "\n") -> str:
    """A file of lines, each of which ends."""
    return "".join(text + end for text in texts)


def refused(name: str, column: str, text: str, reason: str, feed: str = "user_activity") -> RowCase:
    """Three rows, of which the middle one is refused for one value."""
    return RowCase(
        name,
        lines(COLUMNS[feed], row("@1", feed), row("@2", feed, **{column: text}), row("@3", feed)),
        Counts(raw=3, accepted=2, rejected=1, duplicate=0),
        rejected=(Rejected(2, f"{column}: {reason}", raw_row("@2", feed, **{column: text or None})),),
        feed=feed,
    )


def taken(name: str, column: str, text: str, value: object, feed: str = "user_activity") -> RowCase:
    """Three rows, all accepted, of which the middle one has a value that looks wrong and is not."""
    return RowCase(
        name,
        lines(COLUMNS[feed], row("@1", feed), row("@2", feed, **{column: text}), row("@3", feed)),
        Counts(raw=3, accepted=3, rejected=0, duplicate=0),
        accepted={2: {column: value}},
        feed=feed,
    )


REFUSED_VALUES = (
    # what is no number
    refused("nan", "session_length", "NaN", "not_a_number"),
    refused("infinity", "session_length", "Infinity", "not_a_number"),
    refused("minus infinity", "session_length", "-inf", "not_a_number"),
    refused("exponent", "messages_sent", "1e3", "not_a_number"),
    refused("exponent in capitals", "session_length", "1E3", "not_a_number"),
    refused("underscore", "messages_sent", "1_000", "not_a_number"),
    refused("decimal comma", "session_length", "1,5", "not_a_number"),
    refused("thousands by a comma", "session_length", "1,000", "not_a_number"),
    refused("thousands by a space", "session_length", "1 000", "not_a_number"),
    refused("thousands by a no-break space", "session_length", "1\u00a0000", "not_a_number"),
    refused("two points", "session_length", "1.2.3", "not_a_number"),
    refused("two signs", "session_length", "--5", "not_a_number"),
    refused("sign alone", "session_length", "+", "not_a_number"),
    refused("point alone", "session_length", ".", "not_a_number"),
    refused("sign after the digits", "session_length", "5-", "not_a_number"),
    refused("percent", "session_length", "12%", "not_a_number"),
    refused("hexadecimal", "messages_sent", "0x1A", "not_a_number"),
    refused("Arabic digits", "messages_sent", "\u0661\u0662", "not_a_number"),
    refused("full-width digits", "messages_sent", "\uff11\uff12", "not_a_number"),
    refused("word for a number", "messages_sent", "twelve", "not_a_number"),
    refused("the word null", "messages_sent", "NULL", "not_a_number"),
    refused("true", "messages_sent", "true", "not_a_number"),
    refused("zero-width space", "messages_sent", "12\u200b", "not_a_number"),
    refused("two numbers on two lines", "messages_sent", "1\n2", "not_a_number"),
    refused("optional value that is no number", "click_through_rate", "n/a", "not_a_number", "recommendations"),
    # fractions of a count
    refused("fraction of a count", "messages_sent", "1.5", "not_whole"),
    refused("tiny fraction of a count", "messages_sent", "1.00000000000000000001", "not_whole"),
    refused("fraction of a rating", "feedback_rating", "3.5", "not_whole"),
    # ranges, from outside
    refused("longer than a day", "session_length", "1440.01", "out_of_range"),
    refused("shorter than nothing", "session_length", "-0.01", "out_of_range"),
    refused("rating of 0", "feedback_rating", "0", "out_of_range"),
    refused("rating of 7", "feedback_rating", "7", "out_of_range"),
    refused("negative count", "resources_clicked", "-1", "out_of_range"),
    refused("share below 0", "click_through_rate", "-0.01", "out_of_range", "recommendations"),
    refused("share above 1", "click_through_rate", "1.01", "out_of_range", "recommendations"),
    refused("score below 1", "feedback_score", "0.99", "out_of_range", "recommendations"),
    refused("score above 5", "feedback_score", "5.01", "out_of_range", "recommendations"),
    refused("beyond the greatest number", "messages_sent", "1000000000000001", "out_of_range"),
    refused("40 digits", "messages_sent", "1234567890" * 4, "out_of_range"),
    refused("40 digits below zero", "session_length", "-" + "1234567890" * 4, "out_of_range"),
    refused("400 digits", "messages_sent", "1234567890" * 40, "out_of_range"),
    # nothing where something must be
    refused("empty id", "user_id", "", "empty"),
    refused("empty key", "session_id", "", "empty"),
    refused("empty number", "session_length", "", "empty"),
    refused("empty timestamp", "timestamp", "", "empty"),
    refused("spaces for an id", "user_id", "   ", "empty"),
    refused("no-break space for a number", "messages_sent", "\u00a0", "empty"),
    refused("tab and line break for a number", "messages_sent", "\t\r\n", "empty"),
    refused("empty type", "recommendation_type", "", "empty", "recommendations"),
    # what is no timestamp
    refused("29 February of no leap year", "timestamp", "2025-02-29 10:00:00", "timestamp_unparseable"),
    refused("29 February 1900", "timestamp", "1900-02-29 10:00:00", "timestamp_unparseable"),
    refused("31 April", "timestamp", "2025-04-31T10:00:00Z", "timestamp_unparseable"),
    refused("month 13", "timestamp", "2025-13-01 10:00:00", "timestamp_unparseable"),
    refused("day 0", "timestamp", "2025-01-00 10:00:00", "timestamp_unparseable"),
    refused("hour 25", "timestamp", "2025-01-01 25:00:00", "timestamp_unparseable"),
    refused("minute 60", "timestamp", "2025-01-01 10:60:00", "timestamp_unparseable"),
    refused("date alone", "timestamp", "2025-01-01", "timestamp_unparseable"),
    refused("day first", "timestamp", "31/01/2025 10:00", "timestamp_unparseable"),
    refused("American afternoon", "timestamp", "2025-01-01 10:00 PM", "timestamp_unparseable"),
    refused("seconds since 1970", "timestamp", "1735725600", "timestamp_unparseable"),
    refused("month in words", "timestamp", "Jan 1 2025 10:00:00", "timestamp_unparseable"),
    refused("one digit for a month", "timestamp", "2025-1-01 10:00:00", "timestamp_unparseable"),
    refused("offset of 25 hours", "timestamp", "2025-01-01T10:00:00+25:00", "timestamp_unparseable"),
    refused("offset of 60 minutes", "timestamp", "2025-01-01T10:00:00+01:60", "timestamp_unparseable"),
    refused("word for a time", "timestamp", "yesterday", "timestamp_unparseable"),
    refused("infinite time", "timestamp", "infinity", "timestamp_unparseable"),
    refused("text after the time", "timestamp", "2025-01-01 10:00:00; drop", "timestamp_unparseable"),
    # timestamps of another age
    refused("year 1900", "timestamp", "1900-01-01 00:00:00", "timestamp_out_of_range"),
    refused("year 2999", "timestamp", "2999-12-31T23:59:59Z", "timestamp_out_of_range"),
    refused("year 2100", "timestamp", "2100-01-01 00:00:00", "timestamp_out_of_range"),
    refused("before 2100 but after today", "timestamp", "2099-12-31T23:59:59.999999", "timestamp_out_of_range"),
    refused("last moment of 1999", "timestamp", "1999-12-31T23:59:59.999999", "timestamp_out_of_range"),
    refused("2000 in its zone but 1999 in UTC", "timestamp", "2000-01-01T01:00:00+02:00", "timestamp_out_of_range"),
    # null bytes
    refused("null byte in an id", "user_id", "u\0x", "null_byte"),
    refused("null byte in a key", "session_id", "@2\0", "null_byte"),
    refused("null byte in a count", "messages_sent", "1\x002", "null_byte"),
    refused("null byte in a timestamp", "timestamp", "2025-01-01 10:00:00\0", "null_byte"),
)

TAKEN_VALUES = (
    # numbers
    taken("spaces around a count", "messages_sent", " 12 ", 12),
    taken("no-break spaces around a number", "session_length", "\u00a012.5\u00a0", 12.5),
    taken("tab and line breaks around a count", "messages_sent", "\t12\r\n", 12),
    taken("count written with a point", "messages_sent", "12.0", 12),
    taken("count with many zeros", "messages_sent", "12.00000000000000000000", 12),
    taken("plus sign", "messages_sent", "+12", 12),
    taken("leading zeros", "messages_sent", "007", 7),
    taken("nothing before the point", "session_length", ".5", 0.5),
    taken("nothing after the point", "session_length", "5.", 5.0),
    # ranges, from inside
    taken("whole day", "session_length", "1440", 1440.0),
    taken("no minute at all", "session_length", "0", 0.0),
    taken("minus nothing", "session_length", "-0", 0.0),
    taken("rating of 1", "feedback_rating", "1", 1),
    taken("rating of 6", "feedback_rating", "6", 6),
    taken("greatest number", "messages_sent", "1000000000000000", 10**15),
    taken("share of 0", "click_through_rate", "0", 0.0, "recommendations"),
    taken("share of 1", "click_through_rate", "1", 1.0, "recommendations"),
    taken("score of 1", "feedback_score", "1", 1.0, "recommendations"),
    taken("score of 5", "feedback_score", "5", 5.0, "recommendations"),
    taken("no share", "click_through_rate", "", None, "recommendations"),
    taken("blanks for a share", "click_through_rate", " \u00a0\t", None, "recommendations"),
    # timestamps, all as UTC
    taken("first moment of 2000", "timestamp", "2000-01-01 00:00:00", "2000-01-01 00:00:00"),
    taken("1999 in its zone but 2000 in UTC", "timestamp", "1999-12-31T23:30:00-01:00", "2000-01-01 00:30:00"),
    taken("29 February of a leap year", "timestamp", "2024-02-29T10:00:00", "2024-02-29 10:00:00"),
    taken("29 February 2000", "timestamp", "2000-02-29 10:00:00", "2000-02-29 10:00:00"),
    taken("no seconds", "timestamp", "2025-01-01T10:00", "2025-01-01 10:00:00"),
    taken("zone Z", "timestamp", "2025-01-01T10:00:00Z", "2025-01-01 10:00:00"),
    taken("zone east of Greenwich", "timestamp", "2025-01-01T10:00:00+02:00", "2025-01-01 08:00:00"),
    taken("zone west of Greenwich", "timestamp", "2025-01-01T22:00:00-05:30", "2025-01-02 03:30:00"),
    taken("zone without a colon", "timestamp", "2025-01-01T10:00:00+0545", "2025-01-01 04:15:00"),
    taken("zone of two digits", "timestamp", "2025-01-01 10:00:00-08", "2025-01-01 18:00:00"),
    taken("zone after a space", "timestamp", "2025-01-01 10:00:00 +02:00", "2025-01-01 08:00:00"),
    taken("zone over the end of a year", "timestamp", "2024-12-31T20:00:00.5-10:00", "2025-01-01 06:00:00.500000"),
    taken("zone over a leap day", "timestamp", "2024-03-01T00:30:00+01:00", "2024-02-29 23:30:00"),
    taken("zone after minutes", "timestamp", "2025-01-01T10:00+02:00", "2025-01-01 08:00:00"),
    taken("zone Z after minutes", "timestamp", "2025-01-01 10:00Z", "2025-01-01 10:00:00"),
    taken("one digit of a second", "timestamp", "2025-01-01 10:00:00.1", "2025-01-01 10:00:00.100000"),
    taken("microseconds", "timestamp", "2025-01-01 10:00:00.123456", "2025-01-01 10:00:00.123456"),
    taken("nanoseconds", "timestamp", "2025-01-01T10:00:00.123456000Z", "2025-01-01 10:00:00.123456"),
    taken("picoseconds", "timestamp", "2025-01-01T10:00:00.123456000000", "2025-01-01 10:00:00.123456"),
    taken("blanks around a timestamp", "timestamp", "\u00a02025-01-01 10:00:00 ", "2025-01-01 10:00:00"),
    # ids
    taken("quotes in an id", "session_id", 'the "@2"', 'the "@2"'),
    taken("apostrophe in an id", "session_id", "@2's", "@2's"),
    taken(
        "drop table in an id",
        "session_id",
        "@2'; drop table staging.base_platform__user_activity; --",
        "@2'; drop table staging.base_platform__user_activity; --",
    ),
    taken("template in an id", "session_id", "@2 {{ 1 / 0 }} {% raw %}", "@2 {{ 1 / 0 }} {% raw %}"),
    taken("formula in an id", "session_id", "=1+1 @2", "=1+1 @2"),
    taken("backslashes in an id", "session_id", "@2\\N\\n\\", "@2\\N\\n\\"),
    taken("line break in an id", "session_id", "@2\nand more", "@2\nand more"),
    taken("Windows line break in an id", "session_id", "@2\r\nand more", "@2\r\nand more"),
    taken("delimiters in an id", "session_id", "@2,;\t|", "@2,;\t|"),
    taken("other scripts in an id", "session_id", "@2 žluťoučký кот 猫 🐈", "@2 žluťoučký кот 猫 🐈"),
    taken("blanks around an id", "session_id", "\t @2 a \u00a0", "@2 a"),
    taken("id that says NULL", "user_id", "NULL", "NULL"),
    taken("id that says NaN", "user_id", "NaN", "NaN"),
    taken("id with leading zeros", "user_id", "007", "007"),
    taken("id of 40 digits", "user_id", "1234567890" * 4, "1234567890" * 4),
)

BROKEN_LINES = (
    RowCase(
        "ragged lines",
        lines(HEADER, row("@1"), "u,@2", row("@3"), row("@4") + ",one more", row("@5")),
        Counts(raw=5, accepted=3, rejected=2, duplicate=0),
        rejected=(
            Rejected(2, "too_few_fields", broken("u,@2")),
            Rejected(4, "too_many_fields", broken("u,@4,2025-01-01 10:00:00,30,4,5,2,one more")),
        ),
    ),
    RowCase(
        "delimiter at the end of a line",
        lines(HEADER, row("@1") + ",", row("@2")),
        Counts(raw=2, accepted=1, rejected=1, duplicate=0),
        rejected=(Rejected(1, "too_many_fields", broken("u,@1,2025-01-01 10:00:00,30,4,5,2,")),),
    ),
    RowCase(
        "empty quotes at the end of a line",
        lines(HEADER, row("@1") + ',""', row("@2")),
        Counts(raw=2, accepted=1, rejected=1, duplicate=0),
        rejected=(Rejected(1, "too_many_fields", broken('u,@1,2025-01-01 10:00:00,30,4,5,2,""')),),
    ),
    RowCase(
        "empty quotes for a line",
        lines(HEADER, row("@1"), '""', row("@3")),
        Counts(raw=3, accepted=2, rejected=1, duplicate=0),
        rejected=(Rejected(2, "too_few_fields", broken('""')),),
    ),
    RowCase(
        "file that was cut off",
        lines(HEADER, row("@1"), row("@2")) + "u,@3,2025-01-0",
        Counts(raw=3, accepted=2, rejected=1, duplicate=0),
        rejected=(Rejected(3, "too_few_fields", broken("u,@3,2025-01-0")),),
    ),
    RowCase(
        "remark after the header",
        lines(HEADER, "# made by hand", row("@2")),
        Counts(raw=2, accepted=1, rejected=1, duplicate=0),
        rejected=(Rejected(1, "too_few_fields", broken("# made by hand")),),
    ),
    RowCase(
        "broken line with odd characters",
        lines(HEADER, row("@1"), 'u\\,@2 é "x" \0'),
        Counts(raw=2, accepted=1, rejected=1, duplicate=0),
        rejected=(Rejected(2, "too_few_fields", broken('u\\,@2 é "x" \0')),),
    ),
    RowCase(
        "unclosed quote early",
        lines(HEADER, '"u,@1,2025-01-01 10:00:00,30,4,5,2', row("@2"), '"u","@3",2025-01-01 10:00:00,30,4,5,2'),
        Counts(raw=3, accepted=2, rejected=1, duplicate=0),
        rejected=(Rejected(1, "unclosed_quote", broken('"u,@1,2025-01-01 10:00:00,30,4,5,2')),),
        accepted={3: {"session_id": "@3"}},
    ),
    RowCase(
        "unclosed quote in the middle",
        lines(HEADER, row("@1"), 'u,"@2,2025-01-01 10:00:00,30,4,5,2', row("@3"), row("@4, quoted"), row("@5")),
        Counts(raw=5, accepted=4, rejected=1, duplicate=0),
        rejected=(Rejected(2, "unclosed_quote", broken('u,"@2,2025-01-01 10:00:00,30,4,5,2')),),
        accepted={4: {"session_id": "@4, quoted"}},
    ),
    RowCase(
        "unclosed quotes in two lines",
        lines(HEADER, 'u,"@1', 'u,"@2', row("@3"), row("@4")),
        Counts(raw=4, accepted=2, rejected=2, duplicate=0),
        rejected=(
            Rejected(1, "unclosed_quote", broken('u,"@1')),
            Rejected(2, "unclosed_quote", broken('u,"@2')),
        ),
    ),
    RowCase(
        "unclosed quote at the end",
        lines(HEADER, row("@1"), row("@2"), 'u,@3,2025-01-01 10:00:00,30,4,5,"2'),
        Counts(raw=3, accepted=2, rejected=1, duplicate=0),
        rejected=(Rejected(3, "unclosed_quote", broken('u,@3,2025-01-01 10:00:00,30,4,5,"2')),),
    ),
    RowCase(
        "unclosed quote is the last character",
        lines(HEADER, row("@1")) + 'u,@2,2025-01-01 10:00:00,30,4,5,"',
        Counts(raw=2, accepted=1, rejected=1, duplicate=0),
        rejected=(Rejected(2, "unclosed_quote", broken('u,@2,2025-01-01 10:00:00,30,4,5,"')),),
    ),
    RowCase(
        "unclosed quote between Windows line ends",
        lines(HEADER, row("@1"), 'u,"@2,2025-01-01 10:00:00,30,4,5,2', row("@3"), end="\r\n"),
        Counts(raw=3, accepted=2, rejected=1, duplicate=0),
        rejected=(Rejected(2, "unclosed_quote", broken('u,"@2,2025-01-01 10:00:00,30,4,5,2')),),
    ),
    RowCase(
        "text after a quote",
        lines(HEADER, row("@1"), '"u"x,@2,2025-01-01 10:00:00,30,4,5,2', row("@3")),
        Counts(raw=3, accepted=2, rejected=1, duplicate=0),
        rejected=(Rejected(2, "text_after_quote", broken('"u"x,@2,2025-01-01 10:00:00,30,4,5,2')),),
    ),
    RowCase(
        "text after a quote in the last line",
        lines(HEADER, row("@1")) + 'u,"@2"x,2025-01-01 10:00:00,30,4,5,2',
        Counts(raw=2, accepted=1, rejected=1, duplicate=0),
        rejected=(Rejected(2, "text_after_quote", broken('u,"@2"x,2025-01-01 10:00:00,30,4,5,2')),),
    ),
    RowCase(
        "quote inside a field",
        lines(HEADER, 'u,@1 5" screen,2025-01-01 10:00:00,30,4,5,2', row("@2")),
        Counts(raw=2, accepted=2, rejected=0, duplicate=0),
        accepted={1: {"session_id": '@1 5" screen'}},
    ),
    RowCase(
        "every kind of broken line",
        lines(HEADER, "u,@1", row("@2") + ",", '"u"x,@3', 'u,"@4', row("@5", messages_sent="x"), row("@6")),
        Counts(raw=6, accepted=1, rejected=5, duplicate=0),
        rejected=(
            Rejected(1, "too_few_fields", broken("u,@1")),
            Rejected(2, "too_many_fields", broken("u,@2,2025-01-01 10:00:00,30,4,5,2,")),
            Rejected(3, "text_after_quote", broken('"u"x,@3')),
            Rejected(4, "unclosed_quote", broken('u,"@4')),
            Rejected(5, "messages_sent: not_a_number", raw_row("@5", messages_sent="x")),
        ),
    ),
    RowCase(
        "blank lines",
        lines(HEADER, "", row("@1"), "", "", "  ", "\u00a0", row("@2"), "", ""),
        Counts(raw=2, accepted=2, rejected=0, duplicate=0),
        accepted={1: {"session_id": "@1"}, 2: {"session_id": "@2"}},
    ),
    RowCase(
        "blank lines before the header",
        lines("", "", HEADER, row("@1")),
        Counts(raw=1, accepted=1, rejected=0, duplicate=0),
    ),
    RowCase(
        "blank and broken lines",
        lines(HEADER, "", "u,@1", "", row("@2", feedback_rating="9"), "", row("@3")),
        Counts(raw=3, accepted=1, rejected=2, duplicate=0),
        rejected=(
            Rejected(1, "too_few_fields", broken("u,@1")),
            Rejected(2, "feedback_rating: out_of_range", raw_row("@2", feedback_rating="9")),
        ),
    ),
    RowCase(
        "row of nothing but delimiters",
        lines(HEADER, ",,,,,,", row("@2")),
        Counts(raw=2, accepted=1, rejected=1, duplicate=0),
        rejected=(
            Rejected(
                1,
                "user_id: empty; session_id: empty; timestamp: empty; session_length: empty; messages_sent: empty; "
                "feedback_rating: empty; resources_clicked: empty",
                dict.fromkeys(HEADER.split(",")),
            ),
        ),
    ),
)

FORMS = (
    RowCase(
        "header alone",
        lines(HEADER),
        Counts(raw=0, accepted=0, rejected=0, duplicate=0),
    ),
    RowCase(
        "header without a line end",
        HEADER,
        Counts(raw=0, accepted=0, rejected=0, duplicate=0),
    ),
    RowCase(
        "byte order mark",
        "\ufeff" + lines(HEADER, row("@1"), row("@2", feedback_rating="9")),
        Counts(raw=2, accepted=1, rejected=1, duplicate=0),
        rejected=(Rejected(2, "feedback_rating: out_of_range", raw_row("@2", feedback_rating="9")),),
        accepted={1: {"user_id": "u"}},
    ),
    RowCase(
        "byte order mark and quotes in the header",
        "\ufeff" + lines(*(f'"{HEADER}"'.replace(",", '","'), row("@1")), end="\r\n"),
        Counts(raw=1, accepted=1, rejected=0, duplicate=0),
        accepted={1: {"user_id": "u", "resources_clicked": 2}},
    ),
    RowCase(
        "byte order mark and a broken line",
        "\ufeff" + lines(HEADER, "u,@1", row("@2")),
        Counts(raw=2, accepted=1, rejected=1, duplicate=0),
        rejected=(Rejected(1, "too_few_fields", broken("u,@1")),),
    ),
    RowCase(
        "semicolons",
        lines(HEADER, row("@1"), row("@2")).replace(",", ";"),
        Counts(raw=2, accepted=2, rejected=0, duplicate=0),
        accepted={2: {"session_id": "@2", "session_length": 30.0}},
    ),
    RowCase(
        "semicolons and decimal commas",
        lines(HEADER, row("@1"), row("@2")).replace(",", ";").replace(";30;", ";1,5;"),
        Counts(raw=2, accepted=0, rejected=2, duplicate=0),
        rejected=(
            Rejected(1, "session_length: not_a_number", raw_row("@1", session_length="1,5")),
            Rejected(2, "session_length: not_a_number", raw_row("@2", session_length="1,5")),
        ),
    ),
    RowCase(
        "semicolons and a broken line",
        lines(HEADER, row("@1"), "u,@2", row("@3")).replace(",", ";"),
        Counts(raw=3, accepted=2, rejected=1, duplicate=0),
        rejected=(Rejected(2, "too_few_fields", broken("u;@2")),),
    ),
    RowCase(
        "tabs",
        lines(HEADER, row("@1"), row("@2", feedback_rating=" 3 ")).replace(",", "\t"),
        Counts(raw=2, accepted=2, rejected=0, duplicate=0),
        accepted={2: {"session_id": "@2", "feedback_rating": 3}},
    ),
    RowCase(
        "pipes",
        lines(HEADER, row("@1"), row("@2")).replace(",", "|"),
        Counts(raw=2, accepted=2, rejected=0, duplicate=0),
        accepted={2: {"session_id": "@2"}},
    ),
    RowCase(
        "another order and case and blanks in the header",
        lines(
            "FEEDBACK_RATING, Resources_Clicked ,Timestamp,messages_sent,session_length,USER_ID,Session_Id",
            "0,x,2025-01-01 10:00:00,4,1441,,@1",
            "6,2,2025-01-01 10:00:00,4,30,u,@2",
        ),
        Counts(raw=2, accepted=1, rejected=1, duplicate=0),
        rejected=(
            Rejected(
                1,
                "user_id: empty; session_length: out_of_range; feedback_rating: out_of_range; "
                "resources_clicked: not_a_number",
                raw_row("@1", user_id=None, session_length="1441", feedback_rating="0", resources_clicked="x"),
            ),
        ),
        accepted={2: {"user_id": "u", "session_id": "@2", "feedback_rating": 6, "resources_clicked": 2}},
    ),
    RowCase(
        "columns that nobody declared",
        lines(f"note,{HEADER},Land", f"first,{row('@1')},CZ", f",{row('@2', feedback_rating='9')},é")
        + lines(f"x,{row('@3')},DE", "x,@4,DE"),
        Counts(raw=4, accepted=2, rejected=2, duplicate=0),
        rejected=(
            Rejected(
                2,
                "feedback_rating: out_of_range",
                raw_row("@2", feedback_rating="9") | {"note": None, "Land": "é"},
            ),
            Rejected(4, "too_few_fields", broken("x,@4,DE")),
        ),
    ),
    RowCase(
        "two columns that nobody declared of one name",
        lines(f"{HEADER},note,note,", f"{row('@1')},a,b,c", f"{row('@2')},a,b,c"),
        Counts(raw=2, accepted=2, rejected=0, duplicate=0),
    ),
    RowCase(
        "null byte where nobody looks",
        lines(f"{HEADER},note", f"{row('@1')},a\0b"),
        Counts(raw=1, accepted=1, rejected=0, duplicate=0),
    ),
    RowCase(
        "optional columns missing",
        lines("recommendation_id,user_id,recommendation_type", "@1,u,Blog"),
        Counts(raw=1, accepted=1, rejected=0, duplicate=0),
        accepted={1: {"click_through_rate": None, "feedback_score": None}},
        feed="recommendations",
    ),
    RowCase(
        "old Mac line ends",
        lines(HEADER, row("@1"), row("@2", feedback_rating="9"), row("@3"), end="\r"),
        Counts(raw=3, accepted=2, rejected=1, duplicate=0),
        rejected=(Rejected(2, "feedback_rating: out_of_range", raw_row("@2", feedback_rating="9")),),
        accepted={3: {"resources_clicked": 2}},
    ),
    RowCase(
        "mixed line ends",
        f"{HEADER}\r\n{row('@1')}\n{row('@2')}\r{row('@3')}\r\n\r\n{row('@4')}",
        Counts(raw=4, accepted=4, rejected=0, duplicate=0),
        accepted={number: {"resources_clicked": 2} for number in (1, 2, 3, 4)},
    ),
    RowCase(
        "mixed line ends and a broken line",
        f"{HEADER}\r\n{row('@1')}\nu,@2\r{row('@3')}\r\n",
        Counts(raw=3, accepted=2, rejected=1, duplicate=0),
        rejected=(Rejected(2, "too_few_fields", broken("u,@2")),),
        accepted={3: {"resources_clicked": 2}},
    ),
    RowCase(
        "every field in quotes",
        lines(f'"{HEADER}"'.replace(",", '","'), f'"{row("@1")}"'.replace(",", '","')),
        Counts(raw=1, accepted=1, rejected=0, duplicate=0),
        accepted={1: {"session_length": 30.0}},
    ),
    RowCase(
        "blank before a quote",
        lines(HEADER, 'u, "@1",2025-01-01 10:00:00,30,4,5,2'),
        Counts(raw=1, accepted=1, rejected=0, duplicate=0),
        accepted={1: {"session_id": '"@1"'}},
    ),
    RowCase(
        "blank after a quote",
        lines(HEADER, row("@1"), 'u,"@2" ,2025-01-01 10:00:00,30,4,5,2'),
        Counts(raw=2, accepted=1, rejected=1, duplicate=0),
        rejected=(Rejected(2, "text_after_quote", broken('u,"@2" ,2025-01-01 10:00:00,30,4,5,2')),),
    ),
    RowCase(
        "two files put together",
        lines(HEADER, row("@1"), HEADER, row("@3")),
        Counts(raw=3, accepted=2, rejected=1, duplicate=0),
        rejected=(
            Rejected(
                2,
                "timestamp: timestamp_unparseable; session_length: not_a_number; messages_sent: not_a_number; "
                "feedback_rating: not_a_number; resources_clicked: not_a_number",
                {name: name for name in HEADER.split(",")},
            ),
        ),
    ),
    RowCase(
        "every value wrong",
        lines(HEADER, '\0,"  ",2025-02-30,NaN,1.5,7,-1'),
        Counts(raw=1, accepted=0, rejected=1, duplicate=0),
        rejected=(
            Rejected(
                1,
                "user_id: null_byte; session_id: empty; timestamp: timestamp_unparseable; "
                "session_length: not_a_number; messages_sent: not_whole; feedback_rating: out_of_range; "
                "resources_clicked: out_of_range",
                {
                    "user_id": "\0",
                    "session_id": "  ",
                    "timestamp": "2025-02-30",
                    "session_length": "NaN",
                    "messages_sent": "1.5",
                    "feedback_rating": "7",
                    "resources_clicked": "-1",
                },
            ),
        ),
    ),
    RowCase(
        "field of 5 megabytes",
        lines(HEADER, row("@1", user_id="x" * 5_000_000), row("@2")),
        Counts(raw=2, accepted=2, rejected=0, duplicate=0),
        accepted={1: {"user_id": "x" * 5_000_000}, 2: {"user_id": "u"}},
    ),
    RowCase(
        "long field in quotes and a broken line",
        lines(HEADER, "u,@1", row("@2", user_id='"\n' * 300_000 + ","), row("@3")),
        Counts(raw=3, accepted=2, rejected=1, duplicate=0),
        rejected=(Rejected(1, "too_few_fields", broken("u,@1")),),
        accepted={2: {"user_id": '"\n' * 300_000 + ","}},
    ),
    RowCase(
        "compressed",
        lines(HEADER, row("@1"), "u,@2", row("@3", feedback_rating="9")),
        Counts(raw=3, accepted=1, rejected=2, duplicate=0),
        rejected=(
            Rejected(2, "too_few_fields", broken("u,@2")),
            Rejected(3, "feedback_rating: out_of_range", raw_row("@3", feedback_rating="9")),
        ),
        suffix=".csv.gz",
    ),
    RowCase(
        "compressed and sound",
        lines(HEADER, row("@1"), row("@2")),
        Counts(raw=2, accepted=2, rejected=0, duplicate=0),
        suffix=".csv.gz",
    ),
    RowCase(
        "2025/01/folder in a folder",
        lines(HEADER, row("@1")),
        Counts(raw=1, accepted=1, rejected=0, duplicate=0),
    ),
    RowCase(
        "suffix in capitals",
        lines(HEADER, row("@1")),
        Counts(raw=1, accepted=1, rejected=0, duplicate=0),
        suffix=".CSV",
    ),
    RowCase(
        "it's a name – with 'quotes' and é",
        lines(HEADER, row("@1"), "u,@2"),
        Counts(raw=2, accepted=1, rejected=1, duplicate=0),
        rejected=(Rejected(2, "too_few_fields", broken("u,@2")),),
    ),
    RowCase(
        "pattern [a-z]*",
        lines(HEADER, row("@1"), row("@2")),
        Counts(raw=2, accepted=2, rejected=0, duplicate=0),
    ),
    RowCase(
        "pattern and more",  # which the pattern would match
        lines(HEADER, row("@1")),
        Counts(raw=1, accepted=1, rejected=0, duplicate=0),
    ),
)

MOMENTS_AROUND_THE_LOAD = (
    RowCase(
        "clock that is a little fast",
        lines(HEADER, row("@1", timestamp="<now+4 minutes>"), row("@2", timestamp="<now+4 minutes>Z")),
        Counts(raw=2, accepted=2, rejected=0, duplicate=0),
    ),
    RowCase(
        "clock that is too fast",
        lines(HEADER, row("@1"), row("@2", timestamp="<now+10 minutes>"), row("@3", timestamp="<now+10 minutes>Z")),
        Counts(raw=3, accepted=1, rejected=2, duplicate=0),
        rejected=(
            Rejected(2, "timestamp: timestamp_out_of_range", raw_row("@2", timestamp="<now+10 minutes>")),
            Rejected(3, "timestamp: timestamp_out_of_range", raw_row("@3", timestamp="<now+10 minutes>Z")),
        ),
    ),
    RowCase(
        "zone that puts the time into the past",
        lines(HEADER, row("@1", timestamp="<now+100 minutes>+05:00"), row("@2", timestamp="<now-100 minutes>-05:00")),
        Counts(raw=2, accepted=1, rejected=1, duplicate=0),
        rejected=(
            Rejected(2, "timestamp: timestamp_out_of_range", raw_row("@2", timestamp="<now-100 minutes>-05:00")),
        ),
    ),
)

REPEATS = (
    RowCase(
        "repeated row",
        lines(HEADER, row("@1"), row("@1"), row("@1")),
        Counts(raw=3, accepted=1, rejected=0, duplicate=2),
        accepted={3: {"session_id": "@1"}},
    ),
    RowCase(
        "repeated row in other blanks",
        lines(HEADER, row("@1"), row(" @1\u00a0", messages_sent=" 4")),
        Counts(raw=2, accepted=1, rejected=0, duplicate=1),
        accepted={2: {"session_id": "@1", "messages_sent": 4}},
    ),
    RowCase(
        "repeated moment in another zone",
        lines(
            HEADER,
            row("@1", timestamp="2025-01-01T10:00:00Z"),
            row("@1", timestamp="2025-01-01T12:00:00+02:00"),
        ),
        Counts(raw=2, accepted=1, rejected=0, duplicate=1),
        accepted={2: {"timestamp": "2025-01-01 10:00:00"}},
    ),
    RowCase(
        "same moment in two zones is two moments in one",
        lines(
            HEADER,
            row("@1", timestamp="2025-01-01T10:00:00Z"),
            row("@1", timestamp="2025-01-01T10:00:00+02:00"),
        ),
        Counts(raw=2, accepted=1, rejected=1, duplicate=0),
        rejected=(Rejected(1, "conflicting_duplicate", raw_row("@1", timestamp="2025-01-01T10:00:00Z")),),
        accepted={2: {"timestamp": "2025-01-01 08:00:00"}},
    ),
    RowCase(
        "conflicting repeat",
        lines(HEADER, row("@1", user_id="first"), row("@1", user_id="second")),
        Counts(raw=2, accepted=1, rejected=1, duplicate=0),
        rejected=(Rejected(1, "conflicting_duplicate", raw_row("@1", user_id="first")),),
        accepted={2: {"user_id": "second"}},
    ),
    RowCase(
        "repeat on both sides of a conflict",
        lines(HEADER, row("@1", user_id="a"), row("@1", user_id="b"), row("@1", user_id="a")),
        Counts(raw=3, accepted=1, rejected=1, duplicate=1),
        rejected=(Rejected(2, "conflicting_duplicate", raw_row("@1", user_id="b")),),
        accepted={3: {"user_id": "a"}},
    ),
    RowCase(
        "conflict between rows 9 and 10",
        lines(HEADER, *(row(f"@{number}") for number in range(1, 9)), row("@x", user_id="9"), row("@x", user_id="10")),
        Counts(raw=10, accepted=9, rejected=1, duplicate=0),
        rejected=(Rejected(9, "conflicting_duplicate", raw_row("@x", user_id="9")),),
        accepted={10: {"user_id": "10"}},
    ),
    RowCase(
        "refused row takes nobody's place",
        lines(HEADER, row("@1"), row("@1", feedback_rating="9"), row("@1", feedback_rating="10")),
        Counts(raw=3, accepted=1, rejected=2, duplicate=0),
        rejected=(
            Rejected(2, "feedback_rating: out_of_range", raw_row("@1", feedback_rating="9")),
            Rejected(3, "feedback_rating: out_of_range", raw_row("@1", feedback_rating="10")),
        ),
        accepted={1: {"feedback_rating": 5}},
    ),
    RowCase(
        "keys in two cases of letters",
        lines(HEADER, row("@a"), row("@A", user_id="another")),
        Counts(raw=2, accepted=2, rejected=0, duplicate=0),
    ),
    RowCase(
        "conflict between files 1",
        lines(HEADER, row("conflict between files", user_id="old"), row("repeat between files")),
        Counts(raw=2, accepted=0, rejected=1, duplicate=1),
        rejected=(Rejected(1, "conflicting_duplicate", raw_row("conflict between files", user_id="old")),),
    ),
    RowCase(
        "conflict between files 2",
        lines(HEADER, row("repeat between files"), row("conflict between files", user_id="new")),
        Counts(raw=2, accepted=2, rejected=0, duplicate=0),
        accepted={2: {"user_id": "new"}},
    ),
)

PARQUET = (
    RowCase(
        "typed Parquet",
        """
        select 'u' as user_id, '@' || place as session_id, cast(moment as timestamptz) as "timestamp", minutes
        as session_length, cast(4 as utinyint) as messages_sent, rating as "Feedback_Rating", cast(2 as bigint)
        as resources_clicked, {'of': place} as extra
        from (values
            (1, '2025-01-01 10:00:00+02', cast(0.0000001 as double), cast(5 as decimal(3, 1))),
            (2, '2025-01-01 10:00:00+02', cast('NaN' as double), 5),
            (3, '2999-01-01 00:00:00+00', 1e22, 5.5),
            (4, '2025-01-01 10:00:00.25+00', 1440, null)
        ) as rows(place, moment, minutes, rating)
        """,
        Counts(raw=4, accepted=1, rejected=3, duplicate=0),
        rejected=(
            Rejected(
                2,
                "session_length: not_a_number",
                raw_row("@2", timestamp="2025-01-01 08:00:00+00", session_length="nan", feedback_rating="5.0")
                | {"extra": "{'of': 2}"},
            ),
            Rejected(
                3,
                "timestamp: timestamp_out_of_range; session_length: out_of_range; feedback_rating: not_whole",
                raw_row(
                    "@3",
                    timestamp="2999-01-01 00:00:00+00",
                    session_length="10000000000000000000000.00000000000000000000",
                    feedback_rating="5.5",
                )
                | {"extra": "{'of': 3}"},
            ),
            Rejected(
                4,
                "feedback_rating: empty",
                raw_row("@4", timestamp="2025-01-01 10:00:00.25+00", session_length="1440.0", feedback_rating=None)
                | {"extra": "{'of': 4}"},
            ),
        ),
        accepted={1: {"timestamp": "2025-01-01 08:00:00", "session_length": 1e-7, "feedback_rating": 5}},
        suffix=".parquet",
    ),
    RowCase(
        "Parquet with an infinite share and a null byte",
        """
        select recommendation_id, 'u' as user_id, 'Video' as recommendation_type,
        share as click_through_rate
        from (values ('@1', cast(0 as float)), ('@2' || chr(0), 1), (null, 'inf')) as rows(recommendation_id, share)
        """,
        Counts(raw=3, accepted=1, rejected=2, duplicate=0),
        rejected=(
            Rejected(
                2,
                "recommendation_id: null_byte",
                raw_row("@2\0", "recommendations", click_through_rate="1.0", feedback_score=None),
            ),
            Rejected(
                3,
                "recommendation_id: empty; click_through_rate: not_a_number",
                {
                    "recommendation_id": None,
                    "user_id": "u",
                    "recommendation_type": "Video",
                    "click_through_rate": "inf",
                    "feedback_score": None,
                },
            ),
        ),
        accepted={1: {"click_through_rate": 0.0, "feedback_score": None}},
        feed="recommendations",
        suffix=".parquet",
    ),
    RowCase(
        "Parquet with days for moments",
        """
        select 'u' as user_id, '@1' as session_id, date '2025-01-01' as "timestamp", 30 as session_length,
        4 as messages_sent, 5 as feedback_rating, 2 as resources_clicked
        """,
        Counts(raw=1, accepted=0, rejected=1, duplicate=0),
        rejected=(Rejected(1, "timestamp: timestamp_unparseable", raw_row("@1", timestamp="2025-01-01")),),
        suffix=".parquet",
    ),
    RowCase(
        "Parquet pattern [1]*",
        """
        select 'u' as user_id, '@1' as session_id, timestamp '2025-01-01 10:00:00' as "timestamp",
        30 as session_length, 4 as messages_sent, 5 as feedback_rating, 2 as resources_clicked
        """,
        Counts(raw=1, accepted=1, rejected=0, duplicate=0),
        suffix=".parquet",
    ),
    RowCase(
        "Parquet pattern 1 and more",  # which the pattern would match
        """
        select 'u' as user_id, '@1' as session_id, timestamp '2025-01-01 10:00:00' as "timestamp",
        30 as session_length, 4 as messages_sent, 5 as feedback_rating, 2 as resources_clicked
        """,
        Counts(raw=1, accepted=1, rejected=0, duplicate=0),
        suffix=".parquet",
    ),
)


def profiles(name: str, *rows: str, counts: Counts, rejected: tuple[Rejected, ...], accepted: dict) -> RowCase:
    """A file of profiles."""
    return RowCase(name, lines(COLUMNS["users"], *rows), counts, rejected, accepted, feed="users")


def profile(key: str, **values: str) -> str:
    return row(key, "users", **values)


def ledger_row(kind: str, points: str) -> str:
    return row("@2", "point_transactions", transaction_type=kind, points=points)


def refused_points(name: str, kind: str, points: str, reason: str) -> RowCase:
    return RowCase(
        name,
        lines(COLUMNS["point_transactions"], row("@1", "point_transactions"), ledger_row(kind, points)),
        Counts(raw=2, accepted=1, rejected=1, duplicate=0),
        rejected=(Rejected(2, reason, raw_row("@2", "point_transactions", transaction_type=kind, points=points)),),
        feed="point_transactions",
    )


def taken_points(name: str, kind: str, points: str) -> RowCase:
    return RowCase(
        name,
        lines(COLUMNS["point_transactions"], ledger_row(kind, points)),
        Counts(raw=1, accepted=1, rejected=0, duplicate=0),
        accepted={1: {"transaction_type": kind, "points": int(points)}},
        feed="point_transactions",
    )


OLDER, NEWER = "2025-02-01 10:00:00", "2025-02-01 10:00:00.000001"
PROFILES_ORDERS_POINTS = (
    refused("profile without registration", "created_at", "", "empty", "users"),
    refused("registered on a day", "created_at", "2025-01-01", "timestamp_unparseable", "users"),
    taken("profile that says no gender", "gender", "", None, "users"),
    taken("gender that nobody knows", "gender", "x", "x", "users"),
    taken("birth date that cannot be", "birth_date", "2999-01-01", "2999-01-01", "users"),
    taken("birth date that is none", "birth_date", "unknown", "unknown", "users"),
    profiles(
        "profile changed last comes first",
        profile("@1", gender="other", updated_at=NEWER),
        profile("@1", updated_at=OLDER),
        counts=Counts(raw=2, accepted=1, rejected=1, duplicate=0),
        rejected=(Rejected(2, "conflicting_duplicate", raw_row("@1", "users", updated_at=OLDER)),),
        accepted={1: {"gender": "other"}},
    ),
    profiles(
        "profile that says no change is the older",
        profile("@1", gender="other"),
        profile("@1", updated_at=""),
        counts=Counts(raw=2, accepted=1, rejected=1, duplicate=0),
        rejected=(Rejected(2, "conflicting_duplicate", raw_row("@1", "users", updated_at=None)),),
        accepted={1: {"gender": "other"}},
    ),
    profiles(
        "profiles changed at once",
        profile("@1", gender="male"),
        profile("@1", gender="female"),
        profile("@1", gender="male"),
        counts=Counts(raw=3, accepted=1, rejected=1, duplicate=1),
        rejected=(Rejected(2, "conflicting_duplicate", raw_row("@1", "users", gender="female")),),
        accepted={3: {"gender": "male"}},
    ),
    refused("order below nothing", "order_value", "-0.01", "out_of_range", "orders"),
    refused("order of nobody", "user_id", "", "empty", "orders"),
    taken("order of no value", "order_value", "0", 0.0, "orders"),
    taken("order that says no value", "order_value", "", None, "orders"),
    refused_points("nothing accrued", "accrue", "0", "points: out_of_range"),
    refused_points("redeemed below nothing", "redeem", "-1", "points: out_of_range"),
    refused_points("expired below nothing", "expire", "-5", "points: out_of_range"),
    refused_points("half a point", "accrue", "1.5", "points: not_whole"),
    refused_points("adjusted by half a point", "adjust", "-1.5", "points: not_whole"),
    refused_points("movement of an unknown kind", "bonus", "5", "transaction_type: unknown_value"),
    refused_points("movement in capitals", "ACCRUE", "5", "transaction_type: unknown_value"),
    refused_points(
        "unknown kind below nothing", "bonus", "-5", "transaction_type: unknown_value; points: out_of_range"
    ),
    refused("movement of no kind", "transaction_type", "", "empty", "point_transactions"),
    taken_points("one point", "redeem", "1"),
    taken_points("adjusted down", "adjust", "-3"),
    taken_points("adjusted by nothing", "adjust", "0"),
)
ROWS = (
    PROFILES_ORDERS_POINTS
    + REFUSED_VALUES
    + TAKEN_VALUES
    + BROKEN_LINES
    + FORMS
    + MOMENTS_AROUND_THE_LOAD
    + REPEATS
    + PARQUET
)

# The feed moderator_performance of the shared build is a table that somebody put into schema raw.
TABLE = """
    create table raw.moderator_performance as
    select moderator_id, seconds as "Avg_Response_Time", score as user_satisfaction_score,
    cast(20 as smallint) as chat_sessions_moderated, null as note
    from (values
        (' a', cast(0.0000001 as double), '5'),
        ('b', 1000000000000000, '1.0'),
        ('c', 1000000000000001, '3'),
        ('d', 'NaN', '3'),
        ('e', 'Infinity', 'NaN'),
        ('f', 10, ''),
        ('g', 10, '5.01'),
        ('h', 1e22, '3'),
        ('i' || chr(0), 10, '3'),
        ('j', 10, '3'),
        ('j', 10, '3'),
        ('j', 10, '4')
    ) as rows(moderator_id, seconds, score)
"""
TABLE_COUNTS = Counts(raw=12, accepted=3, rejected=9, duplicate=0)
TABLE_ACCEPTED = {"a": 1e-7, "b": 1e15, "j": 10.0}
TABLE_REJECTED = (
    (3, "avg_response_time: out_of_range"),
    (4, "avg_response_time: not_a_number"),
    (5, "avg_response_time: not_a_number; user_satisfaction_score: not_a_number"),
    (6, "user_satisfaction_score: empty"),
    (7, "user_satisfaction_score: out_of_range"),
    (8, "avg_response_time: out_of_range"),
    (9, "moderator_id: null_byte"),
    (10, "conflicting_duplicate"),
    (11, "conflicting_duplicate"),
)

SOUND_FILES = {
    "user_activity.csv": lines(HEADER, row("s1"), row("s2")).encode(),
    "recommendations.csv": lines(COLUMNS["recommendations"], row("r1", "recommendations")).encode(),
    "moderator_performance.csv": (
        b"moderator_id,chat_sessions_moderated,avg_response_time,user_satisfaction_score\nm1,20,9.3,3\n"
    ),
}
SOUND_TEXT = SOUND_FILES["user_activity.csv"].decode()
LONG_TEXT = lines(HEADER, *(row(f"s{number}") for number in range(40_000)))


def one_file(name: str, content: bytes, error: str) -> FileCase:
    """The file `user_activity.csv` alone is bad."""
    return FileCase(name, {"user_activity.csv": content}, (error,))


def _damaged(content: bytes) -> bytes:
    """A file in which one byte, two thirds on, is another."""
    place = len(content) * 2 // 3
    return content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]


FILES = (
    one_file(
        "required column missing",
        SOUND_TEXT.replace("feedback_rating", "rating").encode(),
        "Feed user_activity: file user_activity.csv lacks the required column feedback_rating; it has 'user_id', "
        "'session_id', 'timestamp', 'session_length', 'messages_sent', 'rating', 'resources_clicked'.",
    ),
    one_file(
        "two required columns missing",
        b"user_id,session_id,timestamp,session_length,messages_sent\n",
        "Feed user_activity: file user_activity.csv lacks the required columns feedback_rating, resources_clicked; "
        "it has 'user_id', 'session_id', 'timestamp', 'session_length', 'messages_sent'.",
    ),
    one_file(
        "no header",
        (row("s1") + "\n").encode(),
        "Feed user_activity: file user_activity.csv lacks the required columns user_id, session_id, timestamp, "
        "session_length, messages_sent, feedback_rating, resources_clicked; it has 'u', 's1', "
        "'2025-01-01 10:00:00', '30', '4', '5', '2'.",
    ),
    FileCase(
        "required column missing in one file of several",
        {"user_activity/a.csv": SOUND_TEXT.encode(), "user_activity/b.csv": b"user_id\nu\n"},
        (
            "Feed user_activity: file user_activity/b.csv lacks the required columns session_id, timestamp, "
            "session_length, messages_sent, feedback_rating, resources_clicked; it has 'user_id'.",
        ),
    ),
    one_file(
        "column twice",
        lines(f"{HEADER},session_id", f"{row('s1')},s2").encode(),
        "Feed user_activity: file user_activity.csv has the column session_id 2 times.",
    ),
    one_file(
        "column three times, in other letters",
        lines(f'"USER_ID",{HEADER}, User_Id ', f"a,{row('s1')},b").encode(),
        "Feed user_activity: file user_activity.csv has the column user_id 3 times.",
    ),
    one_file(
        "empty file",
        b"",
        "Feed user_activity: file user_activity.csv is empty: it has not even a header line.",
    ),
    one_file(
        "file of blank lines",
        b"\n\r\n\n",
        "Feed user_activity: file user_activity.csv is empty: it has not even a header line.",
    ),
    one_file(
        "byte order mark alone",
        b"\xef\xbb\xbf",
        "Feed user_activity: file user_activity.csv is empty: it has not even a header line.",
    ),
    FileCase(
        "compressed nothing",
        {"user_activity.csv.gz": gzip.compress(b"")},
        ("Feed user_activity: file user_activity.csv.gz is empty: it has not even a header line.",),
    ),
    one_file(
        "UTF-16, the small end first",
        b"\xff\xfe" + SOUND_TEXT.encode("utf-16-le"),
        "Feed user_activity: file user_activity.csv is UTF-16; save it as UTF-8.",
    ),
    one_file(
        "UTF-16, the big end first",
        b"\xfe\xff" + SOUND_TEXT.encode("utf-16-be"),
        "Feed user_activity: file user_activity.csv is UTF-16; save it as UTF-8.",
    ),
    one_file(
        "UTF-16 without a mark",
        SOUND_TEXT.encode("utf-16-le"),
        "Feed user_activity: file user_activity.csv is not text in UTF-8: its header holds null bytes.",
    ),
    one_file(
        "Latin-1 in the header",
        f"Gefühl,{SOUND_TEXT}".encode("latin-1"),
        "Feed user_activity: file user_activity.csv is not UTF-8 (its header holds the byte 0xFC); save it as UTF-8.",
    ),
    one_file(
        "Latin-1 in a row",
        lines(HEADER, row("s1"), row("café"), row("s3")).encode("latin-1"),
        "Feed user_activity: file user_activity.csv is not UTF-8 (line 3 holds the byte 0xE9); save it as UTF-8.",
    ),
    one_file(
        "Latin-1 in a column that nobody declared",
        lines(f"{HEADER},note", f"{row('s1')},a", f"{row('s2')},ü").encode("latin-1"),
        "Feed user_activity: file user_activity.csv is not UTF-8 (line 3 holds the byte 0xFC); save it as UTF-8.",
    ),
    one_file(
        "Latin-1 after a broken line",
        lines(HEADER, "u,s1", row("é"), end="\r\n").encode("latin-1"),
        "Feed user_activity: file user_activity.csv is not UTF-8 (line 3 holds the byte 0xE9); save it as UTF-8.",
    ),
    one_file(
        "Latin-1 in a broken line",
        lines(HEADER, row("s1"), row("s2"), "u,é").encode("latin-1"),
        "Feed user_activity: file user_activity.csv is not UTF-8 (line 4 holds the byte 0xE9); save it as UTF-8.",
    ),
    one_file(
        "Latin-1 late in a long file",
        (LONG_TEXT + lines(row("ä"))).encode("latin-1"),
        "Feed user_activity: file user_activity.csv is not UTF-8 (line 40002 holds the byte 0xE4); save it as UTF-8.",
    ),
    FileCase(
        "compressed Latin-1",
        {"user_activity.csv.gz": gzip.compress(lines(HEADER, row("é")).encode("latin-1"))},
        ("Feed user_activity: file user_activity.csv.gz is not UTF-8 (line 2 holds the byte 0xE9); save it as UTF-8.",),
    ),
    one_file(
        "picture",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        "Feed user_activity: file user_activity.csv is not UTF-8 (its header holds the byte 0x89); save it as UTF-8.",
    ),
    FileCase(
        "text that says it is compressed",
        {"user_activity.csv.gz": SOUND_TEXT.encode()},
        ("Feed user_activity: file user_activity.csv.gz cannot be read (…).",),
    ),
    FileCase(
        "compressed and cut off",
        {"user_activity.csv.gz": gzip.compress(SOUND_TEXT.encode())[:-12]},
        ("Feed user_activity: file user_activity.csv.gz cannot be read (…).",),
    ),
    FileCase(
        "compressed, long and cut off",
        {"user_activity.csv.gz": gzip.compress(LONG_TEXT.encode())[:-2000]},
        ("Feed user_activity: file user_activity.csv.gz cannot be read (…).",),
    ),
    FileCase(
        "compressed, long and damaged",
        {"user_activity.csv.gz": _damaged(gzip.compress(LONG_TEXT.encode()))},
        ("Feed user_activity: file user_activity.csv.gz cannot be read (…).",),
    ),
    FileCase(
        "compressed, long and of another checksum",
        {
            "user_activity.csv.gz": gzip.compress(LONG_TEXT.encode())[:-8]
            + bytes(4)
            + len(LONG_TEXT).to_bytes(4, "little")
        },
        ("Feed user_activity: file user_activity.csv.gz cannot be read (…).",),
    ),
    FileCase(
        "text that says it is Parquet",
        {"user_activity.parquet": SOUND_TEXT.encode()},
        ("Feed user_activity: file user_activity.parquet cannot be read as Parquet (…).",),
    ),
    FileCase(
        "empty Parquet",
        {"user_activity.parquet": b""},
        ("Feed user_activity: file user_activity.parquet cannot be read as Parquet (…).",),
    ),
    FileCase(
        "empty folder",
        {"user_activity": None},
        ("Feed user_activity: folder user_activity/ holds no .csv, .csv.gz or .parquet file.",),
    ),
    FileCase(
        "folder of hidden files",
        {"user_activity/.a.csv": SOUND_TEXT.encode(), "user_activity/_b/c.csv": SOUND_TEXT.encode()},
        ("Feed user_activity: folder user_activity/ holds no .csv, .csv.gz or .parquet file.",),
    ),
    FileCase(
        "two files of one feed",
        {"user_activity.csv": SOUND_TEXT.encode(), "user_activity.csv.gz": gzip.compress(SOUND_TEXT.encode())},
        (
            "Feed user_activity: {raw_dir} holds more than one file or folder of that name; keep one, or put all "
            "files into one folder user_activity/.",
        ),
    ),
    FileCase(
        "file and folder of one feed",
        {"user_activity.csv": SOUND_TEXT.encode(), "user_activity/a.csv": SOUND_TEXT.encode()},
        (
            "Feed user_activity: {raw_dir} holds more than one file or folder of that name; keep one, or put all "
            "files into one folder user_activity/.",
        ),
    ),
    FileCase(
        "two feeds wrong",
        {"user_activity.csv": b"", "recommendations.csv": b"user_id\n"},
        (
            "Feed user_activity: file user_activity.csv is empty: it has not even a header line.",
            "Feed recommendations: file recommendations.csv lacks the required columns recommendation_id, "
            "recommendation_type; it has 'user_id'.",
        ),
    ),
    FileCase(
        "last feed wrong, after sound ones",
        {"user_activity.csv": lines(HEADER, row("s3")).encode(), "moderator_performance.csv": b""},
        ("Feed moderator_performance: file moderator_performance.csv is empty: it has not even a header line.",),
    ),
    FileCase(
        "no folder of feeds",
        {},
        ("ENGAGEMENT_RAW_DIR is {raw_dir}, which is not a folder.",),
        raw_dir="nowhere",
    ),
    FileCase(
        "file for a folder of feeds",
        {},
        ("ENGAGEMENT_RAW_DIR is {raw_dir}, which is not a folder.",),
        raw_dir="feeds/recommendations.csv",
    ),
    FileCase(
        "no feed in the folder",
        {"readme.txt": b"nothing here yet"},
        (
            "ENGAGEMENT_RAW_DIR is {raw_dir}, which holds no feed: expected one of user_activity, recommendations, "
            "moderator_performance, as .csv, .csv.gz or .parquet.",
        ),
        is_alone=True,
    ),
    FileCase(
        "no feed but misspelt ones",
        {"recomendations.csv": SOUND_FILES["recommendations.csv"]},
        (
            "ENGAGEMENT_RAW_DIR is {raw_dir}, which holds no feed: expected one of user_activity, recommendations, "
            "moderator_performance, as .csv, .csv.gz or .parquet.",
        ),
        warnings=("recomendations.csv is not read: there is no feed of that name. Did you mean recommendations?",),
        is_alone=True,
    ),
)

ONLY_ACTIVITY = {"user_activity": 2, "recommendations": None, "moderator_performance": None}
ABSENT = (
    "Feed recommendations is absent: its tables will be empty.",
    "Feed moderator_performance is absent: its tables will be empty.",
)
WARNINGS = (
    WarningCase(
        "absent feeds",
        {"user_activity.csv": SOUND_TEXT.encode()},
        ABSENT,
        ONLY_ACTIVITY,
    ),
    WarningCase(
        "misspelt feed",
        {"user_activity.csv": SOUND_TEXT.encode(), "recomendation.csv.gz": b""},
        (
            "recomendation.csv.gz is not read: there is no feed of that name. Did you mean recommendations?",
            *ABSENT,
        ),
        ONLY_ACTIVITY,
    ),
    WarningCase(
        "table of something else",
        {"user_activity.csv": SOUND_TEXT.encode(), "weather.csv": b"day,rain\n"},
        ("weather.csv is not read: there is no feed of that name.", *ABSENT),
        ONLY_ACTIVITY,
    ),
    WarningCase(
        "spreadsheet",
        {"user_activity.csv": SOUND_TEXT.encode(), "moderator_performance.xlsx": b"PK"},
        ("moderator_performance.xlsx is not read: a feed is a .csv, .csv.gz or .parquet file.", *ABSENT),
        ONLY_ACTIVITY,
    ),
    WarningCase(
        "spreadsheet among files",
        {"user_activity/a.csv": SOUND_TEXT.encode(), "user_activity/a.xlsx": b"PK"},
        ("user_activity/a.xlsx is not read: a feed is a .csv, .csv.gz or .parquet file.", *ABSENT),
        ONLY_ACTIVITY,
    ),
    WarningCase(
        "what is not looked at",
        {
            **SOUND_FILES,
            ".DS_Store": b"\0",
            ".user_activity.csv": b"",
            "_old/user_activity.csv": b"",
            "README.md": b"about these files",
        },
        (),
        {"user_activity": 2, "recommendations": 1, "moderator_performance": 1},
    ),
    WarningCase(
        "header alone is a feed without rows",
        {"user_activity.csv": SOUND_TEXT.encode(), "recommendations.csv": f"{COLUMNS['recommendations']}\n".encode()},
        ("Feed moderator_performance is absent: its tables will be empty.",),
        {"user_activity": 2, "recommendations": 0, "moderator_performance": None},
    ),
)

ABSENT_FEED = BuildCase(
    "absent feed",
    {},
    messages=("Warning: Feed moderator_performance is absent: its tables will be empty.",),
    status=0,
)
BUILDS = (
    BuildCase(
        "wrong file",
        {"user_activity.csv": b"\xff\xfe" + SOUND_TEXT.encode("utf-16-le")},
        messages=("Feed user_activity: file user_activity.csv is UTF-16; save it as UTF-8.",),
    ),
    BuildCase(
        "too many rejected rows",
        {
            "user_activity.csv": lines(
                HEADER, row("s1"), row("s2", feedback_rating="7", session_length="NaN"), row("s3", feedback_rating="0")
            ).encode()
        },
        messages=(
            "Feed user_activity: 2 of 3 rows are rejected",
            "feedback_rating: out_of_range (2), session_length: not_a_number (1)",
        ),
    ),
)
