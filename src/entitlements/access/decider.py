"""Access decisions for one account: `AccountDecider` for many requests, `decide` for one.

Everything except the decision itself is computed when it is read, from the same immutable facts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, final
from zoneinfo import ZoneInfo

from entitlements.access.compiled.account_index import AccountIndex
from entitlements.access.compiled.evaluation import Evaluation
from entitlements.access.compiled.evidence import candidate
from entitlements.access.compiled.plan_grant_cache import PlanGrantCache
from entitlements.access.compiled.selection import select_right
from entitlements.access.compiled.stated_severity import with_severity
from entitlements.access.decision import Decision, Deferred, Denied, Granted
from entitlements.access.explanation import Advisory, AdvisoryKind
from entitlements.access.findings import Candidate, DecisionProvenance
from entitlements.access.precedence import NO_TARGET, FirstResponseTarget
from entitlements.access.promise import ChargeKind, Promise
from entitlements.access.reasons import CHECK_OF, REASON_BIT, Check, Reason, reasons_of_bits
from entitlements.access.remedies.remedy import Remedy
from entitlements.access.remedies.search import remedies
from entitlements.access.validity.search import first_better, valid_until
from entitlements.calendars.timeline.zones import tz_release
from entitlements.contracts.account import Account, AccountPart, has_same_records
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.dates.day_boundaries import day_end
from entitlements.contracts.ledger.counted_cases import LineKey
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.lines.line_history import LineHistory, LineStatus
from entitlements.kernel.converters import instance_of
from entitlements.kernel.data.copies import copy_with
from entitlements.kernel.data.digests import digest
from entitlements.kernel.instants import DAY, from_micros, from_micros_or_none, to_micros
from entitlements.kernel.on_demand.memo import Memo
from entitlements.kernel.requests import Request

EXPIRY_NOTICE: Final = 30 * DAY
"""How long before the end of a term a grant warns of it."""

SUPPORT_NOTICE: Final = 90 * DAY
"""How long before the end of a product's support a grant warns of it."""

_SEVERITY_CHECKS: Final = {Check.CONTACT, Check.ROLE, Check.SEVERITY}
_OF_SEVERITY: Final = sum(REASON_BIT[each] for each in Reason if CHECK_OF[each] in _SEVERITY_CHECKS)


