"""Case records: what a report needs to know of a case, with its history and its policy."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final, final

import attrs

from entitlements.kernel.converters import instance_of, tuple_of
from entitlements.kernel.errors import InvalidValueError, UnknownIdError
from entitlements.kernel.ids import identifier, optional_identifier
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults
from entitlements.sla.case_history.history import History
from entitlements.sla.policy import PolicyVersions, SlaPolicy

DIMENSIONS: Final = ("customer", "plan", "product", "severity", "group", "agent", "channel")
"""By what figures of cases can be divided."""


def _policies(values: Iterable[SlaPolicy]) -> tuple[SlaPolicy, ...]:
    return tuple_of(SlaPolicy, values)


@final
@attrs.frozen(repr=False, kw_only=True)
class CaseRecord(ReprWithoutDefaults):
    """One case: who asked for what, and what happened.

    Attributes:
        id: Id of the case.
        customer: The customer.
        plan: The plan under which it was accepted.
        product: The product that it is about.
        severity: The severity with which it was opened.
        group: The expert group.
        agent: Who worked on it last; None if no agent did.
        channel: The channel through which it was opened.
        history: Its events.
        policy: The SLA policy, or all of its versions.
        others: The policies that changes of terms among the events name.
        follows: Id of the resolved case that it continues; None for a case of its own.
        warranty: How long after its resolution a follow-up corrects it without a charge.

    Raises:
        InvalidValueError: There is no history or no policy, it follows itself, or the warranty is
            negative.
    """

    id: str = attrs.field(converter=identifier)
    customer: str = attrs.field(converter=identifier)
    plan: str | None = attrs.field(default=None, converter=optional_identifier)
    product: str | None = attrs.field(default=None, converter=optional_identifier)
    severity: str | None = attrs.field(default=None, converter=optional_identifier)
    group: str | None = attrs.field(default=None, converter=optional_identifier)
    agent: str | None = attrs.field(default=None, converter=optional_identifier)
    channel: str | None = attrs.field(default=None, converter=optional_identifier)
    history: History
    policy: SlaPolicy | PolicyVersions
    others: tuple[SlaPolicy, ...] = attrs.field(default=(), converter=_policies)
    follows: str | None = attrs.field(default=None, converter=optional_identifier)
    warranty: timedelta = timedelta()

    def __attrs_post_init__(self) -> None:
        instance_of(History, self.history)
        if not isinstance(self.policy, SlaPolicy | PolicyVersions):
            raise InvalidValueError(f"`{self.policy!r:.100}` is not a policy", path="policy")
        if self.follows == self.id:
            raise InvalidValueError(f"case `{self.id}` follows itself", path="follows")
        if instance_of(timedelta, self.warranty) < timedelta():
            raise InvalidValueError(f"a warranty of `{self.warranty}` is negative", path="warranty")

    def value_of(self, dimension: str) -> str | None:
        """Return what the case has in a dimension, such as its customer.

        Raises:
            UnknownIdError: There is no such dimension.
        """
        if dimension not in DIMENSIONS:
            raise UnknownIdError("dimension", str(dimension), known=DIMENSIONS)
        found: str | None = getattr(self, dimension)
        return found
