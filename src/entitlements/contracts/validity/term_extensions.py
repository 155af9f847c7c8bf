"""Term extensions: the blocked periods of an account or contract that make its terms longer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from entitlements.contracts.records.changes import Block, BlockScope, Change
from entitlements.kernel.instants import micros_or_end, to_micros

TermExtension: TypeAlias = tuple[int, int, tuple[str, ...]]
"""Start and end of a blocked period that extends terms, and the ids of its blocks."""


def term_extensions(
    changes: Iterable[Change], known: Iterable[TermExtension] = ()
) -> list[TermExtension]:
    """Return the blocked periods that extend terms, sorted and disjoint, merged with `known`."""
    spans = [
        (
            to_micros(each.start),
            micros_or_end(each.end),
            (each.id,),
        )
        for each in changes
        if isinstance(each, Block) and each.extends_term and each.level is not BlockScope.LINE
    ]
    if not spans:
        return list(known)
    merged: list[tuple[int, int, list[str]]] = []
    for start, end, ids in sorted([*spans, *known]):
        if merged and start <= merged[-1][1]:
            first, until, names = merged[-1]
            names += ids
            merged[-1] = (first, max(end, until), names)
        else:
            merged.append((start, end, [*ids]))
    return [(start, end, tuple(ids)) for start, end, ids in merged]
