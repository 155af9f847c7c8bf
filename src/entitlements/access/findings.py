"""What was looked at: everything that was tried, each check of it, and from what facts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import final

import attrs

from entitlements.access.reasons import (
    Check,
    Reason,
    as_check,
)
from entitlements.kernel.converters import enum_member
from entitlements.kernel.no_truth_value import NoTruthValue


class CheckOutcome(StrEnum):
    """How one check of one candidate went."""

    PASS = "pass"  # noqa: S105 - not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


def _outcome(value: CheckOutcome | str) -> CheckOutcome:
    return enum_member(CheckOutcome, value)


@final
@attrs.frozen(kw_only=True)
class CheckResult(NoTruthValue):
    """One check of one candidate, with the ids of the facts it read."""

    check: Check = attrs.field(converter=as_check)
    outcome: CheckOutcome = attrs.field(converter=_outcome)
    reasons: tuple[Reason, ...] = ()
    cites: tuple[str, ...] = ()


@final
@attrs.frozen(kw_only=True)
class Candidate(NoTruthValue):
    """One right that was tried, and every check of it."""

    contract: str
    line: str
    plan: str
    right: str | None
    group: str | None
    chosen: bool
    findings: tuple[CheckResult, ...]

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why it gives no access now, in the order of the checks."""
        return tuple(reason for each in self.findings for reason in each.reasons)


@final
@attrs.frozen(kw_only=True)
class DecisionProvenance:
    """From what the decision follows: change any digest, and it may be another.

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
