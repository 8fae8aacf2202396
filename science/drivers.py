"""How likely by chance a difference between who engages and who does not is."""

import numpy as np
from scipy import stats


def p_of_counts(test: str, chi_squared: float, users: int, engaged: int, all_users: int, all_engaged: int) -> float:
    """Two-sided p of four cells: users with a value or without, engaged or not.

    test          "chi_squared": Pearson's, of one degree of freedom; anything else: Fisher's exact test
    chi_squared   the statistic, used by the first alone
    users         with the value, and `engaged` of them who are engaged
    all_users     with the value or without, and `all_engaged` of them who are engaged
    """
    if test == "chi_squared":
        return stats.chi2.sf(chi_squared, df=1)
    others, engaged_others = all_users - users, all_engaged - engaged
    return stats.fisher_exact([[engaged, users - engaged], [engaged_others, others - engaged_others]]).pvalue


def p_of_ranks(z: float) -> float:
    """Two-sided p of a standard normal z."""
    return 2 * stats.norm.sf(abs(z))


def tested(counts: list[tuple], numbers: list[tuple]) -> dict[str, list]:
    """p and q of all attributes and values, which are one family of tests.

    counts    attribute, value and the arguments of `p_of_counts`
    numbers   attribute and z of an attribute that is a number

    Gives columns attribute, attribute_value (None for a number), p_value and q_value (Benjamini and Hochberg,
    J. R. Stat. Soc. B 57, 1995).
    """
    p_values = [p_of_counts(*row[2:]) for row in counts] + [p_of_ranks(z) for _, z in numbers]
    return {
        "attribute": [row[0] for row in counts + numbers],
        "attribute_value": [row[1] for row in counts] + [None] * len(numbers),
        "p_value": np.array(p_values, dtype=np.float64),
        "q_value": stats.false_discovery_control(p_values) if p_values else np.array([], dtype=np.float64),
    }
