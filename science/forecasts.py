"""How many there will be on each of the next days, and how far that may be wrong."""

import warnings
from collections.abc import Iterable
from datetime import date
from itertools import groupby

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from threadpoolctl import threadpool_limits

WEEK = 7
SHARES = (80, 95)  # of the intervals, in percent
DECIMALS = 9  # a forecast has: what lies behind them depends on the order of sums


def seasonal_naive(values: np.ndarray, days: int, season: int = WEEK) -> tuple[np.ndarray, np.ndarray] | None:
    """Each day as the last one of its place in the season: the baseline.

    values   one a day, without gaps
    days     how many days after the last one

    Gives a mean and a standard deviation for each day ahead. The deviation is the root mean square of the differences
    between a value and that a season before, times the root of the number of seasons up to the day, begun ones included
    (Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 5.2 and 5.5). None where no value has
    one a season before.
    """
    if len(values) <= season:
        return None
    ahead = np.arange(days)
    differences = values[season:] - values[:-season]
    return values[-season:][ahead % season], np.sqrt(np.mean(differences**2) * (ahead // season + 1))


def exponential_smoothing(values: np.ndarray, days: int, season: int = WEEK) -> tuple[np.ndarray, np.ndarray] | None:
    """ETS(A,Ad,A): a level, a trend that fades, an additive season, and additive normal errors, by maximum likelihood.

    values   one a day, without gaps
    days     how many days after the last one

    Gives a mean and a standard deviation for each day ahead, or None where there is nothing to fit: in fewer than three
    seasons, or where all values are the same. The variance is the exact one of Hyndman, Koehler, Ord and Snyder,
    Forecasting with Exponential Smoothing, 2008, table 6.1, of the sum of squared errors over the degrees of freedom.
    That parameters are estimated is not in it otherwise.
    """
    if len(values) < 3 * season or np.ptp(values) == 0:
        return None
    model = ETSModel(
        pd.Series(values), error="add", trend="add", damped_trend=True, seasonal="add", seasonal_periods=season
    )
    with warnings.catch_warnings():
        # Whether the search ended well is seen by what it found: a bad model does not win the backtest.
        warnings.simplefilter("ignore")
        fitted = model.fit(disp=False)
        ahead = fitted.get_prediction(start=len(values), end=len(values) + days - 1)
    # Of the seasonal states one follows from the others.
    freedom = len(values) - (len(fitted.params) - 1)
    mean = np.asarray(ahead.predicted_mean)
    variance = np.asarray(ahead.forecast_variance) * len(values) / freedom
    if not (np.all(np.isfinite(mean)) and np.all(np.isfinite(variance)) and np.all(variance >= 0)):
        return None
    return mean, np.sqrt(variance)


def interval(mean: np.ndarray, deviation: np.ndarray, percent: float) -> tuple[np.ndarray, np.ndarray]:
    """Between what a normal variable lies with a probability of so many percent, the same on both sides of its mean."""
    half = stats.norm.ppf(0.5 + percent / 200) * deviation
    return mean - half, mean + half


def of_counts(mean: np.ndarray, deviation: np.ndarray, is_root: bool) -> dict[str, np.ndarray]:
    """A forecast of counts and its intervals, none of them below 0.

    mean, deviation   of a normal variable
    is_root           whether this variable is the root of the count, and not the count itself

    Gives columns forecast, lower_80, upper_80, lower_95 and upper_95. The forecast of a root X is the mean of the
    count, of max(X, 0) squared; the ends of an interval are those of the root, squared.
    """
    columns = {"forecast": mean}
    for percent in SHARES:
        columns[f"lower_{percent}"], columns[f"upper_{percent}"] = interval(mean, deviation, percent)
    columns = {name: np.maximum(values, 0) ** (2 if is_root else 1) for name, values in columns.items()}
    if is_root:
        place = np.divide(mean, deviation, out=np.where(mean > 0, np.inf, -np.inf), where=deviation > 0)
        density = deviation * mean * stats.norm.pdf(place)
        columns["forecast"] = np.maximum((mean**2 + deviation**2) * stats.norm.cdf(place) + density, 0)
    return {name: np.round(values, DECIMALS) for name, values in columns.items()}


def forecasts_of(values: np.ndarray, days: int) -> dict[str, dict[str, np.ndarray]]:
    """The columns of `of_counts` for `days` days ahead, by the name of each model that can tell any.

    The variance of counts grows with them, that of their roots does not (Bartlett, J. R. Stat. Soc. Suppl. 3, 1936): so
    exponential smoothing is given the roots.
    """
    naive, smooth = seasonal_naive(values, days), exponential_smoothing(np.sqrt(values), days)
    told = {"seasonal_naive": (naive, False), "exponential_smoothing": (smooth, True)}
    return {model: of_counts(*ahead, is_root) for model, (ahead, is_root) in told.items() if ahead is not None}


def forecasted(known: Iterable[tuple[str, date, int, int]]) -> dict[str, list]:
    """Every model's forecasts of every metric from every origin.

    known   metric, origin, how many days ahead, and value of a day up to the origin; metric by metric, origin by
            origin, in order of the days, which have no gaps

    Gives columns metric, model, origin_date, days_ahead (from 1) and those of `of_counts`.
    """
    names = ["metric", "model", "origin_date", "days_ahead", "forecast"]
    names += [f"{bound}_{percent}" for percent in SHARES for bound in ("lower", "upper")]
    columns = {name: [] for name in names}
    with threadpool_limits(1):
        for (metric, origin, days), rows in groupby(known, key=lambda row: row[:3]):
            values = np.array([row[3] for row in rows], dtype=np.float64)
            for model, ahead in forecasts_of(values, days).items():
                told = {"metric": metric, "model": model, "origin_date": origin}
                for name in names:
                    columns[name] += [told[name]] * days if name in told else []
                columns["days_ahead"] += range(1, days + 1)
                for name, forecast in ahead.items():
                    columns[name] += forecast.tolist()
    return columns
