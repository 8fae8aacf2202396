"""Who still buys: BG/NBD and MBG/NBD, fitted by maximum likelihood.

While alive a customer buys at random at a rate of their own; after a purchase, with a chance of their own, they never
buy again. Rates differ between customers as a gamma distribution (r, alpha), chances as a beta distribution (a, b).

BG/NBD    Fader, Hardie, Lee: "Counting Your Customers" the Easy Way, Marketing Science 24 (2), 2005. Who bought
          once only is alive for certain, since nobody leaves but after a repeated purchase.
MBG/NBD   Batislam, Denizel, Filiztekin: Empirical validation and comparison of models for customer base analysis,
          Int. J. of Research in Marketing 24 (3), 2007. A customer may leave after the very first purchase, too.

Of a customer with x repeated purchases, the last of them t_x after the first one, which is `age` ago, both models say
the same with other numbers: with c = x for BG/NBD and c = x + 1 for MBG/NBD,

    L(r, alpha, a, b) = G(r + x) alpha^r / G(r) * B(a, b + c) / B(a, b)
                        * (1 / (alpha + age)^(r + x) + [c > 0] a / (b + c - 1) / (alpha + t_x)^(r + x)).
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh_tridiagonal
from scipy.optimize import minimize
from scipy.special import expit, gammaln, psi

# Parameters are sought between e^-7 and e^7, of alpha in units of the usual time between purchases. Where the
# likelihood has no greatest value, as where nobody seems to leave, it ends there.
LOG_BOUNDS = (-7.0, 7.0)
# Nodes of Gauss's quadrature: nine digits are exact up to 30 times as much time ahead as since the first purchase.
NODES = 48


@dataclass(frozen=True)
class BuyTillYouDie:
    """A fitted model. r, alpha, a, b as above; alpha in the unit of time of the data it was fitted to.

    leaves_at_once   True for MBG/NBD, False for BG/NBD
    log_likelihood   of the data it was fitted to
    """

    r: float
    alpha: float
    a: float
    b: float
    leaves_at_once: bool
    log_likelihood: float = np.nan

    def probability_alive(self, x: np.ndarray, t_x: np.ndarray, age: np.ndarray) -> np.ndarray:
        """Chance that a customer still buys, given what was observed.

        Fader, Hardie, Lee, "Computing P(alive) using the BG/NBD model" (2008), eq. 7; Batislam et al., eq. 5.
        """
        c = x + self.leaves_at_once
        with np.errstate(divide="ignore"):
            log_odds_dead = (
                np.log(self.a)
                - np.log(self.b + np.maximum(c, 1) - 1)
                + (self.r + x) * (np.log(self.alpha + age) - np.log(self.alpha + t_x))
            )
        return np.where(c > 0, expit(-log_odds_dead), 1.0)

    def probability_of_none(self, x: np.ndarray, t_x: np.ndarray, age: np.ndarray, ahead: float) -> np.ndarray:
        """Chance of no purchase within `ahead` from now on: being dead, or alive and not buying.

        A living customer leaves after a purchase alone, and has a rate of gamma (r + x, alpha + age); so the latter is
        ((alpha + age) / (alpha + age + ahead))^(r + x).
        """
        buys_none = np.exp((self.r + x) * (np.log(self.alpha + age) - np.log(self.alpha + age + ahead)))
        return 1 - self.probability_alive(x, t_x, age) * (1 - buys_none)

    def expected_purchases(self, x: np.ndarray, t_x: np.ndarray, age: np.ndarray, ahead: float) -> np.ndarray:
        """Expected number of purchases within `ahead` from now on.

        What Fader, Hardie, Lee (2005), eq. 10, say with a hypergeometric function, before the integral over the chance
        p of leaving is solved. p is beta (a, b + c), and of a given p it is

            (1 - ((alpha + age) / (alpha + age + p ahead))^(r + x)) / p.

        The mean of that is computed with Gauss's quadrature: the function overflows far from usual parameters.
        """
        c = np.asarray(x + self.leaves_at_once, dtype=np.float64)
        if_alive = np.empty(len(c))
        for value in np.unique(c):
            nodes, weights = _beta_quadrature(self.a, self.b + value)
            rows = c == value
            shape = (self.r + x[rows])[:, None]
            grown = nodes * (ahead / (self.alpha + age[rows]))[:, None]
            if_alive[rows] = (-np.expm1(-shape * np.log1p(grown)) / nodes) @ weights
        return self.probability_alive(x, t_x, age) * if_alive


def _beta_quadrature(a: float, b: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights for means over a beta distribution: Golub, Welsch, Mathematics of Computation 23, 1969.

    From the recurrence of the Jacobi polynomials, moved from [-1, 1] to [0, 1]; weights add up to 1.
    """
    low, high = b - 1, a - 1  # exponents of 1 - x and 1 + x
    n = np.arange(NODES, dtype=np.float64)
    total = 2 * n + low + high
    with np.errstate(invalid="ignore", divide="ignore"):
        middle = (high**2 - low**2) / (total * (total + 2))
    middle[0] = (high - low) / (low + high + 2)
    n, total = n[1:], total[1:]
    with np.errstate(invalid="ignore", divide="ignore"):
        beside = 4 * n * (n + low) * (n + high) * (n + low + high) / (total**2 * (total + 1) * (total - 1))
    beside[0] = 4 * (1 + low) * (1 + high) / ((2 + low + high) ** 2 * (3 + low + high))
    nodes, vectors = eigh_tridiagonal(middle, np.sqrt(beside))
    return np.clip((nodes + 1) / 2, 1e-300, 1), vectors[0] ** 2


