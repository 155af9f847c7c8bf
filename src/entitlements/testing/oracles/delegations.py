"""Delegation oracle: all chains of delegations, and whether a chain gives a right."""

from __future__ import annotations

from collections.abc import Iterator

from entitlements.contracts.parties import Delegation


def chains(links: list[Delegation]) -> Iterator[list[Delegation]]:
    """Yield every chain of up to three delegations."""
    for one in links:
        yield [one]
        for two in links:
            if two.giver == one.receiver:
                yield [one, two]
                for three in links:
                    if three.giver == two.receiver:
                        yield [one, two, three]


def is_chain(chain: list[Delegation], givers: set[str], person: str) -> bool:
    """Return whether a chain of delegations gives a person a right."""
    further = range(len(chain) - 1, -1, -1)
    enough = all(link.depth >= left for link, left in zip(chain, further, strict=True))
    return chain[0].giver in givers and chain[-1].receiver == person and enough
