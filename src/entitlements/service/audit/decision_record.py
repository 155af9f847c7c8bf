"""From what was it decided? The body of a decision's audit record, to write and to read back.

A body names everything a decision follows from: the request and the instant, the edition of the
catalog, how long the ledger was, which cases counted, and digests of it all. What can be looked up
later is named and digested; what could have changed since (cases, the asset) is written out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, final

import attrs

from entitlements.calendars.timeline.zones import tz_release
from entitlements.contracts.account import Account, OpenCase
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
    """Everything one decision follows from.

    Attributes:
        request: What was asked.
        at: The instant decided for.
        known_at: What was recorded later was not considered.
        edition: Number of the edition of the catalog; 0 for none.
        ledger: How many entries the account's ledger had.
        cases: The cases that could count: not closed at the instant, or in the chain of those that
            the request follows.
        asset: The asset that the request names, as it was known.
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


def record_body(considered: DecisionInputs, outcome: str) -> str:
    """Return the body of an audit record: what was considered, and the outcome as it was said."""
    data = {name: _plain(getattr(considered, name)) for name in _NAMES}
    return canonical_json({**data, "outcome": outcome})


def read_body(body: str) -> tuple[DecisionInputs, str]:
    """Return what a body says; the inverse of `record_body`."""
    data = json.loads(body)
    outcome: str = data.pop("outcome")
    data["request"] = Request(**data["request"])
    data["cases"] = tuple(OpenCase(**each) for each in data["cases"])
    data["asset"] = None if data["asset"] is None else Asset(**data["asset"])
    return DecisionInputs(**data), outcome


def outcome_text(answer: Assessment) -> str:
    """Return the whole decision as canonical JSON text.

    Who takes the work is no part of it: that follows from the roster of the moment, and is decided
    when the work is offered.
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
    """Return the earliest instant, `at` or later, at which all that the account holds was known."""
    if account is None:
        return at
    records = (*account.contracts, *account.changes, *account.delegations)
    return max([at, *(each.recorded for each in records if each.recorded is not None)])


def account_at_decision(account: Account, considered: DecisionInputs) -> Account:
    """Return an account as it was when a decision was made.

    Args:
        account: The account as it is now, or as of any later instant.
        considered: What the decision's record says.
    """
    entries = account.ledger.entries[: considered.ledger]
    past = attrs.evolve(account, ledger=Ledger()).as_known(considered.known_at)
    object.__setattr__(past, "ledger", Ledger.of(entries))
    object.__setattr__(past, "cases", considered.cases)
    assets = () if considered.asset is None else (considered.asset,)
    object.__setattr__(past, "assets", assets)
    return past


def catalog_digest(facts: Facts) -> str:
    """Return the digest of everything shared that decisions follow from."""
    catalog = facts.catalog
    hours = {name: each.fingerprint for name, each in catalog.calendars.items()}
    policies = {id: each.fingerprint for id, each in facts.policies.items()}
    offer = [catalog.services, catalog.products, catalog.groups, catalog.plans]
    return digest([*offer, catalog.precedence, hours, policies])


def account_digest(account: Account | None) -> str:
    """Return the digest of an account's dated records, in whatever order they came."""
    if account is None:
        return EMPTY_DIGEST
    parts = (account.contracts, account.changes, account.delegations)
    return digest([account.customer, [sorted(map(digest, part)) for part in parts]])


def entries_digest(entries: Iterable[Entry], before: str = EMPTY_DIGEST) -> str:
    """Return the digest of a ledger's entries, going on from that of the entries before them."""
    for each in entries:
        before = digest([before, each])
    return before


_NAMES: Final = tuple(each.name for each in attrs.fields(DecisionInputs))


def _plain(value: object) -> Any:
    """Return a value of a record as data that its class takes back as it is."""
    if isinstance(value, Request | OpenCase | Asset):
        names = (each.name for each in attrs.fields(type(value)))
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, datetime):
        return text_of(value)
    return [_plain(each) for each in value] if isinstance(value, tuple) else value
