"""Do delegations lead back to their giver? Found without following every chain.

A delegation can only be part of a circle if its receiver gives and its giver receives, both while
it runs. What cannot be is taken away until nothing is left, or, within one stretch of time in which
nothing begins or ends, a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from entitlements.contracts.parties import Delegation
from entitlements.kernel.errors import ConflictError, LimitExceededError
from entitlements.kernel.instants import END_OF_TIME, START_OF_TIME, micros_or_end, to_micros

DelegationPeriod: TypeAlias = tuple[int, int, str, str, str]
"""Start, end, giver, receiver, and the id of the delegation."""

MAX_STEPS: Final = 1_000_000
_MAX_NAMED: Final = 5


def check_delegation_cycles(delegations: Iterable[Delegation]) -> None:
    """Refuse delegations of one contract that lead back to their giver while all of them run.

    A chain may be of any length: of a longer one than a right passes through, the far links give
    nothing, which is no contradiction.

    Raises:
        ConflictError: Some run in a circle; they are named.
        LimitExceededError: They are so entangled that looking for a circle would not end soon.
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
    stretches = [(START_OF_TIME, END_OF_TIME, links)]
    while stretches:
        start, end, some = stretches.pop()
        steps += len(some)
        if steps > MAX_STEPS:
            raise LimitExceededError(
                f"the delegations of contract `{contract}` are too entangled to look for circles"
            )
        left = _cycle_candidates(some)
        edges = sorted({edge for link in left for edge in link[:2] if start < edge < end})
        if edges:
            middle = edges[len(edges) // 2]
            stretches.append((middle, end, [link for link in left if link[1] > middle]))
            stretches.append((start, middle, [link for link in left if link[0] < middle]))
        elif left:
            raise _circle(left)


def _cycle_candidates(links: Sequence[DelegationPeriod]) -> Sequence[DelegationPeriod]:
    """Return the links without those that lead from nowhere, or to nowhere, again and again."""
    gone = _unreached([(giver, receiver) for _, _, giver, receiver, _ in links])
    links = [link for number, link in enumerate(links) if number not in gone]
    gone = _unreached([(receiver, giver) for _, _, giver, receiver, _ in links])
    return [link for number, link in enumerate(links) if number not in gone]


def _unreached(arrows: Sequence[tuple[str, str]]) -> set[int]:
    """Return the numbers of the arrows that no circle leads to."""
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


def _circle(links: Sequence[DelegationPeriod]) -> ConflictError:
    """Return the error that names a circle among links of which each leads to another."""
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
