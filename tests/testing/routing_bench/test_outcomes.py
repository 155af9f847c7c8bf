from __future__ import annotations

from entitlements.testing.routing_bench import (
    Operation,
    OutcomeLog,
    Piece,
    RankWaits,
    Reprioritisation,
    Withdrawal,
    WorkTransfer,
    World,
    WorldAgent,
)

SECOND = 1_000_000


def log_of(*agents: WorldAgent) -> OutcomeLog:
    return OutcomeLog(World(name="w", pieces=0, agents=agents, events=()))


def arrive(log: OutcomeLog, id: str, at: int, rank: int = 0) -> None:
    log.arrived(Piece(at=at * SECOND, id=id, handling=1, rank=rank))


def assign(log: OutcomeLog, at: int, *pairs: tuple[str, str]) -> None:
    log.answered(Operation.ARRIVE, at * SECOND, list(pairs))


def test_waiting_times_are_those_of_the_rank_at_the_assignment() -> None:
    log = log_of(WorldAgent(id="ada"))
    for n, wait in enumerate((4, 1, 2, 3)):
        arrive(log, f"p{n}", 10 - wait, rank=3)
    log.changed(Reprioritisation(at=9 * SECOND, work="p0", rank=1))
    assign(log, 10, *((f"p{n}", "ada") for n in range(4)))
    assert log.outcome(0).waits == {
        1: RankWaits(count=1, mean=4, p95=4, longest=4),
        3: RankWaits(count=3, mean=2, p95=3, longest=3),
    }


def test_a_transferred_piece_waits_again_from_the_transfer_with_its_rank() -> None:
    log = log_of(WorldAgent(id="ada"), WorldAgent(id="bob"))
    arrive(log, "p1", 0, rank=2)
    assign(log, 3, ("p1", "ada"))
    log.changed(WorkTransfer(at=5 * SECOND, work="p1"))
    assign(log, 6, ("p1", "bob"))
    assert log.outcome(0).waits == {2: RankWaits(count=2, mean=2, p95=3, longest=3)}


def test_every_piece_is_counted_where_it_ended() -> None:
    log = log_of(WorldAgent(id="ada"))
    for n in range(5):
        arrive(log, f"p{n}", 0)
    assign(log, 0, ("p0", "ada"), ("p1", "ada"))
    log.completed("p0", SECOND)
    log.changed(Withdrawal(at=SECOND, work="p2"))
    outcome = log.outcome(unroutable=1)
    assert (outcome.arrived, outcome.completed, outcome.withdrawn) == (5, 1, 1)
    assert (outcome.held, outcome.waiting, outcome.unroutable) == (1, 1, 1)


def test_occupancy_is_busy_time_by_time_on_duty() -> None:
    """Ada is busy for half of her ten seconds on duty, Bob for one of his two."""
    bob = WorldAgent(id="bob", breaks=[(2 * SECOND, 100 * SECOND)])
    log = log_of(WorldAgent(id="ada"), bob)
    arrive(log, "p1", 0)
    arrive(log, "p2", 0)
    assign(log, 0, ("p1", "ada"), ("p2", "bob"))
    log.completed("p2", SECOND)
    log.answered(Operation.ADVANCE, 2 * SECOND, [])
    log.completed("p1", 5 * SECOND)
    log.answered(Operation.COMPLETE, 10 * SECOND, [])
    outcome = log.outcome(0)
    assert (outcome.jain, outcome.gini) == (1, 0)


def test_an_agent_without_work_makes_the_load_uneven() -> None:
    log = log_of(WorldAgent(id="ada"), WorldAgent(id="bob"))
    arrive(log, "p1", 0)
    assign(log, 0, ("p1", "ada"))
    log.completed("p1", 5 * SECOND)
    log.answered(Operation.COMPLETE, 10 * SECOND, [])
    outcome = log.outcome(0)
    assert (outcome.jain, outcome.gini) == (0.5, 0.5)
