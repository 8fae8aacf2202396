"""Funnels, word for word as docs/funnels.md has them: one user, one attempt, one step at a time.

Shares nothing with the SQL it checks. It looks at every event of a user again for every step of every attempt,
which is slow and leaves little to go wrong.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

MICROSECOND = timedelta(microseconds=1)
SCOPES = ["all_sessions", "first_session"]


class Event(NamedTuple):
    """An event of the stream."""

    event_id: str
    user_id: str
    event_name: str
    event_at: datetime
    feed: str
    session_number: int

    @property
    def place(self) -> tuple:
        return (self.event_at, self.event_id)


@dataclass(frozen=True)
class Funnel:
    """A funnel's rules. A step is the names of the events that take it."""

    name: str
    steps: tuple[frozenset[str], ...]
    kind: str = "ordered"
    is_every_touch: bool = False
    window_days: int = 30
    exclusions: frozenset[str] = frozenset()
    is_of_new_clients: bool = False
    step_names: tuple[str, ...] = ()

    @property
    def window(self) -> timedelta:
        return timedelta(days=self.window_days)

    def name_of_step(self, number: int) -> str:
        """What the step is called, from 1."""
        if self.kind == "any_order":
            return f"any {number}"
        return self.step_names[number - 1] if self.step_names else f"step {number}"


class Attempt(NamedTuple):
    """The moments at which an attempt reached its steps."""

    reached: tuple[datetime, ...]
    is_excluded: bool
    is_converted: bool


class FunnelUser(NamedTuple):
    """A row of fct_funnel_users."""

    funnel_name: str
    scope: str
    user_id: str
    furthest_step_name: str
    furthest_step_number: int
    seconds_to_furthest_step: float
    is_converted: bool
    is_excluded: bool
    is_complete: bool
    entered_at: datetime
    furthest_step_at: datetime


class Passage(NamedTuple):
    """What a user did in a funnel: the row, and when each step was reached."""

    user: FunnelUser
    reached: tuple[datetime, ...]


class FunnelStep(NamedTuple):
    """A row of agg_funnel_steps."""

    funnel_name: str
    scope: str
    step_number: int
    step_name: str
    users: int
    excluded_users: int
    complete_users: int
    complete_users_of_previous: int | None
    complete_users_of_first: int
    conversion_from_previous: float | None
    conversion_from_first: float | None
    p25_seconds_from_previous: float | None
    median_seconds_from_previous: float | None
    p75_seconds_from_previous: float | None


class StepTiming(NamedTuple):
    """A row of agg_step_timings."""

    funnel_name: str
    scope: str
    from_step_number: int
    to_step_number: int
    from_step_name: str
    to_step_name: str
    users: int
    mean_seconds: float | None
    p25_seconds: float | None
    median_seconds: float | None
    p75_seconds: float | None


# --- one user ------------------------------------------------------------------------------


def entries(funnel: Funnel, events: list[Event]) -> list[Event]:
    """The events that open an attempt, in their order."""
    opening = frozenset().union(*funnel.steps) if funnel.kind == "any_order" else funnel.steps[0]
    found = sorted((event for event in events if event.event_name in opening), key=lambda event: event.place)
    return found if funnel.is_every_touch else found[:1]


def attempt(funnel: Funnel, events: list[Event], entry: Event) -> Attempt:
    """What becomes of an attempt."""
    in_window = [event for event in events if event.event_at <= entry.event_at + funnel.window]
    walk = {"ordered": in_order, "strict": strictly, "any_order": in_any_order}[funnel.kind]
    taken = walk(funnel, in_window, entry)
    is_converted = len(taken) == len(funnel.steps)
    return Attempt(
        reached=tuple(event.event_at for event in taken),
        is_excluded=any(
            event.event_name in funnel.exclusions
            and event.place > entry.place
            and not (is_converted and event.place > taken[-1].place)
            for event in in_window
        ),
        is_converted=is_converted,
    )


def in_order(funnel: Funnel, events: list[Event], entry: Event) -> list[Event]:
    """Each step the earliest event that fits: at the moment of the step before or later, and not taken already."""
    taken = [entry]
    for names in funnel.steps[1:]:
        fitting = [
            event
            for event in events
            if event.event_name in names and event.event_at >= taken[-1].event_at and event not in taken
        ]
        if not fitting:
            break
        taken.append(min(fitting, key=lambda event: event.place))
    return taken


def strictly(funnel: Funnel, events: list[Event], entry: Event) -> list[Event]:
    """Each step the very next event of the user."""
    taken = [entry]
    for names in funnel.steps[1:]:
        later = [event for event in events if event.place > taken[-1].place]
        if not later or min(later, key=lambda event: event.place).event_name not in names:
            break
        taken.append(min(later, key=lambda event: event.place))
    return taken


def in_any_order(funnel: Funnel, events: list[Event], entry: Event) -> list[Event]:
    """Event after event from the entry on, each that takes a step not taken before."""
    taken = []
    done = set()
    for event in sorted(events, key=lambda event: event.place):
        if event.place < entry.place:
            continue
        for number, names in enumerate(funnel.steps):
            if event.event_name in names and number not in done:
                done.add(number)
                taken.append(event)
    return taken


