"""Which features tell what users will do: a linear regression and a forest, side by side."""

from collections.abc import Mapping

import numpy as np
import statsmodels.api as sm
from sklearn.ensemble import RandomForestRegressor
from sklearn.inspection import permutation_importance
from threadpoolctl import threadpool_limits

from science.design import Design
from science.predictions import DECIMALS, SEED, Columns

FOREST = {"n_estimators": 30, "min_samples_leaf": 10, "max_features": 1 / 3, "random_state": SEED, "n_jobs": 1}
# How often a feature is shuffled.
REPEATS = 5
# Of so many users, one is held out.
HELD_OUT_EVERY = 3

IMPORTANCE_COLUMNS = ("target", "feature", "method", "importance", "standard_error", "p_value", "examples", "users")
OUTCOMES = {"orders_next_week": "orders_next_week", "dead": "is_dead"}


def weighed(columns: Columns, forest_rows: int) -> dict[str, list]:
    """The importance of every feature for orders in the next week and for being dead.

    columns      a row per user and cut-off in the order of a unique key: features, user_id, orders_next_week, is_dead
                 (NaN where unknown); all rows whose outcome is known are used
    forest_rows  each tree learns from so many rows at most, and so many at most are shuffled

    Gives IMPORTANCE_COLUMNS; nothing of a target whose outcome never varies, or that has fewer rows than features.
    """
    rows = []
    with threadpool_limits(1):
        for target, outcome_name in OUTCOMES.items():
            known = ~np.isnan(columns[outcome_name].astype(np.float64))
            part = {name: values[known] for name, values in columns.items()}
            outcome = part[outcome_name].astype(np.float64)
            _, user = np.unique(part["user_id"].astype(str), return_inverse=True)
            if not len(outcome) or outcome.min() == outcome.max():
                continue
            design = Design.learn(part)
            matrix = design.matrix(part)
            users = int(user.max()) + 1
            if not matrix.shape[1] or min(len(outcome), users) <= matrix.shape[1] + 1:
                continue
            told = {"target": target, "examples": len(outcome), "users": users}
            for method, values in {
                "linear_regression": regression(matrix, outcome, user),
                "random_forest": forest(matrix, outcome, user, forest_rows),
            }.items():
                for place, feature in enumerate(design.names):
                    rows.append(
                        told | {"feature": feature, "method": method} | {k: v[place] for k, v in values.items()}
                    )
    return {name: [row.get(name) for row in rows] for name in IMPORTANCE_COLUMNS}


def regression(matrix: np.ndarray, outcome: np.ndarray, user: np.ndarray) -> Mapping[str, np.ndarray]:
    """Least squares of the standardised outcome on standardised columns.

    Gives importance: by how many standard deviations the outcome is higher where a column is one higher; its
    standard_error, clustered by user (Liang, Zeger, Biometrika 73, 1986, with the correction
    G / (G - 1) * (n - 1) / (n - k)); and two-sided p_value of the normal distribution.
    """
    standardised = (outcome - outcome.mean()) / outcome.std()
    fitted = sm.OLS(standardised, sm.add_constant(matrix, has_constant="add")).fit(
        cov_type="cluster", cov_kwds={"groups": user}, use_t=False
    )
    values = {"importance": fitted.params, "standard_error": fitted.bse, "p_value": fitted.pvalues}
    return {name: np.round(np.asarray(value)[1:], DECIMALS) for name, value in values.items()}


def forest(matrix: np.ndarray, outcome: np.ndarray, user: np.ndarray, forest_rows: int) -> Mapping[str, np.ndarray]:
    """A random forest, and how much worse it gets where a column is shuffled (Breiman, Machine Learning 45, 2001).

    The forest learns from two of three users, columns are shuffled among the rows of the others. Gives importance: the
    mean decrease of the explained share of variance (R squared); its standard deviation over the shuffles as
    standard_error. p is not known.
    """
    shuffled = np.random.default_rng(SEED).permutation(user.max() + 1)
    is_held_out = (shuffled % HELD_OUT_EVERY == 0)[user]
    learned = ~is_held_out
    trees = RandomForestRegressor(max_samples=min(forest_rows, int(learned.sum())), **FOREST)
    trees.fit(matrix[learned], outcome[learned])
    judged = np.flatnonzero(is_held_out)
    if len(judged) > forest_rows:
        judged = np.sort(np.random.default_rng(SEED).choice(judged, forest_rows, replace=False))
    found = permutation_importance(
        trees, matrix[judged], outcome[judged], scoring="r2", n_repeats=REPEATS, random_state=SEED, n_jobs=1
    )
    return {
        "importance": np.round(found.importances_mean, DECIMALS),
        "standard_error": np.round(found.importances_std, DECIMALS),
        "p_value": np.full(matrix.shape[1], np.nan),
    }