@final
class AccountDecider:
    """One customer's records under one catalog, compiled once for many requests.

    It is immutable to its users and may be shared among threads. A contract line whose plan,
    version or calendar the catalog does not have gives no access, for the reason `facts_missing`;
    `Catalog.check_line` says what is missing.

    Args:
        account: The customer's records; None where nothing is known of the customer.
        catalog: Plans, products and calendars.
        response: When a promise has its first response, for the precedence `best_response`.
        within: The memo in whose bound everything that the decider keeps counts.

    >>> from entitlements.kernel import utc
    >>> decider = AccountDecider(Account(customer="acme"), Catalog())
    >>> request = Request(id="R-1", customer="acme", contact="dana", product="db", severity="S1",
    ...                   channel="phone")
    >>> decider.decide(request, utc("2026-03-02T09:00Z")).reasons
    (Reason.NO_CONTRACT,)
    """

    __slots__ = ("_customer", "_index", "_response")

    def __init__(
        self,
        account: Account | None,
        catalog: Catalog,
        response: FirstResponseTarget = NO_TARGET,
        within: Memo[Any, Any] | None = None,
    ) -> None:
        instance_of(Catalog, catalog)
        self._customer = None if account is None else instance_of(Account, account).customer
        self._response = response
        self._index = AccountIndex(
            account or Account(customer="unknown"), catalog, response, within
        )

    @property
    def account(self) -> Account:
        """The records that decisions follow from."""
        return self._index.account

    @property
    def catalog(self) -> Catalog:
        """The catalog that decisions follow from."""
        return self._index.catalog

    @property
    def histories(self) -> tuple[LineHistory, ...]:
        """Every contract line over all time."""
        return self._index.histories

    @property
    def limited_lines(self) -> frozenset[LineKey]:
        """Contract and line of all lines whose plan, at some time, limits the open cases."""
        return self._index.limited_lines

    def ledger_of(self, promise: Promise, at: int) -> Ledger:
        """Return the ledger with all plan grants from which a promise may take at `at`."""
        return self._grants(promise).at(at)

    @property
    def weight(self) -> int:
        """How many entries are kept, for the memo in whose bound they count."""
        return self._index.weight

    def decide(self, request: Request, at: datetime) -> Decision:
        """Return whether `request` reaches an expert group at `at`.

        A request with impact and urgency gets the severity that follows from them by the plan's
        priority matrix; the decision has it in its `request`.

        Raises:
            InvalidValueError: `at` is naive, or no severity follows from impact and urgency, or
                another one than the request states.
            UnknownIdError: The plan's priority matrix has no such impact or urgency.
        """
        return self.decide_at(instance_of(Request, request), to_micros(at))

    def decide_at(self, request: Request, at: int) -> Decision:
        """Return what `decide` returns, for an instant in microseconds since 1970."""
        if self._customer != request.customer:
            return Denied((self, request, at), (Reason.CUSTOMER_UNKNOWN,))
        if request.impact is not None:
            request = with_severity(self._index, request, at)
        return select_right(self._index, (self, request, at))[0]

    def candidates(self, request: Request, at: int) -> tuple[Candidate, ...]:
        """Return every right that was tried, the chosen one first, the rest by precedence."""
        if self._customer != request.customer:
            return ()
        _, choice = select_right(self._index, (self, request, at))
        evaluated = sorted(self._index.evaluate(request, at), key=lambda each: each.precedence)
        found = [
            candidate(each, request, chosen=choice is not None and each.right is choice)
            for each in evaluated
        ]
        return tuple(sorted(found, key=lambda each: not each.chosen))

    def evaluate(self, request: Request, at: int) -> list[Evaluation]:
        """Return every right that was tried, with its failures as bits."""
        return self._index.evaluate(request, at)

    def severity_refusal(self, request: Request, line: LineKey, at: datetime) -> tuple[Reason, ...]:
        """Return why the contact may not raise an open case to the severity of `request`.

        Only the checks of contact, role and severity count: the case is accepted, whatever the hour
        and the balance are now. Empty if the contact may. Whether the severity is worse than before
        is for the caller to see; everybody may lower it.

        Args:
            request: The request of the case, with the new severity and the contact who asks.
            line: Ids of the contract and of the line under which the case was accepted.
            at: Aware instant of the change.
        """
        if self._customer != instance_of(Request, request).customer:
            return (Reason.CUSTOMER_UNKNOWN,)
        tried = self._index.evaluate(request, to_micros(at))
        failures = [each.failures & _OF_SEVERITY for each in tried if each.line.place == line]
        if not failures:
            missing = AccountPart.CONTRACTS in self._index.account.unknown
            return (Reason.FACTS_MISSING if missing else Reason.NO_CONTRACT,)
        return reasons_of_bits(min(failures, key=int.bit_count))

    def valid_until(self, request: Request, at: int) -> int | None:
        """Return the first instant after `at` at which the decision is another."""
        if self._customer != request.customer:
            return None
        return valid_until(self._index, (self, request, at))

    def first_better(self, request: Request, at: int) -> Granted | Deferred | None:
        """Return the first later decision that is better than the one at `at`, or None.

        That is access after a denial, and the group at once after a deferral.
        """
        if self._customer != request.customer:
            return None
        return first_better(self._index, (self, request, at))

    def provenance(self, request: Request, at: int) -> DecisionProvenance:
        """Return digests of everything a decision follows from."""
        account, catalog = self._index.account, self._index.catalog
        calendars = {name: hours.fingerprint for name, hours in catalog.calendars.items()}
        content = [catalog.services, catalog.products, catalog.groups, catalog.plans]
        return DecisionProvenance(
            at=from_micros(at),
            request=digest(request),
            account=provenance_digest(account),
            catalog=digest([*content, catalog.precedence, calendars]),
            zone_data=tz_release(),
        )

    def warnings(self, promise: Promise, request: Request, at: int) -> tuple[Advisory, ...]:
        """Return what is about to change for a customer who has this promise."""
        grants, charge = self._grants(promise), promise.charge
        history = grants.history
        found = []
        end = history.ends(at, in_grace=True)
        if history.states.at(at).status is LineStatus.GRACE:
            until = from_micros_or_none(end)
            found.append(Advisory(kind=AdvisoryKind.IN_GRACE, at=until))
        elif (due := _notice_due(history, at)) is not None:
            found.append(Advisory(kind=AdvisoryKind.NOTICE_DUE, at=from_micros(due)))
        elif (over := history.ends(at)) is not None and over - at <= EXPIRY_NOTICE:
            found.append(Advisory(kind=AdvisoryKind.EXPIRES_SOON, at=from_micros(over)))
        if charge.kind is ChargeKind.PREPAID and charge.unit is not None:
            pools = () if charge.pool is None else (charge.pool,)
            left = grants.at(at).balance_timeline(charge.unit, pools).available(at)
            if left < 2 * charge.amount:
                found.append(Advisory(kind=AdvisoryKind.BALANCE_LOW, left=left))
        found += self._support_warnings(history, request, at)
        if request.follows is not None:
            earlier = self._index.cases.followed(request, promise.entitlement)
            if earlier is None or charge.pool is not None:
                found.append(Advisory(kind=AdvisoryKind.FOLLOWS_NOTHING))
        return tuple(found)

    def _support_warnings(
        self, history: LineHistory, request: Request, at: int
    ) -> Iterator[Advisory]:
        product = self._index.catalog.product(request.product)
        if product is None:
            return
        # A request without a version is refused as soon as one version is out of support.
        asked = [each for each in product.versions if request.version in {None, each.id}]
        versions = [each.end_of_support for each in asked if each.end_of_support is not None]
        for day in (product.life_cycle.last_supported, min(versions, default=None)):
            if day is not None:
                end = day_end(day, history.contract.zone)
                if 0 < end - at <= SUPPORT_NOTICE:
                    yield Advisory(kind=AdvisoryKind.SUPPORT_ENDS_SOON, at=from_micros(end))

    def remedies(self, request: Request, at: int) -> tuple[Remedy, ...]:
        """Return the remedies of a denial or deferral, each verified by deciding again."""
        if self._customer != request.customer:
            return ()
        return remedies(self, request, at)

    def with_account(
        self, account: Account, within: Memo[Any, Any] | None = None
    ) -> AccountDecider:
        """Return a decider for another state of the account, under the same catalog.

        If the dated records are the same objects, as after a ledger entry or a new case, what was
        compiled from them is shared.

        Args:
            account: The other state.
            within: The memo in whose bound everything counts that is kept for it.
        """
        if self._customer != account.customer or not has_same_records(self.account, account):
            return AccountDecider(account, self._index.catalog, self._response, within)
        return copy_with(self, _index=self._index.grown(account, within))

    def _grants(self, promise: Promise) -> PlanGrantCache:
        wanted = (promise.entitlement.contract, promise.entitlement.line)
        return next(
            each
            for each in self._index.plan_grant_caches
            if (each.history.contract.id, each.history.line) == wanted
        )


