from __future__ import annotations

import io

import pytest
from tests.engine.worlds import facts

from entitlements.cli.commands.demo import demo_story
from entitlements.cli.demo.screen import explained, show
from entitlements.cli.demo.story import Story


@pytest.fixture(scope="module")
def story() -> Story:
    return demo_story(facts(), seed=4, count=60)


def shown(story: Story, encoding: str) -> str:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict")
    show(story, file)
    file.seek(0)
    return file.read()


def test_a_story_is_shown_in_its_order(story: Story) -> None:
    text = shown(story, "utf-8")
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


def test_a_terminal_without_other_letters_gets_ascii(story: Story) -> None:
    assert shown(story, "ascii").isascii()
    assert not shown(story, "utf-8").isascii()


def test_output_that_is_not_a_terminal_has_no_colours(story: Story) -> None:
    assert "\x1b" not in shown(story, "utf-8")


def test_explanations_are_wrapped_and_keep_their_indents(story: Story) -> None:
    assert story.denied is not None
    lines = list(explained(story.denied, 60))
    assert max(map(len, lines)) <= 60
    assert " ".join(" ".join(lines).split()) == " ".join(story.denied.explain().split())
    assert any(line.startswith("  ") for line in lines)
