"""Would it be decided the same again? Decisions made anew from what was kept, compared by bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

import attrs

from entitlements.calendars.timeline.zones import tz_release
from entitlements.contracts.account import Account
from entitlements.kernel.errors import UnreadableError
from entitlements.kernel.no_truth_value import NoTruthValue
from entitlements.ports.records import DecisionRecord
from entitlements.ports.store import UnitOfWork
from entitlements.service.audit.decision_record import (
    EMPTY_DIGEST,
    DecisionInputs,
    account_at_decision,
    account_digest,
    entries_digest,
    outcome_text,
    read_body,
)
from entitlements.service.caches.catalog_cache import CatalogCache, CompiledEdition


@final
@attrs.frozen(kw_only=True)
class ReplayResult(NoTruthValue):
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
    outcome_then: str
    outcome_now: str
    differs: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether the outcome is the same, byte for byte."""
        return self.outcome_then == self.outcome_now


def replay(work: UnitOfWork, catalogs: CatalogCache, link: DecisionRecord) -> ReplayResult:
    """Return the decision of a link, made again from the facts as they were known then.

    Raises:
        UnknownIdError: The edition of the catalog is not kept any more.
        UnreadableError: The body of the link is not what is written there.
    """
    try:
        considered, was = read_body(link.body)
    except Exception as error:
        raise UnreadableError(f"decision `{link.number}`", error) from error
    edition = catalogs.edition(work, considered.edition)
    account = None
    if considered.account != EMPTY_DIGEST:
        present = work.accounts.account(considered.request.customer)
        account = None if present is None else account_at_decision(present, considered)
    answer = edition.engine.assess(considered.request, considered.at, account=account)
    return ReplayResult(
        number=link.number,
        outcome_then=was,
        outcome_now=outcome_text(answer),
        differs=(*_beside(link, considered), *_differs(edition, account, considered)),
    )


def _beside(link: DecisionRecord, considered: DecisionInputs) -> Iterator[str]:
    """Yield what a link says otherwise than its body."""
    if link.subject != considered.request.id:
        yield "subject"
    if link.at != considered.at:
        yield "instant"


def _differs(
    edition: CompiledEdition, account: Account | None, considered: DecisionInputs
) -> tuple[str, ...]:
    entries = () if account is None else account.ledger.entries
    now = attrs.evolve(
        considered,
        catalog=edition.digest,
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
