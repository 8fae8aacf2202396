"""How good predictions are, and how sure that is."""

from collections.abc import Mapping

import numpy as np

LOW, HIGH = 2.5, 97.5  # percentiles of resamples: an interval of 95 %
# Metrics of which more is better; of all others less is.
MORE_IS_BETTER = frozenset({"auc"})


def auc(outcome: np.ndarray, prediction: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Chance that of a row with outcome > 0 and one without, the former has the greater prediction; ties count half.

    The area under the ROC curve (Hanley, McNeil, Radiology 143, 1982). NaN where all outcomes are of one kind.
    """
    _, place = np.unique(prediction, return_inverse=True)
    return _auc(place, outcome > 0, np.ones(len(outcome)) if weight is None else weight)


def _auc(place: np.ndarray, is_positive: np.ndarray, weight: np.ndarray) -> float:
    """`place` numbers the different predictions from the least on."""
    positive = np.bincount(place, weight * is_positive)
    negative = np.bincount(place, weight * ~is_positive)
    pairs = positive.sum() * negative.sum()
    below = np.cumsum(negative) - negative
    return float((positive * (below + negative / 2)).sum() / pairs) if pairs else np.nan


def losses(outcome: np.ndarray, prediction: np.ndarray, is_probability: bool) -> dict[str, np.ndarray]:
    """What each row adds to the metrics that are means: brier of probabilities, else mse and mae."""
    error = prediction - outcome
    return {"brier": error**2} if is_probability else {"mse": error**2, "mae": np.abs(error)}


def resampled(
    outcome: np.ndarray,
    predictions: Mapping[str, np.ndarray],
    user: np.ndarray,
    is_probability: bool,
    resamples: int,
    seed: int,
) -> dict[str, dict[str, np.ndarray]]:
    """Every metric of every model: metric -> model -> values, the first of all rows, the others of resamples.

    outcome      what came to be, a row each; for probabilities 0 or 1
    predictions  model -> what it had predicted
    user         number of the row's user: a resample draws users with all their rows, since the rows of one user are
                 alike (Field, Welsh, J. R. Stat. Soc. B 69, 2007); all models are judged on the same resamples
    resamples    how many, or 0
    """
    _, user = np.unique(user, return_inverse=True)
    users = user.max() + 1
    rows_of_user = np.bincount(user, minlength=users).astype(np.float64)
    is_positive = outcome > 0
    sums, places = {}, {}
    for model, prediction in predictions.items():
        places[model] = np.unique(prediction, return_inverse=True)[1]
        for metric, loss in losses(outcome, prediction, is_probability).items():
            sums[metric, model] = np.bincount(user, loss, minlength=users)
    found: dict[str, dict[str, list[float]]] = {metric: {} for metric, _ in sums} | {"auc": {}}
    draw = np.random.default_rng(seed)
    for number in range(resamples + 1):
        drawn = (
            np.bincount(draw.integers(0, users, users), minlength=users).astype(np.float64)
            if number
            else np.ones(users)
        )
        rows = drawn @ rows_of_user
        for (metric, model), loss in sums.items():
            found[metric].setdefault(model, []).append(drawn @ loss / rows)
        weight = drawn[user]
        for model, place in places.items():
            found["auc"].setdefault(model, []).append(_auc(place, is_positive, weight))
    return {metric: {model: np.array(values) for model, values in of.items()} for metric, of in found.items()}


def interval(values: np.ndarray) -> tuple[float, float]:
    """Within which 95 of 100 resamples lie; the first value, that of all rows, does not count. NaN for none."""
    resamples = values[1:][~np.isnan(values[1:])]
    return tuple(np.percentile(resamples, [LOW, HIGH])) if len(resamples) else (np.nan, np.nan)


def gain(metric: str, model: np.ndarray, baseline: np.ndarray) -> np.ndarray:
    """By how much a model is better than a baseline, resample by resample: above 0 where it is."""
    return model - baseline if metric in MORE_IS_BETTER else baseline - model


def bins_of(prediction: np.ndarray, bins: int) -> np.ndarray:
    """The bin of each row, from 0 for the least predictions on: as many rows in each as ties allow, since rows with
    one prediction stay together."""
    _, place, counts = np.unique(prediction, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - counts / 2
    return np.minimum((middle / len(prediction) * bins).astype(np.int64), bins - 1)[place]