def log_likelihood(
    log_parameters: np.ndarray, x: np.ndarray, t_x: np.ndarray, age: np.ndarray, leaves_at_once: bool
) -> tuple[float, np.ndarray]:
    """The logarithm of the likelihood of all customers, and its gradient, by the logarithms of r, alpha, a, b."""
    r, alpha, a, b = np.exp(log_parameters)
    c = x + leaves_at_once
    may_be_dead = c > 0
    last = np.maximum(b + c - 1, 1e-300)
    alive = -(r + x) * np.log(alpha + age)
    dead = np.where(may_be_dead, np.log(a) - np.log(last) - (r + x) * np.log(alpha + t_x), -np.inf)
    either = np.logaddexp(alive, dead)
    value = (
        gammaln(r + x)
        - gammaln(r)
        + r * np.log(alpha)
        + gammaln(a + b)
        + gammaln(b + c)
        - gammaln(b)
        - gammaln(a + b + c)
        + either
    ).sum()
    is_dead = np.exp(dead - either)
    is_alive = 1 - is_dead
    by_r = psi(r + x) - psi(r) + np.log(alpha) - is_alive * np.log(alpha + age) - is_dead * np.log(alpha + t_x)
    by_alpha = r / alpha - (r + x) * (is_alive / (alpha + age) + is_dead / (alpha + t_x))
    by_a = psi(a + b) - psi(a + b + c) + is_dead / a
    by_b = psi(a + b) + psi(b + c) - psi(b) - psi(a + b + c) - np.where(may_be_dead, is_dead / last, 0)
    gradient = np.array([by_r.sum() * r, by_alpha.sum() * alpha, by_a.sum() * a, by_b.sum() * b])
    return value, gradient


def fit(x: np.ndarray, t_x: np.ndarray, age: np.ndarray, leaves_at_once: bool) -> BuyTillYouDie:
    """The model with the greatest likelihood.

    x     repeated purchases of each customer, not counting the first
    t_x   time from the first purchase to the last; 0 where there is one alone
    age     time from the first purchase to the end of observation, above 0, in the same unit
    leaves_at_once   True fits MBG/NBD, False BG/NBD

    Raises ValueError where there is no customer, or a time is impossible.
    """
    x, t_x, age = (np.asarray(values, dtype=np.float64) for values in (x, t_x, age))
    if not len(x):
        raise ValueError("no customer to learn from")
    if (x < 0).any() or (t_x < 0).any() or (t_x > age).any() or (age <= 0).any():
        raise ValueError("times must be 0 <= t_x <= age, and age above 0")
    # Rates are of the order of one purchase in so long.
    scale = age.mean() / (1 + x.mean())
    best = minimize(
        lambda p: tuple(-part / len(x) for part in log_likelihood(p, x, t_x / scale, age / scale, leaves_at_once)),
        np.zeros(4),
        jac=True,
        method="L-BFGS-B",
        bounds=[LOG_BOUNDS] * 4,
        options={"maxiter": 1000, "ftol": 1e-14, "gtol": 1e-8},
    )
    r, alpha, a, b = np.exp(best.x)
    at_scale = log_likelihood(np.log([r, alpha * scale, a, b]), x, t_x, age, leaves_at_once)[0]
    return BuyTillYouDie(r, alpha * scale, a, b, leaves_at_once, at_scale)
