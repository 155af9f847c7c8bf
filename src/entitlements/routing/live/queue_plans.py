"""Queue plans: the agent queues that serve a requirement, grouped by rank of their profiles.

Agents of equal configuration share a profile. Each profile has one queue for each kind of load, and
the plan of a requirement lists the queues of all profiles that fit it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any, Final, TypeAlias, final

from entitlements.kernel.memo import Memo
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.eligibility.eligibility import fits_permanently
from entitlements.routing.live.agent_queues import AgentProfile, AgentQueue, IndexedAgent, queue_for
from entitlements.routing.strategies.strategy import KeyScope, SelectionContext, Strategy
from entitlements.routing.work.requirements import Requirement

MAX_PLANS: Final = 4_096
_MAX_QUEUES: Final = 64

QueuePlan: TypeAlias = list[list[AgentQueue]]
"""Queues of equal rank by the keys of the profile, best rank first."""


@final
class QueuePlans:
    """The profiles of a roster, and the plans made from them.

    Attributes:
        kept: Plans by requirement, as far as they are kept.
        ranked: Whether the keys of the profile come first in the strategy and no key depends on
            the instant, so that plans can rank profiles.
    """

    __slots__ = ("_profiles", "_strategy", "kept", "ranked")

    def __init__(self, strategy: Strategy) -> None:
        self._strategy = strategy
        self._profiles: dict[Hashable, AgentProfile] = {}
        self.kept: Memo[Requirement, QueuePlan] = Memo(MAX_PLANS)
        scopes = [key.scope for key in strategy.keys]
        profile_first = sorted(scopes, key=lambda scope: scope is not KeyScope.PROFILE) == scopes
        self.ranked = profile_first and KeyScope.INSTANT not in scopes

    def add(self, agent: IndexedAgent) -> None:
        """Put an agent into its profile; the agent enters the queues at its next change."""
        key = _profile_key(agent, self._strategy)
        profile = self._profiles.get(key)
        if profile is None:
            profile = self._profiles[key] = AgentProfile(agent.agent)
            self.kept.clear()
        agent.profile = profile
        agent.limits = profile.limits  # one dictionary for all members avoids cache misses
        profile.members[agent.id] = agent

    def remove(self, agent: IndexedAgent) -> None:
        """Remove an agent from its profile and from all queues."""
        profile = agent.profile
        for queue in profile.queues:
            queue.live.pop(agent.id, None)
        del profile.members[agent.id]
        if not profile.members:
            self._profiles = {k: v for k, v in self._profiles.items() if v is not profile}
            self.kept.clear()

    def make(self, requires: Requirement) -> QueuePlan:
        """Return a new plan for `requires` and keep it."""
        by_rank: dict[tuple[Any, ...], list[AgentQueue]] = {}
        context = SelectionContext(requires, 0)
        keys = [key.of for key in self._strategy.keys if key.scope is KeyScope.PROFILE]
        for profile in self._profiles.values():
            if fits_permanently(profile.agent, requires):
                member = next(iter(profile.members.values()))
                rank = tuple(of(member, context) for of in keys) if self.ranked else ()
                by_rank.setdefault(rank, []).append(self._queue(profile, requires))
        return self.kept.put(requires, [by_rank[rank] for rank in sorted(by_rank)])

    def _queue(self, profile: AgentProfile, requires: Requirement) -> AgentQueue:
        load = (requires.drawn, requires.channel, requires.exclusive)
        queue = profile.queues_by_load.get(load)
        if queue is None:
            if len(profile.queues) >= _MAX_QUEUES:
                # Plans that refer to dropped queues would no longer see changes, so they go too.
                self.kept.clear()
                profile.queues.clear()
                profile.queues_by_load.clear()
            queue = queue_for(profile, requires, self._strategy)
            profile.queues_by_load[load] = queue
            profile.queues.append(queue)
        return queue


def _profile_key(state: AgentState, strategy: Strategy) -> Hashable:
    """Return what the agents of one profile have in common."""
    agent = state.agent
    return (
        agent.skills,
        agent.groups,
        agent.capacity,
        agent.channels,
        agent.most,
        agent.alongside,
        agent.clearances,
        agent.region,
        agent.tier,
        agent.tiers,
        *_buckets(state, strategy),
    )


def _buckets(state: AgentState, strategy: Strategy) -> Iterator[Hashable]:
    for key in strategy.keys:
        if key.bucket is not None:
            yield key.bucket(state)
