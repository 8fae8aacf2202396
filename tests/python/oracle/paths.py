"""Paths through sessions once more, in plain Python: what follows what, and what stands at the k-th place."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

START, END = "session_start", "session_end"


class PathEvent(NamedTuple):
    """An event in its session."""

    event_id: str
    user_id: str
    event_name: str
    event_at: datetime
    session_number: int


class Transition(NamedTuple):
    """A row of agg_event_transitions."""

    scope: str
    state_type: str
    from_state: str
    to_state: str
    transitions: int
    users: int
    transitions_from_state: int
    probability: float


class Cell(NamedTuple):
    """A row of agg_step_matrix."""

    scope: str
    state_type: str
    step_number: int
    state: str
    sessions: int
    all_sessions: int
    session_share: float


def sessions_of(events: Iterable[PathEvent]) -> list[list[PathEvent]]:
    """The sessions, each in order."""
    sessions = defaultdict(list)
    for event in events:
        sessions[event.user_id, event.session_number].append(event)
    return [sorted(session, key=lambda event: (event.event_at, event.event_id)) for session in sessions.values()]


def scopes(activated_at: dict[str, datetime]) -> dict[str, Callable[[list[PathEvent]], bool]]:
    """Which sessions belong to a scope. `activated_at` has the users who activated."""

    def began_before_activation(session: list[PathEvent]) -> bool:
        user = session[0].user_id
        return user in activated_at and session[0].event_at < activated_at[user]

    return {
        "all_sessions": lambda session: True,
        "first_session": lambda session: session[0].session_number == 1,
        "before_activation": began_before_activation,
    }


def state_types(category_of: dict[str, str]) -> dict[str, Callable[[str], str]]:
    """The state that an event's name stands for."""
    return {
        "event_name": lambda name: f"{name} (event)" if name in (START, END) else name,
        "category": lambda name: category_of.get(name, "other"),
    }


def chosen(
    events: Iterable[PathEvent], activated_at: dict[str, datetime], category_of: dict[str, str]
) -> Iterable[tuple[str, str, list[tuple[str, list[str]]]]]:
    """For each scope and kind of state: its sessions, each as its user and its states."""
    sessions = sessions_of(events)
    for scope, belongs in scopes(activated_at).items():
        for state_type, state_of in state_types(category_of).items():
            yield (
                scope,
                state_type,
                [
                    (session[0].user_id, [state_of(event.event_name) for event in session])
                    for session in sessions
                    if belongs(session)
                ],
            )


def transitions(events: Iterable[PathEvent], activated_at: dict, category_of: dict) -> list[Transition]:
    rows = []
    for scope, state_type, sessions in chosen(events, activated_at, category_of):
        counts, users = Counter(), defaultdict(set)
        for user, states in sessions:
            path = [START, *states, END]
            for place in range(len(path) - 1):
                counts[path[place], path[place + 1]] += 1
                users[path[place], path[place + 1]].add(user)
        for (before, after), count in counts.items():
            total = sum(other for (state, _), other in counts.items() if state == before)
            rows.append(
                Transition(scope, state_type, before, after, count, len(users[before, after]), total, count / total)
            )
    return rows


def step_matrix(events: Iterable[PathEvent], activated_at: dict, category_of: dict, steps: int) -> list[Cell]:
    rows = []
    for scope, state_type, sessions in chosen(events, activated_at, category_of):
        for step in range(1, steps + 1):
            at_step = Counter(states[step - 1] if len(states) >= step else END for _, states in sessions)
            rows += [
                Cell(scope, state_type, step, state, count, len(sessions), count / len(sessions))
                for state, count in at_step.items()
            ]
    return rows
