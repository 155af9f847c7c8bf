"""Delegation cycles: delegations that lead back to their giver, found without following each chain.

A delegation can be part of a cycle only if its receiver gives and its giver receives while it is
active. Others are removed until none is left, or until, within a period in which no delegation
begins or ends, a cycle is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from entitlements.contracts.records.parties import Delegation
from entitlements.kernel.errors import ConflictError, LimitExceededError
from entitlements.kernel.instants import END_OF_TIME, START_OF_TIME, micros_or_end, to_micros

DelegationPeriod: TypeAlias = tuple[int, int, str, str, str]
"""Start, end, giver, receiver, and the id of the delegation."""

MAX_STEPS: Final = 1_000_000
_MAX_NAMED: Final = 5


def check_delegation_cycles(delegations: Iterable[Delegation]) -> None:
    """Raise if delegations of one contract lead back to their giver while all of them are active.

    A chain may have any length; links after the third give no right, which is no contradiction.

    Raises:
        ConflictError: Some delegations form a cycle; they are named.
        LimitExceededError: There are too many overlapping delegations to look for cycles.
    """
    contracts: dict[str, list[DelegationPeriod]] = {}
    for each in delegations:
        end = micros_or_end(each.end)
        link = (to_micros(each.start), end, each.giver, each.receiver, each.id)
        contracts.setdefault(each.contract, []).append(link)
    for contract, links in contracts.items():
        _check(contract, links)


def _check(contract: str, links: list[DelegationPeriod]) -> None:
    steps = 0
    periods = [(START_OF_TIME, END_OF_TIME, links)]
    while periods:
        start, end, some = periods.pop()
        steps += len(some)
        if steps > MAX_STEPS:
            raise LimitExceededError(
                f"contract `{contract}` has too many overlapping delegations to look for cycles"
            )
        left = _cycle_candidates(some)
        edges = sorted({edge for link in left for edge in link[:2] if start < edge < end})
        if edges:
            middle = edges[len(edges) // 2]
            periods.append((middle, end, [link for link in left if link[1] > middle]))
            periods.append((start, middle, [link for link in left if link[0] < middle]))
        elif left:
            raise _cycle_error(left)


def _cycle_candidates(links: Sequence[DelegationPeriod]) -> Sequence[DelegationPeriod]:
    """Return the links that lead from another link, and those that lead to another link."""
    gone = _not_reached([(giver, receiver) for _, _, giver, receiver, _ in links])
    links = [link for number, link in enumerate(links) if number not in gone]
    gone = _not_reached([(receiver, giver) for _, _, giver, receiver, _ in links])
    return [link for number, link in enumerate(links) if number not in gone]


def _not_reached(arrows: Sequence[tuple[str, str]]) -> set[int]:
    """Return the indexes of the arrows that cannot be reached from a cycle."""
    leaving: dict[str, list[int]] = {}
    arriving: dict[str, int] = {}
    for number, (tail, head) in enumerate(arrows):
        leaving.setdefault(tail, []).append(number)
        arriving[head] = arriving.get(head, 0) + 1
    sources = [person for person in leaving if person not in arriving]
    gone: set[int] = set()
    while sources:
        for number in leaving.get(sources.pop(), ()):
            gone.add(number)
            head = arrows[number][1]
            arriving[head] -= 1
            if not arriving[head]:
                sources.append(head)
    return gone


def _cycle_error(links: Sequence[DelegationPeriod]) -> ConflictError:
    """Return the error that names a cycle among links of which each leads to another."""
    following = {link[2]: link for link in reversed(links)}
    path: dict[str, str] = {}
    person = links[0][2]
    while person not in path:
        path[person] = following[person][4]
        person = following[person][3]
    people = list(path)
    ids = sorted(path[each] for each in people[people.index(person) :])
    names = ", ".join(f"`{id}`" for id in ids[:_MAX_NAMED])
    more = f" and {len(ids) - _MAX_NAMED} more" if len(ids) > _MAX_NAMED else ""
    return ConflictError(f"delegations {names}{more} run in a circle", field="receiver")
