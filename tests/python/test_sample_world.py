"""The sample world: reproducible, coherent, and bad exactly where it says it is."""

from __future__ import annotations

import csv
import importlib.util
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "sample"
SIZE_LIMIT = 2_000_000  # bytes of all files together
PLATFORM_SIZE_LIMIT = 500_000  # bytes of the three feeds about moderated sessions together
PLATFORM_FEEDS = ("user_activity", "recommendations", "moderator_performance")
EVENT_FEEDS = ("chat_events", "onboarding_events")
PEOPLE_FEEDS = ("users", "orders", "point_transactions", "experiment_exposures")
NEWEST_BY = {"chat_events": "loaded_at", "users": "updated_at"}  # elsewhere the last row wins
HALF_HOUR = timedelta(minutes=30)
CLOCK_SKEW = timedelta(minutes=5)
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def load_generator() -> ModuleType:
    path = ROOT / "scripts" / "generate_sample.py"
    spec = importlib.util.spec_from_file_location("generate_sample", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


generator = load_generator()


# ---------------------------------------------------------- a plain reader of the rules


@dataclass(frozen=True)
class Number:
    low: float
    high: float
    whole: bool = False
    required: bool = True
    signed_if: tuple[str, str] | None = None  # a column, and its value, which frees from `low`

    def reason(self, text: str) -> str | None:
        if not text:
            return "empty" if self.required else None
        if not re.fullmatch(r"[+-]?\d+(\.\d+)?", text):
            return "not_a_number"
        if self.whole and not float(text).is_integer():
            return "not_whole"
        return None if self.low <= float(text) <= self.high else "out_of_range"


@dataclass(frozen=True)
class Text:
    required: bool = True
    values: tuple[str, ...] = ()

    def reason(self, text: str) -> str | None:
        if text and self.values and text not in self.values:
            return "unknown_value"
        return None if text or not self.required else "empty"


@dataclass(frozen=True)
class Timestamp:
    required: bool = True

    def reason(self, text: str) -> str | None:
        if not text:
            return "empty" if self.required else None
        try:
            moment = as_utc(text)
        except ValueError:
            return "timestamp_unparseable"
        return None if 2000 <= moment.year < 2100 else "timestamp_out_of_range"


def as_utc(text: str) -> datetime:
    if len(text) <= len("2025-01-01"):
        raise ValueError(f"{text} is a day, and no moment")
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


RULES: dict[str, dict[str, Number | Text | Timestamp]] = {
    "user_activity": {
        "user_id": Text(),
        "session_id": Text(),
        "timestamp": Timestamp(),
        "session_length": Number(0, 1440),
        "messages_sent": Number(0, 1e9, whole=True),
        "feedback_rating": Number(1, 6, whole=True),
        "resources_clicked": Number(0, 1e9, whole=True),
    },
    "recommendations": {
        "recommendation_id": Text(),
        "user_id": Text(),
        "recommendation_type": Text(),
        "click_through_rate": Number(0, 1, required=False),
        "feedback_score": Number(1, 5, required=False),
    },
    "moderator_performance": {
        "moderator_id": Text(),
        "chat_sessions_moderated": Number(0, 1e9, whole=True),
        "avg_response_time": Number(0, 1e9),
        "user_satisfaction_score": Number(1, 5),
    },
    "chat_events": {
        "event_id": Text(),
        "user_id": Text(),
        "event_name": Text(),
        "event_at": Timestamp(),
        "device_type": Text(required=False),
        "loaded_at": Timestamp(required=False),
    },
    "onboarding_events": {
        "event_name": Text(),
        "event_dttm": Timestamp(),
        "client_id": Text(),
        "client_creationdate": Timestamp(required=False),
        "admin_status": Text(required=False),
        "country_group": Text(required=False),
        "support_provided": Text(required=False),
        "traffic_source": Text(required=False),
        "first_device_type_of_user": Text(required=False),
        "hear_source": Text(required=False),
        "account_creationdate": Timestamp(required=False),
        "account_id": Text(required=False),
        "industry": Text(required=False),
        "initial_channel": Text(required=False),
        "first_account_for_user": Text(required=False),
        "current_account_status": Text(required=False),
        "ig_followerscount": Number(0, 1e9, whole=True, required=False),
        "ig_enable_dttm": Timestamp(required=False),
        "ig_activation_dttm": Timestamp(required=False),
        "first_ig_flow_publish_dttm": Timestamp(required=False),
        "trial_dttm": Timestamp(required=False),
        "paid_dttm": Timestamp(required=False),
        "pro_dttm": Timestamp(required=False),
        "ltv_predicted": Number(0, 1e9, required=False),
    },
    "users": {
        "user_id": Text(),
        "created_at": Timestamp(),
        "gender": Text(required=False),
        "birth_date": Text(required=False),
        "income_band": Text(required=False),
        "acquisition_channel": Text(required=False),
        "acquisition_campaign": Text(required=False),
        "country_group": Text(required=False),
        "device_type": Text(required=False),
        "user_level": Text(required=False),
        "updated_at": Timestamp(required=False),
    },
    "orders": {
        "order_id": Text(),
        "user_id": Text(),
        "ordered_at": Timestamp(),
        "order_value": Number(0, 1e9, required=False),
    },
    "point_transactions": {
        "transaction_id": Text(),
        "user_id": Text(),
        "transaction_at": Timestamp(),
        "transaction_type": Text(values=("accrue", "redeem", "expire", "adjust")),
        "points": Number(1, 1e9, whole=True, signed_if=("transaction_type", "adjust")),
    },
    "experiment_exposures": {
        "experiment_name": Text(),
        "user_id": Text(),
        "variant": Text(),
        "exposed_at": Timestamp(),
    },
}


@dataclass
class Verdict:
    row: list[str]
    reasons: tuple[str, ...] = ()
    is_duplicate: bool = False

    @property
    def is_accepted(self) -> bool:
        return not self.reasons and not self.is_duplicate


def reasons_against(feed: str, row: list[str]) -> tuple[str, ...]:
    rules = RULES[feed]
    if len(row) != len(rules):
        return ("too_few_fields" if len(row) < len(rules) else "too_many_fields",)
    judged = ((column, rule.reason(text.strip())) for (column, rule), text in zip(rules.items(), row, strict=True))
    reasons = tuple(
        f"{column}: {reason}"
        for column, reason in judged
        if reason and not (reason == "out_of_range" and is_freed(rules, column, row))
    )
    if not reasons and "loaded_at" in rules:
        values = dict(zip(rules, row, strict=True))
        if values["loaded_at"] and as_utc(values["event_at"]) > as_utc(values["loaded_at"]) + CLOCK_SKEW:
            return ("event_at: timestamp_out_of_range",)
    return reasons


def is_freed(rules: dict[str, Number | Text | Timestamp], column: str, row: list[str]) -> bool:
    """Whether another column's value frees this one from its lower end."""
    condition = getattr(rules[column], "signed_if", None)
    return condition is not None and row[list(rules).index(condition[0])].strip() == condition[1]


def files_of(feed: str, folder: Path = SAMPLE) -> list[Path]:
    one = folder / f"{feed}.csv"
    return [one] if one.exists() else sorted((folder / feed).glob("*.csv"))


def rows_of(feed: str, path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == list(RULES[feed])
    return rows[1:]


def judge(feed: str, folder: Path) -> list[Verdict]:
    """Every row of a feed in its order; of one key, the good row loaded last wins. Of no key it is the row."""
    columns, key = list(RULES[feed]), generator.FEEDS[feed].key
    rows = [row for path in files_of(feed, folder) for row in rows_of(feed, path)]
    verdicts = [Verdict(row, reasons_against(feed, row)) for row in rows]
    if feed == "onboarding_events":  # two equal rows are two events
        return verdicts
    loaded = columns.index(NEWEST_BY[feed]) if feed in NEWEST_BY else None
    good = [verdict for verdict in verdicts if verdict.is_accepted]
    good.sort(key=lambda verdict: "" if loaded is None else verdict.row[loaded])
    winners: dict[str, list[str]] = {}
    for verdict in reversed(good):
        identity = verdict.row[columns.index(key)].strip() if key else "|".join(verdict.row)
        winner = winners.setdefault(identity, verdict.row)
        if winner is not verdict.row:
            verdict.is_duplicate = winner == verdict.row
            verdict.reasons = () if verdict.is_duplicate else ("conflicting_duplicate",)
    return verdicts


def accepted(feed: str, folder: Path = SAMPLE) -> list[dict[str, str]]:
    columns = list(RULES[feed])
    return [
        dict(zip(columns, map(str.strip, verdict.row), strict=True))
        for verdict in judge(feed, folder)
        if verdict.is_accepted
    ]


# ----------------------------------------------------------------------------- fixtures


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list]:
    folder = tmp_path_factory.mktemp("sample")
    return folder, generator.generate(folder)


@pytest.fixture(scope="module")
def world():
    return generator.make_world()


@pytest.fixture(scope="module")
def sessions() -> list[dict[str, str]]:
    rows = accepted("user_activity")  # in order but for the planted ones
    return sorted(rows, key=lambda row: as_utc(row["timestamp"]))


@pytest.fixture(scope="module")
def recommended() -> list[dict[str, str]]:
    return accepted("recommendations")


@dataclass(frozen=True)
class ChatEvent:
    event_id: str
    user_id: str
    name: str
    at: datetime
    device: str
    loaded_at: str
    part: int


@pytest.fixture(scope="module")
def chat_told() -> list[ChatEvent]:
    """Every valid row about a chat event, however often it is told."""
    return [
        ChatEvent(row[0], row[1], row[2].strip(), as_utc(row[3]), row[4], row[5], part)
        for part, path in enumerate(files_of("chat_events"))
        for row in rows_of("chat_events", path)
        if not reasons_against("chat_events", row)
    ]


@pytest.fixture(scope="module")
def chats(chat_told) -> dict[str, list[ChatEvent]]:
    """Each user's events as they hold in the end, in order of time."""
    holds = {event.event_id: event for event in sorted(chat_told, key=lambda event: event.loaded_at)}
    by_user = defaultdict(list)
    for event in sorted(holds.values(), key=lambda event: (event.at, event.event_id)):
        by_user[event.user_id].append(event)
    return by_user


@pytest.fixture(scope="module")
def client_stories() -> dict[str, list[dict[str, str]]]:
    """The rows of each client story, by its kind."""
    rows = accepted("onboarding_events")
    stories = {}
    for number, story in enumerate(generator.CLIENT_STORIES):
        ids = range(generator.FIRST_STORY_ACCOUNT + 10 * number, generator.FIRST_STORY_ACCOUNT + 10 * number + 10)
        clients = {row["client_id"] for row in rows if row["account_id"] and int(row["account_id"]) in ids}
        stories[story.kind] = [row for row in rows if row["client_id"] in clients]
    return stories


@pytest.fixture(scope="module")
def onboarding(client_stories) -> list[dict[str, str]]:
    """The rows of clients who play no story."""
    players = {row["client_id"] for rows in client_stories.values() for row in rows}
    return [row for row in accepted("onboarding_events") if row["client_id"] not in players]


@pytest.fixture(scope="module")
def accounts(onboarding) -> dict[str, list[dict[str, str]]]:
    by_account = defaultdict(list)
    for row in onboarding:
        by_account[row["account_id"]].append(row)
    by_account.pop("")
    return by_account


# ------------------------------------------------------------------------- reproducible


def test_the_committed_files_are_what_the_generator_writes(made) -> None:
    folder, _ = made
    for name in generator.FEEDS:
        fresh, committed = ([(path.name, path.read_bytes()) for path in files_of(name, f)] for f in (folder, SAMPLE))
        assert fresh == committed, name


def test_another_seed_gives_another_world_of_the_same_size(tmp_path, made) -> None:
    folder, reports = made
    others = generator.generate(tmp_path, seed=7)
    for report, other in zip(reports, others, strict=True):
        for path, old in zip(files_of(report.feed, tmp_path), files_of(report.feed, folder), strict=True):
            assert path.read_bytes() != old.read_bytes()
        assert other.raw == pytest.approx(report.raw, rel=0.1 if report.feed in PLATFORM_FEEDS else 0.2)


def test_a_new_feed_leaves_the_others_as_they_are(tmp_path, made, monkeypatch) -> None:
    def newcomer(_world, stream) -> Iterator[dict[str, list[str]]]:
        yield {"thing_id": stream.child("thing_id").uuids(5)}

    feed = generator.Feed(columns=("thing_id",), key="thing_id", chunks=newcomer)
    monkeypatch.setattr(generator, "FEEDS", {"things": feed, **generator.FEEDS})
    generator.generate(tmp_path)
    folder, _ = made
    assert len((tmp_path / "things.csv").read_text().splitlines()) == 6
    for name in (*PLATFORM_FEEDS, *EVENT_FEEDS, *PEOPLE_FEEDS):
        for old, new in zip(files_of(name, folder), files_of(name, tmp_path), strict=True):
            assert old.read_bytes() == new.read_bytes(), name


def test_chunks_do_not_show(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(generator, "CHUNK_ROWS", 333)
    monkeypatch.setattr(generator, "PLANTED_QUIRKS", ())
    monkeypatch.setattr(generator, "PLANTED_DEFECTS", ())
    generator.generate(tmp_path / "many")
    monkeypatch.setattr(generator, "CHUNK_ROWS", 1_000_000)
    generator.generate(tmp_path / "one")
    for name in generator.FEEDS:
        for many, one in zip(files_of(name, tmp_path / "many"), files_of(name, tmp_path / "one"), strict=True):
            assert many.read_bytes() == one.read_bytes(), name


def test_streams_with_the_same_name_agree_and_others_do_not() -> None:
    first = generator.Stream(1, "a").child("b").uniform(100)
    assert (generator.Stream(1, "a", "b").uniform(100) == first).all()
    assert not (generator.Stream(1, "b", "a").uniform(100) == first).any()
    assert not (generator.Stream(2, "a", "b").uniform(100) == first).any()


def test_distributions_have_their_moments() -> None:
    stream, n = generator.Stream(3, "moments"), 200_000
    uniform, normal = stream.uniform(n), stream.normal(n)
    poisson = stream.poisson(np.full(n, 2.5))
    assert 0 <= uniform.min() < uniform.max() < 1
    assert uniform.mean() == pytest.approx(0.5, abs=0.005)
    assert (normal.mean(), normal.std()) == pytest.approx((0, 1), abs=0.01)
    assert (poisson.mean(), poisson.var()) == pytest.approx((2.5, 2.5), abs=0.05)
    picked = np.bincount(stream.pick((1, 0, 3), n)) / n
    assert picked == pytest.approx([0.25, 0, 0.75], abs=0.005)


# --------------------------------------------------------------------------------- size


def test_files_are_small() -> None:
    sizes = [(SAMPLE / f"{name}.csv").stat().st_size for name in PLATFORM_FEEDS]
    assert sum(sizes) <= PLATFORM_SIZE_LIMIT
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) <= SIZE_LIMIT


@pytest.mark.parametrize("scale", [0.5, 3])
def test_rows_grow_with_scale(tmp_path, made, scale) -> None:
    for report, other in zip(made[1], generator.generate(tmp_path, scale=scale), strict=True):
        stories = {"chat_events": generator.PLANTED_STORIES, "onboarding_events": generator.CLIENT_STORIES}
        told_once = sum(len(story.rows) for story in stories.get(report.feed, ()))
        tolerance = 0.1 if report.feed in PLATFORM_FEEDS else 0.25
        assert other.accepted - told_once == pytest.approx(scale * (report.accepted - told_once), rel=tolerance)


def test_a_larger_world_comes_in_more_files_and_leaves_no_old_one(tmp_path) -> None:
    generator.generate(tmp_path, scale=3)
    assert len(files_of("chat_events", tmp_path)) == 9
    generator.generate(tmp_path, scale=0.1)
    assert [path.name for path in files_of("chat_events", tmp_path)] == ["part-1.csv", "part-2.csv", "part-3.csv"]


def test_a_tiny_world_still_has_its_bad_rows(tmp_path) -> None:
    for report in generator.generate(tmp_path, scale=0.02):
        verdicts = judge(report.feed, tmp_path)
        assert sum(bool(v.reasons) for v in verdicts) == report.rejected > 0
        assert len(verdicts) == report.raw


@pytest.mark.parametrize("arguments", [["--scale", "0"], ["--seed", "-1"]])
def test_senseless_arguments_are_refused(arguments, capsys) -> None:
    with pytest.raises(SystemExit):
        generator.main(arguments)
    assert "must be" in capsys.readouterr().err


# ------------------------------------------------------------------- planted on purpose


@pytest.mark.parametrize("feed", [*PLATFORM_FEEDS, *EVENT_FEEDS, *PEOPLE_FEEDS])
def test_exactly_the_planted_rows_are_bad(feed, made) -> None:
    verdicts = judge(feed, SAMPLE)
    planted = [defect for defect in generator.PLANTED_DEFECTS if defect.feed == feed]
    planted.sort(key=lambda d: (d.part, d.before_row))
    expected = [defect.reasons for defect in planted if defect.reasons]
    found = [verdict.reasons for verdict in verdicts if verdict.reasons]
    if feed == "chat_events":  # its corrections are no defects
        found = [reasons for reasons in found if reasons != ("conflicting_duplicate",)]
    assert found == expected
    report = next(report for report in made[1] if report.feed == feed)
    counted = (
        len(verdicts),
        sum(verdict.is_accepted for verdict in verdicts),
        sum(bool(verdict.reasons) for verdict in verdicts),
        sum(verdict.is_duplicate for verdict in verdicts),
    )
    assert counted == (
        report.raw,
        report.accepted,
        report.rejected,
        report.duplicate,
    )
    assert report.rejected + report.duplicate < 0.05 * report.raw


def test_planted_text_is_in_the_files() -> None:
    for defect in generator.PLANTED_DEFECTS:
        text = files_of(defect.feed)[defect.part].read_text(encoding="utf-8")
        for value in filter(None, defect.edits.values()):
            assert f",{value}," in text or f",{value}\n" in text or f"\n{value}," in text, defect.kind


def test_quirks_are_in_the_files() -> None:
    for quirk in generator.PLANTED_QUIRKS:
        columns = list(RULES[quirk.feed])
        patterns = {
            columns.index(column): re.escape(template).replace(r"\{\}", r"\S+")
            for column, template in quirk.edits.items()
        }
        assert any(
            all(re.fullmatch(pattern, v.row[i]) for i, pattern in patterns.items())
            for v in judge(quirk.feed, SAMPLE)
            if v.is_accepted
        ), quirk.kind


def test_places_of_planted_rows_are_within_one_chunk() -> None:
    places = [defect.before_row for defect in generator.PLANTED_DEFECTS]
    copies = [defect.copy_of or 0 for defect in generator.PLANTED_DEFECTS]
    quirks = [quirk.row for quirk in generator.PLANTED_QUIRKS]
    assert max(places + copies + quirks) < generator.CHUNK_ROWS


def test_surprising_but_legal_values_exist(sessions, recommended) -> None:
    chatting = {row["user_id"] for row in sessions}
    advised = {row["user_id"] for row in recommended}
    assert advised - chatting, "somebody with recommendations and no session"
    assert chatting - advised, "somebody with sessions and no recommendation"
    assert any(row["session_length"] == "0" and row["user_id"] not in advised for row in sessions), (
        "no click-through rate can be told"
    )
    assert any(row["resources_clicked"] == "0" and row["user_id"] in advised for row in sessions), (
        "a click-through rate of 0"
    )
    assert any(row["timestamp"][:10] != as_utc(row["timestamp"]).date().isoformat() for row in sessions), (
        "another day in its own zone"
    )
    for column in ("click_through_rate", "feedback_score"):
        assert any(row[column] == "" for row in recommended), column
    assert {row["recommendation_type"] for row in recommended} == set(generator.TYPES)


def test_timestamps_mostly_have_no_zone(sessions) -> None:
    endings = Counter(row["timestamp"][26:] for row in sessions)
    assert set(endings) == {"", "Z", "+02:00"}
    assert endings[""] > 0.9 * len(sessions)


def test_the_readme_tells_what_is_there(made) -> None:
    readme = (SAMPLE / "README.md").read_text(encoding="utf-8")
    tables = {
        "sizes": generator.report_table(made[1]),
        "defects": generator.defect_table(),
        "quirks": generator.quirk_table(),
        "stories": generator.story_table(),
        "conflicts": generator.conflict_table(),
        "client stories": generator.client_story_table(),
        "irregularities": generator.irregularity_table(),
    }
    assert [name for name, table in tables.items() if table not in readme] == []


# ----------------------------------------------------------------------------- coherent


def test_ids_are_unique_and_look_like_uuids(world, sessions, recommended) -> None:
    users = world.users.user_id.tolist()
    moderators = [row["moderator_id"] for row in accepted("moderator_performance")]
    for ids in (
        users,
        [row["session_id"] for row in sessions],
        [row["recommendation_id"] for row in recommended],
        moderators,
    ):
        assert len(set(ids)) == len(ids)
        assert all(UUID.fullmatch(text) for text in ids)


def test_feeds_tell_of_the_same_world(world, sessions, recommended) -> None:
    users = world.users.user_id
    assert [row["user_id"] for row in sessions] == users[world.visits.user].tolist()
    given = Counter(row["user_id"] for row in recommended)
    assert [given[user] for user in users] == world.users.recommendation_count.tolist()
    moderated = sum(int(row["chat_sessions_moderated"]) for row in accepted("moderator_performance"))
    assert moderated == len(world.visits) == len(sessions)


def test_sessions_are_within_the_year_and_their_users_lifetime(world, sessions) -> None:
    index = {user: i for i, user in enumerate(world.users.user_id)}
    times = [as_utc(row["timestamp"]) for row in sessions]
    assert {moment.year for moment in times} == {2025}
    for row, moment in zip(sessions, times, strict=True):
        i = index[row["user_id"]]
        at = np.datetime64(moment.replace(tzinfo=None), "us").astype(np.int64)
        assert world.users.signed_up_at[i] <= at <= world.users.left_at[i]
        assert world.users.chats[i]


def test_nobody_is_in_two_sessions_at_once(world) -> None:
    visits = world.visits
    order = np.lexsort((visits.started_at, visits.user))
    user, start = visits.user[order], visits.started_at[order]
    end = start + visits.minutes[order] * 60_000_000
    assert (start[1:] > end[:-1])[user[1:] == user[:-1]].all()


def test_taste_is_a_share(world) -> None:
    assert world.users.taste.sum(axis=1) == pytest.approx(1)
    assert (world.users.taste > 0).all()


# ----------------------------------------------------------------------- like a product


def test_weeks_days_and_seasons_have_their_shape(sessions) -> None:
    times = [as_utc(row["timestamp"]) for row in sessions]
    weekday = Counter(moment.weekday() for moment in times)
    assert max(weekday[5], weekday[6]) < min(weekday[d] for d in range(5))
    hour = Counter(moment.hour for moment in times)
    assert hour.most_common(1)[0][0] in range(18, 23)
    assert sum(hour[h] for h in range(6)) < 0.1 * len(times)
    month = Counter(moment.month for moment in times)
    assert month[8] < 0.9 * min(month[7], month[9])
    week = Counter(moment.isocalendar().week for moment in times if moment.month > 1)
    assert week[52] < 0.75 * week[50]
    quarter = [sum(month[3 * q + m] for m in (1, 2, 3)) for q in range(4)]
    assert quarter == sorted(quarter)


def test_a_few_people_chat_much(sessions) -> None:
    counts = sorted(Counter(row["user_id"] for row in sessions).values(), reverse=True)
    busiest_tenth = sum(counts[: len(counts) // 10])
    assert 0.3 < busiest_tenth / sum(counts) < 0.7
    assert counts[len(counts) // 2] <= 3


def test_components_go_together_as_documented(sessions, recommended) -> None:
    names = ("session_length", "messages_sent", "feedback_rating", "resources_clicked")
    values = {name: [float(row[name]) for row in sessions] for name in names}
    length = values["session_length"]

    def with_length(name: str) -> float:
        ranks = [np.argsort(np.argsort(v)) for v in (length, values[name])]
        return float(np.corrcoef(*ranks)[0, 1])

    assert with_length("messages_sent") > 0.6
    assert 0.1 < with_length("feedback_rating") < 0.5
    assert 0.1 < with_length("resources_clicked") < 0.5
    advised = {row["user_id"] for row in recommended}
    clicks = {
        has: np.mean([int(row["resources_clicked"]) for row in sessions if (row["user_id"] in advised) == has])
        for has in (True, False)
    }
    assert clicks[True] > 2 * clicks[False]


def test_reports_add_up() -> None:
    report = generator.FeedReport("x", accepted=5, rejected=2, duplicate=1, size_bytes=9)
    assert report.raw == 8
    assert replace(report, accepted=6).raw == 9


# -------------------------------------------------------------------------- chat events


def sessions_of(events: list[ChatEvent]) -> list[list[ChatEvent]]:
    """One user's events cut where at least half an hour passes between two of them."""
    cut: list[list[ChatEvent]] = [[]]
    for event in events:
        if cut[-1] and event.at - cut[-1][-1].at >= HALF_HOUR:
            cut.append([])
        cut[-1].append(event)
    return cut


def story_events(chats, kind: str) -> list[ChatEvent]:
    """What holds in the end for the people of a story."""
    story = next(story for story in generator.PLANTED_STORIES if story.kind == kind)
    times = {as_utc(row.at) for row in story.rows}
    cast = [events for events in chats.values() if {event.at for event in events} <= times]
    names = {row.name for row in story.rows}
    return [event for events in cast for event in events if event.name in names]


def test_chat_events_name_people_of_the_world_after_they_signed_up(world, chats) -> None:
    signed_up = dict(zip(world.users.user_id.tolist(), world.users.signed_up_at.tolist(), strict=True))
    assert chats.keys() <= signed_up.keys()
    for user, events in chats.items():
        assert events[0].at >= datetime.fromtimestamp(signed_up[user] // 1_000_000, UTC)
    moderated = {row["user_id"] for row in accepted("user_activity")}
    assert len(moderated & chats.keys()) > 100
    assert moderated - chats.keys(), "somebody with moderated sessions and no chat event"
    assert chats.keys() - moderated, "somebody with chat events and no moderated session"
    assert sum(len(events) == 1 for events in chats.values()) > 10
    events = [event for events in chats.values() for event in events]
    assert {event.name for event in events} == set(generator.CHAT_EVENTS)
    assert {event.device for event in events} == set(generator.DEVICES)
    never_chats = {
        user for user, chats_ever in zip(world.users.user_id, world.users.chats, strict=True) if not chats_ever
    }
    assert not any(e.name == "chat_message_sent" for u in never_chats for e in chats.get(u, []))


def test_chat_sessions_are_bursts_of_a_few_to_dozens_of_events(chats) -> None:
    sizes = sorted(len(s) for events in chats.values() for s in sessions_of(events))
    assert 2 <= sizes[len(sizes) // 2] <= 6
    assert 20 < sizes[-2] <= 100 < sizes[-1] == 181


def test_gaps_around_half_an_hour_exist_to_the_microsecond(chats) -> None:
    gaps = Counter(b.at - a.at for events in chats.values() for a, b in pairwise(events))
    microsecond = timedelta(microseconds=1)
    assert gaps[HALF_HOUR] >= 2
    assert gaps[HALF_HOUR - microsecond] >= 2
    assert gaps[HALF_HOUR + microsecond] >= 1
    assert gaps[timedelta(0)] > 20, "ties"


@pytest.mark.parametrize(
    ("kind", "sizes"),
    [
        ("exact_half_hour", [2, 1, 1]),
        ("half_hour_to_a_tie", [1, 3]),
        ("counted_minutes_mislead", [2]),
        ("all_at_once", [5]),
        ("over_midnight", [4]),
        ("over_new_year", [4]),
        ("never_pausing_bot", [181]),
        ("only_one_event", [1]),
        ("late_and_alone", [1]),
        ("late_bridge", [5]),
        ("late_near_miss", [2, 1]),
        ("late_end", [3]),
        ("late_beginning", [3, 1]),
        ("late_before_everything", [1, 1, 1, 1]),
        ("corrected_name", [2]),
        ("corrected_time", [1, 1, 1]),
        ("stale_replay", [1]),
        ("replayed_months_later", [1]),
        ("clock_ahead", [1]),
    ],
)
def test_stories_have_the_sessions_they_are_there_for(chats, kind, sizes) -> None:
    events = story_events(chats, kind)
    assert len({event.user_id for event in events}) == 1
    assert [len(session) for session in sessions_of(events)] == sizes


def test_a_corrected_user_moves_the_event_to_somebody_else(chats) -> None:
    events = story_events(chats, "corrected_user")
    by_user = Counter(event.user_id for event in events)
    assert sorted(by_user.values()) == [1, 2]
    ordered = next(event for event in events if event.name == "order_placed")
    assert by_user[ordered.user_id] == 2


def test_the_bot_never_pauses_for_thirty_hours(chats) -> None:
    events = story_events(chats, "never_pausing_bot")
    assert events[-1].at - events[0].at >= timedelta(hours=29, minutes=59)
    assert max(b.at - a.at for a, b in pairwise(events)) < timedelta(minutes=12)


def test_sessions_cross_midnight_and_new_year(chats) -> None:
    spans = [(s[0].at, s[-1].at) for events in chats.values() for s in sessions_of(events)]
    assert sum(a.date() != b.date() for a, b in spans) >= 3
    assert any((a.year, b.year) == (2025, 2026) for a, b in spans)


def test_late_rows_come_in_a_later_file(chats, chat_told) -> None:
    on_time = {event.event_id: event for events in chats.values() for event in events}
    late = [e for e in on_time.values() if e.loaded_at and as_utc(e.loaded_at) - e.at > timedelta(days=14)]
    assert len(late) >= 15
    newest_before = [max(e.at for e in chat_told if e.part == part) for part in range(3)]
    assert all(event.part > 0 and event.at < newest_before[event.part - 1] for event in late)
    first = min(event.at for events in chats.values() for event in events)
    earliest = next(event for event in on_time.values() if event.at == first)
    assert earliest.part == 2
    assert first.year == 2024


def test_replayed_and_corrected_rows_come_in_a_later_file(chat_told) -> None:
    by_id = defaultdict(list)
    for event in chat_told:
        by_id[event.event_id].append(event)
    replays = corrections = 0
    for told in (told for told in by_id.values() if len(told) > 1):
        contents = [replace(event, part=0) for event in told]
        assert len({event.part for event in told}) == len(told)
        replays += len(contents) - len(set(contents))
        distinct = list(dict.fromkeys(contents))
        corrections += len(distinct) - 1
        loads = [event.loaded_at for event in distinct]
        assert loads == sorted(set(loads)), "whoever is loaded last wins"
    assert replays >= 2 * generator.REPLAYED_ROWS
    assert corrections >= 8
    moved = [told for told in by_id.values() if len({event.user_id for event in told}) > 1]
    assert len(moved) == 1


def test_most_events_are_loaded_within_the_hour(chat_told) -> None:
    given = [event for event in chat_told if event.loaded_at]
    assert 0 < len(chat_told) - len(given) < 0.02 * len(chat_told)
    prompt = [e for e in given if timedelta(0) <= as_utc(e.loaded_at) - e.at <= timedelta(hours=1)]
    assert len(prompt) > 0.97 * len(given)


# -------------------------------------------------------------------- onboarding events

MILESTONES = [column for column, rule in RULES["onboarding_events"].items() if isinstance(rule, Timestamp)][1:]


def moment(row: dict[str, str], column: str) -> datetime | None:
    return as_utc(row[column]) if row[column] else None


def test_clients_are_people_of_the_world_but_for_the_oldest(world, onboarding) -> None:
    signed_up = dict(zip(world.users.user_id.tolist(), world.users.signed_up_at.tolist(), strict=True))
    created = {row["client_id"]: row["client_creationdate"] for row in onboarding}
    old = {client for client in created if client not in signed_up}
    assert {created[client] for client in old} <= set(generator.OLD_CLIENTS)
    assert len(old) == len(generator.OLD_CLIENTS)
    for client in created.keys() - old:
        at = np.datetime64(created[client], "us").astype(np.int64)
        assert at == signed_up[client]


def test_clients_have_one_or_several_accounts(onboarding, accounts) -> None:
    owner = {account: {row["client_id"] for row in rows} for account, rows in accounts.items()}
    assert all(len(clients) == 1 for clients in owner.values())
    count = Counter(clients.pop() for clients in owner.values())
    assert {1, 2, 3} <= set(count.values())
    for account, rows in accounts.items():
        assert len({row["first_account_for_user"] for row in rows}) == 1, account
    first = Counter(rows[0]["client_id"] for rows in accounts.values() if rows[0]["first_account_for_user"] == "true")
    assert set(first.values()) == {1}
    assert any(row["industry"] == "food, drinks" for row in onboarding), "a comma in quotes"
    assert any(row["account_id"] == "" for row in onboarding), "somebody who left before an account was made"


def test_milestones_come_in_order_and_next_to_their_event(accounts) -> None:
    moved = 0
    for rows in accounts.values():
        row = rows[0]
        order = [moment(row, m) for m in ("client_creationdate", "account_creationdate", "ig_enable_dttm")]
        order += [moment(row, m) for m in ("first_ig_flow_publish_dttm", "ig_activation_dttm")]
        reached = [at for at in order if at]
        assert reached == sorted(reached)
        assert None not in order[: len(reached)], "no milestone without the one before"
        moved += len({row["ig_activation_dttm"] for row in rows}) > 1
        for milestone, event in (
            ("ig_enable_dttm", "channel_connected"),
            ("first_ig_flow_publish_dttm", "flow_publish_clicked"),
            ("trial_dttm", "trial_clicked"),
            ("ig_activation_dttm", "contact_collected"),
        ):
            at = moment(row, milestone)
            if at:
                nearest = min(abs(at - as_utc(r["event_dttm"])) for r in rows if r["event_name"] == event)
                assert nearest < timedelta(seconds=60), milestone
    assert moved == 1


def test_pro_comes_seconds_before_a_trial(accounts) -> None:
    gaps = Counter()
    bought = 0
    for rows in accounts.values():
        trial, pro = (moment(rows[0], column) for column in ("trial_dttm", "pro_dttm"))
        bought += bool(pro and not trial)
        if trial:
            gaps[trial - pro] += 1
    assert gaps[timedelta(seconds=4)] == 2
    assert gaps[timedelta(seconds=4, microseconds=1)] == 1
    assert gaps[timedelta(0)] == 1
    assert max(gaps) == timedelta(seconds=4, microseconds=1)
    assert bought > 0


def test_account_columns_conflict_only_where_planted(accounts) -> None:
    columns = set(RULES["onboarding_events"]) - {"event_name", "event_dttm"}
    found = Counter(
        column for rows in accounts.values() for column in columns if len({row[column] for row in rows}) > 1
    )
    assert found == Counter(conflict.column for conflict in generator.PLANTED_CONFLICTS)


def test_some_events_happened_twice_at_once(onboarding) -> None:
    count = Counter(tuple(row.values()) for row in onboarding)
    assert sum(n == 2 for n in count.values()) >= 3


def test_first_sessions_differ_in_what_becomes_of_them(onboarding, accounts) -> None:
    names = {row["event_name"] for row in onboarding}
    scripts = [b.first_session for b in generator.BEHAVIOURS] + [generator.SECOND_SESSION, generator.THIRD_SESSION]
    assert names == {step.name for script in scripts for step in script} | {"contact_collected"}

    def activated(rows: list[dict[str, str]]) -> bool:
        return any(row["ig_activation_dttm"] for row in rows)

    connected = [rows for rows in accounts.values() if rows[0]["ig_enable_dttm"]]
    bare = [r for r in connected if not {row["event_name"] for row in r} & {"builder_opened", "block_added"}]
    building = [rows for rows in connected if rows not in bare]
    shares = [np.mean([activated(rows) for rows in group]) for group in (bare, building)]
    assert shares[0] + 0.1 < shares[1]
    devices = {
        device: np.mean([activated(r) for r in accounts.values() if r[0]["first_device_type_of_user"] == device])
        for device in ("mobile", "desktop")
    }
    assert devices["mobile"] < devices["desktop"]


def test_client_stories_are_in_the_files_and_their_clients_have_no_other_rows(client_stories) -> None:
    for story in generator.CLIENT_STORIES:
        rows = client_stories[story.kind]
        assert [(row["event_dttm"], row["event_name"]) for row in rows] == [(row.at, row.name) for row in story.rows]
        assert len({row["client_id"] for row in rows}) == len(story.clients), story.kind
        assert len({row["account_id"] for row in rows} - {""}) == len(story.accounts), story.kind


def test_a_client_story_shows_what_it_is_there_for(client_stories) -> None:
    """Story by story, from the rows alone."""

    def times(kind: str, column: str) -> list[datetime | None]:
        return [moment(row, column) for row in client_stories[kind]]

    def gaps(kind: str, column: str) -> list[timedelta]:
        """How far a milestone lies after each event."""
        at = next(at for at in times(kind, column) if at)
        return [at - event for event in times(kind, "event_dttm")]

    before = "milestones_before_their_client"
    assert times(before, "ig_enable_dttm")[0] < times(before, "client_creationdate")[0]

    at_events = "milestones_at_their_events"
    for column in MILESTONES[1:5]:
        assert timedelta(0) in gaps(at_events, column), column
    assert times(at_events, "trial_dttm") == times(at_events, "ig_activation_dttm")

    for column in ("ig_activation_dttm", "paid_dttm"):
        outside = gaps("milestones_outside_any_session", column)
        assert min(map(abs, outside)) > HALF_HOUR, column
        assert min(outside) < timedelta(0) < max(outside), "between two sessions"

    after = "milestones_half_an_hour_after"
    just_within = gaps(after, "ig_enable_dttm")[-1]
    assert just_within == HALF_HOUR - timedelta(microseconds=1)
    assert gaps(after, "trial_dttm")[-1] - just_within == HALF_HOUR

    joined = times("milestone_joins_two_sessions", "event_dttm")
    [wide] = [(a, b) for a, b in pairwise(joined) if b - a >= HALF_HOUR]
    enabled = times("milestone_joins_two_sessions", "ig_enable_dttm")[0]
    assert wide[1] - enabled < HALF_HOUR > enabled - wide[0]

    first, *_, last = times("milestone_moved", "ig_activation_dttm")
    assert last - first > timedelta(days=1)
    first, *_, last = times("milestone_removed", "paid_dttm")
    assert first and last is None

    for column in ("country_group", "traffic_source", "first_device_type_of_user", "industry"):
        assert len({row[column] for row in client_stories["client_attributes_disagree"]} - {""}) > 1, column
    handed = [row for row in client_stories["account_handed_over"] if row["account_id"]]
    assert len({row["account_id"] for row in handed}) == 1 < len({row["client_id"] for row in handed})
    assert set(times("client_without_creation_date", "client_creationdate")) == {None}
    assert {row["first_device_type_of_user"] for row in client_stories["client_without_device"]} == {""}

    pro = "pro_after_its_trial"
    assert times(pro, "pro_dttm")[0] - times(pro, "trial_dttm")[0] == timedelta(microseconds=1)

    contacts = [row for row in client_stories["contacts_one_by_one"] if row["event_name"] == "contact_collected"]
    assert len(contacts) == 5
    assert set(times("contacts_one_by_one", "ig_activation_dttm")) == {None}
    late = "activated_late"
    assert times(late, "ig_activation_dttm")[0] - times(late, "account_creationdate")[0] > timedelta(days=90)
    edge = "to_the_microsecond"
    week = {
        at - made
        for at, made in zip(times(edge, "ig_activation_dttm"), times(edge, "account_creationdate"), strict=True)
    }
    assert week == {timedelta(days=7), timedelta(days=7, microseconds=1)}
    minute = [gap for gap in gaps(edge, "ig_enable_dttm") if gap > timedelta(0)][-1]
    assert minute == timedelta(minutes=1)
    back = times("back_after_a_day", "event_dttm")
    assert [at - back[-3] for at in back[-2:]] == [timedelta(days=1), timedelta(days=1, microseconds=1)]
    early = "activated_before_its_account"
    assert times(early, "ig_activation_dttm")[-1] < times(early, "account_creationdate")[-1]


def test_the_funnels_have_somebody_at_every_step(onboarding, accounts) -> None:
    def reached(*columns: str) -> int:
        return sum(all(any(row[column] for row in rows) for column in columns) for rows in accounts.values())

    channel, publish = "ig_enable_dttm", "first_ig_flow_publish_dttm"
    steps = [
        len(accounts),
        reached(channel),
        reached(channel, publish),
        reached(channel, publish, "ig_activation_dttm"),
    ]
    steps.append(reached(channel, publish, "ig_activation_dttm", "paid_dttm"))
    assert all(later < 0.8 * earlier for earlier, later in pairwise(steps))
    assert steps[-1] >= 10
    assert 10 <= reached("trial_dttm", "paid_dttm") < 0.8 * reached("trial_dttm")

    clients = defaultdict(list)
    for row in onboarding:
        clients[row["client_id"]].append(row["event_name"].strip())

    def went_through(names: list[str], *steps: str) -> bool:
        rest = iter(names)
        return all(step in rest for step in steps)

    tutorial = [n for n in clients.values() if went_through(n, "onboarding_started", "tutorial_opened")]
    published = [
        n for n in clients.values() if went_through(n, "onboarding_started", "tutorial_opened", "flow_publish_clicked")
    ]
    assert 10 <= len(published) < 0.8 * len(tutorial)
    assert len(tutorial) < 0.5 * len(clients)


# ---------------------------------------------------------------- profiles, orders, loyalty


@pytest.fixture(scope="module")
def profiles() -> dict[str, dict[str, str]]:
    return {row["user_id"]: row for row in accepted("users")}


def test_profiles_tell_of_people_of_the_world(world, profiles) -> None:
    signed_up = dict(zip(world.users.user_id.tolist(), world.users.signed_up_at.tolist(), strict=True))
    assert set(profiles) < set(signed_up)
    late = [
        user
        for user, profile in profiles.items()
        if np.datetime64(as_utc(profile["created_at"]).replace(tzinfo=None), "us").astype(np.int64) != signed_up[user]
    ]
    assert 0 < len(late) < 0.03 * len(profiles), "some are younger than what their people did"
    assert 0.95 < len(profiles) / len(signed_up) < 1


def test_some_profiles_say_what_cannot_be(profiles) -> None:
    days = [profile["birth_date"][:10] for profile in profiles.values()]
    assert {"", "1900-01-01", "1899-12-31", "2031-07-01"} <= set(days)
    assert {profile["gender"] for profile in profiles.values()} == {"female", "male", "other", "", "FEMALE", "n/a"}


def test_a_client_is_the_same_person_in_its_profile(profiles, onboarding) -> None:
    shared = [row for row in onboarding if row["client_id"] in profiles]
    assert shared
    for row in shared:
        profile = profiles[row["client_id"]]
        assert profile["country_group"] == row["country_group"]
        assert profile["device_type"] == row["first_device_type_of_user"]


def test_campaigns_belong_to_a_channel(profiles) -> None:
    campaigns = {p["acquisition_campaign"]: p["acquisition_channel"] for p in profiles.values()}
    campaigns.pop("")
    assert len(campaigns) > 10
    assert all(campaign.startswith(channel) for campaign, channel in campaigns.items())
    assert "organic" not in campaigns.values()


def test_who_soon_chats_is_younger_and_of_other_channels(profiles, chats) -> None:
    """Newcomers of the year; exactly a week after sign-up is soon no more."""
    age: dict[bool, list[float]] = {True: [], False: []}
    channels: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for user, profile in profiles.items():
        made_at = as_utc(profile["created_at"])
        if made_at.year != 2025:
            continue
        passed = [event.at - made_at for event in chats.get(user, []) if event.name == "chat_message_sent"]
        soon = any(timedelta(0) <= time < timedelta(days=generator.EARLY_CHAT_DAYS) for time in passed)
        channels[soon][profile["acquisition_channel"]] += 1
        if profile["birth_date"][:2] in ("19", "20") and profile["birth_date"] < "2015":
            age[soon].append((made_at.date() - date.fromisoformat(profile["birth_date"][:10])).days / 365.25)
    assert np.median(age[True]) == pytest.approx(generator.EARLY_CHAT_AGE * generator.AGE_MEDIAN, rel=0.1)
    assert np.median(age[False]) == pytest.approx(generator.AGE_MEDIAN, rel=0.05)
    assert sum(channels[True].values()) > 80
    for channel, liking in generator.CHANNEL_LIKINGS.items():
        odds = {soon: of[channel] / of["organic"] for soon, of in channels.items()}
        assert liking / 1.7 < odds[True] / odds[False] < liking * 1.7


def test_regulars_order_in_a_rhythm_until_they_are_about_to_leave(world, sessions) -> None:
    places = {user: place for place, user in enumerate(world.users.user_id.tolist())}
    visitors = {row["user_id"] for row in sessions}
    orders = defaultdict(list)
    for row in accepted("orders"):
        if row["user_id"] in places and row["user_id"] not in visitors:
            at = as_utc(row["ordered_at"]).replace(tzinfo=None)
            orders[places[row["user_id"]]].append(np.datetime64(at, "us").astype(np.int64))
    assert 0.04 < len(orders) / len(places) < 0.07
    fading = generator.FADING_DAYS * generator.DAY_US
    days, counts = Counter(), Counter()
    for place, moments in orders.items():
        begins = max(generator.YEAR_START_US, int(world.users.signed_up_at[place]))
        leaves = int(world.users.left_at[place])
        assert begins <= min(moments) and max(moments) < min(leaves, generator.YEAR_END_US)
        turns = min(max(begins, leaves - fading), generator.YEAR_END_US)
        days["before"] += (turns - begins) / generator.DAY_US
        days["fading"] += (min(leaves, generator.YEAR_END_US) - turns) / generator.DAY_US
        counts["before"] += sum(at < turns for at in moments)
        counts["fading"] += sum(at >= turns for at in moments)
    every = {phase: days[phase] / counts[phase] for phase in counts}
    assert every["before"] == pytest.approx(generator.REGULAR_EVERY_DAYS, rel=0.15)
    assert every["fading"] == pytest.approx(generator.REGULAR_EVERY_DAYS / generator.FADED_RATE, rel=0.3)


def test_orders_come_from_people_with_and_without_a_profile(world, profiles) -> None:
    buyers = {row["user_id"] for row in accepted("orders")}
    people = set(world.users.user_id.tolist())
    assert buyers & set(profiles)
    assert (buyers & people) - set(profiles), "a person without profile"
    assert len(buyers - people) == generator.GUEST_ORDERS
    assert any(row["order_value"] == "" for row in accepted("orders"))


def test_the_ledger_has_every_case() -> None:
    ledger = sorted(accepted("point_transactions"), key=lambda row: as_utc(row["transaction_at"]))
    signs = {"accrue": 1, "redeem": -1, "expire": -1, "adjust": 1}
    balance, lowest = Counter(), Counter()
    for row in ledger:
        balance[row["user_id"]] += signs[row["transaction_type"]] * int(row["points"])
        lowest[row["user_id"]] = min(lowest[row["user_id"]], balance[row["user_id"]])
    assert {row["transaction_type"] for row in ledger} == set(signs)
    assert sum(low < 0 for low in lowest.values()) >= generator.REDEEMED_TWICE, "overdrafts"
    assert {int(row["points"]) > 0 for row in ledger if row["transaction_type"] == "adjust"} == {True, False}
    moments = Counter((row["user_id"], row["transaction_at"]) for row in ledger)
    assert max(moments.values()) > 1, "ties"
