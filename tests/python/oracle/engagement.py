"""Moderated sessions, recommendations and moderators: the definitions once more, by brute force.

Shares nothing with the SQL it checks. Numbers stay exact (Decimal, Fraction) until a mart is
written: values rounded to 2 places come out as Decimal, everything unrounded as float, nulls as
None or NaN, moments as UTC without a zone.
"""

import csv
import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor
from pathlib import Path

import pandas as pd
from scipy import stats

SESSION_WEIGHT = Fraction(1, 5)  # of each of the five components, in score and index alike
MODERATOR_WEIGHT = Fraction(33, 100)  # of each of the three components of the score
MANY = 10**15

# feed -> (key, {column: (kind, required, lowest, highest)}), the columns in their order
FEEDS = {
    "user_activity": ("session_id", {
        "user_id": ("text", True, None, None),
        "session_id": ("text", True, None, None),
        "timestamp": ("moment", True, datetime(2000, 1, 1), datetime(2100, 1, 1)),
        "session_length": ("number", True, 0, 1440),
        "messages_sent": ("whole", True, 0, MANY),
        "feedback_rating": ("whole", True, 1, 6),
        "resources_clicked": ("whole", True, 0, MANY),
    }),
    "recommendations": ("recommendation_id", {
        "recommendation_id": ("text", True, None, None),
        "user_id": ("text", True, None, None),
        "recommendation_type": ("text", True, None, None),
        "click_through_rate": ("number", False, 0, 1),
        "feedback_score": ("number", False, 1, 5),
    }),
    "moderator_performance": ("moderator_id", {
        "moderator_id": ("text", True, None, None),
        "chat_sessions_moderated": ("whole", True, 0, MANY),
        "avg_response_time": ("number", True, 0, MANY),
        "user_satisfaction_score": ("number", True, 1, 5),
    }),
}  # fmt: skip

MARTS = {
    mart: columns.split()
    for mart, columns in {
        "fct_activity_sessions": "session_id user_id started_at session_length_minutes "
        "messages_sent feedback_rating resources_clicked recommendation_count "
        "recommendation_types avg_recommendation_ctr avg_recommendation_feedback "
        "per_session_ctr ctr_basis user_engagement_score engagement_index",
        "agg_engagement_trends": "period_grain period_start sessions users avg_score median_score avg_index",
        "agg_session_times": "iso_weekday hour sessions avg_score",
        "agg_recommendation_types": "recommendation_type total_recommended users_reached avg_feedback_score avg_ctr",
        "agg_recommendation_mixes": "recommendation_types sessions avg_score p25_score median_score p75_score",
        "agg_engagement_correlations": "subject metric_x metric_y pearson spearman sample_size",
        "agg_engagement_score_bands": "band_start band_end sessions session_share",
        "agg_ctr_by_feedback_rating": "feedback_rating ctr_basis sessions avg_ctr p25_ctr median_ctr p75_ctr",
        "agg_ctr_histogram": "feedback_rating bin_start bin_end sessions",
        "fct_moderator_performance": "moderator_id chat_sessions_moderated "
        "avg_response_seconds user_satisfaction_score moderator_performance_score "
        "moderator_performance_index score_rank index_rank",
    }.items()
}
SESSION_METRICS = [
    "session_length_minutes",
    "messages_sent",
    "feedback_rating",
    "resources_clicked",
    "per_session_ctr",
    "user_engagement_score",
]
MODERATOR_METRICS = ["chat_sessions_moderated", "avg_response_seconds", "user_satisfaction_score"]

BLANKS = " \t\r\n\f\v"
NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
MOMENT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?"
    r"(?: ?(?:Z|([+-])([0-9]{2})(?::?([0-9]{2}))?))?"
)


@dataclass(frozen=True)
class FeedResult:
    accepted: pd.DataFrame  # the feed's columns, typed; indexed by row number
    rejected: pd.DataFrame  # row_number, reasons
    counts: dict[str, int]  # raw = accepted + rejected + duplicate


# --- reading -------------------------------------------------------------------------------


