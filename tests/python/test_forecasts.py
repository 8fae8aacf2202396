"""Forecasts: their series against pandas, published examples, planted truth, and what a forecast may not know."""

import csv
import json
import os
import warnings
from datetime import datetime, timedelta
from math import sqrt

import numpy as np
import pandas as pd
import pytest
from conftest import LIVES, PLACES, SAMPLE, Build, run_dbt
from statsmodels.tsa.holtwinters import ExponentialSmoothing
from test_activity_marts import read_activity_names
from test_newcomers_marts import read_chat_beginnings
from threadpoolctl import threadpool_limits

from science.forecasts import exponential_smoothing, forecasts_of, interval, of_counts, seasonal_naive

SERIES = 400 if os.environ.get("ENGAGEMENT_LONG_TESTS") == "1" else 40
AHEAD = 28
BUILD = ["build", "--select", "+ml_forecasts", "--exclude-resource-type", "test", "unit_test"]


def read(build: Build, sql: str, *columns: str) -> pd.DataFrame:
    return pd.DataFrame(build.query(sql), columns=list(columns))


def read_series(build: Build, table: str = "marts.agg_daily_metrics") -> dict[str, pd.Series]:
    frame = read(build, f"select metric, date, value from {table} order by metric, date", "metric", "date", "value")
    frame["date"] = pd.to_datetime(frame["date"])
    return {metric: rows.set_index("date")["value"] for metric, rows in frame.groupby("metric")}


# --------------------------------------------------------------------------------------- the series


@pytest.mark.parametrize("where", [*PLACES, *LIVES])
def test_the_series(where, build_in):
    """From the stream of events and the accepted moderated sessions, which are tested elsewhere."""
    build, variables = build_in(where), (PLACES | LIVES)[where]
    zone = variables.get("reporting_timezone", "UTC")
    events = read(
        build, "select user_id, event_name, event_at, feed from intermediate.int_events", "user", "name", "at", "feed"
    )
    moderated = read(build, "select user_id, started_at from staging.stg_platform__activity_sessions", "user", "at")
    seen = pd.concat([events[events["name"].isin(read_activity_names())], moderated])
    fixed = pd.Timestamp(variables["as_of"]) if "as_of" in variables else None
    known_until = {
        "active_users": fixed or max(events["at"].max(), moderated["at"].max()),
        "chats": fixed or events.loc[events["feed"] == "chat_events", "at"].max(),
    }

    # Sessions once more: a pause of 30 minutes begins one.
    events = events.sort_values(["user", "at"])
    begins = ~(events.groupby("user")["at"].diff() < pd.Timedelta(minutes=30))
    chats = events.assign(session=begins.cumsum())[events["name"].isin(read_chat_beginnings())]
    moments = {"active_users": seen, "chats": chats.groupby("session", as_index=False)["at"].min()}

    found = read_series(build)
    assert found.keys() == moments.keys()
    for metric, rows in moments.items():
        days = rows["at"].dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()
        wall = known_until[metric].tz_localize("UTC").tz_convert(zone).tz_localize(None)
        counted = rows.groupby(days)["user"].nunique() if metric == "active_users" else rows.groupby(days).size()
        last = wall.normalize() - pd.Timedelta(days=1)
        wanted = counted.reindex(pd.date_range(counted.index.min(), last, freq="D"), fill_value=0)
        pd.testing.assert_series_equal(wanted, found[metric], check_names=False, check_freq=False, check_dtype=False)


# ------------------------------------------------------------------------------------ the backtest


