"""Replay of recorded decisions from the stored facts, compared byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

import attrs

from entitlements.calendars.timeline.zones import tz_release
from entitlements.contracts.account import Account
from entitlements.engine.assessment import Assessment
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
    read_body,
)
from entitlements.service.audit.outcome import outcome_text
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


@final
@attrs.frozen(eq=False, kw_only=True)
class DecidedAgain:
    """A decision made again from the facts that were known then.

    Attributes:
        link: The recorded decision.
        inputs: Its inputs.
        outcome_then: Its outcome.
        edition: The edition of the catalog from which it was made.
        account: The account as it was then; None if the customer had none.
        answer: The assessment, made now.
    """

    link: DecisionRecord
    inputs: DecisionInputs
    outcome_then: str
    edition: CompiledEdition
    account: Account | None
    answer: Assessment

    def result(self) -> ReplayResult:
        """Return how it compares with what was recorded."""
        return ReplayResult(
            number=self.link.number,
            outcome_then=self.outcome_then,
            outcome_now=outcome_text(self.answer),
            differs=(*_differing_columns(self.link, self.inputs), *_differing_facts(self)),
        )


def decide_again(work: UnitOfWork, catalogs: CatalogCache, link: DecisionRecord) -> DecidedAgain:
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
    return DecidedAgain(
        link=link,
        inputs=inputs,
        outcome_then=outcome_then,
        edition=edition,
        account=account,
        answer=edition.engine.assess(inputs.request, inputs.at, account=account),
    )


def _differing_columns(link: DecisionRecord, inputs: DecisionInputs) -> Iterator[str]:
    """Yield the columns of a link that disagree with its body."""
    if link.subject != inputs.request.id:
        yield "subject"
    if link.at != inputs.at:
        yield "instant"


def _differing_facts(again: DecidedAgain) -> tuple[str, ...]:
    account, inputs = again.account, again.inputs
    entries = () if account is None else account.ledger.entries
    then_and_now = {
        "catalog": (inputs.catalog, again.edition.digest),
        "account": (inputs.account, account_digest(account)),
        "ledger": (inputs.entries, entries_digest(entries)),
        "zone_data": (inputs.zone_data, tz_release()),
    }
    return tuple(name for name, (then, now) in then_and_now.items() if then != now)
