"""Decision record: inputs and outcome of one decision, as the body of an audit record.

A body names everything a decision depends on: the request and the instant, the edition of the
catalog, the length of the ledger, the cases that counted, and digests of all of it. What can be
read again later is named and digested; what may change (cases, the asset) is written out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, final

import attrs

from entitlements.calendars.timeline.zones import tz_release
from entitlements.contracts.account import Account, OpenCase, unchecked_copy
from entitlements.contracts.ledger.entries import Entry
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.parties import Asset
from entitlements.engine.assessment import Assessment
from entitlements.engine.facts import Facts
from entitlements.kernel.converters import as_tuple
from entitlements.kernel.digests import canonical_json, digest
from entitlements.kernel.instants import text_of, utc
from entitlements.kernel.requests import Request

EMPTY_DIGEST: Final = ""


@final
@attrs.frozen(kw_only=True)
class DecisionInputs:
    """Everything that one decision depends on.

    Attributes:
        request: The request.
        at: Instant of the decision.
        known_at: Records that became known later were not inputs.
        edition: Number of the edition of the catalog; 0 for none.
        ledger: Number of entries in the account's ledger.
        cases: The cases that can count: those not closed at the instant, and those that the
            request follows.
        asset: The asset that the request names, as it was then.
        catalog: Digest of the edition.
        account: Digest of contracts, changes and delegations; empty for no account.
        entries: Digest of the ledger.
        zone_data: Release of the time zone database.
    """

    request: Request
    at: datetime = attrs.field(converter=utc)
    known_at: datetime = attrs.field(converter=utc)
    edition: int
    ledger: int = 0
    cases: tuple[OpenCase, ...] = attrs.field(default=(), converter=as_tuple)
    asset: Asset | None = None
    catalog: str = EMPTY_DIGEST
    account: str = EMPTY_DIGEST
    entries: str = EMPTY_DIGEST
    zone_data: str = attrs.field(factory=tz_release)


def record_body(inputs: DecisionInputs, outcome: str) -> str:
    """Return the body of an audit record: the inputs and the outcome."""
    data = {name: _plain(getattr(inputs, name)) for name in _NAMES}
    return canonical_json({**data, "outcome": outcome})


def read_body(body: str) -> tuple[DecisionInputs, str]:
    """Return the inputs and the outcome in a body; the inverse of `record_body`."""
    data = json.loads(body)
    outcome: str = data.pop("outcome")
    data["request"] = Request(**data["request"])
    data["cases"] = tuple(OpenCase(**each) for each in data["cases"])
    data["asset"] = None if data["asset"] is None else Asset(**data["asset"])
    return DecisionInputs(**data), outcome


def outcome_text(answer: Assessment) -> str:
    """Return the whole decision as canonical JSON text.

    The route is no part of it: it depends on the roster and is decided when the work is offered.
    """
    data = answer.to_dict()
    del data["route"]
    return canonical_json(data)


def considered_cases(account: Account, request: Request, at: datetime) -> tuple[OpenCase, ...]:
    """Return the cases of an account that a decision at `at` may depend on, ordered by id."""
    known = {each.id: each for each in account.cases}
    found = {id: each for id, each in known.items() if each.closed is None or each.closed > at}
    earlier, chain = request.follows, set[str]()
    while earlier is not None and earlier in known and earlier not in chain:
        chain.add(earlier)
        found[earlier] = known[earlier]
        earlier = known[earlier].follows
    return tuple(found[id] for id in sorted(found))


def known_at(account: Account | None, at: datetime) -> datetime:
    """Return the earliest instant from `at` on at which all records of the account were known."""
    if account is None:
        return at
    records = (*account.contracts, *account.changes, *account.delegations)
    return max([at, *(each.recorded for each in records if each.recorded is not None)])


def account_at_decision(account: Account, inputs: DecisionInputs) -> Account:
    """Return an account as it was when a decision was made.

    Args:
        account: The account as it is now, or as of any later instant.
        inputs: The inputs in the decision's record.
    """
    entries = account.ledger.entries[: inputs.ledger]
    past = attrs.evolve(account, ledger=Ledger()).as_known(inputs.known_at)
    assets = () if inputs.asset is None else (inputs.asset,)
    return unchecked_copy(past, ledger=Ledger.of(entries), cases=inputs.cases, assets=assets)


def catalog_digest(facts: Facts) -> str:
    """Return the digest of everything in the catalog that decisions depend on."""
    catalog = facts.catalog
    hours = {name: each.fingerprint for name, each in catalog.calendars.items()}
    policies = {id: each.fingerprint for id, each in facts.policies.items()}
    offer = [catalog.services, catalog.products, catalog.groups, catalog.plans]
    return digest([*offer, catalog.precedence, hours, policies])


def account_digest(account: Account | None) -> str:
    """Return the digest of an account's dated records, independent of their order."""
    if account is None:
        return EMPTY_DIGEST
    parts = (account.contracts, account.changes, account.delegations)
    return digest([account.customer, [sorted(map(digest, part)) for part in parts]])


def entries_digest(entries: Iterable[Entry], before: str = EMPTY_DIGEST) -> str:
    """Return the digest of a ledger's entries, continued from the digest of earlier entries."""
    for each in entries:
        before = digest([before, each])
    return before


_NAMES: Final = tuple(each.name for each in attrs.fields(DecisionInputs))


def _plain(value: object) -> Any:
    """Return a value of a record as data from which its class can be built again."""
    if isinstance(value, Request | OpenCase | Asset):
        names = (each.name for each in attrs.fields(type(value)))
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, datetime):
        return text_of(value)
    return [_plain(each) for each in value] if isinstance(value, tuple) else value
