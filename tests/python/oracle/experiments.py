"""Who gets which variant, once more: users one by one, as somebody would deal cards."""

import hashlib
from collections import Counter, defaultdict
from datetime import datetime
from typing import NamedTuple


class Experiment(NamedTuple):
    """A declaration."""

    name: str
    variants: tuple[str, ...]
    weights: tuple[int, ...]
    salt: str
    strata_columns: tuple[str, ...]
    assignment: str
    starts_at: datetime
    ends_at: datetime


class User(NamedTuple):
    """A profile; `says` holds what it says, unknown where it says nothing."""

    user_id: str
    created_at: datetime
    says: dict[str, str]


class Exposure(NamedTuple):
    experiment_name: str
    user_id: str
    variant: str
    exposed_at: datetime


class Assignment(NamedTuple):
    """What fct_experiment_assignments says of a user."""

    variant: str
    stratum: str
    assigned_at: datetime
    place_in_stratum: int | None
    block_number: int | None
    place_in_block: int | None


# The order in which a stratum's name has its attributes.
ATTRIBUTES = (
    *("country_group", "device_type", "acquisition_channel", "acquisition_campaign", "gender"),
    *("age_band", "income_band"),
)


def digest(*parts: object) -> str:
    return hashlib.md5("".join(str(part).replace("|", "||") + "|;" for part in parts).encode()).hexdigest()


def microseconds(moment: datetime) -> int:
    delta = moment - datetime(1970, 1, 1)
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


class Dealer:
    """Deals as users arrive, and forgets nobody."""

    def __init__(self, experiments: list[Experiment], min_stratum_size: int):
        self.experiments = experiments
        self.min_stratum_size = min_stratum_size
        self.strata: dict[tuple[str, str], str] = {}
        self.dealt: dict[tuple[str, str], Assignment] = {}
        self.places: Counter = Counter()

    def arrive(self, users: list[User], exposures: list[Exposure]) -> dict[tuple[str, str], Assignment]:
        """Everybody's assignment once a build knows of these users and exposures, which are all there are."""
        now = {}
        for one in self.experiments:
            seen = first_seen(one, exposures)
            says = {user.user_id: user.says for user in users if user.created_at < one.ends_at}
            if one.assignment == "exposures":
                every = {user.user_id: user.says for user in users}
                nothing = dict.fromkeys(ATTRIBUTES, "unknown")
                says |= {user: every.get(user, nothing) for user in seen}
            combination = {user: named(one, values) for user, values in says.items()}
            sizes = Counter(combination.values())
            for user, name in combination.items():
                if one.assignment == "blocks" or user in seen:
                    stratum = name if name == "all" or sizes[name] >= self.min_stratum_size else "other"
                    self.strata.setdefault((one.name, user), stratum)
            if one.assignment == "blocks":
                self.deal(one, {user.user_id: user.created_at for user in users if user.user_id in says})
            for user, exposure in seen.items():
                if one.assignment == "exposures":
                    stratum = self.strata[one.name, user]
                    now[one.name, user] = Assignment(exposure.variant, stratum, exposure.exposed_at, None, None, None)
        return self.dealt | now

    def deal(self, one: Experiment, created: dict[str, datetime]) -> None:
        """Gives those a variant who have none, each the next place of their stratum."""
        waiting = [user for user in created if (one.name, user) not in self.dealt]
        for user in sorted(waiting, key=lambda user: digest(one.salt, one.name, user)):
            stratum = self.strata[one.name, user]
            self.places[one.name, stratum] += 1
            place = self.places[one.name, stratum]
            block, place_in_block = (place - 1) // sum(one.weights) + 1, (place - 1) % sum(one.weights) + 1
            self.dealt[one.name, user] = Assignment(
                pack_of(one, stratum, block)[place_in_block - 1],
                stratum,
                max(created[user], one.starts_at),
                place,
                block,
                place_in_block,
            )


def pack_of(one: Experiment, stratum: str, block: int) -> list[str]:
    """The variants of a block, shuffled."""
    cards = [
        (digest(one.salt, one.name, stratum, block, variant, copy), variant)
        for variant, weight in zip(one.variants, one.weights, strict=True)
        for copy in range(1, weight + 1)
    ]
    return [variant for _, variant in sorted(cards)]


def named(one: Experiment, says: dict[str, str]) -> str:
    parts = [f"{name}={says[name].replace(';', ';;')}" for name in ATTRIBUTES if name in one.strata_columns]
    return ";".join(parts) or "all"


def first_seen(one: Experiment, exposures: list[Exposure]) -> dict[str, Exposure]:
    """Each user's first exposure that counts."""
    of_user = defaultdict(list)
    for exposure in exposures:
        if (
            exposure.experiment_name == one.name
            and exposure.variant in one.variants
            and one.starts_at <= exposure.exposed_at < one.ends_at
        ):
            of_user[exposure.user_id].append(exposure)

    def order(exposure: Exposure) -> tuple:
        return exposure.exposed_at, digest(*exposure[:3], microseconds(exposure.exposed_at))

    return {user: min(own, key=order) for user, own in of_user.items()}
