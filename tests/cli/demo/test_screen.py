from __future__ import annotations

import io

import pytest
from tests.engine.worlds import facts

from entitlements.cli.commands.demo import demo_story
from entitlements.cli.demo.screen import explained, show
from entitlements.cli.demo.story import Story


@pytest.fixture(scope="module")
def told() -> Story:
    return demo_story(facts(), seed=4, count=60)


def shown(story: Story, encoding: str) -> str:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict")
    show(story, file)
    file.seek(0)
    return file.read()


def test_a_story_is_shown_in_its_order(told: Story) -> None:
    text = shown(told, "utf-8")
    places = [
        text.index(part)
        for part in (
            "60 requests in 14 days from 23 March 2026",
            "granted",
            "denied because",
            "Granted, explained",
            "Deferred, explained",
            "Denied, explained",
            "Across a weekend",
            "open hours",
            "Load of each expert group",
        )
    ]
    assert places == sorted(places)


def test_a_terminal_without_other_letters_gets_ascii(told: Story) -> None:
    assert shown(told, "ascii").isascii()
    assert not shown(told, "utf-8").isascii()


def test_what_nobody_looks_at_has_no_colours(told: Story) -> None:
    assert "\x1b" not in shown(told, "utf-8")


def test_explanations_are_folded_and_keep_their_indents(told: Story) -> None:
    assert told.denied is not None
    lines = list(explained(told.denied, 60))
    assert max(map(len, lines)) <= 60
    assert " ".join(" ".join(lines).split()) == " ".join(told.denied.explain().split())
    assert any(line.startswith("  ") for line in lines)
