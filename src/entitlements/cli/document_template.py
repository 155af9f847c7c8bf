"""A commented document of facts from a few answers, in the short form that people edit."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import date
from typing import Final, final

import attrs

_PLAIN: Final = re.compile(
    r"[A-Za-z][A-Za-z0-9 ._/-]*[A-Za-z0-9]|[A-Za-z]|\d+ ?[a-z]+( [a-z]+)*", re.ASCII
)
_WORDS_OF_YAML: Final = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}


@final
@attrs.frozen(kw_only=True)
class FirstAnswers:
    """What a first document is made of.

    Attributes:
        plan: Id of the plan.
        zone: The time zone of the desk.
        week: The opening hours, such as `Mo-Fr 09:00-17:00`.
        severities: The severities, worst first.
        responses: The first response to each severity, such as `1h always`.
        customer: Id of the first customer.
        start: The first day of the customer's contract.
    """

    plan: str
    zone: str
    week: str
    severities: tuple[str, ...]
    responses: tuple[str, ...]
    customer: str
    start: date


def scalar(text: str) -> str:
    """Return text as YAML reads it back: plain where that is safe, else in quotes.

    >>> scalar("gold"), scalar("1h always"), scalar("no"), scalar("1")
    ('gold', '1h always', '"no"', '"1"')
    """
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS_OF_YAML
    return text if plain else json.dumps(text, ensure_ascii=False)


def template_text(answers: FirstAnswers, file: str = "support.yaml") -> str:
    """Return a document with one calendar, plan, agent, customer and contract.

    Args:
        answers: What it states.
        file: The name of its file, for the commands in its first lines.
    """
    pairs = zip(answers.severities, answers.responses, strict=True)
    responses = ", ".join(f"{scalar(name)}: {scalar(within)}" for name, within in pairs)
    return _TEXT.format(
        plan=scalar(answers.plan),
        zone=scalar(answers.zone),
        week=json.dumps(answers.week, ensure_ascii=False),
        severities=_listed(answers.severities),
        responses=responses,
        customer=scalar(answers.customer),
        start=answers.start.isoformat(),
        file=_shell_word(file),
        asked=" ".join(map(_shell_word, question_words(answers, file))),
    )


def question_words(answers: FirstAnswers, file: str) -> list[str]:
    """Return the words of the command that asks the document for a decision."""
    return [
        "entitlements", "decide", file,
        "--customer", answers.customer, "--contact", "dana", "--product", "product",
        "--severity", answers.severities[0], "--channel", "web",
        "--at", f"{answers.start.isoformat()}T12:00Z",
    ]  # fmt: skip


def _shell_word(word: str) -> str:
    return word if re.fullmatch(r"[\w./:-]+", word) else json.dumps(word)


def _listed(names: Iterable[str]) -> str:
    return f"[{', '.join(map(scalar, names))}]"


_TEXT: Final = """\
# What we promise, who is there, and who may ask. Change it, then:
#
#     entitlements check {file}       # what is wrong, or probably not meant
#     entitlements show {file}        # the price list that it makes
#     {asked}

calendars:
  # When the desk works, in its own time zone. A lunch break is `09:00-12:30,13:00-17:00`.
  - name: business
    zone: {zone}
    week: {week}
    # holidays: [2026-12-25, 2026-12-26]

products: [product]                 # what customers need help with
groups: [desk]                      # the expert groups that answer

plans:
  - id: {plan}
    hours: business                 # what targets count, and when the group is reached
    group: desk
    severities: {severities}        # worst first
    channels: [web, phone]
    anchor: end                     # business days end at the closing of the last one
    # `4h` counts the hours above, `1h always` counts around the clock (and the group is reached at
    # night, too), `1 business day` is a day, `none` promises nothing, `best effort` is only an aim.
    first_response: {{{responses}}}
    # resolution: {{...}}            # the same for the end of the work
    # contact_limit: 3              # how many people of a customer may open cases

agents:
  - {{id: ada, groups: desk, capacity: 3}}

accounts:
  - customer: {customer}
    contracts:
      - id: C-1
        zone: {zone}
        start: {start}
        months: 12
        contacts: [dana]            # who may open cases
        lines:
          - {{id: L-1, plan: {plan}, coverage: {{product: product}}}}
"""
