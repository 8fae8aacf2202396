"""Made-up onboarding exports in which one segment is why few clients activate.

Each of the `WORLDS` has the same six kinds of first sessions, in proportions of its own, and known shares of
clients who activate. In all but the planted kind these are high, or the kind is small. When things happen is drawn
from a seed; how many clients do what is not, so that a test can ask for it exactly.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

CLIENTS = 2_000
FIRST_DAY = datetime(2025, 3, 1)
DAYS = 120  # in which clients come
MOBILE_SHARE = 0.45
KINDS = [
    "left_after_connecting_channel",
    "motivated_onboarder",
    "trial_first",
    "tutorial_reader",
    "builder_first",
    "bounced",
]
# What a kind does first, each with the mean seconds before it. None of it leads to another kind.
FIRST_STEPS: dict[str, list[tuple[str, int]]] = {
    "left_after_connecting_channel": [
        ("onboarding_started", 10),
        ("onboarding_step_completed", 50),
        ("channel_connect_clicked", 40),
        ("channel_connected", 20),
    ],
    "motivated_onboarder": [
        ("onboarding_started", 10),
        ("onboarding_step_completed", 45),
        ("onboarding_step_completed", 50),
        ("onboarding_step_completed", 60),
        ("onboarding_finished", 40),
        ("dashboard_opened", 30),
    ],
    "trial_first": [("pricing_opened", 15), ("trial_clicked", 60), ("dashboard_opened", 40), ("settings_opened", 50)],
    "tutorial_reader": [
        ("tutorial_opened", 15),
        ("tutorial_step_viewed", 80),
        ("tutorial_step_viewed", 90),
        ("tutorial_step_viewed", 70),
        ("tutorial_completed", 60),
    ],
    "builder_first": [("builder_opened", 15), ("block_added", 60), ("block_added", 50), ("flow_saved", 40)],
    "bounced": [("onboarding_started", 12)],
}
# What leads from there to an activation. Bounced clients and those who left do it when they come back.
TO_ACTIVATION = [
    ("channel_connect_clicked", 40),
    ("channel_connected", 25),
    ("builder_opened", 30),
    ("block_added", 60),
    ("flow_publish_clicked", 60),
    ("settings_opened", 50),
]
WEIGHTS = {3: (0.40, 0.33, 0.27), 4: (0.30, 0.27, 0.23, 0.20)}  # of the kinds that do well
LEAVERS = ("left_after_connecting_channel", "bounced")  # who can't activate in the first session
MILESTONE_OF = {
    "channel_connected": "ig_enable_dttm",
    "flow_publish_clicked": "first_ig_flow_publish_dttm",
    "trial_clicked": "trial_dttm",
}
COLUMNS = [
    "event_name",
    "event_dttm",
    "client_id",
    "client_creationdate",
    "country_group",
    "first_device_type_of_user",
    "account_id",
    "account_creationdate",
    "ig_enable_dttm",
    "first_ig_flow_publish_dttm",
    "ig_activation_dttm",
    "trial_dttm",
]


@dataclass(frozen=True)
class Plan:
    """What is planted: the cause, and of each kind its share and how many of it activate.

    `rates` is by kind, or by kind and device where devices differ.
    """

    cause: str
    shares: dict[str, float]
    rates: dict[str | tuple[str, str], float]
    seed: int
    device: str | None = None  # where the cause lies, if not on every device

    def rate(self, kind: str, device: str) -> float:
        return self.rates.get((kind, device), self.rates[kind])


def plan(cause: str, share: float, rate: float, seed: int, device: str | None = None) -> Plan:
    """A world whose cause has that share of clients and that rate. Who leaves at once does badly everywhere."""
    shares, rates = {cause: share}, {cause: rate}
    for kind in (kind for kind in LEAVERS if kind != cause):
        shares[kind], rates[kind] = 0.07, 0.30
    others = [kind for kind in KINDS if kind not in shares]
    left = 1 - sum(shares.values())
    for kind, weight, well in zip(others, WEIGHTS[len(others)], (0.62, 0.58, 0.60, 0.56), strict=False):
        shares[kind], rates[kind] = left * weight, well
    if device:
        rates |= {cause: 0.6, (cause, device): rate}
    return Plan(cause, shares, rates, seed, device)


WORLDS = [
    plan("left_after_connecting_channel", share=0.28, rate=0.08, seed=1),
    plan("motivated_onboarder", share=0.34, rate=0.12, seed=2),
    plan("trial_first", share=0.24, rate=0.06, seed=3),
    plan("tutorial_reader", share=0.30, rate=0.15, seed=4),
    plan("builder_first", share=0.26, rate=0.04, seed=5, device="mobile"),
    plan("bounced", share=0.38, rate=0.10, seed=6),
]


@dataclass
class Client:
    """A client with one account, and what happens to both."""

    client_id: str
    kind: str
    device: str
    activates: bool
    created_at: datetime
    columns: dict[str, datetime] = field(default_factory=dict)  # the milestones reached
    events: list[tuple[str, datetime]] = field(default_factory=list)

    @property
    def account_created_at(self) -> datetime:
        return self.columns["account_creationdate"]


def draw_clients(world: Plan) -> list[Client]:
    """The clients of a world, in the order in which they come."""
    random = Random(world.seed)
    kinds = dealt(world.shares, CLIENTS)
    devices = {kind: dealt({"mobile": MOBILE_SHARE, "desktop": 1 - MOBILE_SHARE}, kinds.count(kind)) for kind in KINDS}
    cast = []
    for kind in KINDS:
        for device in ("mobile", "desktop"):
            n = devices[kind].count(device)
            rate = world.rate(kind, device)
            # One in so many of those who come, over the whole time, so that the rate holds in any part of it.
            cast += [(kind, device, int((i + 1) * rate) > int(i * rate), (i + 0.5) / n) for i in range(n)]
    clients = []
    for number, (kind, device, activates, part) in enumerate(cast):
        jitter = timedelta(microseconds=random.randrange(3_600_000_000))
        created_at = FIRST_DAY + part * timedelta(days=DAYS) + jitter
        clients.append(play(Client(f"client-{number}", kind, device, activates, created_at), random))
    return sorted(clients, key=lambda client: client.created_at)


def dealt(shares: dict[str, float], n: int) -> list[str]:
    """n names in their shares, the rounding carried on."""
    names, edge = [], 0.0
    for name, share in shares.items():
        edge += share * n
        names += [name] * (round(edge) - len(names))
    return names


def play(client: Client, random: Random) -> Client:
    """A client's sessions: the first, one on the next day or days later, and sometimes another in the week after."""
    leaves = client.kind in LEAVERS
    at = later(random, client.created_at, 8)
    client.columns["account_creationdate"] = at
    at = act(client, random, at, FIRST_STEPS[client.kind])
    if client.activates and not leaves:
        at = activate(client, random, at)
    comes_back = client.activates if leaves else client.activates or random.random() < 0.5
    if comes_back:
        hours = random.uniform(30, 60) if leaves else random.uniform(3, 20)
        at = act(client, random, at + timedelta(hours=hours), [("dashboard_opened", 1)])
        if leaves:
            activate(client, random, at)
    return client


