"""Links of the chain of decisions: how the digest of a link follows from the one before it.

The digest of what a link says does not depend on its place, so that only a short text has to be
digested while other decisions of the tenant wait; a database can do that itself.
"""

from __future__ import annotations

from datetime import datetime

from entitlements.kernel.data.digests import plain_text, text_digest
from entitlements.kernel.instants import to_micros
from entitlements.ports.records import ChainHead, DecisionRecord


def next_link(
    tenant: str, head: ChainHead, *, at: datetime, kind: str, subject: str, body: str
) -> DecisionRecord:
    """Return the link that follows `head` in the tenant's chain.

    >>> from entitlements.kernel.instants import utc
    >>> nine = utc("2026-03-02T09:00Z")
    >>> first = next_link("t", ChainHead(), at=nine, kind="admit", subject="R-1", body="{}")
    >>> second = next_link("t", head_of(first), at=nine, kind="admit", subject="R-2", body="{}")
    >>> second.previous == first.digest, second.number
    (True, 2)
    """
    number = head.number + 1
    content = content_digest(tenant, at=at, kind=kind, subject=subject, body=body)
    return DecisionRecord(
        number=number,
        at=at,
        kind=kind,
        subject=subject,
        body=body,
        previous=head.digest,
        digest=link_digest(head.digest, number, content),
    )


def content_digest(tenant: str, *, at: datetime, kind: str, subject: str, body: str) -> str:
    """Return the digest of what a link says, which does not depend on its place in the chain."""
    named = plain_text((tenant, to_micros(at), kind, subject))
    return text_digest(f"{named}\n{body}")


def link_digest(previous: str, number: int, content: str) -> str:
    """Return the digest of a link from that of the link before, its number and its content."""
    return text_digest(f"{previous}\n{number}\n{content}")


def head_of(link: DecisionRecord) -> ChainHead:
    """Return the head of the chain that ends with `link`."""
    return ChainHead(link.number, link.digest)


def digest_of(tenant: str, link: DecisionRecord) -> str:
    """Return the digest that a link must have."""
    content = content_digest(
        tenant, at=link.at, kind=link.kind, subject=link.subject, body=link.body
    )
    return link_digest(link.previous, link.number, content)
