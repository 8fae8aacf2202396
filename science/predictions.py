"""What users will do after a cut-off: models beside baselines, judged on weeks that none of them learned from.

A model is used only where it is better than the better baseline by more than chance; else predictions come from the
baseline.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from threadpoolctl import threadpool_limits

from science import buy_till_you_die, scores
from science.design import Design

Columns = Mapping[str, np.ndarray]
Predictor = Callable[[Columns, np.ndarray], np.ndarray]

SEED = 20250310
# Strength of regularisation: of the squared standardised coefficients against the sum of the rows' losses.
PENALTY = 10.0
TREES = {"learning_rate": 0.05, "max_iter": 100, "max_leaf_nodes": 15, "l2_regularization": 1.0, "random_state": SEED}
# A leaf holds this share of the rows at least, within bounds.
LEAF_SHARE, LEAF_ROWS = 0.02, (20, 200)
# Who ordered last this many weeks ago or longer is one group of the baseline of recency.
RECENCY_WEEKS = 13
DECIMALS = 9


@dataclass(frozen=True)
class Target:
    """What is predicted.

    name            as the tables have it
    outcome         the column of what came to be
    split           the column that says which rows are learned from and which ones judge
    is_probability  whether it is a yes or no, whose probability is predicted; else a number, whose mean is
    weeks           in how many weeks after the cut-off it happens
    """

    name: str
    outcome: str
    split: str
    is_probability: bool
    weeks: int

    @property
    def decisive_metric(self) -> str:
        """Where the best answer is the true probability, or the true mean: a proper score (Gneiting, Raftery, JASA 102,
        2007). The mean absolute error is none: it is best where nobody is said to order."""
        return "brier" if self.is_probability else "mse"


def targets(dead_after_weeks: int) -> tuple[Target, ...]:
    return (
        Target("orders_next_week", "orders_next_week", "next_week_split", False, 1),
        Target("no_order_next_week", "no_order_next_week", "next_week_split", True, 1),
        Target("dead", "is_dead", "dead_split", True, dead_after_weeks),
    )


@dataclass(frozen=True)
class Examples:
    """What a way of predicting learns from.

    columns   the rows whose outcome is known
    matrix    their features, standardised
    outcome   what came to be
    everyone  all users at the latest cut-off of these rows, whether or not the target is asked of them
    """

    columns: Columns
    matrix: np.ndarray
    outcome: np.ndarray
    everyone: Columns

    @classmethod
    def of(cls, target: Target, rows: np.ndarray, columns: Columns, design: Design) -> "Examples":
        """Those of `columns` that `rows` says."""
        part = _taken(columns, rows)
        latest = columns["week_index"] == part["week_index"].max()
        outcome = part[target.outcome].astype(np.float64)
        return cls(part, design.matrix(part), outcome, _taken(columns, latest))


def _taken(columns: Columns, rows: np.ndarray) -> dict[str, np.ndarray]:
    return {name: values[rows] for name, values in columns.items()}


def _means_by_group(group: np.ndarray, outcome: np.ndarray, groups: int) -> np.ndarray:
    """The mean outcome of each group, and of all rows where a group has none."""
    rows = np.bincount(group, minlength=groups)
    sums = np.bincount(group, outcome, minlength=groups)
    return np.where(rows > 0, sums / np.maximum(rows, 1), outcome.mean())


def last_week_repeated(target: Target, examples: Examples) -> Predictor:
    """As many orders as in the last week; as a probability, that of those who did or did not order in it."""
    if not target.is_probability:
        return lambda columns, _: columns["orders_week_1"].astype(np.float64)
    means = _means_by_group((examples.columns["orders_week_1"] > 0).astype(int), examples.outcome, 2)
    return lambda columns, _: means[(columns["orders_week_1"] > 0).astype(int)]


def recency_only(target: Target, examples: Examples) -> Predictor:
    """The mean outcome of those whose last order is as many weeks ago."""

    def group(columns: Columns) -> np.ndarray:
        days = columns["days_since_order"].astype(np.float64)
        weeks = np.minimum(np.ceil(np.where(np.isnan(days), 0, days) / 7), RECENCY_WEEKS)
        return weeks.astype(int)

    means = _means_by_group(group(examples.columns), examples.outcome, RECENCY_WEEKS + 1)
    return lambda columns, _: means[group(columns)]


def _can_be_learned(examples: Examples) -> bool:
    return examples.outcome.min() < examples.outcome.max() and examples.matrix.shape[1] > 0


def regularised_linear(target: Target, examples: Examples) -> Predictor | None:
    """Ridge regression, no less than 0; of a probability, logistic regression with the same penalty."""
    if not _can_be_learned(examples):
        return None
    if target.is_probability:
        logistic = LogisticRegression(C=1 / PENALTY, max_iter=1000, tol=1e-8).fit(examples.matrix, examples.outcome)
        return lambda _, matrix: logistic.predict_proba(matrix)[:, 1]
    ridge = Ridge(alpha=PENALTY, solver="cholesky").fit(examples.matrix, examples.outcome)
    return lambda _, matrix: np.maximum(ridge.predict(matrix), 0)


def boosted_trees(target: Target, examples: Examples) -> Predictor | None:
    """Gradient-boosted trees on histograms: of a number as Poisson, of a probability as logistic regression."""
    if not _can_be_learned(examples):
        return None
    leaf = int(np.clip(LEAF_SHARE * len(examples.outcome), *LEAF_ROWS))
    if target.is_probability:
        trees = HistGradientBoostingClassifier(min_samples_leaf=leaf, early_stopping=False, **TREES)
        trees.fit(examples.matrix, examples.outcome)
        return lambda _, matrix: trees.predict_proba(matrix)[:, 1]
    trees = HistGradientBoostingRegressor(loss="poisson", min_samples_leaf=leaf, early_stopping=False, **TREES)
    trees.fit(examples.matrix, examples.outcome)
    return lambda _, matrix: trees.predict(matrix)


def _history(columns: Columns) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Who has ordered; of these the orders after the first, weeks from the first to the last, and to the cut-off."""
    ordered = columns["order_count"] > 0
    first, last = (columns[f"days_since_{which}order"][ordered] / 7 for which in ("first_", ""))
    return ordered, columns["order_count"][ordered] - 1.0, first - last, first


