"""Stable names of milestones, states and recurrences."""

from __future__ import annotations

from entitlements.sla import Milestone, MilestoneState, Recurrence


def test_milestones_have_stable_names() -> None:
    assert [*Milestone] == ["first_response", "next_response", "update", "resolution"]


def test_states_and_recurrences_have_stable_names() -> None:
    assert {*MilestoneState} == {
        "pending",
        "running",
        "paused",
        "met",
        "missed",
        "cancelled",
        "no_objective",
    }
    assert [*Recurrence] == ["once", "each", "periodic", "sequential"]
