"""Replay of recorded decisions and adoptions from the stored facts, compared byte for byte."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple, final

import attrs

from entitlements.calendars.timeline.zones import tz_release
from entitlements.engine.assessment import Assessment
from entitlements.engine.explanation.for_cases import AdoptedCase
from entitlements.kernel.data.digests import plain_json, plain_text
from entitlements.kernel.errors import UnknownIdError, UnreadableError
from entitlements.kernel.mixins.no_truth_value import NoTruthValue
from entitlements.ports.records import DecisionRecord
from entitlements.ports.service_records.service_record import RecordKind
from entitlements.ports.store import UnitOfWork
from entitlements.service.audit.adoption_record import ADOPTED, adoption_text, read_adoption
from entitlements.service.audit.chain import stored_links
from entitlements.service.audit.decision_record import (
    EMPTY_DIGEST,
    DecisionInputs,
    read_body,
)
from entitlements.service.audit.outcome import outcome_text
from entitlements.service.audit.past_accounts import PastAccount, PastAccounts
from entitlements.service.caches.catalog_cache import CatalogCache, CompiledEdition
from entitlements.service.cases.admission import KIND
from entitlements.service.cases.adoption import terms_at_opening
from entitlements.service.cases.deadline_alerts import read_clocks
from entitlements.service.records.recording import RECORD_KINDS, sealed_record
from entitlements.service.records.statements import made_again
from entitlements.service.transaction import TenantContext


@final
@attrs.frozen(kw_only=True)
class ReplayResult(NoTruthValue):
    """The result of replaying one recorded decision.

    Attributes:
        number: Number of the link in the chain of decisions.
        outcome_then: The outcome as it was recorded, as canonical JSON.
        outcome_now: The outcome decided again from the stored facts.
        differs: Which facts have changed since the decision: `catalog`, `account`, `ledger`,
            `zone_data`; or which columns of the link disagree with its body: `subject`, `instant`;
            or `record`, if a record of service is not what was sealed.
            Of an adopted case, an event that came with it and has changed is in the outcomes.
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
        return _result(self.link, (self.inputs, self.outcome_then), outcome_text(self.answer), self)


def decided_about(work: UnitOfWork, catalogs: CatalogCache, case: str) -> DecidedAgain:
    """Return the last decision about a case, made again.

    Raises:
        UnknownIdError: No decision about a case with that id was recorded.
    """
    links = [each for each in work.decisions.about(case) if each.kind == KIND]
    if not links:
        raise UnknownIdError("decision about a case", case)
    accounts = PastAccounts()
    return [decide_again(work, catalogs, accounts, each) for each in links][-1]


def adoption_of(work: UnitOfWork, case: str) -> AdoptedCase | None:
    """Return how a case was taken over; None for a case that was not.

    Raises:
        UnreadableError: The record of it cannot be read.
    """
    link = next((each for each in work.decisions.about(case) if each.kind == ADOPTED), None)
    if link is None:
        return None
    inputs, outcome = _read(link)
    stated, count = read_adoption(outcome)
    return AdoptedCase(
        request=inputs.request,
        at=inputs.at,
        opened=work.cases.case(case).opened,
        events=count,
        contract=stated.contract,
        line=stated.line,
        by=stated.by,
        origin=stated.origin,
    )


def replay_about(work: UnitOfWork, catalogs: CatalogCache, case: str) -> tuple[ReplayResult, ...]:
    """Replay everything that was recorded about a case.

    Raises:
        UnknownIdError: No decision about a case with that id was recorded, and no adoption.
    """
    accounts = PastAccounts()
    found = [replay_link(work, catalogs, accounts, each) for each in work.decisions.about(case)]
    results = tuple(each for each in found if each is not None)
    if not results:
        raise UnknownIdError("decision about a case", case)
    return results


def replay_link(
    work: UnitOfWork, catalogs: CatalogCache, accounts: PastAccounts, link: DecisionRecord
) -> ReplayResult | None:
    """Replay one link of the chain; None if it is of another kind. Raises as `decide_again`."""
    if link.kind == KIND:
        return decide_again(work, catalogs, accounts, link).result()
    if link.kind == ADOPTED:
        return _adopt_again(work, catalogs, accounts, link)
    if link.kind in RECORD_KINDS:
        return replay_record(work, catalogs, link)
    return None


