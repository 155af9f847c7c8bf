"""Counts of many answers by outcome, reason, expert group and agent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import final

import attrs

from entitlements.access import Deferred, Denied, Granted, Reason
from entitlements.engine import Assessment


@final
@attrs.frozen(kw_only=True)
class GroupLoad:
    """Requests that reached one expert group.

    Attributes:
        group: Id of the group.
        at_once: Granted and reached at once.
        queued: Granted and reached through its queue.
        later: Deferred to its opening.
        waiting: Those of all these without a free and eligible agent at that instant.
        agents: Number of assignments of each agent, highest first.
    """

    group: str
    at_once: int
    queued: int
    later: int
    waiting: int
    agents: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        """All requests that reached the group."""
        return self.at_once + self.queued + self.later


@final
@attrs.frozen(kw_only=True)
class Summary:
    """Many answers, counted.

    Attributes:
        answered: Number of answers.
        granted: Number of answers that grant access.
        deferred: Number of answers that defer it to a later opening.
        denied: Number of answers that deny it.
        reasons: Number of denials with each reason, highest first; a denial may have several.
        groups: Load of each expert group with any request, largest first.
    """

    answered: int
    granted: int
    deferred: int
    denied: int
    reasons: tuple[tuple[Reason, int], ...]
    groups: tuple[GroupLoad, ...]

    def to_dict(self) -> dict[str, object]:
        """Return the counts as data that JSON can hold."""
        return {
            "answered": self.answered,
            "decisions": {
                "granted": self.granted,
                "deferred": self.deferred,
                "denied": self.denied,
            },
            "denied_by_reason": {reason.value: count for reason, count in self.reasons},
            "groups": [{**attrs.asdict(each), "agents": dict(each.agents)} for each in self.groups],
        }


def summary(answers: Iterable[Assessment]) -> Summary:
    """Return the counts of `answers`."""
    every = list(answers)
    denials = [each.decision for each in every if isinstance(each.decision, Denied)]
    granted = sum(isinstance(each.decision, Granted) for each in every)
    by_group: dict[str, list[Assessment]] = {}
    for each in every:
        if isinstance(each.decision, Granted | Deferred):
            by_group.setdefault(each.decision.group, []).append(each)
    groups = [_load(group, found) for group, found in sorted(by_group.items())]
    return Summary(
        answered=len(every),
        granted=granted,
        deferred=len(every) - granted - len(denials),
        denied=len(denials),
        reasons=tuple(Counter(reason for each in denials for reason in each.reasons).most_common()),
        groups=tuple(sorted(groups, key=lambda each: (-each.total, each.group))),
    )


def _load(group: str, answers: Sequence[Assessment]) -> GroupLoad:
    decisions = [each.decision for each in answers]
    taken = Counter(each.agent for each in answers if each.agent is not None)
    granted = [each for each in decisions if isinstance(each, Granted)]
    at_once = sum(each.immediate for each in granted)
    return GroupLoad(
        group=group,
        at_once=at_once,
        queued=len(granted) - at_once,
        later=len(decisions) - len(granted),
        waiting=len(answers) - taken.total(),
        agents=tuple(sorted(taken.items(), key=lambda pair: (-pair[1], pair[0]))),
    )
