"""Decision record: inputs and outcome of one decision, as the body of an audit record.

A body names everything a decision depends on: the request and the instant, the edition of the
catalog, the length of the ledger, the cases that counted, and digests of all of it. What can be
read again later is named and digested; what may change (cases, the asset) is written out. Fields
that have their default value are left out.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final, final

import attrs

from entitlements.contracts.account import Account, OpenCase
from entitlements.contracts.ledger.counted_cases import LineKey
from entitlements.contracts.ledger.entries import Entry
from entitlements.contracts.records.parties import Asset
from entitlements.engine.facts import Facts
from entitlements.kernel.converters import as_tuple
from entitlements.kernel.data.digests import (
    digest,
    plain_json,
    plain_text,
    stored_name,
    text_digest,
)
from entitlements.kernel.instants import EARLIEST, to_micros, utc
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
    zone_data: str


def record_body(inputs: DecisionInputs, outcome: str) -> str:
    """Return the body of an audit record: the inputs and the outcome, which is canonical JSON."""
    return f'{plain_text(inputs)[:-1]},"outcome":{outcome}}}'


def read_body(body: str) -> tuple[DecisionInputs, str]:
    """Return the inputs and the outcome in a body; the inverse of `record_body`."""
    data = json.loads(body)
    outcome = plain_json(data.pop("outcome"))
    data["request"] = Request(**data["request"])
    data["cases"] = tuple(OpenCase(**each) for each in data.get("cases", ()))
    data["asset"] = Asset(**data["asset"]) if "asset" in data else None
    return DecisionInputs(**data), outcome


def considered_cases(
    account: Account, request: Request, at: datetime, limited: Collection[LineKey]
) -> tuple[OpenCase, ...]:
    """Return the cases of an account that a decision at `at` may depend on, ordered by id.

    Args:
        account: The account.
        request: The request; the chain of cases that it follows is included.
        at: The instant; cases closed by then do not count.
        limited: Contract and line of all lines that limit the number of open cases.
    """
    found = (
        {}
        if not limited
        else {
            each.id: each
            for each in account.cases.not_closed(to_micros(at))
            if (each.contract, each.line) in limited
        }
    )
    if request.follows is not None:
        found |= _followed_cases(account, request.follows)
    return tuple(found[id] for id in sorted(found))


def _followed_cases(account: Account, earlier: str | None) -> dict[str, OpenCase]:
    """Return a case and all cases before it that it follows, by id."""
    chain = dict[str, OpenCase]()
    while earlier is not None and earlier not in chain:
        case = account.cases.get(earlier)
        if case is None:
            break
        chain[earlier], earlier = case, case.follows
    return chain


def last_recorded(account: Account | None) -> datetime:
    """Return when the last of an account's dated records became known; long ago for none."""
    if account is None:
        return EARLIEST
    records = (*account.contracts, *account.changes, *account.delegations)
    recorded = (each.recorded for each in records if each.recorded is not None)
    return max(recorded, default=EARLIEST)


def catalog_digest(facts: Facts) -> str:
    """Return the digest of everything in the catalog that decisions depend on."""
    catalog = facts.catalog
    hours = {name: each.fingerprint for name, each in catalog.calendars.items()}
    policies = {id: each.fingerprint for id, each in facts.policies.items()}
    offer = [catalog.services, catalog.products, catalog.groups, catalog.plans]
    return digest([*offer, catalog.precedence, hours, policies, plain_text(facts.prices)])


def account_digest(account: Account | None) -> str:
    """Return the digest of an account's dated records, independent of their order."""
    if account is None:
        return EMPTY_DIGEST
    parts = (account.contracts, account.changes, account.delegations)
    return digest([account.customer, [sorted(map(digest, part)) for part in parts]])


def entries_digest(entries: Iterable[Entry], before: str = EMPTY_DIGEST) -> str:
    """Return the digest of a ledger's entries, continued from the digest of earlier entries."""
    for each in entries:
        # Commands of several kinds have the same fields, so that the kind is part of the text.
        kind = stored_name(type(each.command))
        before = text_digest(plain_text((before, kind, each)))
    return before
