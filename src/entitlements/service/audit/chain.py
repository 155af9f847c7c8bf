"""Hash chain of decisions, one for each tenant, and its verification.

Every link has the digest of the link before it, so that no link can be edited, deleted, swapped or
inserted without breaking the chain from there on. Cutting off the end leaves a shorter chain that
is valid: this is found because the store has the end in a separate row, and if that was changed as
well, with a head that was kept elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Final, TypeAlias, TypeVar, final

import attrs

from entitlements.kernel.converters import instance_of
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.mixins.no_truth_value import NoTruthValue
from entitlements.ports.records import ChainHead, DecisionRecord
from entitlements.ports.rules.chain_links import digest_of, head_of
from entitlements.ports.store import UnitOfWork

_PAGE: Final = 1_000
T = TypeVar("T")


@final
@attrs.frozen
class ChainIntact(NoTruthValue):
    """The chain is valid; keep `head` outside of the store.

    >>> verify_chain("my company", [])
    ChainIntact(head=ChainHead(number=0, digest=''))
    """

    head: ChainHead


@final
@attrs.frozen
class ChainBroken(NoTruthValue):
    """The chain is not valid from link `number` on; `why` says what is wrong there."""

    number: int
    why: str


ChainVerification: TypeAlias = ChainIntact | ChainBroken


def verify_chain(
    tenant: str,
    links: Iterable[DecisionRecord],
    head: ChainHead | None = None,
    *,
    since: ChainHead | None = None,
) -> ChainVerification:
    """Return whether the links are the unchanged chain of the tenant.

    The cost is linear in the links, which are read once.

    >>> verify_chain("my company", [], ChainHead(1, "0" * 64))
    ChainBroken(number=1, why='the chain ends before the head that was kept')

    Args:
        tenant: Id of the tenant.
        links: All links after `since`, in the order of their numbers.
        head: The head as it was kept elsewhere; the chain must pass through it. Without one, a
            chain that was cut off at its end, or replaced as a whole, looks intact.
        since: The head before the first of `links`, if that is not the first link of all.

    Raises:
        InvalidValueError: `head` is before `since`, so that the links cannot reach it.
    """
    for each in (head, since):
        if each is not None:
            instance_of(ChainHead, each)
    if not isinstance(links, Iterable):
        raise InvalidValueError(f"`{links!r:.100}` is not a series of links")
    last = since or ChainHead()
    if head is not None and head.number < last.number:
        raise InvalidValueError(
            f"head `{head.number}` is before link `{last.number}`", hint="verify from before it"
        )
    for link in links:
        if head is not None and head.number == last.number and head != last:
            break
        why = _link_error(tenant, last, instance_of(DecisionRecord, link))
        if why is not None:
            return ChainBroken(last.number + 1, why)
        last = head_of(link)
    return _compare_with_head(last, head)


Query: TypeAlias = Callable[[Callable[[UnitOfWork], T]], T]
"""Answers a question from one unit of work."""


def stored_links(query: Query[Any], after: int | None) -> Iterator[DecisionRecord]:
    """Yield the links of a store with numbers above `after`, or all, page by page."""
    while True:
        page: tuple[DecisionRecord, ...] = query(partial(_page, after=after))
        yield from page
        if len(page) < _PAGE:
            return
        after = head_of(page[-1]).number


def _page(work: UnitOfWork, after: int | None) -> tuple[DecisionRecord, ...]:
    return work.decisions.links(after, _PAGE)


def verify_stored(query: Query[Any], tenant: str, head: ChainHead | None) -> ChainVerification:
    """Return whether the chain of a tenant in a store is intact and ends where the store says."""
    verification = verify_chain(tenant, stored_links(query, None), head)
    while isinstance(verification, ChainIntact):
        # Read after the links: others may have added links in the meantime, but removed none.
        last, end = verification.head, query(lambda work: work.decisions.head())
        if end == last:
            return verification
        verification = verify_chain(tenant, stored_links(query, last.number), since=last)
        if isinstance(verification, ChainIntact) and verification.head == last:
            return not_the_end(last, end)
    return verification


def not_the_end(last: ChainHead, end: ChainHead) -> ChainBroken:
    """Return how a chain that ends with `last` differs from the end that the store has."""
    if end.number == last.number:
        return ChainBroken(last.number, "its digest is not the one that the store has for the end")
    number = min(end.number, last.number) + 1
    return ChainBroken(number, f"the store has link `{end.number}` as the end")


def _compare_with_head(last: ChainHead, head: ChainHead | None) -> ChainVerification:
    if head is not None and last.number < head.number:
        return ChainBroken(last.number + 1, "the chain ends before the head that was kept")
    if head is not None and last.number == head.number and last != head:
        return ChainBroken(last.number, "its digest is not the one that was kept")
    return ChainIntact(last)


def _link_error(tenant: str, last: ChainHead, link: DecisionRecord) -> str | None:
    if type(link.number) is not int or link.number != last.number + 1:
        return f"link `{link.number}` is in its place"
    if link.previous != last.digest:
        return "it does not follow the link before it"
    if link.digest != digest_of(tenant, link):
        return "its content is not what was sealed"
    return None