def records(path: Path):
    """Each record's fields, or None for a line whose quote never properly closes.

    A quote opens a value only as its first character, and closes properly only before a comma or
    a line's end. Blank lines are no records. After a failed line, reading resumes at the next.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(file)
    at = 0
    while at < len(lines):
        if not lines[at].strip(BLANKS):
            at += 1
            continue
        reader = csv.reader((lines[i] for i in range(at, len(lines))), strict=True)
        try:
            yield next(reader)
            at += reader.line_num
        except csv.Error:
            yield None
            at += 1


def parse_number(text: str, kind: str, lowest, highest):
    """(value, reason): plain digits with an optional sign and point, within the closed range."""
    if not NUMBER.fullmatch(text):
        return None, "not_a_number"
    value = Decimal(text)
    if kind == "whole" and Fraction(value).denominator != 1:
        return None, "not_whole"
    if not lowest <= value <= highest:
        return None, "out_of_range"
    return (int(value) if kind == "whole" else value), None


def parse_moment(text: str, earliest: datetime, end: datetime, now: datetime):
    """(UTC moment cut to microseconds, reason); valid in [earliest, end) and not after now."""
    match = MOMENT.fullmatch(text)
    if not match:
        return None, "timestamp_unparseable"
    *fields, fraction, sign, hours, minutes = match.groups()
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    try:
        local = datetime(*(int(f or 0) for f in fields), int((fraction or "").ljust(6, "0")[:6]))
    except ValueError:
        return None, "timestamp_unparseable"
    if int(hours or 0) > 23 or int(minutes or 0) > 59:
        return None, "timestamp_unparseable"
    if not earliest.year - 1 <= local.year <= end.year:  # before an offset can overflow
        return None, "timestamp_out_of_range"
    value = local + offset if sign == "-" else local - offset
    if not earliest <= value < end or value > now:
        return None, "timestamp_out_of_range"
    return value, None


def parse_row(texts: dict[str, str], columns: dict, now: datetime):
    """(typed row, reasons), at most one reason a column, in column order."""
    row, reasons = {}, []
    for column, (kind, required, lowest, highest) in columns.items():
        text = texts.get(column, "").strip(BLANKS)
        value, reason = text or None, None
        if not text:
            reason = "empty" if required else None
        elif kind == "moment":
            value, reason = parse_moment(text, lowest, highest, now)
        elif kind != "text":
            value, reason = parse_number(text, kind, lowest, highest)
        row[column] = value
        if reason:
            reasons.append(f"{column}: {reason}")
    return row, reasons


def read_feed(raw_dir: Path, feed: str, now: datetime | None = None) -> FeedResult:
    """The feed's accepted and rejected rows. `now` (naive UTC) bounds what is not yet future.

    Of rows with one key the last wins; the others are duplicates where every typed value is the
    winner's, conflicts where not. An absent file is a feed without rows.
    """
    key, columns = FEEDS[feed]
    # a moment may lie up to five minutes ahead of the clock
    now = (now or datetime.now(UTC).replace(tzinfo=None)) + timedelta(minutes=5)
    path = Path(raw_dir) / f"{feed}.csv"
    rows = records(path) if path.exists() else iter([list(columns)])
    header = [name.strip(BLANKS).lower() for name in next(rows, None) or []]
    for column, (_, required, *_) in columns.items():
        if header.count(column) > 1 or (required and column not in header):
            raise ValueError(f"{feed}: column {column} is missing or there twice")

    raw, typed, rejected = 0, {}, {}
    for raw, fields in enumerate(rows, start=1):
        if fields is None:
            rejected[raw] = "unclosed_quote"
        elif len(fields) != len(header):
            rejected[raw] = f"too_{'few' if len(fields) < len(header) else 'many'}_fields"
        else:
            row, reasons = parse_row(dict(zip(header, fields, strict=False)), columns, now)
            if reasons:
                rejected[raw] = "; ".join(reasons)
            else:
                typed[raw] = row

    winners = {row[key]: number for number, row in typed.items()}  # the last one stays
    duplicates = 0
    for number, row in typed.items():
        if winners[row[key]] != number:
            if row == typed[winners[row[key]]]:
                duplicates += 1
            else:
                rejected[number] = "conflicting_duplicate"
    accepted = {number: typed[number] for number in sorted(winners.values())}
    frame = pd.DataFrame(accepted.values(), index=pd.Index(accepted, name="row_number"), columns=list(columns))
    for column, (kind, *_) in columns.items():
        dtype = {"moment": "datetime64[us]", "whole": "int64"}.get(kind, "object")
        frame[column] = frame[column].astype(dtype)
    return FeedResult(
        accepted=frame,
        rejected=pd.DataFrame(sorted(rejected.items()), columns=["row_number", "reasons"]),
        counts={
            "raw": raw,
            "accepted": len(accepted),
            "rejected": len(rejected),
            "duplicate": duplicates,
        },
    )


# --- arithmetic ----------------------------------------------------------------------------


def mean(values) -> Fraction | None:
    """The mean of the values that are not null, exact; null where there is none."""
    known = [Fraction(v) for v in values if v is not None]
    return sum(known) / len(known) if known else None


def quantile(values, share: Fraction) -> float:
    """Linear interpolation (type 7): the place (n - 1) x share, counted from 0."""
    ordered = sorted(Fraction(v) for v in values)
    place = (len(ordered) - 1) * share
    below = ordered[floor(place)]
    above = ordered[min(floor(place) + 1, len(ordered) - 1)]
    return float(below + (above - below) * (place - floor(place)))


def quartiles(values) -> list[float]:
    return [quantile(values, Fraction(quarter, 4)) for quarter in (1, 2, 3)]


def half_away(value: Fraction | None) -> Decimal | None:
    """Rounded to 2 places, halves away from zero."""
    if value is None:
        return None
    hundredths = floor(abs(value) * 100 + Fraction(1, 2))
    return Decimal(-hundredths if value < 0 else hundredths).scaleb(-2)


def as_float(value) -> float | None:
    return None if value is None else float(value)


def percentiles(values) -> list[Fraction]:
    """(smaller values + half of the other equal ones) / (n - 1); 1/2 for a lone value."""
    ordered, result = sorted(values), []
    if len(ordered) == 1:
        return [Fraction(1, 2)]
    for value in values:
        smaller = bisect_left(ordered, value)
        others_equal = bisect_right(ordered, value) - smaller - 1
        result.append((smaller + Fraction(others_equal, 2)) / (len(ordered) - 1))
    return result


def ranks(values) -> list[int]:
    """1 + how many are greater: the greatest is 1, ties share the lower number."""
    ordered = sorted(values)
    return [1 + len(ordered) - bisect_right(ordered, value) for value in values]


def grouped(rows, key) -> list:
    """(key, rows) pairs in key order."""
    groups = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return sorted(groups.items())


def pick(rows, column) -> list:
    return [row[column] for row in rows]


# --- marts ---------------------------------------------------------------------------------


def activity_sessions(activity: list[dict], recommendations: list[dict]) -> list[dict]:
    """One row a session, with its user's recommendations, CTR, score and index; exact values."""
    by_user = dict(grouped(recommendations, lambda r: r["user_id"]))
    sessions = []
    for a in activity:
        given = by_user.get(a["user_id"], [])
        length, clicked = Fraction(a["session_length"]), a["resources_clicked"]
        if not given:
            basis, ctr = "per_minute", Fraction(clicked) / length if length else None
        elif clicked == 0:
            basis, ctr = "no_clicks", Fraction(0)
        else:
            basis, ctr = "per_recommendation", Fraction(clicked, len(given))
        total = length + a["messages_sent"] + a["feedback_rating"] + clicked + (ctr or 0)
        sessions.append({
            **a,
            "started_at": a["timestamp"],
            "session_length_minutes": length,
            "recommendation_count": len(given),
            "recommendation_types": ", ".join(sorted({r["recommendation_type"] for r in given}))
            or None,
            "avg_recommendation_ctr": as_float(mean(pick(given, "click_through_rate"))),
            "avg_recommendation_feedback": as_float(mean(pick(given, "feedback_score"))),
            "per_session_ctr": ctr,
            "ctr_basis": basis,
            "user_engagement_score": half_away(SESSION_WEIGHT * total),
        })  # fmt: skip

    # Equal weights, so the weighted mean over the components a session has is their plain mean.
    standing = [[] for _ in sessions]
    for metric in SESSION_METRICS[:4]:
        for own, percentile in zip(standing, percentiles(pick(sessions, metric)), strict=False):
            own.append(percentile)
    for recommended in (False, True):
        pool = [
            i
            for i, s in enumerate(sessions)
            if (s["recommendation_count"] > 0) == recommended and s["per_session_ctr"] is not None
        ]
        for i, p in zip(pool, percentiles([sessions[i]["per_session_ctr"] for i in pool]), strict=False):
            standing[i].append(p)
    for session, own in zip(sessions, standing, strict=False):
        session["engagement_index"] = float(100 * mean(own))
    return sessions


