"""Cases and rosters with what you hold fixed: a policy, its severities, groups, agents."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Any, Final

import attrs
from hypothesis import strategies as st

from entitlements.kernel.converters import as_tuple
from entitlements.kernel.errors import InvalidValueError
from entitlements.routing.roster import Roster
from entitlements.sla.case_history.events import Event, EventKind
from entitlements.sla.case_history.history import History
from entitlements.sla.policy import SlaPolicy
from entitlements.testing.strategies import routing, sla

MAX_EVENTS: Final = 8


def histories(
    *,
    severities: Iterable[str] = (),
    policy: SlaPolicy | None = None,
    most: int = MAX_EVENTS,
) -> st.SearchStrategy[History]:
    """Draw the history of a case: the opening, and further events, possible or not, in any order.

    Instants are whole half hours of three weeks in which the clocks of Europe go forward.

    Args:
        severities: Those that the case may have; if left out, those of the policy.
        policy: The policy that the case is measured by; the case opens with a severity, channel,
            conditions and kind for which it has a target.
        most: The largest number of events after the opening.

    >>> from hypothesis import find
    >>> find(histories(severities=["P1"]), lambda each: True).events[0].severity
    'P1'

    Raises:
        InvalidValueError: The policy has no target for any of the severities.
    """
    names = as_tuple(severities)
    openings = _openings(names) if policy is None else _openings_under(policy, names)
    if not openings:
        raise InvalidValueError(
            "the policy has no target for any of these severities", path="severities"
        )
    known: list[Any] = [each for each in dict.fromkeys(o["severity"] for o in openings) if each]
    opening = st.builds(
        lambda at, words: Event.opened(at, **words), sla.instants(96), st.sampled_from(openings)
    )
    later = sla.events().filter(
        lambda each: each.kind not in {EventKind.SEVERITY_CHANGED, EventKind.TERMS_CHANGED}
    )
    if known:
        changed = st.builds(Event.severity_changed, sla.instants(), st.sampled_from(known))
        later = st.one_of(later, changed)
    return st.builds(
        lambda first, more: History([first, *more]), opening, st.lists(later, max_size=most)
    )


def _openings(severities: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        {"severity": severity, "channel": channel}
        for severity, channel in product(severities or sla.SEVERITIES, sla.CHANNELS)
    ]


def _openings_under(policy: SlaPolicy, severities: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the openings for which a policy has a target of its first response."""
    names = {name: _named(policy, name) for name in ("channels", "conditions", "kinds")}
    conditions = [(), *([each] for each in names["conditions"])]
    channels, kinds = names["channels"] or ["phone"], [None, *names["kinds"]]
    own: Iterable[str | None] = severities or _named(policy, "severities") or (None,)
    return [
        {"severity": severity, "channel": channel, "conditions": declared, "request_kind": kind}
        for severity, channel, declared, kind in product(own, channels, conditions, kinds)
        if not policy.compiled.find_targets(
            severity, channel, frozenset(declared), kind
        ).lacks_first_response
    ]


def _named(policy: SlaPolicy, field: str) -> list[str]:
    return sorted({name for each in policy.targets for name in getattr(each, field)})


@st.composite
def rosters(
    draw: st.DrawFn,
    *,
    groups: Iterable[str] = (),
    agents: Iterable[str] = (),
    most: int = len(routing.IDS),
) -> Roster:
    """Draw a roster: agents with skills, limits, shifts and absences, some with work.

    Args:
        draw: The source of draws.
        groups: The groups, of which each agent has one or several; if left out, drawn ones.
        agents: The ids of the agents, all of whom are there; if left out, drawn ones.
        most: The largest number of agents, where their ids are drawn.

    >>> from hypothesis import Phase, find, settings
    >>> first = settings(max_examples=1, phases=[Phase.generate], database=None)
    >>> drawn = find(rosters(groups=["dba"], agents=["ada"]), lambda _: True, settings=first)
    >>> sorted(drawn.agent("ada").groups)
    ['dba']
    """
    wanted, ids = as_tuple(groups), as_tuple(agents)
    roster = draw(routing.rosters(most=most, names=ids))
    if not wanted:
        return roster
    chosen = st.lists(st.sampled_from(wanted), min_size=1, unique=True)
    found = [attrs.evolve(each, groups=draw(chosen)) for each in roster.agents.values()]
    return attrs.evolve(roster, agents=found)