def passage(
    funnel: Funnel, scope: str, events: list[Event], known_until: datetime, *, is_new_client: bool
) -> Passage | None:
    """What a user did in a funnel; None for who never entered it. `events` are all of the user's in the stream."""
    if scope == "first_session":
        events = [event for event in events if event.session_number == 1]
    best = None
    for entry in entries(funnel, events):
        one = attempt(funnel, events, entry)
        one = one._replace(is_excluded=one.is_excluded or (funnel.is_of_new_clients and not is_new_client))
        if best is None or (not one.is_excluded, len(one.reached)) > (not best.is_excluded, len(best.reached)):
            best = one
    if best is None:
        return None
    number = len(best.reached)
    user = FunnelUser(
        funnel_name=funnel.name,
        scope=scope,
        user_id=events[0].user_id,
        furthest_step_name=funnel.name_of_step(number),
        furthest_step_number=number,
        seconds_to_furthest_step=seconds(best.reached[-1] - best.reached[0]),
        is_converted=best.is_converted,
        is_excluded=best.is_excluded,
        is_complete=best.is_converted or best.reached[0] + funnel.window <= known_until,
        entered_at=best.reached[0],
        furthest_step_at=best.reached[-1],
    )
    return Passage(user, best.reached)


def seconds(span: timedelta) -> float:
    """Seconds with microseconds: the double that lies nearest."""
    return (span // MICROSECOND) / 1_000_000


# --- all users -----------------------------------------------------------------------------


def known_until(funnel: Funnel, events: Iterable[Event], ends: dict[str, datetime]) -> datetime | None:
    """How far the funnel's steps are known: as far as the feeds reach that each is seen in. None where none is seen."""
    ends_of_steps = []
    for names in funnel.steps:
        feeds = {event.feed for event in events if event.event_name in names}
        if feeds:
            ends_of_steps.append(max(ends[feed] for feed in feeds))
    return min(ends_of_steps, default=None)


def passages(
    funnels: Iterable[Funnel], events: list[Event], ends: dict[str, datetime], new_clients: frozenset[str] = frozenset()
) -> list[Passage]:
    """Everybody in every funnel and scope. `ends` has the last moment of each feed."""
    users: dict[str, list[Event]] = {}
    for event in events:
        users.setdefault(event.user_id, []).append(event)
    found = []
    for funnel in funnels:
        until = known_until(funnel, events, ends)
        for user_id, of_user in users.items():
            for scope in SCOPES:
                one = passage(funnel, scope, of_user, until, is_new_client=user_id in new_clients)
                found += [one] if one else []
    return found


def timings(funnels: Iterable[Funnel], found: list[Passage]) -> list[StepTiming]:
    """Every step and the next one, and the first and the last."""
    rows, groups = [], counting(found)
    for funnel in funnels:
        count = len(funnel.steps)
        pairs = {(number, number + 1) for number in range(1, count)} | ({(1, count)} if count > 1 else set())
        for scope in SCOPES:
            for start, end in pairs:
                waits = [
                    seconds(one.reached[end - 1] - one.reached[start - 1])
                    for one in groups[funnel.name, scope, False]
                    if one.user.is_complete and len(one.reached) >= end
                ]
                rows.append(
                    StepTiming(
                        funnel.name,
                        scope,
                        start,
                        end,
                        funnel.name_of_step(start),
                        funnel.name_of_step(end),
                        len(waits),
                        sum(waits) / len(waits) if waits else None,
                        *(quantile(waits, share) for share in (0.25, 0.5, 0.75)),
                    )
                )
    return rows


def steps(funnels: Iterable[Funnel], found: list[Passage]) -> list[FunnelStep]:
    """Every step of every funnel."""
    rows, groups = [], counting(found)
    for funnel in funnels:
        for scope in SCOPES:
            counted, left_out = groups[funnel.name, scope, False], groups[funnel.name, scope, True]
            counts = [
                sum(one.user.is_complete and len(one.reached) >= number for one in counted)
                for number in range(1, len(funnel.steps) + 1)
            ]
            for place in range(len(funnel.steps)):
                before = counts[place - 1] if place else None
                waits = [
                    seconds(one.reached[place] - one.reached[place - 1])
                    for one in counted
                    if place and one.user.is_complete and len(one.reached) > place
                ]
                rows.append(
                    FunnelStep(
                        funnel.name,
                        scope,
                        place + 1,
                        funnel.name_of_step(place + 1),
                        sum(len(one.reached) > place for one in counted),
                        sum(len(one.reached) > place for one in left_out),
                        counts[place],
                        before,
                        counts[0],
                        counts[place] / before if before else None,
                        counts[place] / counts[0] if counts[0] else None,
                        *(quantile(waits, share) for share in (0.25, 0.5, 0.75)),
                    )
                )
    return rows


def counting(found: list[Passage]) -> dict[tuple[str, str, bool], list[Passage]]:
    """Who is in a funnel and scope: counted (False), or left out (True)."""
    groups = defaultdict(list)
    for one in found:
        groups[one.user.funnel_name, one.user.scope, one.user.is_excluded].append(one)
    return groups


def quantile(values: list[float], share: float) -> float | None:
    """The quantile of type 7: straight lines between the values in order."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
