"""The ledger of loyalty points: the definitions once more, transaction by transaction, day by day.

Shares nothing with the SQL it checks. Moments are UTC without a zone.
"""

from collections import defaultdict
from datetime import date, datetime
from typing import NamedTuple

from oracle.activity import Calendar, next_period, ratio

SIGNS = {"accrue": 1, "adjust": 1, "redeem": -1, "expire": -1}
GRAINS = ["day", "month"]


class Movement(NamedTuple):
    """A row of the ledger as the feed has it."""

    transaction_id: str
    user_id: str
    transaction_at: datetime
    transaction_type: str
    points: int


class Transaction(NamedTuple):
    """A row of fct_point_transactions."""

    transaction_id: str
    user_id: str
    transaction_at: datetime
    transaction_on: date
    transaction_type: str
    points: int
    signed_points: int
    balance: int
    is_overdraft: bool


class Balance(NamedTuple):
    """A row of dim_point_balances."""

    user_id: str
    transaction_count: int
    accrued_points: int
    redeemed_points: int
    expired_points: int
    adjusted_points: int
    balance: int
    overdrafts: int
    first_transaction_at: datetime
    last_transaction_at: datetime


class Loyalty(NamedTuple):
    """A row of agg_loyalty."""

    period_grain: str
    period_start: date
    transaction_count: int
    users: int
    accrued_points: int
    accrued_users: int
    redeemed_points: int
    redeemed_users: int
    expired_points: int
    expired_users: int
    adjusted_points: int
    adjusted_users: int
    overdrafts: int
    outstanding_points: int
    redemption_rate: float | None
    breakage_rate: float | None
    active_users: int
    participating_users: int
    participation_rate: float | None
    is_complete: bool


def transactions(ledger: list[Movement], calendar: Calendar) -> list[Transaction]:
    by_user = defaultdict(list)
    for movement in sorted(ledger, key=lambda one: (one.transaction_at, one.transaction_id)):
        by_user[movement.user_id].append(movement)
    rows = []
    for movements in by_user.values():
        balance = 0
        for movement in movements:
            signed = SIGNS[movement.transaction_type] * movement.points
            balance += signed
            rows.append(
                Transaction(
                    *movement[:3],
                    calendar.day(movement.transaction_at),
                    *movement[3:],
                    signed,
                    balance,
                    is_overdraft=movement.transaction_type == "redeem" and balance < 0,
                )
            )
    return rows


def points(rows: list[Transaction], kind: str) -> int:
    return sum(row.points for row in rows if row.transaction_type == kind)


def users(rows: list[Transaction], kind: str | None = None) -> set[str]:
    return {row.user_id for row in rows if kind in (None, row.transaction_type)}


def balances(rows: list[Transaction], as_of: datetime) -> list[Balance]:
    by_user = defaultdict(list)
    for row in rows:
        if row.transaction_at <= as_of:
            by_user[row.user_id].append(row)
    return [
        Balance(
            user,
            len(own),
            *(points(own, kind) for kind in ("accrue", "redeem", "expire", "adjust")),
            sum(row.signed_points for row in own),
            sum(row.is_overdraft for row in own),
            min(row.transaction_at for row in own),
            max(row.transaction_at for row in own),
        )
        for user, own in by_user.items()
    ]


def loyalty(
    rows: list[Transaction],
    active: list[tuple[str, datetime]],
    calendar: Calendar,
    as_of: datetime,
    both_as_of: datetime,
) -> list[Loyalty]:
    """`active` are moments of activity by `both_as_of` or later; `both_as_of` is the earlier of the two horizons."""
    known = [row for row in rows if row.transaction_at <= as_of]
    found = []
    for grain in GRAINS:
        in_period, active_in_period = defaultdict(list), defaultdict(set)
        for row in known:
            in_period[calendar.period(grain, row.transaction_at)].append(row)
        for user, at in active:
            active_in_period[calendar.period(grain, at)].add(user)
        start, last, outstanding = min(in_period), calendar.period(grain, as_of), 0
        while start <= last:
            own = in_period[start]
            outstanding += sum(row.signed_points for row in own)
            accrued, redeemed, expired, adjusted = (
                points(own, kind) for kind in ("accrue", "redeem", "expire", "adjust")
            )
            here = active_in_period[start]
            taking_part = here & users(own)
            found.append(
                Loyalty(
                    grain,
                    start,
                    len(own),
                    len(users(own)),
                    accrued,
                    len(users(own, "accrue")),
                    redeemed,
                    len(users(own, "redeem")),
                    expired,
                    len(users(own, "expire")),
                    adjusted,
                    len(users(own, "adjust")),
                    sum(row.is_overdraft for row in own),
                    outstanding,
                    ratio(redeemed, accrued),
                    ratio(expired, accrued),
                    len(here),
                    len(taking_part),
                    ratio(len(taking_part), len(here)),
                    calendar.is_over(grain, start, both_as_of),
                )
            )
            start = next_period(grain, start)
    return found
