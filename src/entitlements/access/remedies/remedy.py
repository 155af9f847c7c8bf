"""Remedy: what would change a decision, and the decision that follows."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias, final

import attrs

from entitlements.access.decision import Deferred, Granted
from entitlements.contracts.account import OpenCase
from entitlements.contracts.ledger.entries import Issue
from entitlements.contracts.records.changes import Change
from entitlements.contracts.records.contract import Contract
from entitlements.kernel.converters import enum_member
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.kernel.requests import Request


class RemedyKind(TextEnum):
    """What would change the answer."""

    RENEW = "renew"
    LIFT_BLOCK = "lift_block"
    ADD_CONTACT = "add_contact"
    ADD_LINE = "add_line"
    UPGRADE = "upgrade"
    BUY_PLAN = "buy_plan"
    BUY_ALLOWANCE = "buy_allowance"
    USE_CHANNEL = "use_channel"
    LOWER_SEVERITY = "lower_severity"
    STATE_SEVERITY = "state_severity"
    DECLARE_CONDITION = "declare_condition"
    WAIT_UNTIL = "wait_until"
    ASK_CONTACT = "ask_contact"
    ASK_GROUP = "ask_group"
    STATE_KIND = "state_kind"
    USE_LANGUAGE = "use_language"
    CLOSE_CASE = "close_case"
    RAISE_QUANTITY = "raise_quantity"


def _remedy_kind(value: RemedyKind | str) -> RemedyKind:
    return enum_member(RemedyKind, value)


ProposedFact: TypeAlias = Contract | Change | OpenCase | Issue
"""What a remedy adds to an account: a record, a changed case, or a ledger command."""


@final
@attrs.frozen(kw_only=True)
class Remedy:
    """One verified remedy: do this, and `leads_to` is the decision.

    Attributes:
        kind: What to do.
        target: What it is about: a contract, block, contact, channel, severity, kind of request,
            language, plan.
        ask: The request to make then; the same one, unless the remedy is to ask for something else.
        at: When to make it: at once, except for `WAIT_UNTIL`.
        adds: What `Account.record` has to take into the account first.
        leads_to: The decision that follows, computed by deciding again.
    """

    kind: RemedyKind = attrs.field(converter=_remedy_kind)
    target: str
    ask: Request
    at: datetime
    adds: tuple[ProposedFact, ...] = ()
    leads_to: Granted | Deferred