def _notice_due(history: LineHistory, at: int) -> int | None:
    """Return when the time for notice is over, if that is soon and the line renews tacitly."""
    contract = history.contract
    end = next((end for start, end in history.terms if start <= at < end), None)
    renews = any(start == end for start, _ in history.terms)
    if contract.renewal is None or end is None or not renews or end < history.tacit_from:
        return None
    last = from_micros(end - 1).astimezone(ZoneInfo(contract.zone)).date()
    due = day_end(contract.renewal.latest_notice(last), contract.zone)
    return due if 0 < due - at <= EXPIRY_NOTICE else None


def provenance_digest(account: Account) -> str:
    """Return the digest of an account's records; their order does not matter."""
    parts = [account.contracts, account.changes, account.delegations, account.assets, account.cases]
    records = [sorted(map(digest, part)) for part in parts]
    return digest([account.customer, records, account.ledger.entries, account.unknown])


def decide(request: Request, catalog: Catalog, account: Account | None, at: datetime) -> Decision:
    """Return whether `request` reaches an expert group at `at`, from facts in one call.

    For several requests to one account, keep an `AccountDecider` instead. A contract line whose
    plan, version or calendar the catalog does not have gives no access.

    Args:
        request: What the customer asks for.
        catalog: Plans, products and calendars.
        account: The customer's records; None where nothing is known of the customer.
        at: Aware instant to decide for.

    Raises:
        InvalidValueError: `at` is naive.

    >>> from entitlements.kernel import utc
    >>> request = Request(id="R-1", customer="acme", contact="dana", product="db", severity="S1",
    ...                   channel="phone")
    >>> decide(request, Catalog(), None, utc("2026-03-02T09:00Z")).reasons
    (Reason.CUSTOMER_UNKNOWN,)
    """
    instance_of(Request, request)
    return AccountDecider(account, catalog).decide(request, at)
