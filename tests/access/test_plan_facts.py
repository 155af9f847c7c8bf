"""What published plans say beside severities, channels and hours, each at its edges."""

from __future__ import annotations

import attrs
import pytest
from tests.access.small import CATALOG, CONTRACT, LINE, PLAN, REQUEST, Case

from entitlements.access import Decision, Deferred, Denied, Granted, Reason, RemedyKind
from entitlements.contracts import AccessRight, Account, Plan
from entitlements.kernel.errors import UnknownIdError
from entitlements.kernel.instants import utc


def ask(plan: Plan, at: str = "2026-03-02T10:00Z", **said: object) -> Decision:
    """Return the answer to a request under a plan."""
    request = attrs.evolve(REQUEST, **said)  # type: ignore[arg-type]
    return Case(attrs.evolve(CATALOG, plans=[plan]), request=request, at=utc(at)).decision


def reasons(answer: Decision) -> tuple[Reason, ...]:
    """Return why it is a denial; nothing for a grant."""
    return answer.reasons if isinstance(answer, Denied) else ()


INCIDENTS = AccessRight(id="hotline", group="dba", kinds=["incident", "security"])
QUESTIONS = AccessRight(id="mail", group="desk", kinds=["question"], immediate=False)
BY_KIND = attrs.evolve(
    PLAN, kinds=["incident", "question", "security"], rights=[INCIDENTS, QUESTIONS]
)


@pytest.mark.parametrize(
    ("kind", "right", "expected"),
    [
        pytest.param("incident", "hotline", (), id="an incident"),
        pytest.param("question", "mail", (), id="a question"),
        pytest.param(
            "billing",
            None,
            (Reason.KIND_NOT_IN_PLAN, Reason.KIND_NOT_IN_RIGHT),
            id="what the plan does not take",
        ),
        pytest.param(None, None, (Reason.KIND_NOT_STATED,), id="what is not stated"),
    ],
)
def test_a_kind_of_request_has_the_rights_that_are_for_it(
    kind: str | None, right: str | None, expected: tuple[Reason, ...]
) -> None:
    answer = ask(BY_KIND, kind=kind)
    assert reasons(answer) == expected
    assert isinstance(answer, Denied) or answer.entitlement.right == right


def test_a_request_without_a_kind_is_told_which_there_are() -> None:
    answer = ask(BY_KIND)
    assert isinstance(answer, Denied)
    assert [(each.kind, each.target, each.leads_to.group) for each in answer.remedies] == [
        (RemedyKind.STATE_KIND, "incident", "dba"),
        (RemedyKind.STATE_KIND, "question", "desk"),
        (RemedyKind.STATE_KIND, "security", "dba"),
    ]


def test_the_kind_makes_no_difference_to_a_plan_that_lists_none() -> None:
    for kind in (None, "incident", "anything"):
        assert isinstance(ask(PLAN, kind=kind), Granted)


def test_a_right_for_a_kind_that_the_plan_does_not_list_is_refused_with_its_place() -> None:
    with pytest.raises(UnknownIdError) as failed:
        attrs.evolve(BY_KIND, kinds=["incident"])
    assert failed.value.path == "rights[0].kinds"


DAY = AccessRight(id="day", group="dba", hours="desk")
NIGHT = AccessRight(id="night", group="desk", only_when_named=True, immediate=False)
NAMED = attrs.evolve(PLAN, rights=[DAY, NIGHT])
"""By day the experts; at night the desk, for those who ask for it."""


def test_a_request_at_night_waits_for_the_morning_unless_it_names_the_night_desk() -> None:
    waiting = ask(NAMED, at="2026-03-02T22:00Z")
    assert isinstance(waiting, Deferred)
    assert (waiting.group, waiting.opens_at) == ("dba", utc("2026-03-03T09:00Z"))
    ways = [(each.kind, each.target) for each in waiting.remedies]
    assert ways == [(RemedyKind.ASK_GROUP, "desk"), (RemedyKind.WAIT_UNTIL, "2026-03-03T09:00:00Z")]
    named = ask(NAMED, at="2026-03-02T22:00Z", group="desk")
    assert isinstance(named, Granted)
    assert (named.group, named.immediate) == ("desk", False)


def test_the_general_group_does_not_take_over_what_was_asked_for_by_name() -> None:
    closed = attrs.evolve(NIGHT, hours="desk")
    plan = attrs.evolve(NAMED, rights=[closed], general_group="dba")
    assert reasons(ask(plan)) == (Reason.GROUP_NOT_NAMED,)
    evening = ask(plan, at="2026-03-02T22:00Z", group="desk")
    assert isinstance(evening, Deferred), "and is not given to the general group"
    assert evening.opens_at == utc("2026-03-03T09:00Z")
    otherwise = attrs.evolve(plan, rights=[attrs.evolve(closed, only_when_named=False)])
    assert ask(otherwise, at="2026-03-02T22:00Z", group="desk").group == "dba"  # type: ignore[union-attr]


JAPANESE = AccessRight(id="tokyo", group="desk", languages=["ja"])
ENGLISH = AccessRight(id="london", group="dba", languages=["en"])
SPOKEN = attrs.evolve(PLAN, rights=[JAPANESE, ENGLISH])


@pytest.mark.parametrize(
    ("language", "group", "expected"),
    [
        ("ja", "desk", ()),
        ("en", "dba", ()),
        ("fr", None, (Reason.LANGUAGE_NOT_IN_RIGHT,)),
        (None, None, (Reason.LANGUAGE_NOT_STATED,)),
    ],
)
def test_a_language_reaches_the_group_that_speaks_it(
    language: str | None, group: str | None, expected: tuple[Reason, ...]
) -> None:
    answer = ask(SPOKEN, language=language)
    assert reasons(answer) == expected
    if not isinstance(answer, Denied):
        assert (answer.group, answer.promise.language) == (group, language)


def test_who_states_another_language_is_told_which_are_spoken() -> None:
    answer = ask(SPOKEN, language="fr")
    assert isinstance(answer, Denied)
    assert {(each.kind, each.target) for each in answer.remedies} == {
        (RemedyKind.USE_LANGUAGE, "ja"),
        (RemedyKind.USE_LANGUAGE, "en"),
    }


def test_a_language_makes_no_difference_where_no_right_lists_one() -> None:
    answer = ask(PLAN, language="fr")
    assert isinstance(answer, Granted)
    assert answer.promise.language is None


def test_engineers_of_the_line_are_asked_in_place_of_those_of_the_plan() -> None:
    plan = attrs.evolve(PLAN, rights=[attrs.evolve(PLAN.rights[0], experts=["ada", "bob"])])
    catalog = attrs.evolve(CATALOG, plans=[plan])

    def experts(*named: str) -> tuple[str, ...]:
        contract = attrs.evolve(CONTRACT, lines=[attrs.evolve(LINE, experts=named)])
        account = Account(customer="acme", contracts=[contract])
        answer = Case(catalog, account, REQUEST).decision
        assert isinstance(answer, Granted)
        return answer.entitlement.experts

    assert experts() == ("ada", "bob")
    assert experts("cleo", "ada") == ("cleo", "ada")
