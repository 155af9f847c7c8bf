"""Would it be decided the same again? Decisions made anew from what was kept, compared by bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

import attrs

from entitlements.calendars.timeline.zones import tz_release
from entitlements.contracts.account import Account
from entitlements.kernel.errors import UnreadableError
from entitlements.kernel.no_truth_value import Answer
from entitlements.ports.records import Decided
from entitlements.ports.store import UnitOfWork
from entitlements.service.audit.decision_record import (
    NOTHING,
    Considered,
    account_digest,
    as_considered,
    entries_digest,
    outcome_of,
    read_body,
)
from entitlements.service.caches.catalog_cache import Book, Books


@final
@attrs.frozen(kw_only=True)
class Replayed(Answer):
    """One decision, made again.

    Attributes:
        number: Number of the link in the chain of decisions.
        was: The outcome as it was written down.
        now: The outcome as it is decided again from what is kept.
        differs: Which of the facts are no longer those it was decided from, if any: `catalog`,
            `account`, `ledger`, `zone_data`; or what the link says beside its body: `subject`,
            `instant`.
    """

    number: int
    was: str
    now: str
    differs: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether the outcome is the same, byte for byte."""
        return self.was == self.now


def replay(work: UnitOfWork, books: Books, link: Decided) -> Replayed:
    """Return the decision of a link, made again from the facts as they were known then.

    Raises:
        UnknownIdError: The edition of the catalog is not kept any more.
        UnreadableError: The body of the link is not what is written there.
    """
    try:
        considered, was = read_body(link.body)
    except Exception as error:
        raise UnreadableError(f"decision `{link.number}`", error) from error
    book = books.book(work, considered.edition)
    account = None
    if considered.account != NOTHING:
        present = work.accounts.account(considered.request.customer)
        account = None if present is None else as_considered(present, considered)
    answer = book.engine.assess(considered.request, considered.at, account=account)
    return Replayed(
        number=link.number,
        was=was,
        now=outcome_of(answer),
        differs=(*_beside(link, considered), *_differs(book, account, considered)),
    )


def _beside(link: Decided, considered: Considered) -> Iterator[str]:
    """Yield what a link says otherwise than its body."""
    if link.subject != considered.request.id:
        yield "subject"
    if link.at != considered.at:
        yield "instant"


def _differs(book: Book, account: Account | None, considered: Considered) -> tuple[str, ...]:
    entries = () if account is None else account.ledger.entries
    now = attrs.evolve(
        considered,
        catalog=book.digest,
        account=account_digest(account),
        entries=entries_digest(entries),
        zone_data=tz_release(),
    )
    names = {
        "catalog": "catalog",
        "account": "account",
        "entries": "ledger",
        "zone_data": "zone_data",
    }
    return tuple(
        said for name, said in names.items() if getattr(now, name) != getattr(considered, name)
    )
