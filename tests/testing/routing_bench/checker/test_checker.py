"""The checker is shown one planted violation of each kind, beside the same without it."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from entitlements.testing.routing_bench import (
    Needs,
    Operation,
    Piece,
    Relaxation,
    Reprioritisation,
    Rule,
    RuleChecker,
    ServiceOrder,
    SkillChange,
    StatusChange,
    Withdrawal,
    WorkTransfer,
    World,
    WorldAgent,
    WorldShift,
)
from entitlements.testing.routing_bench.checker.waiting_groups import WaitingGroups, WaitingPiece
from entitlements.testing.routing_bench.worlds.named import START

HOUR = 3_600_000_000
MINUTE = 60_000_000


def checker_of(*agents: WorldAgent, order: ServiceOrder = ServiceOrder.RANK) -> RuleChecker:
    world = World(name="w", start=START, order=order, pieces=0, agents=agents, events=())
    return RuleChecker(world)


def piece(id: str, at: int = 0, **fields: object) -> Piece:
    return Piece(at=START + at, id=id, handling=MINUTE, **fields)  # type: ignore[arg-type]


def arrive(checker: RuleChecker, each: Piece, *pairs: tuple[str, str]) -> None:
    checker.arrived(each)
    checker.answered(Operation.ARRIVE, each.at, list(pairs))


def found(checker: RuleChecker) -> dict[Rule, int]:
    return checker.report().violations


def test_a_stream_that_keeps_every_rule_has_no_violation() -> None:
    checker = checker_of(WorldAgent(id="ada", skills={"db": 2}, capacity=1))
    arrive(checker, piece("p1", needs=Needs(skills={"db": 2})), ("p1", "ada"))
    arrive(checker, piece("p2", 1))
    checker.completed("p1", START + 2)
    checker.answered(Operation.COMPLETE, START + 2, [("p2", "ada")])
    report = checker.report()
    assert (report.total, report.checked, report.order_checked, report.idle_checked) == (0, 2, 2, 3)


@pytest.mark.parametrize(
    ("agent", "needs", "rule"),
    [
        pytest.param({"capacity": 0}, {}, Rule.CAPACITY, id="the limit"),
        pytest.param(
            {"channels": {"chat": 0}}, {"channel": "chat"}, Rule.CAPACITY, id="of the channel"
        ),
        pytest.param(
            {"shift": WorldShift(zone="UTC", opens=60, closes=120)}, {}, Rule.SHIFT, id="off shift"
        ),
        pytest.param({"breaks": [(START, START + 9)]}, {}, Rule.SHIFT, id="on a break"),
        pytest.param({"skills": {"db": 1}}, {"skills": {"db": 2}}, Rule.SKILLS, id="a low level"),
        pytest.param({}, {"skills": {"db": 1}}, Rule.SKILLS, id="no such skill"),
        pytest.param({"groups": ["net"]}, {"groups": ["db"]}, Rule.SKILLS, id="another group"),
        pytest.param({}, {"clearances": ["secret"]}, Rule.OBLIGATIONS, id="no clearance"),
        pytest.param({"region": "us"}, {"regions": ["eu"]}, Rule.OBLIGATIONS, id="elsewhere"),
        pytest.param({}, {"regions": ["eu"]}, Rule.OBLIGATIONS, id="nowhere"),
    ],
)
def test_an_agent_who_cannot_take_a_piece(
    agent: dict[str, object], needs: dict[str, object], rule: Rule
) -> None:
    checker = checker_of(WorldAgent(id="ada", **agent))  # type: ignore[arg-type]
    arrive(checker, piece("p1", needs=Needs(**needs)), ("p1", "ada"))  # type: ignore[arg-type]
    assert found(checker) == {rule: 1}
    assert "`p1` goes to `ada`" in str(checker.report().examples[0])


def test_a_piece_beyond_the_capacity() -> None:
    checker = checker_of(WorldAgent(id="ada", capacity=1))
    arrive(checker, piece("p1"), ("p1", "ada"))
    arrive(checker, piece("p2", 1), ("p2", "ada"))
    assert found(checker) == {Rule.CAPACITY: 1}


def test_a_place_of_a_channel_is_free_again_after_the_completion() -> None:
    checker = checker_of(WorldAgent(id="ada", channels={"chat": 1}))
    chat = Needs(channel="chat")
    arrive(checker, piece("p1", needs=chat), ("p1", "ada"))
    checker.completed("p1", START + 1)
    checker.answered(Operation.COMPLETE, START + 1, [])
    arrive(checker, piece("p2", 2, needs=chat), ("p2", "ada"))
    assert found(checker) == {}
    arrive(checker, piece("p3", 3, needs=chat), ("p3", "ada"))
    assert found(checker) == {Rule.CAPACITY: 1}


def test_an_agent_who_is_away() -> None:
    checker = checker_of(WorldAgent(id="ada"))
    checker.changed(StatusChange(at=START, agent="ada", away=True))
    checker.answered(Operation.CHANGE, START, [])
    arrive(checker, piece("p1", 1), ("p1", "ada"))
    assert found(checker) == {Rule.SHIFT: 1}


def test_a_skill_that_the_agent_has_lost() -> None:
    checker = checker_of(WorldAgent(id="ada", skills={"db": 1}))
    checker.changed(SkillChange(at=START, agent="ada", skills={"net": 1}))
    checker.answered(Operation.CHANGE, START, [])
    arrive(checker, piece("p1", 1, needs=Needs(skills={"db": 1})), ("p1", "ada"))
    assert found(checker) == {Rule.SKILLS: 1}


@pytest.mark.parametrize(("at", "broken"), [(MINUTE - 1, {Rule.SKILLS: 1}), (MINUTE, {})])
def test_a_piece_before_it_has_relaxed(at: int, broken: dict[Rule, int]) -> None:
    checker = checker_of(WorldAgent(id="ada"))
    relaxing = piece(
        "p1", needs=Needs(skills={"db": 1}), relaxation=[Relaxation(after=MINUTE, lower={"db": 0})]
    )
    arrive(checker, relaxing)
    checker.answered(Operation.ADVANCE, START + at, [("p1", "ada")])
    assert found(checker) == broken


def test_a_piece_that_goes_back_to_the_agent_who_gave_it_back() -> None:
    checker = checker_of(WorldAgent(id="ada"))
    arrive(checker, piece("p1"), ("p1", "ada"))
    checker.changed(WorkTransfer(at=START + 1, work="p1"))
    checker.answered(Operation.CHANGE, START + 1, [("p1", "ada")])
    assert found(checker) == {Rule.RETURNED: 1}


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        pytest.param([("p1", "ada"), ("p1", "bob")], "is held by `ada`", id="two holders"),
        pytest.param([("p1", "ada"), ("p9", "bob")], "`p9` does not wait", id="an unknown piece"),
        pytest.param([("p1", "eve")], "does not exist", id="an unknown agent"),
    ],
)
def test_a_piece_that_does_not_wait(pairs: Iterable[tuple[str, str]], words: str) -> None:
    checker = checker_of(WorldAgent(id="ada"), WorldAgent(id="bob"))
    arrive(checker, piece("p1"), *pairs)
    assert found(checker) == {Rule.ONE_HOLDER: 1}
    assert words in checker.report().examples[0].sentence


def test_a_piece_whose_customer_has_given_up() -> None:
    checker = checker_of(WorldAgent(id="ada", capacity=0))
    arrive(checker, piece("p1"))
    checker.changed(Withdrawal(at=START + 1, work="p1"))
    checker.answered(Operation.CHANGE, START + 1, [("p1", "ada")])
    assert found(checker) == {Rule.ONE_HOLDER: 1}


def two_waiting(order: ServiceOrder, one: dict[str, object], two: dict[str, object]) -> RuleChecker:
    """Return a checker in which `p1` and `p2` wait for the only agent, who is busy with `p0`."""
    checker = checker_of(WorldAgent(id="ada", capacity=1), order=order)
    arrive(checker, piece("p0"), ("p0", "ada"))
    arrive(checker, piece("p1", 1, **one))
    arrive(checker, piece("p2", 2, **two))
    return checker


def serve(checker: RuleChecker, at: int, work: str) -> dict[Rule, int]:
    checker.completed("p0", START + at)
    checker.answered(Operation.COMPLETE, START + at, [(work, "ada")])
    return found(checker)


ORDER_BROKEN = {Rule.ORDER: 1}


@pytest.mark.parametrize(
    ("order", "one", "two", "at", "first"),
    [
        pytest.param("rank", {}, {}, 9, "p1", id="the oldest"),
        pytest.param("rank", {"rank": 1}, {}, 9, "p2", id="the best rank"),
        pytest.param("deadline", {}, {"due": START + 9, "rank": 5}, 9, "p2", id="a deadline"),
        pytest.param("deadline", {"due": START + 8}, {"due": START + 9}, 9, "p1", id="two"),
        pytest.param(
            "guarded", {"due": START + 8, "rank": 5}, {"due": START + 9}, 7, "p1", id="not late"
        ),
    ],
)
def test_a_piece_that_goes_before_another(
    order: str, one: dict[str, object], two: dict[str, object], at: int, first: str
) -> None:
    second = "p2" if first == "p1" else "p1"
    assert serve(two_waiting(ServiceOrder(order), one, two), at, first) == {}
    assert serve(two_waiting(ServiceOrder(order), one, two), at, second) == ORDER_BROKEN


def test_a_changed_rank_counts_from_then_on() -> None:
    for work, broken in (("p1", ORDER_BROKEN), ("p2", {})):
        checker = two_waiting(ServiceOrder.RANK, {"rank": 2}, {"rank": 2})
        checker.changed(Reprioritisation(at=START + 3, work="p2", rank=0))
        checker.answered(Operation.CHANGE, START + 3, [])
        assert serve(checker, 9, work) == broken


def test_the_best_rank_goes_first_while_a_piece_is_late() -> None:
    late = ({"due": START + 8, "rank": 5}, {"due": START + 90})
    assert serve(two_waiting(ServiceOrder.GUARDED, *late), 9, "p2") == {}
    # The late piece first is relief, of which there may be one in eight.
    checker = two_waiting(ServiceOrder.GUARDED, *late)
    assert serve(checker, 9, "p1") == {}


def test_more_relief_than_one_choice_in_eight_is_a_violation() -> None:
    checker = checker_of(WorldAgent(id="ada", capacity=1), order=ServiceOrder.GUARDED)
    arrive(checker, piece("best", due=START + HOUR))
    for n in range(4):
        arrive(checker, piece(f"late-{n}", 1 + n, due=START + 2 + n, rank=5))
    for n in range(4):
        checker.answered(Operation.ADVANCE, START + 20 + n, [(f"late-{n}", "ada")])
        checker.completed(f"late-{n}", START + 21 + n)
    assert found(checker)[Rule.ORDER] == 3


def test_a_piece_that_only_others_can_take_pushes_nobody_aside() -> None:
    checker = checker_of(WorldAgent(id="ada"), WorldAgent(id="bob", skills={"db": 1}, capacity=0))
    arrive(checker, piece("p1", needs=Needs(skills={"db": 1})))
    arrive(checker, piece("p2", 1, rank=9), ("p2", "ada"))
    assert found(checker) == {}


def test_a_piece_left_waiting_beside_a_free_agent() -> None:
    checker = checker_of(WorldAgent(id="ada"))
    arrive(checker, piece("p1"))
    assert found(checker) == {Rule.IDLE: 1}
    assert "`p1` waits, and `ada` could take it" in str(checker.report().examples[0])


def test_an_agent_who_comes_back_and_gets_nothing() -> None:
    opens = WorldShift(zone="UTC", opens=60, closes=120)
    for agent, change in (
        (WorldAgent(id="ada", shift=opens), None),
        (WorldAgent(id="ada", capacity=1), "complete"),
        (WorldAgent(id="ada"), "status"),
        (WorldAgent(id="ada"), "skills"),
    ):
        checker = checker_of(agent)
        needs = Needs(skills={"db": 1}) if change == "skills" else Needs()
        if change == "complete":
            arrive(checker, piece("p0"), ("p0", "ada"))
        if change == "status":
            checker.changed(StatusChange(at=START, agent="ada", away=True))
            checker.answered(Operation.CHANGE, START, [])
        arrive(checker, piece("p1", 1, needs=needs))
        assert found(checker) == {}
        if change is None:
            checker.answered(Operation.ADVANCE, START + HOUR, [])
        elif change == "complete":
            checker.completed("p0", START + 2)
            checker.answered(Operation.COMPLETE, START + 2, [])
        elif change == "status":
            checker.changed(StatusChange(at=START + 2, agent="ada", away=False))
            checker.answered(Operation.CHANGE, START + 2, [])
        else:
            checker.changed(SkillChange(at=START + 2, agent="ada", skills={"db": 1}))
            checker.answered(Operation.CHANGE, START + 2, [])
        assert found(checker) == {Rule.IDLE: 1}


def test_a_piece_that_was_given_back_is_no_duty_of_the_agent_who_gave_it_back() -> None:
    checker = checker_of(WorldAgent(id="ada"))
    arrive(checker, piece("p1"), ("p1", "ada"))
    checker.changed(WorkTransfer(at=START + 1, work="p1"))
    checker.answered(Operation.CHANGE, START + 1, [])
    arrive(checker, piece("p2", 2), ("p2", "ada"))
    assert found(checker) == {}


def test_an_agent_who_gives_a_piece_back_is_free_for_another() -> None:
    checker = checker_of(WorldAgent(id="ada", capacity=1))
    arrive(checker, piece("p1"), ("p1", "ada"))
    arrive(checker, piece("p2", 1))
    checker.changed(WorkTransfer(at=START + 2, work="p1"))
    checker.answered(Operation.CHANGE, START + 2, [])
    assert found(checker) == {Rule.IDLE: 1}


def test_a_piece_that_has_relaxed_and_is_left_waiting() -> None:
    checker = checker_of(WorldAgent(id="ada"))
    step = Relaxation(after=MINUTE, lower={"db": 0})
    arrive(checker, piece("p1", needs=Needs(skills={"db": 1}), relaxation=[step]))
    assert found(checker) == {}
    checker.answered(Operation.ADVANCE, START + MINUTE, [])
    assert found(checker) == {Rule.IDLE: 1}


def test_pieces_that_no_longer_wait_leave_little_behind() -> None:
    groups = WaitingGroups(ServiceOrder.GUARDED)
    groups.add(WaitingPiece(piece("stays"), 0, frozenset()), START)
    for n in range(1_000):
        groups.add(WaitingPiece(piece(f"p{n}"), 0, frozenset()), START)
        groups.remove(f"p{n}")
    (group,) = groups.groups.values()
    assert group.size == 1
    assert max(len(group.by_rank), len(group.by_deadline)) < 100


def test_checks_that_would_take_too_long_are_left_out_and_counted() -> None:
    world = World(
        name="w", start=START, pieces=0, events=(),
        agents=[WorldAgent(id=f"a{n}") for n in range(200)],
    )  # fmt: skip
    checker = RuleChecker(world, comparisons=0)
    arrive(checker, piece("p1"))
    report = checker.report()
    assert (report.total, report.idle_checked, report.operations) == (0, 0, 1)


def test_a_piece_that_fits_no_agent_is_counted_apart_from_one_that_must_wait() -> None:
    checker = checker_of(WorldAgent(id="ada", skills={"db": 1}, capacity=0))
    arrive(checker, piece("p1", needs=Needs(skills={"db": 1})))
    arrive(checker, piece("p2", needs=Needs(skills={"net": 1})))
    assert [checker.fits_nobody(each) for each in ("p1", "p2")] == [False, True]
