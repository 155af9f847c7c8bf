"""SLA policies and their versions.

A policy is a value: targets, the calendars that they name, and clock options. It does not depend on
a contract or a customer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import final

import attrs

from entitlements.calendars.business_hours import BusinessHours, as_hours
from entitlements.calendars.calendar import Calendar
from entitlements.kernel.converters import as_tuple, frozen_map, instance_of, tuple_of
from entitlements.kernel.errors import (
    DuplicateIdError,
    EntitlementsError,
    InvalidValueError,
    NotCoveredError,
    UnknownIdError,
)
from entitlements.kernel.frozenmaps import FrozenMap, short_repr
from entitlements.kernel.ids import identifier, identifiers
from entitlements.kernel.instants import instant_of, text_of, utc
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults
from entitlements.sla.clock.compiled_policy import CompiledPolicy
from entitlements.sla.milestones import Milestone
from entitlements.sla.options.clock_options import ClockOptions
from entitlements.sla.targets import Target


def _targets(values: Iterable[Target]) -> tuple[Target, ...]:
    return tuple_of(Target, values)


def _calendars(value: Mapping[str, BusinessHours]) -> FrozenMap[str, BusinessHours]:
    return FrozenMap(
        {identifier(name): as_hours(hours) for name, hours in frozen_map(value).items()}
    )


@final
@attrs.frozen(repr=False, kw_only=True)
class SlaPolicy(ReprWithoutDefaults):
    """Targets for milestones, the calendars by which they are counted, and clock options.

    Attributes:
        id: The id of the policy; each version of a policy has a different id.
        targets: The targets; of those of a milestone the first one that fits a case counts.
        calendars: The business hours by the names that targets use.
        options: The options of the clocks.

    >>> from datetime import timedelta
    >>> SlaPolicy(
    ...     id="gold",
    ...     targets=[Target(milestone="first_response", within=timedelta(hours=1))],
    ... ).milestones
    ('first_response',)

    Raises:
        UnknownIdError: A target names a calendar that is not in `calendars`, or the options pause
            a milestone that is neither built in nor among the targets.
        InvalidValueError: There is no target, or targets of one milestone start or recur
            differently.
    """

    id: str = attrs.field(converter=identifier)
    targets: tuple[Target, ...] = attrs.field(repr=short_repr, converter=_targets)
    calendars: FrozenMap[str, BusinessHours] = attrs.field(factory=FrozenMap, converter=_calendars)
    options: ClockOptions = attrs.field(factory=ClockOptions)

    def __attrs_post_init__(self) -> None:
        if not self.targets:
            raise InvalidValueError(f"policy `{self.id}` has no target")
        for index, target in enumerate(self.targets):
            if target.calendar is not None and target.calendar not in self.calendars:
                raise UnknownIdError(
                    "calendar",
                    target.calendar,
                    known=self.calendars,
                    path=f"targets[{index}].calendar",
                )
        _check_same_start(self.targets)
        for index, target in enumerate(self.targets):
            if target.cut_off is not None and target.calendar is not None:
                _check_one_zone(self.calendars[target.calendar], f"targets[{index}].cut_off")
        known = [*Milestone, *self.milestones]
        for name in instance_of(ClockOptions, self.options).paused_by:
            if name not in known:
                raise UnknownIdError("milestone", name, known=known, path="options.paused_by")

    @cached_property
    def milestones(self) -> tuple[str, ...]:
        """The milestones of the policy, in the order of its targets."""
        return tuple(dict.fromkeys(each.milestone for each in self.targets))

    @cached_property
    def compiled(self) -> CompiledPolicy:
        """The policy compiled to integers, once; safe to share among threads."""
        return CompiledPolicy(self.id, self.targets, self.milestones, self.calendars, self.options)

    @cached_property
    def fingerprint(self) -> str:
        """A digest of the whole policy: equal for equal policies, on every machine."""
        from entitlements.kernel.data.digests import digest  # noqa: PLC0415 - on first use

        hours = {name: each.fingerprint for name, each in self.calendars.items()}
        return digest((self.id, self.targets, hours, self.options))

    def with_calendars(self, calendars: Mapping[str, BusinessHours]) -> SlaPolicy:
        """Return the policy with other hours for some of its calendar names.

        Raises:
            UnknownIdError: A name is not among the policy's calendars.
        """
        for name in frozen_map(calendars):
            if name not in self.calendars:
                raise UnknownIdError("calendar", str(name), known=self.calendars)
        return attrs.evolve(self, calendars={**self.calendars, **calendars})

    def missing(self, severities: Iterable[str]) -> tuple[str, ...]:
        """Return the severities without a first response that holds for every channel.

        Measuring a case of such a severity raises an error. A target `within=None` states that
        nothing is promised, and is no gap. Neither is a policy without any first response, such
        as an internal one.

        >>> from datetime import timedelta
        >>> day = timedelta(days=1)
        >>> only_high = Target(milestone="first_response", within=day, severities=["high"])
        >>> SlaPolicy(id="basic", targets=[only_high]).missing(["high", "low"])
        ('low',)
        """
        first = [each for each in self.targets if each.milestone == Milestone.FIRST_RESPONSE]
        nothing: frozenset[str] = frozenset()
        return tuple(
            severity
            for severity in identifiers(severities)
            if first and not any(each.fits(severity, "", nothing) for each in first)
        )

    @property
    def severities(self) -> tuple[str, ...]:
        """The severities that the targets name, in their order."""
        return tuple(dict.fromkeys(name for each in self.targets for name in each.severities))

    def never_open(self) -> tuple[str, ...]:
        """Return the names of calendars that are never open, so that no target is ever due."""
        return tuple(name for name, hours in self.calendars.items() if hours == Calendar.never())


def _check_one_zone(hours: BusinessHours, path: str) -> None:
    """Raise `InvalidValueError` if hours of several zones have no zone for their days."""
    try:
        _ = hours.zone
    except InvalidValueError as error:
        error.path = path
        raise


def _check_same_start(targets: tuple[Target, ...]) -> None:
    first: dict[str, Target] = {}
    for index, target in enumerate(targets):
        other = first.setdefault(target.milestone, target)
        if (target.starts_on, target.recurrence) != (other.starts_on, other.recurrence):
            raise InvalidValueError(
                f"two targets of `{target.milestone}` start or recur differently",
                hint="use two milestones",
                path=f"targets[{index}]",
            )


def _versions(
    value: Iterable[tuple[datetime | str, SlaPolicy]],
) -> tuple[tuple[datetime, SlaPolicy], ...]:
    try:
        pairs = [(utc(since), instance_of(SlaPolicy, each)) for since, each in as_tuple(value)]
    except (TypeError, ValueError) as error:
        if isinstance(error, EntitlementsError):
            raise
        raise InvalidValueError(
            f"`{value!r}` are not versions", hint="pass pairs of an instant and a policy"
        ) from None
    return tuple(sorted(pairs, key=lambda pair: pair[0]))


@final
@attrs.frozen
class PolicyVersions:
    """The versions of one policy; a case keeps the version in force at its opening.

    Attributes:
        versions: Pairs of an instant and the version in force from then on.

    >>> from datetime import timedelta
    >>> answer = Target(milestone="first_response", within=timedelta(hours=1))
    >>> versions = PolicyVersions([("2026-01-01T00:00Z", SlaPolicy(id="v1", targets=[answer]))])
    >>> versions.at(utc("2026-03-01T00:00Z")).id
    'v1'

    Raises:
        InvalidValueError: There is no version.
        DuplicateIdError: Two versions begin at one instant, or have one id.
    """

    versions: tuple[tuple[datetime, SlaPolicy], ...] = attrs.field(converter=_versions)

    def __attrs_post_init__(self) -> None:
        if not self.versions:
            raise InvalidValueError(
                "a policy needs at least one version", hint="pass pairs of an instant and a policy"
            )
        seen: set[object] = set()
        for since, policy in self.versions:
            for key in (since, policy.id):
                if key in seen:
                    raise DuplicateIdError("policy version", str(key))
                seen.add(key)

    def at(self, instant: datetime) -> SlaPolicy:
        """Return the version in force at `instant`.

        Raises:
            NotCoveredError: The first version begins later.
        """
        found, at = None, instant_of(instant)
        for since, policy in self.versions:
            if since <= at:
                found = policy
        if found is None:
            raise NotCoveredError(f"no version of the policy is in force at `{text_of(instant)}`")
        return found


def check_policy(policy: SlaPolicy | PolicyVersions) -> SlaPolicy | PolicyVersions:
    """Return `policy` if it is a policy or the versions of one.

    Raises:
        InvalidValueError: It is something else.
    """
    if isinstance(policy, PolicyVersions):
        return policy
    return instance_of(SlaPolicy, policy)
