from __future__ import annotations

import pytest
from tests.documents.changes.documents import AT, TEXT, sentences

from entitlements.documents import facts_diff, parse_facts
from entitlements.kernel.errors import LimitExceededError

HIGH = "plan gold, severity high, first response"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("within: 1h", "within: 2h", f"worse: {HIGH}: was 1h business, is now 2h business"),
        ("within: 1h", "within: 30m", f"better: {HIGH}: was 1h business, is now 30m business"),
        (
            "within: 1h, calendar: business",
            "within: 30m, calendar: long",
            f"better: {HIGH}: was 1h business, is now 30m long",
        ),
        (
            "within: 1h, calendar: business",
            "within: 1h",
            f"better: {HIGH}: was 1h business, is now 1h always",
        ),
        (
            "within: 1h, calendar: business",
            "within: 2h, calendar: long",
            f"unclear: {HIGH}: was 1h business, is now 2h long",
        ),
        (
            "within: 1h, calendar: business",
            "within: 1h, calendar: night",
            f"unclear: {HIGH}: was 1h business, is now 1h night",
        ),
        (
            "within: 1h, calendar: business",
            "within: none",
            f"worse: {HIGH}: was 1h business, is now none",
        ),
        (
            "warn: [0.5]",
            "warn: [0.75]",
            (
                "neutral: plan gold, severity low, first response: "
                "was 8h business (warn 1/2), is now 8h business (warn 3/4)"
            ),
        ),
        (
            "business_days: 2",
            "business_days: 3",
            (
                "worse: plan gold, severity high, resolution: was 2 business days of business, "
                "by closing, is now 3 business days of business, by closing"
            ),
        ),
        (
            "anchor: end",
            "anchor: start",
            (
                "better: plan gold, severity high, resolution: was 2 business days of business, "
                "by closing, is now 2 business days of business, by opening"
            ),
        ),
        (
            "{business_days: 2, anchor: end}",
            "16h",
            (
                "unclear: plan gold, severity high, resolution: was 2 business days of business, "
                "by closing, is now 16h business"
            ),
        ),
    ],
)
def test_each_changed_target_is_a_sentence_with_its_effect(
    old: str, new: str, expected: str
) -> None:
    assert sentences((old, new)) == [expected]


@pytest.mark.parametrize(
    ("old", "new", "effect"),
    [
        ("", ", cut_off: '15:00'", "worse"),
        (", cut_off: '15:00'", "", "better"),
        (", cut_off: '15:00'", ", cut_off: '9:30'", "worse"),
        ("", ", commitment: objective", "worse"),
        (", commitment: objective", "", "better"),
        ("", ", exclusive: true", "better"),
        (", exclusive: true", "", "worse"),
    ],
)
def test_a_later_cut_off_and_an_exclusive_target_are_better(
    old: str, new: str, effect: str
) -> None:
    before, after = (TEXT.replace("within: 1h", f"within: 1h{each}") for each in (old, new))
    (change,) = facts_diff(parse_facts(before), parse_facts(after), AT)
    assert change.effect == effect


def test_targets_that_differ_by_channel_are_listed_separately() -> None:
    assert sentences(("within: 1h", "channels: [phone], within: 30m")) == [
        f"better: {HIGH} (by phone): was 1h business, is now 30m business",
        f"worse: {HIGH} (by web): was 1h business, is now 8h business",
    ]


def test_targets_that_differ_by_condition_are_listed_separately() -> None:
    assert sentences(("within: 1h", "conditions: [asked], within: 30m")) == [
        f"worse: {HIGH} (with no condition declared): was 1h business, is now 8h business",
        f"better: {HIGH} (with asked declared): was 1h business, is now 30m business",
    ]


def test_fewer_reasons_for_a_pause_are_better() -> None:
    some = ("within: 1h", "paused_by: [customer, vendor], within: 1h")
    (change,) = sentences(some)
    assert change.startswith(f"unclear: {HIGH}: was 1h business (paused_by default)")


def test_plans_with_too_many_conditions_are_refused() -> None:
    names = ", ".join(f"c{number}" for number in range(13))
    with pytest.raises(LimitExceededError, match="13 conditions"):
        sentences(("within: 1h", f"conditions: [{names}], within: 1h"))


def test_targets_that_differ_by_kind_of_request_are_listed_separately() -> None:
    kinds = ("channels: [web, phone]", "channels: [web, phone]\n    kinds: [incident, question]")
    found = sentences(kinds, ("within: 1h", "kinds: [incident], within: 30m"))
    assert [each for each in found if HIGH in each and "of kind" in each] == [
        f"better: {HIGH} (of kind incident): was 1h business, is now 30m business",
        f"worse: {HIGH} (of kind question): was 1h business, is now 8h business",
    ]
