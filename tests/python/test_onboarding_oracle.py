"""The reference that onboarding marts are compared with, itself compared with what was worked out by hand."""

import csv
import datetime as dt

import pytest
from conftest import PROJECT, SAMPLE
from oracle import onboarding as oracle
from scipy import stats

TAXONOMY = PROJECT / "seeds" / "reference" / "event_taxonomy.csv"

# Of the sample's client stories, in whose order account numbers go: milestone, account's place, session with
# milestones as events, session that encloses it or came before.
BY_HAND = {
    "milestones_before_their_client": """
        client_created 0 2 -, account_created 1 1 -, ig_enabled 1 1 -, ig_flow_published 1 2 1, ig_activated 1 2 1""",
    "milestones_at_their_events": """
        client_created 0 1 1, account_created 1 1 1, ig_enabled 1 1 1, ig_flow_published 1 1 1, ig_activated 1 1 1,
        trial_started 1 1 1""",
    "milestones_outside_any_session": """
        client_created 0 1 -, account_created 1 1 -, ig_enabled 1 1 1, ig_flow_published 1 1 1, ig_activated 1 2 1,
        paid 1 4 2, pro_enabled 1 4 2""",
    "milestones_half_an_hour_after": """
        client_created 0 1 -, account_created 1 1 -, ig_enabled 1 1 1, trial_started 1 2 1""",
    "milestone_joins_two_sessions": """
        client_created 0 1 -, account_created 1 1 -, ig_enabled 1 1 1, ig_activated 1 1 2""",
    "milestone_moved": """
        client_created 0 1 -, account_created 1 1 -, ig_enabled 1 1 1, ig_flow_published 1 1 1, ig_activated 1 2 2""",
    "milestone_removed": """
        client_created 0 1 -, account_created 1 1 -, trial_started 1 1 1, pro_enabled 1 1 1, paid 1 1 1""",
    "client_attributes_disagree": """
        client_created 0 1 -, account_created 1 1 -, account_created 2 2 1""",
    "account_handed_over": """
        client_created 0 1 -, client_created 0 2 -, account_created 1 1 -, ig_enabled 1 1 -, ig_flow_published 1 2 1,
        ig_activated 1 2 1""",
    "client_without_creation_date": "account_created 1 1 -, ig_enabled 1 1 1",
    "client_without_device": """
        client_created 0 1 -, account_created 1 1 -, ig_enabled 1 1 1, ig_flow_published 1 1 1, ig_activated 1 1 1""",
    "pro_after_its_trial": """
        client_created 0 1 -, account_created 1 1 -, trial_started 1 1 1, pro_enabled 1 1 1, paid 1 1 1""",
    "three_accounts": """
        client_created 0 1 -, account_created 1 1 -, ig_enabled 1 1 1, ig_flow_published 1 2 2, ig_activated 1 2 2,
        account_created 2 1 1, ig_enabled 2 1 1, ig_flow_published 2 1 1, ig_activated 2 1 1, account_created 3 2 2""",
    "contacts_one_by_one": """
        client_created 0 1 -, account_created 1 1 -, ig_enabled 1 1 1, ig_flow_published 1 1 1""",
    "activated_late": """
        client_created 0 1 -, account_created 1 1 -, ig_enabled 1 2 2, ig_flow_published 1 2 2, ig_activated 1 2 2""",
    "activated_before_its_account": """
        client_created 0 1 -, account_created 1 1 1, ig_enabled 1 1 1, ig_activated 1 1 1""",
    "to_the_microsecond": """
        client_created 0 1 -, account_created 1 1 -, account_created 2 1 1, ig_enabled 1 1 1, ig_enabled 2 1 1,
        ig_activated 1 2 2, ig_activated 2 2 2""",
    "back_after_a_day": """
        client_created 0 1 -, client_created 0 1 -, account_created 1 1 -, account_created 2 1 -, ig_enabled 1 1 1,
        ig_enabled 2 1 1""",
}
SIDE_EFFECTS = {"milestone_removed"}  # stories in which pro is one


@pytest.fixture(scope="module")
def world() -> oracle.World:
    return oracle.read_world(SAMPLE, None, TAXONOMY)