def test_the_backtest(sample_build):
    """Every score by own formula from the forecasts from each origin and the series."""
    series = read_series(sample_build)
    bounds = ["lower_80", "upper_80", "lower_95", "upper_95"]
    columns = ["metric", "model", "origin_date", "days_ahead", "forecast", *bounds]
    told = read(sample_build, f"select {', '.join(columns)} from intermediate.int_days_forecasted", *columns)
    told["origin_date"] = pd.to_datetime(told["origin_date"])
    wanted = {}
    for (metric, model), rows in told.groupby(["metric", "model"]):
        values = series[metric]
        last = values.index.max()
        origins = [last - pd.Timedelta(days=28 + 8 * k) for k in range(14)]
        assert set(rows["origin_date"]) == {last, *origins}
        by_origin = []
        for origin in origins:
            known = values[:origin].iloc[-364:].to_numpy(float)
            came = values[origin:].iloc[1:29].to_numpy(float)
            ahead = rows[rows["origin_date"] == origin].sort_values("days_ahead")
            assert list(ahead["days_ahead"]) == list(range(1, 29))
            naive = np.array([known[len(known) - 7 + h % 7] for h in range(28)])
            if model == "seasonal_naive":
                assert list(ahead["forecast"]) == list(naive)
                deviation = [sqrt(np.mean((known[7:] - known[:-7]) ** 2) * (h // 7 + 1)) for h in range(28)]
                for percent, z in ((80, 1.2815515655446004), (95, 1.959963984540054)):
                    assert list(ahead[f"upper_{percent}"]) == pytest.approx(naive + z * np.array(deviation), abs=1e-8)
                    lower = np.maximum(naive - z * np.array(deviation), 0)
                    assert list(ahead[f"lower_{percent}"]) == pytest.approx(lower, abs=1e-8)
            by_origin.append(
                pd.DataFrame(
                    {
                        "error": abs(ahead["forecast"].to_numpy() - came),
                        "baseline": abs(naive - came),
                        "scale": np.mean(abs(known[7:] - known[:-7])),
                        "in_80": (ahead["lower_80"].to_numpy() <= came) & (came <= ahead["upper_80"].to_numpy()),
                        "in_95": (ahead["lower_95"].to_numpy() <= came) & (came <= ahead["upper_95"].to_numpy()),
                    }
                )
            )
        for first, end in ((1, 7), (8, 14), (15, 21), (22, 28), (1, 28)):
            parts = [part.iloc[first - 1 : end] for part in by_origin]
            days = pd.concat(parts)
            won = sum(part["error"].mean() < part["baseline"].mean() for part in parts)
            error, baseline = days["error"].mean(), days["baseline"].mean()
            wanted[metric, model, first, end] = (
                14, len(days), error, baseline, (days["error"] / days["scale"]).mean(), days["in_80"].sum(),
                days["in_95"].sum(), days["in_80"].mean(), days["in_95"].mean(), won,
                None if model == "seasonal_naive" else error < baseline and won > 7,
            )  # fmt: skip
    scores = sample_build.query(
        "select metric, model, first_day_ahead, last_day_ahead, origins, days, mae, baseline_mae, mase, "
        "covered_days_80, covered_days_95, coverage_80, coverage_95, origins_won, beats_baseline "
        "from marts.ml_forecast_scores"
    )
    found = {row[:4]: row[4:] for row in scores}
    assert found.keys() == wanted.keys() and len(found) == 20
    for key, row in wanted.items():
        assert found[key][-1] is (None if row[-1] is None else bool(row[-1]))
        assert found[key][:-1] == pytest.approx(row[:-1], abs=1e-8)


def test_a_model_that_does_not_beat_the_baseline_is_not_preferred(sample_build):
    preferred = sample_build.query(
        "select distinct metric, model from marts.ml_forecasts where is_preferred order by metric"
    )
    beating = dict(
        sample_build.query(
            "select metric, model from marts.ml_forecast_scores "
            "where last_day_ahead - first_day_ahead = 27 and beats_baseline"
        )
    )
    assert [metric for metric, _ in preferred] == ["active_users", "chats"]
    assert all(model == beating.get(metric, "seasonal_naive") for metric, model in preferred)


def test_a_forecast_knows_nothing_of_what_came_after_its_origin(sample_build, tmp_path):
    """Who stood on 3 December would have forecast what the backtest says of that day, to the last digit.

    That two builds agree shows that they are deterministic, too.
    """
    [(origin,)] = sample_build.query(
        "select max(origin_date) from intermediate.int_forecast_days_selected where is_backtest and metric = 'chats'"
    )
    then = {"as_of": f"{origin + timedelta(days=1)} 00:00:00"}
    done = run_dbt(SAMPLE, tmp_path, *BUILD, "--vars", json.dumps(then))
    assert done.status == 0, done.output
    columns = "metric, model, days_ahead, forecast, lower_80, upper_80, lower_95, upper_95"
    ask = f"select {columns} from {{}} where origin_date = '{origin}' order by 1, 2, 3"
    found = done.query(ask.format("marts.ml_forecasts"))
    assert len(found) == 2 * 2 * AHEAD
    assert found == sample_build.query(ask.format("intermediate.int_days_forecasted"))


# --------------------------------------------------------------------------- by hand, and published


def test_the_baseline_by_hand():
    """Differences to a week before: 1 four times, −3 three times; the variance of the second week is twice as great."""
    values = np.array([5, 6, 7, 8, 9, 1, 0, 6, 7, 8, 9, 6, -2, -3], dtype=float)
    mean, deviation = seasonal_naive(values, 9)
    assert list(mean) == [6, 7, 8, 9, 6, -2, -3, 6, 7]
    assert list(deviation) == pytest.approx([sqrt(31 / 7)] * 7 + [sqrt(62 / 7)] * 2)
    counts = of_counts(mean, deviation, is_root=False)
    assert counts["forecast"][5] == counts["lower_95"][5] == 0
    assert counts["upper_80"][5] == pytest.approx(-2 + 1.2815515655 * sqrt(31 / 7))


def test_the_naive_intervals_of_google_shares():
    """The table of naive(goog200) in Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 2nd ed., 3.5.

    The last price is 531.4783, the root mean square of the daily changes 6.208148.
    """
    mean, deviation = seasonal_naive(np.array([531.4783 - 6.208148, 531.4783]), 10, season=1)
    (lower_80, upper_80), (lower_95, upper_95) = interval(mean, deviation, 80), interval(mean, deviation, 95)
    table = {
        1: (523.5222, 539.4343, 519.3105, 543.6460),
        2: (520.2267, 542.7298, 514.2705, 548.6861),
        7: (510.4285, 552.5280, 499.2854, 563.6711),
        10: (506.3190, 556.6375, 493.0005, 569.9561),
    }
    for day, row in table.items():
        found = [bound[day - 1] for bound in (lower_80, upper_80, lower_95, upper_95)]
        assert found == pytest.approx(row, abs=2e-4)


# Nights of holidays in Australia by quarter, 1999 to 2015, in millions: austourists of R's fpp2.
TOURISTS = """
30.052513 19.148496 25.317692 27.591437 32.076456 23.487961 28.475940 35.123753 36.838485 25.007017 30.722230 28.693759
36.640986 23.824609 29.311683 31.770309 35.177877 19.775244 29.601750 34.538842 41.273599 26.655862 28.279859 35.191153
42.205664 24.649171 32.667335 37.257354 45.242460 29.350481 36.344207 41.782081 49.276598 31.275401 37.850625 38.837044
51.236900 31.838552 41.323421 42.799003 55.708358 33.407145 42.316638 45.157123 59.576080 34.837330 44.841681 46.971250
60.019031 38.371179 46.975864 50.733796 61.646873 39.299569 52.671208 54.332317 66.834358 40.871188 51.828536 57.491910
65.251470 43.061208 54.760757 59.834475 73.257027 47.696624 61.097768 66.055761
"""


def test_the_tourists_of_australia():
    """R's forecast::ets(austourists, "AAA", damped = TRUE), as kept in statsmodels' own tests.

    It forecasts 76.08, 51.62, 63.96 and 68.28 millions, and 6.083 is the variance of the errors. The search for the
    likeliest parameters ends elsewhere: within one percent.
    """
    mean, deviation = exponential_smoothing(np.array(TOURISTS.split(), dtype=float), 4, season=4)
    assert list(mean) == pytest.approx([76.07768073, 51.61741109, 63.96457729, 68.27886241], rel=0.01)
    assert deviation[0] ** 2 == pytest.approx(6.0830734, rel=0.02)
    assert all(np.diff(deviation) > 0)


@pytest.mark.parametrize("metric", ["active_users", "chats"])
def test_holt_and_winters_come_to_the_same(metric, sample_build):
    """Least squares by recursion instead of the likelihood of a state space: the same model by another road."""
    values = np.sqrt(read_series(sample_build)[metric].iloc[-364:].to_numpy(float))
    mean, deviation = exponential_smoothing(values, AHEAD)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = ExponentialSmoothing(values, trend="add", damped_trend=True, seasonal="add", seasonal_periods=7)
        wanted = model.fit().forecast(AHEAD)
    assert np.abs(mean - wanted).max() < 0.2 * deviation[0]


def test_the_mean_of_a_squared_normal():
    """Of a root of mean 1.2 and deviation 0.8, drawn a million times; of one that never varies; of one far below 0."""
    drawn = np.maximum(np.random.default_rng(1).normal(1.2, 0.8, 1_000_000), 0) ** 2
    found = of_counts(np.array([1.2, 3.0, -9.0]), np.array([0.8, 0.0, 0.1]), is_root=True)
    assert found["forecast"][0] == pytest.approx(drawn.mean(), abs=3 * drawn.std() / 1000)
    assert found["upper_95"][0] == pytest.approx(np.quantile(drawn, 0.975), rel=0.01)
    assert [found[name][1] for name in found] == [9.0] * 5
    assert [found[name][2] for name in found] == [0.0] * 5


# --------------------------------------------------------------------------------------- planted truth


def growing(draw: np.random.Generator, days: int) -> tuple[np.ndarray, np.ndarray]:
    """What is expected, and Poisson counts of it: 400 a day and more as time goes by, fewer on weekends."""
    day = np.arange(days)
    expected = 400 + 0.05 * day + np.array([40, 50, 45, 30, 0, -90, -75])[day % 7]
    return expected, draw.poisson(expected).astype(float)


def wandering(draw: np.random.Generator, days: int) -> tuple[np.ndarray, np.ndarray]:
    """Each weekday goes its own way: what the baseline takes the world for."""
    steps = draw.normal(0, 10, days)
    values = 1000 + np.array([steps[day % 7 : day + 1 : 7].sum() for day in range(days)])
    return values, np.round(values)


@pytest.mark.parametrize(
    ("model", "world"),
    [("exponential_smoothing", growing), ("seasonal_naive", wandering)],
    ids=["exponential_smoothing", "seasonal_naive"],
)
def test_intervals_hold_as_much_as_they_say(model, world):
    """Over many worlds, within three standard errors of the mean over worlds: their days ahead are not independent."""
    draw = np.random.default_rng(20250101)
    held, distances = {80: [], 95: []}, []
    with threadpool_limits(1):
        for _ in range(SERIES):
            expected, values = world(draw, 364 + AHEAD)
            told = forecasts_of(values[:364], AHEAD)
            came = values[364:]
            for percent, shares in held.items():
                lower, upper = (told[model][f"{bound}_{percent}"] for bound in ("lower", "upper"))
                shares.append(np.mean((lower <= came) & (came <= upper)))
            distances.append([np.mean((told[name]["forecast"] - expected[364:]) ** 2) for name in sorted(told)])
    for percent, shares in held.items():
        assert abs(np.mean(shares) - percent / 100) <= 3 * np.std(shares, ddof=1) / sqrt(SERIES)
    if world is growing:
        smooth, naive = np.sqrt(np.mean(distances, axis=0))
        # The baseline repeats the noise of single days, which what is smoothed has mostly forgotten.
        assert smooth < naive / 2


# ------------------------------------------------------------------------------- series of all sorts

POISSON = np.random.default_rng(1).poisson(10, 200).astype(float)
SORTS = {
    "no day": (np.array([]), set()),
    "a week": (POISSON[:7], set()),
    "a day more than a week": (POISSON[:8], {"seasonal_naive"}),
    "a day less than three weeks": (POISSON[:20], {"seasonal_naive"}),
    "three weeks": (POISSON[:21], {"seasonal_naive", "exponential_smoothing"}),
    "always the same": (np.full(100, 5.0), {"seasonal_naive"}),
    "never anything": (np.zeros(100), {"seasonal_naive"}),
    "once one": (np.eye(1, 100, 50)[0], {"seasonal_naive", "exponential_smoothing"}),
    "one on the last day": (np.eye(1, 100, 99)[0], {"seasonal_naive", "exponential_smoothing"}),
    "the same week again and again": (np.tile(np.arange(7.0), 20), {"seasonal_naive", "exponential_smoothing"}),
    "one outlier": (np.where(np.arange(200) == 150, 1e9, POISSON), {"seasonal_naive", "exponential_smoothing"}),
    "a gap of two months": (
        np.where(abs(np.arange(200) - 90) < 30, 0, POISSON),
        {"seasonal_naive", "exponential_smoothing"},
    ),
    "down to nothing": (np.maximum(100.0 - np.arange(120), 0), {"seasonal_naive", "exponential_smoothing"}),
    "without bounds": (np.round(1.2 ** np.arange(200)), {"seasonal_naive", "exponential_smoothing"}),
}


@pytest.mark.parametrize("sort", SORTS)
def test_a_series_of_any_sort(sort):
    values, models = SORTS[sort]
    told = forecasts_of(values, AHEAD)
    assert told.keys() == models
    for ahead in told.values():
        assert all(np.isfinite(column).all() and len(column) == AHEAD for column in ahead.values())
        assert (ahead["lower_95"] >= 0).all() and (ahead["lower_95"] <= ahead["lower_80"]).all()
        assert (ahead["lower_80"] <= ahead["upper_80"]).all() and (ahead["upper_80"] <= ahead["upper_95"]).all()
    if sort == "the same week again and again":
        assert list(told["exponential_smoothing"]["forecast"]) == pytest.approx(
            list(np.tile(np.arange(7.0), 4)), abs=1e-3
        )
    if sort == "always the same":
        assert {value for column in told["seasonal_naive"].values() for value in column} == {5.0}


EVENTS = ["event_id", "user_id", "event_name", "event_at", "device_type", "loaded_at"]


@pytest.fixture(scope="module")
def young(tmp_path_factory) -> Build:
    """Activity of eight weeks to the day, chats of a day less; the last day is not over."""
    folder = tmp_path_factory.mktemp("young")
    (folder / "feeds").mkdir()
    with (folder / "feeds" / "chat_events.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(EVENTS)
        for day in range(57):
            at = datetime(2025, 1, 1, 12) + timedelta(days=day)
            for user in range(1 + (day % 7 < 5) + day % 2):
                name = "chat_message_sent" if day else "app_open"
                rows.writerow([f"{day} {user}", f"user {user}", name, at, "mobile", at + timedelta(minutes=1)])
    done = run_dbt(folder / "feeds", folder / "home", *BUILD)
    assert done.status == 0, done.output
    return done


def test_exactly_as_many_weeks_as_are_needed(young):
    assert young.query("select metric, count(*) from marts.agg_daily_metrics group by metric order by metric") == [
        ("active_users", 56),
        ("chats", 55),
    ]
    found = young.query(
        "select metric, model, is_preferred, count(*), min(date), max(date) "
        "from marts.ml_forecasts group by all order by all"
    )
    first, last = datetime(2025, 2, 26).date(), datetime(2025, 3, 25).date()
    assert found == [
        ("active_users", "exponential_smoothing", False, AHEAD, first, last),
        ("active_users", "seasonal_naive", True, AHEAD, first, last),
    ]
    # No earlier day knows eight weeks: nothing can be compared, and the baseline is taken.
    assert young.query("select count(*) from marts.ml_forecast_scores") == [(0,)]


def test_nothing_is_forecast_from_nothing(tmp_path):
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / "chat_events.csv").write_text(",".join(EVENTS) + "\n")
    done = run_dbt(tmp_path / "feeds", tmp_path / "home", *BUILD)
    assert done.status == 0, done.output
    for table in ("agg_daily_metrics", "ml_forecasts", "ml_forecast_scores"):
        assert done.query(f"select count(*) from marts.{table}") == [(0,)]
