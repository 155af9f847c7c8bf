"""Replay of recorded decisions from the stored facts, compared byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

import attrs

from entitlements.calendars.timeline.zones import tz_release
from entitlements.engine.assessment import Assessment
from entitlements.kernel.errors import UnreadableError
from entitlements.kernel.mixins.no_truth_value import NoTruthValue
from entitlements.ports.records import DecisionRecord
from entitlements.ports.store import UnitOfWork
from entitlements.service.audit.decision_record import (
    EMPTY_DIGEST,
    DecisionInputs,
    read_body,
)
from entitlements.service.audit.outcome import outcome_text
from entitlements.service.audit.past_accounts import PastAccount, PastAccounts
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
    account: PastAccount | None
    answer: Assessment

    def result(self) -> ReplayResult:
        """Return how it compares with what was recorded."""
        return ReplayResult(
            number=self.link.number,
            outcome_then=self.outcome_then,
            outcome_now=outcome_text(self.answer),
            differs=(*_differing_columns(self.link, self.inputs), *_differing_facts(self)),
        )


def decide_again(
    work: UnitOfWork, catalogs: CatalogCache, accounts: PastAccounts, link: DecisionRecord
) -> DecidedAgain:
    """Decide again from the facts that were known at the decision of a link.

    Args:
        work: A unit of work.
        catalogs: Compiled editions.
        accounts: Accounts as they were at the decisions before.
        link: The recorded decision.

    Raises:
        UnknownIdError: The edition of the catalog is no longer stored.
        UnreadableError: The body of the link cannot be read.
    """
    try:
        inputs, outcome_then = read_body(link.body)
    except Exception as error:
        raise UnreadableError(f"decision `{link.number}`", error) from error
    edition = catalogs.edition(work, inputs.edition)
    past = None
    if inputs.account != EMPTY_DIGEST:
        present = work.accounts.account(inputs.request.customer)
        past = None if present is None else accounts.at_decision(present, inputs)
    account = None if past is None else past.account
    return DecidedAgain(
        link=link,
        inputs=inputs,
        outcome_then=outcome_then,
        edition=edition,
        account=past,
        answer=edition.engine.assess(inputs.request, inputs.at, account=account),
    )


def _differing_columns(link: DecisionRecord, inputs: DecisionInputs) -> Iterator[str]:
    """Yield the columns of a link that disagree with its body."""
    if link.subject != inputs.request.id:
        yield "subject"
    if link.at != inputs.at:
        yield "instant"


def _differing_facts(again: DecidedAgain) -> tuple[str, ...]:
    past, inputs = again.account, again.inputs
    then_and_now = {
        "catalog": (inputs.catalog, again.edition.digest),
        "account": (inputs.account, EMPTY_DIGEST if past is None else past.records_digest),
        "ledger": (inputs.entries, EMPTY_DIGEST if past is None else past.ledger_digest),
        "zone_data": (inputs.zone_data, tz_release()),
    }
    return tuple(name for name, (then, now) in then_and_now.items() if then != now)
