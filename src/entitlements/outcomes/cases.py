"""Case records: what a report needs to know of a case, with its history and its policy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, final

import attrs

from entitlements.kernel.converters import instance_of, tuple_of
from entitlements.kernel.errors import InvalidValueError, UnknownIdError
from entitlements.kernel.ids import identifier, optional_identifier
from entitlements.sla.case_history.history import History
from entitlements.sla.policy import PolicyVersions, SlaPolicy

DIMENSIONS: Final = ("customer", "plan", "severity", "group", "agent", "channel")
"""By what figures of cases can be divided."""


def _policies(values: Iterable[SlaPolicy]) -> tuple[SlaPolicy, ...]:
    return tuple_of(SlaPolicy, values)


@final
@attrs.frozen(kw_only=True)
class CaseRecord:
    """One case: who asked for what, and what happened.

    Attributes:
        id: Id of the case.
        customer: The customer.
        plan: The plan under which it was accepted.
        severity: The severity with which it was opened.
        group: The expert group.
        agent: Who worked on it last; None if no agent did.
        channel: The channel through which it was opened.
        history: Its events.
        policy: The SLA policy, or all of its versions.
        others: The policies that changes of terms among the events name.

    Raises:
        InvalidValueError: There is no history or no policy.
    """

    id: str = attrs.field(converter=identifier)
    customer: str = attrs.field(converter=identifier)
    plan: str | None = attrs.field(default=None, converter=optional_identifier)
    severity: str | None = attrs.field(default=None, converter=optional_identifier)
    group: str | None = attrs.field(default=None, converter=optional_identifier)
    agent: str | None = attrs.field(default=None, converter=optional_identifier)
    channel: str | None = attrs.field(default=None, converter=optional_identifier)
    history: History
    policy: SlaPolicy | PolicyVersions
    others: tuple[SlaPolicy, ...] = attrs.field(default=(), converter=_policies)

    def __attrs_post_init__(self) -> None:
        instance_of(History, self.history)
        if not isinstance(self.policy, SlaPolicy | PolicyVersions):
            raise InvalidValueError(f"`{self.policy!r:.100}` is not a policy", path="policy")

    def value_of(self, dimension: str) -> str | None:
        """Return the case's customer, plan, severity, group, agent or channel.

        Raises:
            UnknownIdError: There is no such dimension.
        """
        if dimension not in DIMENSIONS:
            raise UnknownIdError("dimension", str(dimension), known=DIMENSIONS)
        found: str | None = getattr(self, dimension)
        return found
