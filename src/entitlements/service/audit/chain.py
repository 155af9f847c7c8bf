"""Was anything in the record of decisions changed? A chain of digests, one for each tenant.

Every link carries the digest of the one before it, so that none can be edited, deleted, swapped or
slipped in without breaking the chain from there on. Cutting off the end leaves a shorter chain that
is whole: it is found because the store keeps the end apart, and if that was changed with it, by
whoever has kept the head somewhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias, final

import attrs

from entitlements.kernel.digests import digest
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import to_micros
from entitlements.kernel.no_truth_value import Answer
from entitlements.ports.records import Decided, Head


@final
@attrs.frozen
class Intact(Answer):
    """Nothing was changed; keep `head` somewhere else."""

    head: Head


@final
@attrs.frozen
class Broken(Answer):
    """The chain does not hold from link `number` on; `why` says what is wrong there."""

    number: int
    why: str


Verdict: TypeAlias = Intact | Broken


def seal(tenant: str, head: Head, *, at: datetime, kind: str, subject: str, body: str) -> Decided:
    """Return the link that follows `head` in the tenant's chain.

    >>> from entitlements.kernel.instants import utc
    >>> nine = utc("2026-03-02T09:00Z")
    >>> first = seal("t", Head(), at=nine, kind="admit", subject="R-1", body="{}")
    >>> second = seal("t", head_of(first), at=nine, kind="admit", subject="R-2", body="{}")
    >>> second.previous == first.digest, verify("t", [first, second]).head.number
    (True, 2)
    """
    link = Decided(
        number=head.number + 1,
        at=at,
        kind=kind,
        subject=subject,
        body=body,
        previous=head.digest,
    )
    return attrs.evolve(link, digest=_digest(tenant, link))


def head_of(link: Decided) -> Head:
    """Return the head of the chain that ends with `link`."""
    return Head(link.number, link.digest)


def verify(
    tenant: str, links: Iterable[Decided], head: Head | None = None, *, since: Head | None = None
) -> Verdict:
    """Return whether the links are the tenant's chain, each as it was sealed.

    Linear in the links, which are read once and not kept.

    Args:
        tenant: Whose chain it is.
        links: All links after `since`, in the order of their numbers.
        head: The head as it was kept elsewhere; the chain must pass through it. Without one, a
            chain that was cut off at its end, or written anew as a whole, looks intact.
        since: Where the links begin, if not at the first one.

    Raises:
        InvalidValueError: `head` lies before `since`, so that the links cannot reach it.
    """
    last = since or Head()
    if head is not None and head.number < last.number:
        raise InvalidValueError(
            f"head `{head.number}` lies before link `{last.number}`", hint="verify from before it"
        )
    for link in links:
        if head is not None and head.number == last.number and head != last:
            break
        why = _flaw(tenant, last, link)
        if why is not None:
            return Broken(last.number + 1, why)
        last = head_of(link)
        if head is not None and head.number == last.number and head != last:
            break
    return _ended(last, head)


def not_the_end(last: Head, end: Head) -> Broken:
    """Return how a chain that ends with link `last` differs from the end that the store keeps."""
    if end.number == last.number:
        return Broken(last.number, "its digest is not the one that the store keeps for the end")
    number = min(end.number, last.number) + 1
    return Broken(number, f"the store keeps link `{end.number}` as the end")


def _ended(last: Head, head: Head | None) -> Verdict:
    if head is not None and last.number < head.number:
        return Broken(last.number + 1, "the chain ends before the head that was kept")
    if head is not None and last.number == head.number and last != head:
        return Broken(last.number, "its digest is not the one that was kept")
    return Intact(last)


def _flaw(tenant: str, last: Head, link: Decided) -> str | None:
    if type(link.number) is not int or link.number != last.number + 1:
        return f"link `{link.number}` stands in its place"
    if link.previous != last.digest:
        return "it does not follow the link before it"
    if link.digest != _digest(tenant, link):
        return "its content is not what was sealed"
    return None


def _digest(tenant: str, link: Decided) -> str:
    when = to_micros(link.at)
    return digest([tenant, link.number, when, link.kind, link.subject, link.previous, link.body])
