"""Whether users are split between the variants of an experiment as they should be."""

from itertools import groupby

from scipy import stats


def tested(counts: list[tuple[str, int, int]]) -> dict[str, list]:
    """Pearson's chi-squared of each experiment's users against its weights.

    counts    experiment, weight and users of each variant, in order of experiments

    Gives columns experiment_name, users, chi_squared and p_value, of one degree of freedom less than there are variants
    (scipy.stats.chisquare). An experiment without users has none of the two.
    """
    columns: dict[str, list] = {"experiment_name": [], "users": [], "chi_squared": [], "p_value": []}
    for name, rows in groupby(counts, key=lambda row: row[0]):
        weights, observed = zip(*((weight, users) for _, weight, users in rows), strict=True)
        users = sum(observed)
        result = stats.chisquare(observed, [users * weight / sum(weights) for weight in weights]) if users else None
        columns["experiment_name"].append(name)
        columns["users"].append(users)
        columns["chi_squared"].append(float(result.statistic) if result else None)
        columns["p_value"].append(float(result.pvalue) if result else None)
    return columns
