"""A slip in a document is one problem, at the line of the slip."""

from __future__ import annotations

import random
import re

import pytest
from tests.documents.examples import DOCUMENT

from entitlements.cli.commands.demo import document
from entitlements.documents import parse_facts
from entitlements.kernel.errors import DocumentError

DEMO = document()
LINES = DEMO.splitlines()


def problems_of(text: str) -> list[tuple[int, str]]:
    """Return the line and the text of every problem."""
    try:
        parse_facts(text, name="d")
    except DocumentError as error:
        return [(int(each.split(":")[1]), each) for each in error.problems]
    return []


def slipped(before: str, after: str) -> tuple[str, int]:
    """Return the demo's document with one slip, and the line of the slip."""
    text = DEMO.replace(before, after, 1)
    at = next(i for i, (a, b) in enumerate(zip(DEMO, text, strict=False)) if a != b)
    return text, DEMO.count("\n", 0, at) + 1


SLIPS = {
    "key of a plan": ("channels: [web, chat, phone]", "chanels: [web, chat, phone]"),
    "key of a plan, nothing like it": ("    channels: [web, chat, phone]", "    xyzq: [web]"),
    "severities": ("    severities: [critical", "    severites: [critical"),
    "opening bracket": ("channels: [web, chat, phone]", "channels: web, chat, phone]"),
    "closing bracket": ("channels: [web, chat, phone]", "channels: [web, chat, phone"),
    "opening bracket in braces": (
        "coverage: {product: [compute-cloud]}",
        "coverage: {product: compute-cloud]}",
    ),
    "closing brace": (
        "{urgent: 1h warn at 75%, high: 4h warn at 75%, normal: 12h, low: 24h}",
        "{urgent: 1h warn at 75%, high: 4h warn at 75%, normal: 12h, low: 24h",
    ),
    "opening quote": ('week: "Mo-Fr 05:00-01:00"', 'week: Mo-Fr 05:00-01:00"'),
    "closing quote": ('week: "Mo-Fr 05:00-01:00"', 'week: "Mo-Fr 05:00-01:00'),
    "colon": ("    channels: [web, chat, phone]", "    channels [web, chat, phone]"),
    "blank after a colon": ("    channels: [web, chat, phone]", "    channels:[web, chat, phone]"),
    "dash": ("  - id: aws-enterprise", "    id: aws-enterprise"),
    "indented too little": ("    service: aws-support", "   service: aws-support"),
    "indented too much": ("    service: aws-support", "      service: aws-support"),
    "value left out": ("    channels: [web, chat, phone]", "    channels:"),
    "amount left out": ("urgent: 1h warn at 75%,", "urgent: ,"),
    "unit": ('"2": 4h warn', '"2": 4 hurs warn'),
    "part": ("\nproducts:", "\nprodcuts:"),
    "part, nothing like it": ("\nplans:", "\nzzz:"),
    "key of calendars": ("\ncalendars:", "\ncalenders:"),
    "key of a table": ("    first_response:", "    frist_response:"),
    "key of rights": ("    rights:", "    rigths:"),
    "key of an id": ("  - id: aws-business", "  - di: aws-business"),
    "group in a right": (
        "{id: adviser, group: cloud-advisers",
        "{id: adviser, group: cloud-advisors",
    ),
    "group where it is defined": ("{id: linux-experts, name", "{id: linux-expert, name"),
    "calendar where it is defined": ("{name: denver-daily, zone", "{name: denver-dayly, zone"),
    "calendar of a composition": ("any_of: [atl", "any_off: [atl"),
    "zone": ("    zone: UTC", "    zone: UCT5"),
    "severity of a right": ("severities: [normal, low]", "severities: [normal, lo]"),
    "severity where it is defined": ('["1", "2", "3"', '["l", "2", "3"'),
    "severity of a table": ("{urgent: 1h warn", "{urgnt: 1h warn"),
    "milestone's target left out": ("{L1: 30m, L2: 2h", "{L2: 2h"),
    "date": ("start: 2026-01-01", "start: 2026-13-01"),
    "months": ("months: 12", "months: 12.5"),
    "truth": ("any_contact: true", "any_contact: yes"),
    "kind": ("kind: block", "kind: blok"),
    "key of a kind": ("      - kind: block", "      - knd: block"),
    "contract of a change": ("contract: C-200", "contract: C-20O"),
    "customer's key": ("  - customer: tidewater", "  - custmer: tidewater"),
    "plan of a line": ("plan: aws-enterprise, cov", "plan: aws-enterprse, cov"),
    "key of a coverage": (
        "coverage: {product: [compute-cloud]}",
        "coverage: {prodcut: [compute-cloud]}",
    ),
    "holiday's key": ("{date: 2026-01-06, name", "{dat: 2026-01-06, name"),
    "shift of an agent": ("shift: lisbon-daily", "shift: lisbon-dayly"),
    "key twice": ("    name: AWS Business\n", "    name: AWS Business\n    name: AWS Bizness\n"),
    "alias": ("group: cloud-engineers", "group: *engineers"),
    "tab": ("    service: aws-support", "\tservice: aws-support"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_one_slip_is_one_problem_at_its_line(slip: str) -> None:
    text, line = slipped(*SLIPS[slip])
    problems = problems_of(text)
    assert len(problems) == 1, problems
    assert problems[0][0] == line, problems


@pytest.mark.parametrize(
    ("before", "after", "reference", "word"),
    [
        pytest.param(
            *("- id: aws-enterprise", "- id: aws-enterprize", "plan: aws-enterprise", "aws-ente"),
            id="plan",
        ),
        pytest.param("[L1, L2, L3, L4]", "[L11, L2, L3, L4]", "{L1: 30m", "L11", id="severity"),
    ],
)
def test_a_name_with_one_reference_is_a_problem_at_the_reference(
    before: str, after: str, reference: str, word: str
) -> None:
    (problem,) = problems_of(DEMO.replace(before, after, 1))
    assert problem[0] == DEMO.count("\n", 0, DEMO.index(reference)) + 1
    assert f"did you mean `{word}" in problem[1]


TOKEN = re.compile(r"""[\w.-]+|[\[\]{}:,"'-]""")


def at_random(rng: random.Random, text: str) -> tuple[str, int, set[str]]:
    """Return `text` with a random slip, its line, and the new words."""
    lines = text.splitlines()
    while True:
        row = rng.randrange(len(lines))
        token = rng.choice(list(TOKEN.finditer(lines[row])) or [None])
        if token is None:
            continue
        word, (start, end) = token.group(), token.span()
        at = rng.randrange(len(word))
        swapped = word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
        doubled, lost = word[:at] + word[at] + word[at:], word[:at] + word[at + 1 :]
        other = word[:at] + rng.choice("aeiostn") + word[at + 1 :]
        new = rng.choice([swapped, doubled, lost, other]) if word[0].isalnum() else ""
        if new == word:
            continue
        before = set(re.findall(r"[\w-]+", lines[row]))
        lines[row] = lines[row][:start] + new + lines[row][end:]
        return "\n".join(lines), row + 1, set(re.findall(r"[\w-]+", lines[row])) - before


@pytest.mark.parametrize("part", range(10))
def test_a_random_slip_is_one_problem_near_it_or_one_that_names_it(part: int) -> None:
    """The problem of a misspelled definition may be at its only reference, and names the word."""
    for seed in range(part * 40, part * 40 + 40):
        text, line, words = at_random(random.Random(seed), DOCUMENT)  # noqa: S311 - the same every time
        problems = problems_of(text)
        assert len(problems) <= 1, (seed, problems)
        for where, problem in problems:
            named = any(f"`{word}`" in problem for word in words)
            assert abs(where - line) <= 1 or named, (seed, line, problem)
