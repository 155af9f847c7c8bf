"""Obstacles: the closed set of reasons why an agent cannot take a piece of work.

An obstacle holds a code and numbers; `str` makes the sentence.
"""

from __future__ import annotations

from typing import Final, final

import attrs

from entitlements.kernel.converters import enum_member
from entitlements.kernel.data.schema import AS_INSTANT
from entitlements.kernel.instants import text_of
from entitlements.kernel.mixins.text_enum import TextEnum


class ObstacleKind(TextEnum):
    """The rule that an agent fails. Codes are stable; sentences are not.

    `NO_AGENTS` is the reason of an empty roster, and `WORK_LIMIT` the limit over all pools and
    channels. `EXCLUSIVE` is exclusive work beside other work, and `CHANNEL_CONFLICT` assigned work
    whose channel must not be combined with the channel of the new work.

    >>> ObstacleKind("level") in PERMANENT
    True
    """

    NO_AGENTS = "no_agents"
    EXCLUDED = "excluded"
    GROUP = "group"
    SKILL = "skill"
    LEVEL = "level"
    CLEARANCE = "clearance"
    RESIDENCY = "residency"
    CHANNEL = "channel"
    TOO_BIG = "too_big"
    NEVER_ON_DUTY = "never_on_duty"
    NOT_ON_CALL = "not_on_call"
    ABSENT = "absent"
    OFF_SHIFT = "off_shift"
    AWAY = "away"
    RATE_LIMIT = "rate_limit"
    POOL_FULL = "pool_full"
    CHANNEL_FULL = "channel_full"
    WORK_LIMIT = "work_limit"
    EXCLUSIVE = "exclusive"
    CHANNEL_CONFLICT = "channel_conflict"


def _kind(value: ObstacleKind | str) -> ObstacleKind:
    return enum_member(ObstacleKind, value)


PERMANENT: Final = frozenset(
    {
        ObstacleKind.NO_AGENTS,
        ObstacleKind.EXCLUDED,
        ObstacleKind.GROUP,
        ObstacleKind.SKILL,
        ObstacleKind.LEVEL,
        ObstacleKind.CLEARANCE,
        ObstacleKind.RESIDENCY,
        ObstacleKind.CHANNEL,
        ObstacleKind.TOO_BIG,
        ObstacleKind.NEVER_ON_DUTY,
    }
)
"""Neither the passage of time nor the completion of work removes these."""

OBLIGATIONS: Final = frozenset({ObstacleKind.CLEARANCE, ObstacleKind.RESIDENCY})
"""Contractual obligations: neither relaxation nor an override removes these."""

TEMPORARY: Final = frozenset(
    {
        ObstacleKind.NOT_ON_CALL,
        ObstacleKind.ABSENT,
        ObstacleKind.OFF_SHIFT,
        ObstacleKind.AWAY,
        ObstacleKind.RATE_LIMIT,
    }
)
"""The passage of time may remove these; the others that are not permanent need completed work."""

OBSTACLE_PHRASES: Final = {
    ObstacleKind.NO_AGENTS: "the roster is empty",
    ObstacleKind.EXCLUDED: "excluded from this work",
    ObstacleKind.GROUP: "not in group {subject}",
    ObstacleKind.SKILL: "lacks skill {subject} (level {needs})",
    ObstacleKind.LEVEL: "level {subject} {has} < {needs}",
    ObstacleKind.CLEARANCE: "clearance {subject} {has} < {needs}",
    ObstacleKind.RESIDENCY: "not in region {subject}",
    ObstacleKind.CHANNEL: "does not serve channel {subject}",
    ObstacleKind.TOO_BIG: "needs {needs} in {subject}, limit {has}",
    ObstacleKind.NEVER_ON_DUTY: "never on duty again",
    ObstacleKind.NOT_ON_CALL: "not on call in {subject}",
    ObstacleKind.ABSENT: "absent",
    ObstacleKind.OFF_SHIFT: "off shift",
    ObstacleKind.AWAY: "away",
    ObstacleKind.RATE_LIMIT: "rate limit of {needs} reached",
    ObstacleKind.POOL_FULL: "free {subject} capacity {has} < {needs}",
    ObstacleKind.CHANNEL_FULL: "channel {subject} full, {has} of {needs}",
    ObstacleKind.WORK_LIMIT: "work limit reached, {has} of {needs}",
    ObstacleKind.EXCLUSIVE: "exclusive work",
    ObstacleKind.CHANNEL_CONFLICT: "assigned work excludes {subject}",
}
"""Each obstacle in English; the placeholders are fields of `Obstacle`."""


@final
@attrs.frozen
class Obstacle:
    """One rule that one agent fails.

    Attributes:
        kind: The rule; its code as text is converted.
        subject: The skill, group, pool or channel concerned; empty if there is none.
        has: The level, capacity or count of the agent; None if the agent has none.
        needs: The smallest value that passes, or the limit that is reached.
        until: The microsecond since 1970 UTC from which the agent passes this rule; None if
            unknown.

    >>> print(Obstacle("level", "spanish", has=2, needs=3))
    level spanish 2 < 3
    """

    kind: ObstacleKind = attrs.field(converter=_kind)
    subject: str = ""
    has: int | None = None
    needs: int | None = None
    until: int | None = attrs.field(default=None, metadata=AS_INSTANT)

    @property
    def permanent(self) -> bool:
        """Whether neither the passage of time nor the completion of work removes it."""
        return self.kind in PERMANENT

    def __str__(self) -> str:
        text = OBSTACLE_PHRASES[self.kind].format(
            subject=self.subject, has="none" if self.has is None else self.has, needs=self.needs
        )
        if self.until is None:
            return text
        return f"{text} until {text_of(self.until)}"
