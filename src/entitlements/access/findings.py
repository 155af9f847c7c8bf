"""Candidates of a decision: every right that was tried, the result of each check, provenance."""

from __future__ import annotations

from datetime import datetime
from typing import final

import attrs

from entitlements.access.reasons import Check, Reason, as_check
from entitlements.kernel.converters import enum_member
from entitlements.kernel.mixins.no_truth_value import NoTruthValue
from entitlements.kernel.mixins.text_enum import TextEnum


class CheckOutcome(TextEnum):
    """Result of one check; unknown facts count as a failure."""

    PASS = "pass"  # noqa: S105 - not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


def _outcome(value: CheckOutcome | str) -> CheckOutcome:
    return enum_member(CheckOutcome, value)


@final
@attrs.frozen(kw_only=True)
class CheckResult(NoTruthValue):
    """The result of one check of one candidate.

    Attributes:
        check: What was checked.
        outcome: How it went.
        reasons: Why it failed; empty if it did not.
        cites: Ids of the facts that were read.
    """

    check: Check = attrs.field(converter=as_check)
    outcome: CheckOutcome = attrs.field(converter=_outcome)
    reasons: tuple[Reason, ...] = ()
    cites: tuple[str, ...] = ()


@final
@attrs.frozen(kw_only=True)
class Candidate(NoTruthValue):
    """One right that was tried, with the result of every check.

    Attributes:
        contract: Id of the contract.
        line: Id of the contract line.
        plan: Id of the plan.
        right: Id of the right; None where the line has no rights.
        group: The expert group of the right.
        chosen: Whether the decision gives access by this candidate.
        results: The results, in the order of the checks.
    """

    contract: str
    line: str
    plan: str
    right: str | None
    group: str | None
    chosen: bool
    results: tuple[CheckResult, ...]

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why it gives no access at the instant, in the order of the checks."""
        return tuple(reason for each in self.results for reason in each.reasons)


@final
@attrs.frozen(kw_only=True)
class DecisionProvenance:
    """Digests of everything a decision follows from: equal ones give equal decisions.

    Attributes:
        at: The instant decided for.
        request: Digest of the request.
        account: Digest of the account's records.
        catalog: Digest of products, groups, plans and the fingerprints of calendars.
        zone_data: Release of the time zone database.
    """

    at: datetime
    request: str
    account: str
    catalog: str
    zone_data: str
