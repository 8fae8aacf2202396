"""The sample world: reproducible, coherent, and bad exactly where it says it is."""

from __future__ import annotations

import csv
import importlib.util
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "sample"
SIZE_LIMIT = 500_000  # bytes of the three feeds about moderated sessions together
PLATFORM_FEEDS = ("user_activity", "recommendations", "moderator_performance")
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

    def reason(self, text: str) -> str | None:
        if not text:
            return "empty" if self.required else None
        if not re.fullmatch(r"[+-]?\d+(\.\d+)?", text):
            return "not_a_number"
        if self.whole and not float(text).is_integer():
            return "not_whole"
        return None if self.low <= float(text) <= self.high else "out_of_range"


class Text:
    def reason(self, text: str) -> str | None:
        return None if text else "empty"


class Timestamp:
    def reason(self, text: str) -> str | None:
        if not text:
            return "empty"
        try:
            moment = as_utc(text)
        except ValueError:
            return "timestamp_unparseable"
        return None if 2000 <= moment.year < 2100 else "timestamp_out_of_range"


def as_utc(text: str) -> datetime:
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
    return tuple(f"{column}: {reason}" for column, reason in judged if reason)


def judge(feed: str, folder: Path) -> list[Verdict]:
    """Every row of a file in its order; of one key, the last good row wins."""
    with (folder / f"{feed}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == list(RULES[feed])
    verdicts = [Verdict(row, reasons_against(feed, row)) for row in rows[1:]]
    key = rows[0].index(generator.FEEDS[feed].key)
    winners: dict[str, list[str]] = {}
    for verdict in reversed([v for v in verdicts if v.is_accepted]):
        winner = winners.setdefault(verdict.row[key].strip(), verdict.row)
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


# ------------------------------------------------------------------------- reproducible


def test_the_committed_files_are_what_the_generator_writes(made) -> None:
    folder, _ = made
    for name in generator.FEEDS:
        fresh = (folder / f"{name}.csv").read_bytes()
        assert fresh == (SAMPLE / f"{name}.csv").read_bytes(), name


def test_another_seed_gives_another_world_of_the_same_size(tmp_path, made) -> None:
    folder, reports = made
    others = generator.generate(tmp_path, seed=7)
    for report, other in zip(reports, others, strict=True):
        name = f"{report.feed}.csv"
        assert (tmp_path / name).read_bytes() != (folder / name).read_bytes()
        assert other.raw == pytest.approx(report.raw, rel=0.1)


def test_a_new_feed_leaves_the_others_as_they_are(tmp_path, made, monkeypatch) -> None:
    def newcomer(_world, stream) -> Iterator[dict[str, list[str]]]:
        yield {"thing_id": stream.child("thing_id").uuids(5)}

    feed = generator.Feed(columns=("thing_id",), key="thing_id", chunks=newcomer)
    monkeypatch.setattr(generator, "FEEDS", {"things": feed, **generator.FEEDS})
    generator.generate(tmp_path)
    folder, _ = made
    assert len((tmp_path / "things.csv").read_text().splitlines()) == 6
    for name in PLATFORM_FEEDS:
        old, new = (place / f"{name}.csv" for place in (folder, tmp_path))
        assert old.read_bytes() == new.read_bytes(), name


def test_chunks_do_not_show(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(generator, "CHUNK_ROWS", 333)
    monkeypatch.setattr(generator, "PLANTED_QUIRKS", ())
    monkeypatch.setattr(generator, "PLANTED_DEFECTS", ())
    generator.generate(tmp_path / "many")
    monkeypatch.setattr(generator, "CHUNK_ROWS", 1_000_000)
    generator.generate(tmp_path / "one")
    for name in generator.FEEDS:
        many, one = (tmp_path / way / f"{name}.csv" for way in ("many", "one"))
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
    assert sum(sizes) <= SIZE_LIMIT


@pytest.mark.parametrize("scale", [0.5, 3])
def test_rows_grow_with_scale(tmp_path, made, scale) -> None:
    for report, other in zip(made[1], generator.generate(tmp_path, scale=scale), strict=True):
        assert other.accepted == pytest.approx(scale * report.accepted, rel=0.1)


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


@pytest.mark.parametrize("feed", PLATFORM_FEEDS)
def test_exactly_the_planted_rows_are_bad(feed, made) -> None:
    verdicts = judge(feed, SAMPLE)
    planted = sorted(generator.defects_of(feed), key=lambda d: d.before_row)
    expected = [defect.reasons for defect in planted if defect.reasons]
    assert [verdict.reasons for verdict in verdicts if verdict.reasons] == expected
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
        text = (SAMPLE / f"{defect.feed}.csv").read_text(encoding="utf-8")
        for value in filter(None, defect.edits.values()):
            assert f",{value}," in text or f",{value}\n" in text, defect.kind


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
