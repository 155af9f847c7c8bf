"""Replay of recorded decisions from the stored facts, compared byte for byte."""

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
    """The result of replaying one recorded decision.

    Attributes:
        number: Number of the link in the chain of decisions.
        outcome_then: The outcome as it was recorded, as canonical JSON.
        outcome_now: The outcome decided again from the stored facts.
        differs: Which facts have changed since the decision: `catalog`, `account`, `ledger`,
            `zone_data`; or which columns of the link disagree with its body: `subject`, `instant`.
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
    """Decide again from the facts that were known at the decision of a link.

    Raises:
        UnknownIdError: The edition of the catalog is no longer stored.
        UnreadableError: The body of the link cannot be read.
    """
    try:
        inputs, outcome_then = read_body(link.body)
    except Exception as error:
        raise UnreadableError(f"decision `{link.number}`", error) from error
    edition = catalogs.edition(work, inputs.edition)
    account = None
    if inputs.account != EMPTY_DIGEST:
        present = work.accounts.account(inputs.request.customer)
        account = None if present is None else account_at_decision(present, inputs)
    answer = edition.engine.assess(inputs.request, inputs.at, account=account)
    return ReplayResult(
        number=link.number,
        outcome_then=outcome_then,
        outcome_now=outcome_text(answer),
        differs=(*_differing_columns(link, inputs), *_differing_facts(edition, account, inputs)),
    )


def _differing_columns(link: DecisionRecord, inputs: DecisionInputs) -> Iterator[str]:
    """Yield the columns of a link that disagree with its body."""
    if link.subject != inputs.request.id:
        yield "subject"
    if link.at != inputs.at:
        yield "instant"


def _differing_facts(
    edition: CompiledEdition, account: Account | None, inputs: DecisionInputs
) -> tuple[str, ...]:
    entries = () if account is None else account.ledger.entries
    now = attrs.evolve(
        inputs,
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
        label for name, label in names.items() if getattr(now, name) != getattr(inputs, name)
    )
