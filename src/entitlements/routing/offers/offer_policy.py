"""Offer policy: how long an offer stands, and what follows from a refusal."""

from __future__ import annotations

from datetime import timedelta
from typing import final

import attrs

from entitlements.kernel.converters import instance_of, positive
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import identifier_set
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults


@final
@attrs.frozen(repr=False, kw_only=True)
class OfferPolicy(ReprWithoutDefaults):
    """The rules of offers and of their refusal.

    Attributes:
        lease: Time to answer an offer, greater than 0.
        declines: Number of refusals after which the work is parked; None for no limit.
        agent_declines: Number of refusals of a piece by one agent after which they get no more
            offers of it. Before that, after the first, the work goes to other agents first. None
            for no limit.
        cool_down: Time after a refusal for which it counts against the agent; None for ever.
        excused_reasons: Reasons of a refusal that never counts against the agent.
        expiry_declines: Whether an expired offer counts as a refusal.
        wrap_up: Time after completion during which the capacity stays taken, 0 or more.
        silence: Time without an action after which the assignee loses the work; None for never.
        keep_age: Whether work that returns to the queue keeps its age there.
        restart_relaxation: Whether a refusal restarts a relaxation plan with `restart="decline"`.
        longest_wait: Longest time from entering the queue until an acceptance, over all offers;
            work that waits longer is parked. None for no limit.

    >>> OfferPolicy(lease=timedelta(minutes=2)).declines
    3
    """

    lease: timedelta = timedelta(seconds=30)
    declines: int | None = attrs.field(default=3, converter=attrs.converters.optional(positive))
    agent_declines: int | None = attrs.field(
        default=1, converter=attrs.converters.optional(positive)
    )
    cool_down: timedelta | None = None
    excused_reasons: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    expiry_declines: bool = True
    wrap_up: timedelta = timedelta()
    silence: timedelta | None = None
    keep_age: bool = True
    restart_relaxation: bool = True
    longest_wait: timedelta | None = None

    def __attrs_post_init__(self) -> None:
        if instance_of(timedelta, self.lease) <= timedelta():
            raise InvalidValueError(f"`lease` must be greater than 0, got `{self.lease}`")
        if instance_of(timedelta, self.wrap_up) < timedelta():
            raise InvalidValueError(f"`wrap_up` must not be negative, got `{self.wrap_up}`")
        for name in ("cool_down", "silence", "longest_wait"):
            time = getattr(self, name)
            if time is not None and instance_of(timedelta, time) <= timedelta():
                raise InvalidValueError(f"`{name}` must be greater than 0, got `{time}`")