def buys_till_they_die(target: Target, examples: Examples) -> Predictor | None:
    """MBG/NBD, fitted to all orders before the latest cut-off. Of who never ordered, the mean outcome of such."""
    _, x, t_x, age = _history(examples.everyone)
    if not (x > 0).any():
        return None
    fitted = buy_till_you_die.fit(x, t_x, age, leaves_at_once=True)
    never = examples.columns["order_count"] == 0
    of_others = examples.outcome[never].mean() if never.any() else examples.outcome.mean()

    def predict(columns: Columns, _: np.ndarray) -> np.ndarray:
        ordered, *history = _history(columns)
        found = np.full(len(ordered), of_others)
        ask = fitted.probability_of_none if target.is_probability else fitted.expected_purchases
        found[ordered] = ask(*history, float(target.weeks))
        return found

    return predict


BASELINES = {"last_week_repeated": last_week_repeated, "recency_only": recency_only}
MODELS = {
    "regularised_linear": regularised_linear,
    "boosted_trees": boosted_trees,
    "buy_till_you_die": buys_till_they_die,
}
WAYS = BASELINES | MODELS

SCORE_COLUMNS = (
    *("part", "target", "model", "split", "metric", "bin", "examples", "users", "value", "ci_low", "ci_high"),
    *("baseline", "gain", "gain_low", "gain_high", "beats_baseline", "is_chosen", "mean_prediction", "observed"),
)


def scored(columns: Columns, dead_after_weeks: int, resamples: int, bins: int) -> dict[str, list]:
    """Every way to predict every target, learned from the rows of split `train` and judged by those of `test`.

    columns    a row per user and cut-off in the order of a unique key: the features, user_id, week_index, and of each
               target its outcome (NaN where unknown) and its split (None, "train" or "test")
    resamples  of users, for intervals
    bins       of calibration

    Gives SCORE_COLUMNS. Where `part` is `score`: a row per target, model, split and metric, with interval and gain
    over the better baseline on the test rows. Where it is `bin`: a row per target, model and bin of predictions of the
    test rows. A target without rows of both splits has none.
    """
    rows = []
    with threadpool_limits(1):
        for target in targets(dead_after_weeks):
            rows += _scored(target, columns, resamples, bins)
    return {name: [row.get(name) for row in rows] for name in SCORE_COLUMNS}


def _scored(target: Target, columns: Columns, resamples: int, bins: int) -> list[dict]:
    is_known = ~np.isnan(columns[target.outcome].astype(np.float64))
    rows_of = {name: is_known & (columns[target.split] == name) for name in ("train", "test")}
    if not all(rows.any() for rows in rows_of.values()):
        return []
    design = Design.learn(_taken(columns, rows_of["train"]))
    split = {name: Examples.of(target, rows, columns, design) for name, rows in rows_of.items()}
    predicted: dict[str, dict[str, np.ndarray]] = {"train": {}, "test": {}}
    for model, way in WAYS.items():
        predict = way(target, split["train"])
        if predict is not None:
            for name, part in split.items():
                predicted[name][model] = np.round(predict(part.columns, part.matrix), DECIMALS)
    rows = []
    for name, part in split.items():
        values = scores.resampled(
            part.outcome,
            predicted[name],
            part.columns["user_id"].astype(str),
            target.is_probability,
            resamples if name == "test" else 0,
            SEED,
        )
        size = {"examples": len(part.outcome), "users": len(np.unique(part.columns["user_id"].astype(str)))}
        rows += [{"target": target.name, "split": name} | size | row for row in _score_rows(values)]
    _choose(target, [row for row in rows if row["split"] == "test" and row["metric"] == target.decisive_metric], rows)
    return rows + [
        {"part": "bin", "target": target.name, "model": model, "split": "test"} | row
        for model, prediction in predicted["test"].items()
        for row in _calibration(split["test"].outcome, prediction, bins)
    ]