def activate(client: Client, random: Random, at: datetime) -> datetime:
    steps = [
        step for step in TO_ACTIVATION if not (step[0].startswith("channel") and "ig_enable_dttm" in client.columns)
    ]
    at = act(client, random, at, steps)
    client.columns["ig_activation_dttm"] = later(random, client.columns["first_ig_flow_publish_dttm"], 20)
    return at


def act(client: Client, random: Random, at: datetime, steps: list[tuple[str, int]]) -> datetime:
    for name, mean_seconds in steps:
        at = later(random, at, mean_seconds)
        client.events.append((name, at))
        if name in MILESTONE_OF:
            client.columns[MILESTONE_OF[name]] = later(random, at, 2)
    return at


def later(random: Random, at: datetime, mean_seconds: int) -> datetime:
    """Half to one and a half times the mean later, so that no step ends a session."""
    return at + timedelta(microseconds=int(mean_seconds * 1_000_000 * random.uniform(0.5, 1.5)))


def rows_of(clients: list[Client]) -> Iterator[dict[str, object]]:
    for number, client in enumerate(clients):
        for name, at in client.events:
            yield {
                "event_name": name,
                "event_dttm": at,
                "client_id": client.client_id,
                "client_creationdate": client.created_at,
                "country_group": f"tier{1 + number % 3}",
                "first_device_type_of_user": client.device,
                "account_id": f"account-{client.client_id}",
                **client.columns,
            }


def write_world(folder: Path, clients: list[Client]) -> None:
    """The export, in order of time."""
    folder.mkdir(parents=True)
    rows = sorted(rows_of(clients), key=lambda row: row["event_dttm"])
    with (folder / "onboarding_events.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