def replay_links(context: TenantContext, after: int | None) -> Iterator[ReplayResult]:
    """Replay every link with a number above `after`, or all, in the order of their numbers."""
    accounts, catalogs = PastAccounts(), context.catalogs
    for link in stored_links(context.query, after):
        again = partial(replay_link, catalogs=catalogs, accounts=accounts, link=link)
        found = context.query(again)
        if found is not None:
            yield found


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
    inputs, outcome_then = _read(link)
    edition = catalogs.edition(work, inputs.edition)
    past = _past_account(work, accounts, inputs)
    account = None if past is None else past.account
    return DecidedAgain(
        link=link,
        inputs=inputs,
        outcome_then=outcome_then,
        edition=edition,
        account=past,
        answer=edition.engine.assess(inputs.request, inputs.at, account=account),
    )


def _read(link: DecisionRecord) -> tuple[DecisionInputs, str]:
    try:
        return read_body(link.body)
    except Exception as error:
        raise UnreadableError(f"decision `{link.number}`", error) from error


def _past_account(
    work: UnitOfWork, accounts: PastAccounts, inputs: DecisionInputs
) -> PastAccount | None:
    if inputs.account == EMPTY_DIGEST:
        return None
    present = work.accounts.account(inputs.request.customer)
    return None if present is None else accounts.at_decision(present, inputs)


def _adopt_again(
    work: UnitOfWork, catalogs: CatalogCache, accounts: PastAccounts, link: DecisionRecord
) -> ReplayResult:
    """Work the terms and clocks of an adopted case out again, from its stored events.

    Raises:
        UnknownIdError: The case or the edition of the catalog is no longer stored, or the account
            has no such contract line any more.
        UnreadableError: The body of the link cannot be read.
    """
    inputs, outcome_then = _read(link)
    try:
        stated, count = read_adoption(outcome_then)
    except Exception as error:
        raise UnreadableError(f"adoption `{link.number}`", error) from error
    edition, past = catalogs.edition(work, inputs.edition), _past_account(work, accounts, inputs)
    if past is None:
        raise UnknownIdError("customer", inputs.request.customer)
    case = work.cases.case(link.subject)
    terms = terms_at_opening(edition, past.account, stated.contract, stated.line, case.opened)
    then = attrs.evolve(
        case, terms=terms, events=case.events[:count], recorded=case.recorded[:count]
    )
    policy, others = edition.policy(terms), edition.others(then)
    measured, _ = read_clocks(then, policy, inputs.at, others=others)
    now = adoption_text(stated, then.events, terms, measured)
    return _result(link, (inputs, outcome_then), now, _Facts(inputs, edition, past))


class _Facts(NamedTuple):
    """The facts from which something was worked out again."""

    inputs: DecisionInputs
    edition: CompiledEdition
    account: PastAccount | None


def _result(
    link: DecisionRecord, read: tuple[DecisionInputs, str], now: str, facts: _Facts | DecidedAgain
) -> ReplayResult:
    inputs, then = read
    return ReplayResult(
        number=link.number,
        outcome_then=then,
        outcome_now=now,
        differs=(*_differing_columns(link, inputs), *_differing_facts(facts)),
    )


def replay_record(work: UnitOfWork, catalogs: CatalogCache, link: DecisionRecord) -> ReplayResult:
    """Return how a record of service compares with what was sealed when it was recorded.

    An issued statement is made again from the facts that were known then.

    Args:
        work: A unit of work.
        catalogs: Compiled editions.
        link: The link that seals it.

    Raises:
        UnreadableError: The body of the link cannot be read.
    """
    try:
        sealed = json.loads(link.body)
        stored = sealed_record(work, link)
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableError(f"decision `{link.number}`", error) from error
    then, now = plain_json(sealed["record"]), "" if stored is None else plain_text(stored)
    differs = () if then == now else ("record",)
    if link.kind == RecordKind.STATEMENT and not differs:
        then, now = (
            plain_json(sealed["record"]["value"]),
            made_again(work, catalogs, sealed, link.at),
        )
    return ReplayResult(number=link.number, outcome_then=then, outcome_now=now, differs=differs)


def _differing_columns(link: DecisionRecord, inputs: DecisionInputs) -> Iterator[str]:
    """Yield the columns of a link that disagree with its body."""
    if link.subject != inputs.request.id:
        yield "subject"
    if link.at != inputs.at:
        yield "instant"


def _differing_facts(again: _Facts | DecidedAgain) -> tuple[str, ...]:
    past, inputs = again.account, again.inputs
    then_and_now = {
        "catalog": (inputs.catalog, again.edition.digest),
        "account": (inputs.account, EMPTY_DIGEST if past is None else past.records_digest),
        "ledger": (inputs.entries, EMPTY_DIGEST if past is None else past.ledger_digest),
        "zone_data": (inputs.zone_data, tz_release()),
    }
    return tuple(name for name, (then, now) in then_and_now.items() if then != now)