def engagement_trends(sessions):
    """Per ISO week (from its Monday) and per calendar month in which a session started."""

    def week(moment):
        return moment.date() - timedelta(days=moment.isoweekday() - 1)

    def month(moment):
        return moment.date().replace(day=1)

    for grain, start in (("week", week), ("month", month)):
        for first_day, rows in grouped(sessions, lambda s, start=start: start(s["started_at"])):
            scores = pick(rows, "user_engagement_score")
            yield (
                grain, first_day, len(rows), len(set(pick(rows, "user_id"))),
                float(mean(scores)), quantile(scores, Fraction(1, 2)),
                float(mean(pick(rows, "engagement_index"))),
            )  # fmt: skip


def session_times(sessions):
    """Per ISO weekday (1 = Monday) and hour of the start."""

    def weekday_and_hour(session):
        return session["started_at"].isoweekday(), session["started_at"].hour

    for when, rows in grouped(sessions, weekday_and_hour):
        yield *when, len(rows), float(mean(pick(rows, "user_engagement_score")))


def recommendation_types(recommendations):
    """Per type, over all recommendations, whether or not their user has a session."""
    for kind, rows in grouped(recommendations, lambda r: r["recommendation_type"]):
        yield (
            kind, len(rows), len(set(pick(rows, "user_id"))),
            half_away(mean(pick(rows, "feedback_score"))),
            half_away(mean(pick(rows, "click_through_rate"))),
        )  # fmt: skip