def _score_rows(values: Mapping[str, Mapping[str, np.ndarray]]) -> list[dict]:
    """A row per metric and model; of models the gain over the baseline that is better by the metric itself."""
    rows = []
    for metric, of_model in values.items():
        best = max(BASELINES, key=lambda name, of=of_model, m=metric: (_better(m, of[name][0]), name))
        for model, all_values in of_model.items():
            low, high = scores.interval(all_values)
            row = {"part": "score", "model": model, "metric": metric, "is_chosen": False}
            row |= {"value": _rounded(all_values[0]), "ci_low": _rounded(low), "ci_high": _rounded(high)}
            if model in MODELS and len(all_values) > 1:
                gains = scores.gain(metric, all_values, of_model[best])
                low, high = scores.interval(gains)
                row |= {"baseline": best, "gain": _rounded(gains[0])}
                row |= {"gain_low": _rounded(low), "gain_high": _rounded(high), "beats_baseline": bool(low > 0)}
            rows.append(row)
    return rows


def _better(metric: str, value: float) -> float:
    """A number that is greater the better a value is; the least one for what could not be measured."""
    if np.isnan(value):
        return -np.inf
    return value if metric in scores.MORE_IS_BETTER else -value


def _choose(target: Target, decisive: list[dict], rows: list[dict]) -> None:
    """Marks the rows of what is used: of the models that beat the baselines the best, else the better baseline."""
    eligible = [row for row in decisive if row.get("beats_baseline")]
    eligible = eligible or [row for row in decisive if row["model"] in BASELINES]
    chosen = max(eligible, key=lambda row: (_better(target.decisive_metric, row["value"]), row["model"]))["model"]
    for row in rows:
        row["is_chosen"] = row["model"] == chosen


def _rounded(value: float) -> float:
    return round(float(value), DECIMALS)


def _calibration(outcome: np.ndarray, prediction: np.ndarray, bins: int) -> list[dict]:
    place = scores.bins_of(prediction, bins)
    return [
        {
            "bin": int(number) + 1,
            "examples": int((place == number).sum()),
            "mean_prediction": _rounded(prediction[place == number].mean()),
            "observed": _rounded(outcome[place == number].mean()),
        }
        for number in np.unique(place)
    ]


PREDICTION_COLUMNS = ("user_id", "cutoff_at", "target", "prediction", "model", "is_baseline", "learned_users")


def predicted(
    columns: Columns, chunks: Iterable[Columns], chosen: Mapping[str, str], dead_after_weeks: int
) -> dict[str, np.ndarray]:
    """Predictions of the chosen way for each target, learned anew from all rows whose outcome is known.

    columns  as of `scored`
    chunks   the same columns of those who are to be predicted, piece by piece; was_ordering and cutoff_at besides
    chosen   target -> model, as `scored` marks it; a target without one is not predicted

    Gives PREDICTION_COLUMNS, a row per user and target. dead is told only of who was ordering.
    """
    found: dict[str, list[np.ndarray]] = {name: [np.array([], dtype=object)] for name in PREDICTION_COLUMNS}
    with threadpool_limits(1):
        learned = [
            _learned(target, columns, chosen[target.name])
            for target in targets(dead_after_weeks)
            if target.name in chosen
        ]
        for chunk in chunks:
            for target, design, predict, users in learned:
                asked = chunk["was_ordering"].astype(bool) if target.name == "dead" else slice(None)
                part = _taken(chunk, asked)
                rows = len(part["user_id"])
                if not rows:
                    continue
                model = chosen[target.name]
                told = {
                    "user_id": part["user_id"],
                    "cutoff_at": part["cutoff_at"],
                    "target": np.full(rows, target.name, dtype=object),
                    "prediction": np.round(predict(part, design.matrix(part)), DECIMALS),
                    "model": np.full(rows, model, dtype=object),
                    "is_baseline": np.full(rows, model in BASELINES),
                    "learned_users": np.full(rows, users),
                }
                for name, values in told.items():
                    found[name].append(values)
    return {name: np.concatenate(parts[1:] or parts) for name, parts in found.items()}


def _learned(target: Target, columns: Columns, model: str) -> tuple[Target, Design, Predictor, int]:
    known = ~np.isnan(columns[target.outcome].astype(np.float64))
    design = Design.learn(_taken(columns, known))
    predict = WAYS[model](target, Examples.of(target, known, columns, design))
    return target, design, predict, len(np.unique(columns["user_id"][known].astype(str)))
