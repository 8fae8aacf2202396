"""Groups of users who are alike: k-means, Gaussian mixture and HDBSCAN on standardised features.

`compared` finds out how many groups there are and how much they can be trusted; `assigned` puts everybody into one.
Both fit the same models: on the same users, from the same seed, in one thread. Rows have to come ordered by a unique
key.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.decomposition import PCA
from sklearn.isotonic import isotonic_regression
from sklearn.metrics import adjusted_rand_score, pairwise_distances, pairwise_distances_argmin, silhouette_samples
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

ALGORITHMS = ("k_means", "gaussian_mixture", "hdbscan")
NONE = 0  # the cluster of who is in none, which only HDBSCAN knows

# Starts of k-means; of a mixture one, from where k-means ends.
STARTS = 5
# On standardised features: no component of a mixture is narrower than a tenth of a standard deviation.
LEAST_VARIANCE = 0.01
# HDBSCAN's neighbourhood, and the least size of a cluster whatever its share.
NEIGHBOURS = 5
MODES_TRIED = 64  # places, evenly among those that a feature has, at which its mode may be
CHUNK = 100_000  # users at a time
PLACES = 9  # decimals of what is handed out


@dataclass(frozen=True)
class Rules:
    """What may be adjusted: the variables cluster_… of dbt_project.yml, where they are described."""

    max_users: int
    min_users: int
    min_share: float
    max_k: int
    resamples: int
    tail_share: float
    max_deviations: float
    seed: int


@dataclass(frozen=True)
class Fit:
    """Clusters found among some users.

    labels    cluster of each of them: 0, 1, … of the model, −1 for none
    predict   puts rows of standardised features into these clusters: labels, and how sure that is (0 to 1)
    """

    labels: np.ndarray
    predict: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Features:
    """Standardised features of all users, one row each, and the places of those from whom clusters are found."""

    rows: np.ndarray
    fitted: np.ndarray

    @property
    def sample(self) -> np.ndarray:
        return self.rows[self.fitted]


def read(measured, features: Sequence[tuple[str, str]]) -> tuple[np.ndarray, np.ndarray, list[bool]]:
    """Users, their features and which of these are logarithms, ordered by user.

    measured   a relation of DuckDB with user_id and a number or truth per feature
    features   name and scale of each feature: `log`, or anything else

    A feature that the relation lacks is an error.
    """
    unknown = [name for name, _ in features if name not in measured.columns]
    if unknown:
        raise ValueError(f"reference.cluster_features names what is not measured: {', '.join(unknown)}")
    columns = ", ".join(["user_id", *(f'cast("{name}" as double) as "{name}"' for name, _ in features)])
    found = measured.order("user_id").project(columns).fetchnumpy()
    values = [np.ma.filled(found[name].astype(np.float64), np.nan) for name, _ in features]
    matrix = np.column_stack(values) if values else np.empty((len(found["user_id"]), 0))
    return np.asarray(found["user_id"]), matrix, [scale == "log" for _, scale in features]


def standardised(values: np.ndarray, is_log: Sequence[bool], rules: Rules) -> Features | None:
    """Features of mean 0 and variance 1, or None where there is nothing to find.

    values    one row per user, one column per feature; NaN and infinite are unknown
    is_log    of each feature, whether its logarithm is taken (sign · log(1 + |x|)), so that a few large counts do not
              decide everything

    The median stands for what is unknown. Of each feature `tail_share` at either end is put at its percentile, and what
    then lies further than `max_deviations` standard deviations from the mean is put there. All these are those of
    `max_users` users chosen at random. Features that then are the same for all are left out. There is nothing to find
    among fewer than `min_users`, and where no two users differ.
    """
    if len(values) < rules.min_users or values.shape[1] == 0:
        return None
    values = np.where(np.isfinite(values), values, np.nan)
    logs = np.asarray(is_log, dtype=bool)
    values[:, logs] = np.sign(values[:, logs]) * np.log1p(np.abs(values[:, logs]))
    fitted = np.arange(len(values))
    if len(values) > rules.max_users:
        fitted = np.sort(np.random.default_rng(rules.seed).choice(len(values), rules.max_users, replace=False))
    sample = values[fitted]
    known = ~np.isnan(sample).all(axis=0)
    values, sample = values[:, known], sample[:, known]
    if values.shape[1] == 0:
        return None
    values = np.where(np.isnan(values), np.nanmedian(sample, axis=0), values)
    values = np.clip(values, *np.quantile(values[fitted], [rules.tail_share, 1 - rules.tail_share], axis=0))
    sample = values[fitted]
    varied = np.ptp(sample, axis=0) > 0
    if not varied.any():
        return None
    values, sample = values[:, varied], sample[:, varied]
    rows = (values - sample.mean(axis=0)) / sample.std(axis=0)
    return Features(np.clip(rows, -rules.max_deviations, rules.max_deviations), fitted)


def compared(values: np.ndarray, is_log: Sequence[bool], rules: Rules) -> dict[str, list]:
    """How well each algorithm and number of clusters does.

    algorithm, k    k-means and mixtures of 2 to `max_k` clusters; for HDBSCAN the numbers that it finds
    setting         what `fit` needs: k, for HDBSCAN the least share of users that a cluster must have
    users           all, and `users_used` those from whom clusters are found
    silhouette      mean over the users used (Rousseeuw, J. Comput. Appl. Math. 20, 1987), 0 for who is in no cluster
    smallest_share  share of the smallest cluster
    is_chosen       the greatest silhouette of the algorithm among 2 to `max_k` clusters each of which has `min_share`
                    of the users; the fewer clusters where two are equal
    stability       of the chosen one: mean adjusted Rand index (Hubert and Arabie, J. Classif. 2, 1985) between its
                    clusters and those found from `resamples` bootstrap resamples of the users used
    silhouette_by_chance
                    of the chosen one: the greatest silhouette that the same setting has in data without groups
    """
    rows = []
    with threadpool_limits(1):
        features = standardised(values, is_log, rules)
        if features is not None:
            sample = features.sample
            for algorithm in ALGORITHMS:
                rows += [(algorithm, len(values), len(sample), *row) for row in _candidates(algorithm, sample, rules)]
    names = ("algorithm", "users", "users_used", "k", "setting", "silhouette", "smallest_share", "is_chosen")
    names += ("stability", "silhouette_by_chance")
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def assigned(
    values: np.ndarray, is_log: Sequence[bool], chosen: dict[str, float], rules: Rules
) -> dict[str, np.ndarray]:
    """The cluster of everybody by each algorithm, all users of one algorithm after those of another.

    chosen    algorithm -> setting, as `compared` has chosen it

    Gives columns row (place of the user in `values`), algorithm, cluster (1 is the largest; of two of the same size the
    one of the first row; 0 is none), score (0 to 1), is_fitted (whether clusters were found from this user),
    projection_x and projection_y (the first two principal components of the standardised features).

    The score says how sure the cluster is. k-means: (b − a) / b, with a the distance to the own centre and b that to
    the next. Mixture: the probability of the component. HDBSCAN: the strength of the membership; who was not fitted has
    cluster and strength of the nearest user who was.
    """
    kinds = {"row": int, "algorithm": object, "cluster": int, "score": float, "is_fitted": bool}
    kinds |= {"projection_x": float, "projection_y": float}
    parts = [{name: np.empty(0, dtype=kind) for name, kind in kinds.items()}]
    with threadpool_limits(1):
        features = standardised(values, is_log, rules) if chosen else None
        if features is not None:
            places = projected(features)
            is_fitted = np.zeros(len(values), dtype=bool)
            is_fitted[features.fitted] = True
            for algorithm, setting in chosen.items():
                labels, scores = _predicted(fit(algorithm, setting, features.sample, rules.seed), features.rows)
                parts.append(
                    {
                        "row": np.arange(len(values)),
                        "algorithm": np.full(len(values), algorithm, dtype=object),
                        "cluster": by_size(labels),
                        "score": scores.round(PLACES),
                        "is_fitted": is_fitted,
                        "projection_x": places[:, 0],
                        "projection_y": places[:, 1],
                    }
                )
    return {name: np.concatenate([part[name] for part in parts]) for name in kinds}


def compared_by_subject(measured: dict, features: Sequence[tuple], rules: Rules) -> dict[str, list]:
    """`compared` for each subject, with the subject as one more column.

    measured   subject -> relation, as for `read`
    features   subject, name and scale of each feature
    """
    parts = []
    for subject, relation in measured.items():
        _, values, is_log = read(relation, _of(subject, features))
        part = compared(values, is_log, rules)
        parts.append({"subject": [subject] * len(part["k"])} | part)
    return {name: [value for part in parts for value in part[name]] for name in parts[0]}


def assigned_by_subject(
    measured: dict, features: Sequence[tuple], chosen: Sequence[tuple], rules: Rules
) -> dict[str, np.ndarray]:
    """`assigned` for each subject, with subject and user_id as columns instead of the row.

    measured   subject -> relation, as for `read`
    features   subject, name and scale of each feature
    chosen     subject, algorithm and setting of each choice
    """
    parts = []
    for subject, relation in measured.items():
        users, values, is_log = read(relation, _of(subject, features))
        part = assigned(values, is_log, dict(_of(subject, chosen)), rules)
        rows = part.pop("row")
        parts.append({"subject": np.full(len(rows), subject, dtype=object), "user_id": users[rows]} | part)
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _of(subject: str, rows: Sequence[tuple]) -> list[tuple]:
    """The rest of the rows that begin with a subject."""
    return [tuple(rest) for first, *rest in rows if first == subject]


def by_size(labels: np.ndarray) -> np.ndarray:
    """Labels anew: 1 for the largest cluster and so on, of equal ones first that of the first row; 0 for −1, none."""
    found, first, counts = np.unique(labels[labels >= 0], return_index=True, return_counts=True)
    numbers = np.zeros(labels.max(initial=-1) + 2, dtype=np.int64)
    numbers[found[np.lexsort((first, -counts))] + 1] = np.arange(1, len(found) + 1)
    return numbers[labels + 1]


def projected(features: Features) -> np.ndarray:
    """Each user on the first two principal components of those fitted, the second 0 where there is one feature."""
    sample = features.sample
    components = PCA(n_components=min(2, sample.shape[1]), svd_solver="full").fit(sample)
    axes = components.components_
    # A component has no direction of its own: its greatest part points upwards.
    axes = axes * np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])[:, None]
    places = ((features.rows - components.mean_) @ axes.T).round(PLACES)
    return places if places.shape[1] == 2 else np.column_stack([places, np.zeros(len(places))])


def fit(algorithm: str, setting: float, sample: np.ndarray, seed: int) -> Fit:
    """Clusters of a sample, by one of `ALGORITHMS`.

    setting   the number of clusters; for HDBSCAN the least share of the sample that is a cluster
    """
    if algorithm == "k_means":
        return _fit_k_means(int(setting), sample, seed)
    if algorithm == "gaussian_mixture":
        return _fit_mixture(int(setting), sample, seed)
    return _fit_hdbscan(setting, sample)


def silhouette(sample: np.ndarray, labels: np.ndarray, distances: np.ndarray | None = None) -> float:
    """Mean silhouette of all, who is in no cluster (−1) counting 0; NaN for fewer than two clusters.

    distances   those between all of the sample, where they are known already
    """
    inside = np.flatnonzero(labels >= 0)
    clusters = len(np.unique(labels[inside]))
    if not 2 <= clusters < len(inside):
        return math.nan
    if distances is None:
        widths = silhouette_samples(sample[inside], labels[inside])
    else:
        between = distances if len(inside) == len(labels) else distances[np.ix_(inside, inside)]
        widths = silhouette_samples(between, labels[inside], metric="precomputed")
    return float(widths.sum() / len(labels))


def stability(algorithm: str, setting: float, sample: np.ndarray, labels: np.ndarray, rules: Rules) -> float:
    """Mean adjusted Rand index between `labels` and those that fits to bootstrap resamples give the same users.

    HDBSCAN is fitted to the users of a resample once each: copies of one would look like a dense place.
    """
    draws = np.random.default_rng(rules.seed).integers(len(sample), size=(rules.resamples, len(sample)))
    agreements = []
    for draw in draws:
        drawn = np.unique(draw) if algorithm == "hdbscan" else draw
        refit = fit(algorithm, setting, sample[drawn], rules.seed)
        agreements.append(adjusted_rand_score(labels, refit.predict(sample)[0]))
    return float(np.mean(agreements)) if agreements else math.nan


def silhouette_by_chance(algorithm: str, setting: float, sample: np.ndarray, rules: Rules) -> float:
    """The greatest silhouette in data without groups, drawn `resamples` times; NaN where none has clusters.

    Such data has every feature as `of_one_mode` makes it, and features go together as they do by their normal scores,
    but as one cloud: a Gaussian copula (after Hennig and Lin, Stat. Comput. 25, 2015). So neither a skewed feature nor
    one that goes with another passes for groups.
    """
    random = np.random.default_rng(rules.seed)
    scores = stats.norm.ppf((stats.rankdata(sample, axis=0) - 0.5) / len(sample))
    correlations = np.corrcoef(scores, rowvar=False).reshape(sample.shape[1], -1)
    ordered = np.apply_along_axis(of_one_mode, 0, sample)
    widths = []
    for _ in range(rules.resamples):
        cloud = random.multivariate_normal(np.zeros(len(correlations)), correlations, size=len(sample), method="svd")
        drawn = np.take_along_axis(ordered, cloud.argsort(axis=0).argsort(axis=0), axis=0)
        widths.append(silhouette(drawn, fit(algorithm, setting, drawn, rules.seed).labels))
    return max((width for width in widths if not math.isnan(width)), default=math.nan)


def of_one_mode(values: np.ndarray) -> np.ndarray:
    """As many values, in order, of the nearest distribution that has one mode.

    Its density rises up to the mode and falls after it, on each side as isotonic regression has it; where many have the
    very same value, that is the mode. Nearest is what differs least from the values by Kolmogorov's distance.
    """
    places, counts = np.unique(values, return_counts=True)
    if len(places) < 2:
        return np.sort(values)
    shares, widths = counts / len(values), np.diff(places)
    middle = shares.cumsum() - shares / 2
    fits = []
    for mode in np.unique(np.linspace(0, len(places) - 1, MODES_TRIED).astype(int)):
        # Half of each share lies before its place, half after it: at the ends, all on the one side that there is.
        before, after = shares[:mode] / 2, shares[mode + 1 :] / 2
        left, right = before.copy(), after.copy()
        left[:-1] += before[1:]
        left[:1] += before[:1]
        right[1:] += after[:-1]
        right[-1:] += after[-1:]
        rising = isotonic_regression(left / widths[:mode], sample_weight=widths[:mode]) if mode else left
        falling = (
            isotonic_regression(right / widths[mode:], sample_weight=widths[mode:], increasing=False)
            if len(right)
            else right
        )
        mass = np.concatenate([rising * widths[:mode], [shares[mode]], falling * widths[mode:]])
        knots = np.concatenate([[0], mass.cumsum()])
        at_places = np.concatenate([knots[: mode + 1], knots[mode + 2 :]])
        at_places[mode] += shares[mode] / 2
        fits.append((np.abs(at_places - middle).max(), mode, knots))
    _, mode, knots = min(fits, key=lambda one: one[:2])
    chances = (np.arange(len(values)) + 0.5) / len(values)
    return np.interp(chances, knots, np.insert(places, mode, places[mode]))


def _candidates(algorithm: str, sample: np.ndarray, rules: Rules) -> Iterator[tuple]:
    """Of one algorithm, for each number of clusters: what `compared` says from k on."""
    if algorithm == "hdbscan":
        settings = [rules.min_share * 2**step for step in range(4)]
    else:
        settings = range(2, min(rules.max_k, len(np.unique(sample, axis=0)) - 1) + 1)
    distances = pairwise_distances(sample)
    np.fill_diagonal(distances, 0)
    tried = {}
    for setting in settings:
        labels = fit(algorithm, setting, sample, rules.seed).labels
        sizes = np.unique(labels[labels >= 0], return_counts=True)[1]
        k = len(sizes) if algorithm == "hdbscan" else setting
        # A component without anybody is no cluster: there are not so many.
        is_whole = len(sizes) == k > 0
        width = silhouette(sample, labels, distances) if is_whole else math.nan
        smallest = sizes.min() / len(sample) if is_whole else 0.0
        tried.setdefault(k, (setting, round(width, PLACES), round(smallest, PLACES), labels))
    eligible = [
        (-width, k)
        for k, (_, width, smallest, _) in tried.items()
        if k <= rules.max_k and smallest >= rules.min_share and not math.isnan(width)
    ]
    chosen = min(eligible)[1] if eligible else None
    for k, (setting, width, smallest, labels) in sorted(tried.items()):
        steady = chance = math.nan
        if k == chosen:
            steady = round(stability(algorithm, setting, sample, labels, rules), PLACES)
            chance = round(silhouette_by_chance(algorithm, setting, sample, rules), PLACES)
        yield k, float(setting), width, smallest, k == chosen, steady, chance


def _fit_k_means(k: int, sample: np.ndarray, seed: int) -> Fit:
    model = KMeans(k, n_init=STARTS, random_state=seed).fit(sample)

    def predict(rows):
        distances = model.transform(rows)
        own, following = np.partition(distances, 1, axis=1)[:, :2].T
        return model.predict(rows), 1 - own / np.where(following > 0, following, 1)

    return Fit(model.labels_, predict)


def _fit_mixture(k: int, sample: np.ndarray, seed: int) -> Fit:
    model = GaussianMixture(k, covariance_type="diag", reg_covar=LEAST_VARIANCE, max_iter=300, random_state=seed).fit(
        sample
    )

    def predict(rows):
        chances = model.predict_proba(rows)
        return chances.argmax(axis=1), chances.max(axis=1)

    return Fit(predict(sample)[0], predict)


def _fit_hdbscan(share: float, sample: np.ndarray) -> Fit:
    least = max(NEIGHBOURS, math.ceil(share * len(sample)))
    model = HDBSCAN(min_cluster_size=least, min_samples=NEIGHBOURS, copy=True).fit(sample)

    def predict(rows):
        nearest = pairwise_distances_argmin(rows, sample)
        return model.labels_[nearest], model.probabilities_[nearest]

    return Fit(model.labels_, predict)


def _predicted(model: Fit, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What `Fit.predict` says, some rows at a time."""
    parts = [model.predict(rows[start : start + CHUNK]) for start in range(0, len(rows), CHUNK)]
    labels, scores = zip(*parts, strict=True)
    return np.concatenate(labels), np.concatenate(scores)
