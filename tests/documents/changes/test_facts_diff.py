from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.documents.changes.documents import AT, TEXT, sentences

from entitlements.access import Deferred, Denied, Granted
from entitlements.documents import ChangeEffect, facts_diff, parse_facts
from entitlements.engine import Assessment, Engine, Facts
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.requests import Request

CONTRACT = """\
      - id: C-2
        zone: UTC
        start: 2026-01-01
        months: 12
        any_contact: true
        lines: [{id: "1", plan: gold, coverage: {product: [db]}}]
"""


def test_a_document_does_not_differ_from_itself() -> None:
    assert sentences() == []


def test_a_removed_part_is_worse_and_a_new_one_is_better() -> None:
    facts, more = parse_facts(TEXT), parse_facts(TEXT + CONTRACT)
    assert list(map(str, facts_diff(facts, more, AT))) == [
        "better: contract C-2 of acme: was absent, is now present"
    ]
    assert list(map(str, facts_diff(more, facts, AT))) == [
        "worse: contract C-2 of acme: was present, is now absent"
    ]
    assert sentences(("products: [db]", "products: [db, os]")) == [
        "better: product os: was absent, is now present"
    ]


def test_a_changed_contract_is_listed_field_by_field() -> None:
    assert sentences(("months: 12", "months: 24")) == [
        "unclear: contract C-1 of acme, months: was 12, is now 24"
    ]


def test_a_new_version_of_a_plan_is_compared_with_the_one_before() -> None:
    found = sentences(
        ("- id: gold", "- id: gold\n    version: '2'"),
        ("within: 1h", "within: 30m"),
    )
    assert found[0] == "neutral: plan gold, version: was 1, is now 2"
    assert found[1].startswith("better: plan gold, severity high, first response")


@pytest.mark.parametrize("facts", [None, "facts"])
def test_anything_but_facts_is_refused(facts: object) -> None:
    with pytest.raises(EntitlementsError):
        facts_diff(facts, Facts(), AT)  # type: ignore[arg-type]


# What the document says, and what may stand there instead.
CHOICES = [
    (
        "within: 1h, calendar: business",
        [
            "within: 1h, calendar: long",
            "within: 1h, calendar: night",
            "within: 30m",
            "within: none",
        ],
    ),
    ("within: 8h", ["within: 4h", "within: 12h"]),
    (
        "channels: [phone], hours: business",
        [
            "channels: [phone]",
            "channels: [phone], hours: night",
            "hours: business, immediate: false",
        ],
    ),
    (
        "group: desk, hours: business",
        [
            "group: desk",
            "group: experts, hours: business",
            "group: desk, hours: business, immediate: false",
            "group: desk, hours: business, allowance: cases",
        ],
    ),
    ("amount: 5", ["amount: 0", "amount: 9"]),
    (
        'week: "Mo-Fr 09:00-17:00"',
        ['week: "Mo-Fr 09:00-16:00"', 'week: "Mo-Su 08:00-18:00"'],
    ),
    ("channels: [web, phone]", ["channels: [web, phone, chat]"]),
]


def document(chosen: dict[int, str]) -> str:
    """Return the document with the chosen words."""
    text = TEXT
    for number, word in chosen.items():
        text = text.replace(CHOICES[number][0], word, 1)
    return text


@st.composite
def neighbours(draw: st.DrawFn) -> tuple[str, str]:
    """Two documents that differ in one choice or two."""
    words = {
        number: draw(st.sampled_from([old, *others]))
        for number, (old, others) in enumerate(CHOICES)
    }
    changed = dict(words)
    for number in draw(st.lists(st.sampled_from(range(len(CHOICES))), min_size=1, max_size=2)):
        old, others = CHOICES[number]
        changed[number] = draw(st.sampled_from([old, *others]))
    return document(words), document(changed)


requests = st.builds(
    Request,
    id=st.just("R-1"),
    customer=st.just("acme"),
    contact=st.just("ann"),
    product=st.just("db"),
    severity=st.sampled_from(["high", "low"]),
    channel=st.sampled_from(["web", "phone"]),
)
instants = st.integers(0, 24 * 14).map(
    lambda hours: datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=hours)
)


def rank(answer: Assessment) -> int:
    match answer.decision:
        case Granted(immediate=immediate):
            return 3 if immediate else 2
        case Deferred():
            return 1
        case Denied():
            return 0
    raise AssertionError(answer.decision)


def due(answer: Assessment) -> datetime:
    promised = [each.due for each in answer.milestones if each.name == "first_response"]
    return promised[0] if promised and promised[0] else datetime.max.replace(tzinfo=UTC)


@given(neighbours(), st.lists(requests, min_size=2, max_size=4), st.lists(instants, min_size=6))
def test_no_request_gets_less_unless_a_change_says_so(
    texts: tuple[str, str], asked: list[Request], at: list[datetime]
) -> None:
    """A diff without `worse` and `unclear` is a promise about every request."""
    old, new = map(parse_facts, texts)
    effects = {each.effect for each in facts_diff(old, new, AT)}
    engines = Engine(old), Engine(new)
    for request, instant in product(asked, at):
        before, after = (engine.assess(request, instant) for engine in engines)
        if not effects & {ChangeEffect.WORSE, ChangeEffect.UNCLEAR}:
            assert rank(after) >= rank(before)
            if not isinstance(before.decision, Denied):
                assert due(after) <= due(before)
        if not effects:
            assert (rank(after), due(after)) == (rank(before), due(before))
