"""Why not them? The closed set of reasons for which an agent cannot take a piece of work.

Obstacles are codes and numbers; sentences are made at the edge.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, final

import attrs

from entitlements.kernel.converters import enum_member
from entitlements.kernel.instants import from_micros


class ObstacleKind(StrEnum):
    """What an agent failed. Codes are stable; sentences are not."""

    NOBODY = "nobody"
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
    PACE = "pace"
    POOL_FULL = "pool_full"
    CHANNEL_FULL = "channel_full"
    HANDS_FULL = "hands_full"
    EXCLUSIVE = "exclusive"
    COMPANY = "company"


def _rule(value: ObstacleKind | str) -> ObstacleKind:
    return enum_member(ObstacleKind, value)


PERMANENT: Final = frozenset(
    {
        ObstacleKind.NOBODY,
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
"""Neither waiting nor finished work removes these."""

OBLIGATIONS: Final = frozenset({ObstacleKind.CLEARANCE, ObstacleKind.RESIDENCY})
"""What the contract demands: no relaxation and no override sets these aside."""

TEMPORARY: Final = frozenset(
    {
        ObstacleKind.NOT_ON_CALL,
        ObstacleKind.ABSENT,
        ObstacleKind.OFF_SHIFT,
        ObstacleKind.AWAY,
        ObstacleKind.PACE,
    }
)
"""Waiting may remove these; the others need work to be finished."""

_PHRASES: Final = {
    ObstacleKind.NOBODY: "the roster is empty",
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
    ObstacleKind.PACE: "pace of {needs} reached",
    ObstacleKind.POOL_FULL: "spare {subject} {has} < {needs}",
    ObstacleKind.CHANNEL_FULL: "channel {subject} full, {has} of {needs}",
    ObstacleKind.HANDS_FULL: "hands full, {has} of {needs}",
    ObstacleKind.EXCLUSIVE: "work that tolerates no other",
    ObstacleKind.COMPANY: "work in hand tolerates no {subject}",
}


@final
@attrs.frozen
class Obstacle:
    """One rule that one agent failed.

    Attributes:
        rule: Which.
        subject: The skill, group, pool or channel it is about; empty if there is none.
        has: What the agent has of it.
        needs: What would do.
        until: Microsecond at which this rule alone would let them pass; None if not known.
    """

    rule: ObstacleKind = attrs.field(converter=_rule)
    subject: str = ""
    has: int | None = None
    needs: int | None = None
    until: int | None = None

    @property
    def permanent(self) -> bool:
        """Whether neither waiting nor finished work removes it."""
        return self.rule in PERMANENT

    def __str__(self) -> str:
        text = _PHRASES[self.rule].format(
            subject=self.subject, has="none" if self.has is None else self.has, needs=self.needs
        )
        if self.until is None:
            return text
        return f"{text} until {from_micros(self.until):%Y-%m-%dT%H:%MZ}"