@pytest.fixture(scope="module")
def clients() -> dict[str, set[str]]:
    """Who plays a story: the clients of its accounts."""
    players = {kind: set() for kind in BY_HAND}
    with (SAMPLE / "onboarding_events.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            number = int(row["account_id"] or 0) - 5_000_000 if (row["account_id"] or "").isdigit() else -1
            if number > 0:
                players[list(BY_HAND)[number // 10]].add(row["client_id"])
    return players


@pytest.mark.parametrize("kind", BY_HAND)
def test_milestones_of_stories(world, clients, kind):
    found = sorted(
        (
            row["milestone"],
            int(row["account_id"] or 0) % 10,
            row["stream_session_number"],
            row["enclosing_session_number"],
        )
        for row in oracle.fct_milestones(world)
        if row["user_id"] in clients[kind]
    )
    wanted = []
    for words in (entry.split() for entry in BY_HAND[kind].split(",")):
        name, place, stream, enclosing = words
        wanted.append((name, int(place), int(stream), None if enclosing == "-" else int(enclosing)))
    assert found == sorted(wanted)


def test_pro_within_four_seconds_of_a_trial_is_a_side_effect(world, clients):
    told = {kind for kind, players in clients.items() for row in world.milestones
            if row.user_id in players and row.is_trial_side_effect}  # fmt: skip
    assert told == SIDE_EFFECTS
    gaps = {
        account["trial_dttm"] - account["pro_dttm"]: milestone.is_trial_side_effect
        for milestone in world.milestones
        if milestone.milestone == "pro_enabled"
        for account in [world.accounts[milestone.entity_id]]
        if account["trial_dttm"]
    }
    four, microsecond = dt.timedelta(seconds=4), dt.timedelta(microseconds=1)
    assert [gaps[four], gaps[four + microsecond], gaps[dt.timedelta(0)], gaps[-microsecond]] == [
        True,
        False,
        True,
        False,
    ]


def test_what_holds_where_rows_disagree(world, clients):
    [client] = clients["client_attributes_disagree"]
    assert [
        world.clients[client][name] for name in ("country_group", "traffic_source", "first_device_type_of_user")
    ] == [
        "tier3",
        "organic",
        "desktop",
    ]
    [moved] = [world.accounts[account] for account in world.accounts_of[next(iter(clients["milestone_moved"]))]]
    assert moved["ig_activation_dttm"] == dt.datetime(2025, 7, 3, 11, 0, 0, 350000)
    [removed] = [world.accounts[account] for account in world.accounts_of[next(iter(clients["milestone_removed"]))]]
    assert removed["paid_dttm"] == dt.datetime(2025, 8, 4, 9, 20)


def test_only_clients_since_the_first_moment_are_analysed(world):
    created = {
        client["client_creationdate"]: world.is_analysed(client_id) for client_id, client in world.clients.items()
    }
    assert created[dt.datetime(2021, 9, 17, 23, 59, 59, 999999)] is False
    assert created[dt.datetime(2021, 9, 18)] is True
    assert created[None] is False


@pytest.mark.parametrize(("successes", "n"), [(0, 10), (1, 10), (5, 10), (10, 10), (30, 100), (1, 1)])
def test_wilson_lower_bound_is_that_of_scipy(successes, n):
    expected = stats.binomtest(successes, n).proportion_ci(0.95, "wilson").low
    assert oracle.wilson_lower_bound(successes, n) == pytest.approx(expected, abs=1e-12)


def test_priorities_by_hand():
    """The benchmark is 90 of 100 on mobile and 10 of 40 on desktop; on tablets nobody sets one."""

    def members(segment, activated, of, device="mobile", incomplete=0):
        rows = [oracle.Member(segment, device, True, number < activated) for number in range(of)]
        return rows + [oracle.Member(segment, device, False, False)] * incomplete

    rows = oracle.priorities(
        [
            *members("good", 90, 100),
            *members("good", 10, 40, device="desktop"),
            *members("bad", 10, 100, incomplete=7),
            *members("bad", 1, 5, device="tablet"),
            *members("tiny", 9, 9),
            *members("apart", 0, 9, device="tablet", incomplete=5),
        ],
        min_segment_size=10,
    )
    mobile, desktop = (
        stats.binomtest(activated, of).proportion_ci(0.95, "wilson").low for activated, of in ((90, 100), (10, 40))
    )
    assert [(row.segment, row.rank, row.users, row.complete_users, row.activated_in_first_session) for row in rows] == [
        ("bad", 1, 112, 105, 11),
        ("good", 2, 140, 140, 100),
        ("tiny", 3, 9, 9, 9),
        ("apart", 4, 14, 9, 0),
    ]
    assert [row.benchmark_rate for row in rows] == [
        pytest.approx((100 * mobile + 1) / 105),
        pytest.approx((100 * mobile + 40 * desktop) / 140),
        pytest.approx(mobile),
        None,
    ]
    assert [row.expected_gain for row in rows] == [pytest.approx(100 * (mobile - 0.1)), 0, 0, None]


def test_windows_are_closed_to_the_microsecond(world, clients):
    [client] = clients["to_the_microsecond"]
    in_time = [row["is_activated"] for row in oracle.fct_activations(world) if row["user_id"] == client]
    assert in_time == [True, False]
    rules = oracle.read_segment_rules(PROJECT / "seeds" / "reference" / "first_session_segments.csv")
    back = {
        row["returned_at"].microsecond: (row["came_back_within_a_day"], row["segment"])
        for row in oracle.fct_first_sessions(oracle.first_sessions(world, rules))
        if row["user_id"] in clients["back_after_a_day"]
    }
    assert back == {0: (True, "other"), 1: (False, "left_after_connecting_channel")}