def recommendation_mixes(sessions):
    """Per set of types the session's user was given."""
    for mix, rows in grouped(sessions, lambda s: s["recommendation_types"] or "none"):
        scores = pick(rows, "user_engagement_score")
        yield mix, len(rows), float(mean(scores)), *quartiles(scores)


def correlations(subject, rows, metrics):
    """Every ordered pair of metrics; null where either is constant or n < 2."""
    for x in metrics if rows else []:
        for y in metrics:
            pairs = [(float(r[x]), float(r[y])) for r in rows if None not in (r[x], r[y])]
            xs, ys = zip(*pairs, strict=False) if pairs else ((), ())
            if len(set(xs)) > 1 and len(set(ys)) > 1:
                both = stats.pearsonr(xs, ys).statistic, stats.spearmanr(xs, ys).statistic
            else:
                both = None, None
            yield subject, x, y, *both, len(pairs)


def score_bands(sessions):
    """Bands of 5, the start included and the end not."""
    for band, rows in grouped(sessions, lambda s: floor(s["user_engagement_score"] / 5)):
        yield band * 5, band * 5 + 5, len(rows), len(rows) / len(sessions)


def ctr_by_feedback_rating(sessions):
    """Sessions with a CTR, per rating and basis, and once more over all bases."""
    known = [s for s in sessions if s["per_session_ctr"] is not None]
    twice = [{**s, "ctr_basis": b} for s in known for b in ("all", s["ctr_basis"])]
    for group, rows in grouped(twice, lambda s: (s["feedback_rating"], s["ctr_basis"])):
        ctrs = pick(rows, "per_session_ctr")
        yield *group, len(rows), float(mean(ctrs)), *quartiles(ctrs)


def ctr_histogram(sessions):
    """Sessions with a CTR, per rating, in bins of 0.25, the start included and the end not."""
    known = [s for s in sessions if s["per_session_ctr"] is not None]
    by_bin = grouped(known, lambda s: (s["feedback_rating"], floor(s["per_session_ctr"] * 4)))
    for (rating, place), rows in by_bin:
        yield rating, place / 4, (place + 1) / 4, len(rows)


def moderator_performance(moderators: list[dict]) -> list[dict]:
    """One row a moderator; in the index a faster answer stands higher, in the score lower."""
    rows = [{**m, "avg_response_seconds": m["avg_response_time"]} for m in moderators]
    volume, speed, satisfaction = (percentiles(pick(rows, m)) for m in MODERATOR_METRICS)
    indices = [mean(three) * 100 for three in zip(volume, (1 - s for s in speed), satisfaction, strict=False)]
    for row, index in zip(rows, indices, strict=False):
        total = sum(Fraction(row[metric]) for metric in MODERATOR_METRICS)
        row["moderator_performance_score"] = half_away(MODERATOR_WEIGHT * total)
        row["moderator_performance_index"] = float(index)
    by_score = ranks(pick(rows, "moderator_performance_score"))
    for row, score, index in zip(rows, by_score, ranks([round(i, 9) for i in indices]), strict=False):
        row["score_rank"], row["index_rank"] = score, index
    return rows


def expected_marts(raw_dir: Path, now: datetime | None = None) -> dict[str, pd.DataFrame]:
    """Every mart of the subject by name, its rows in key order."""
    activity, recommendations, moderators = (
        read_feed(raw_dir, feed, now).accepted.to_dict("records") for feed in FEEDS
    )
    sessions = sorted(activity_sessions(activity, recommendations), key=lambda s: s["session_id"])
    moderators = sorted(moderator_performance(moderators), key=lambda m: m["moderator_id"])
    rows = {
        "fct_activity_sessions": [
            {**s, **{m: as_float(s[m]) for m in ("session_length_minutes", "per_session_ctr")}} for s in sessions
        ],
        "agg_engagement_trends": engagement_trends(sessions),
        "agg_session_times": session_times(sessions),
        "agg_recommendation_types": recommendation_types(recommendations),
        "agg_recommendation_mixes": recommendation_mixes(sessions),
        "agg_engagement_correlations": [
            *correlations("sessions", sessions, SESSION_METRICS),
            *correlations("moderators", moderators, MODERATOR_METRICS),
        ],
        "agg_engagement_score_bands": score_bands(sessions),
        "agg_ctr_by_feedback_rating": ctr_by_feedback_rating(sessions),
        "agg_ctr_histogram": ctr_histogram(sessions),
        "fct_moderator_performance": [{**m, **{c: float(m[c]) for c in MODERATOR_METRICS[1:]}} for m in moderators],
    }
    return {mart: pd.DataFrame(list(rows[mart]), columns=c) for mart, c in MARTS.items()}
