"""Suggestions for amounts of time: the amount that was probably meant by a text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

_Change: TypeAlias = str | Callable[[re.Match[str]], str]

_COUNTS: Final = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "eight": 8}


def _days(found: re.Match[str], size: int = 1) -> str:
    count = int(found[1]) * size
    return f"{count} business day{'' if count == 1 else 's'}"


_CHANGES: Final[tuple[tuple[re.Pattern[str], _Change], ...]] = tuple(
    (re.compile(pattern, re.ASCII | re.IGNORECASE), change)
    for pattern, change in (
        ("[\u201c\u201d\u201e\u2018\u2019\"']", ""),
        (r"^\((.*)\)$", r"\1"),
        (r"\s*[.;]+$", ""),
        (r"^(?:24\s*[x/]\s*7)\s+(\d.*)$", r"\1 always"),
        (
            r"\s+(?:\(?(?:via|per|over|on)\s+)?\(?(phone|email|chat|web|portal)(?:\s+only)?\)?$",
            r" by \1",
        ),
        (
            r"\b(?:24\s*[x/*]\s*7(?:\s*[x/*]\s*365)?|7\s*[x/]\s*24|a?round[ -]the[ -]clock)$",
            "always",
        ),
        (
            r"^(?:asap|as soon as possible|(?:commercially )?reasonable efforts?|best efforts)$",
            "best effort",
        ),
        (
            r"^(?:no (?:sla|target|commitment|guarantee)|not (?:applicable|included|covered))$",
            "none",
        ),
        (
            r"^(?:eod|eob|cob|(?:end|close) of (?:the )?(?:business )?(?:day|business))$",
            "same business day",
        ),
        (r"^(?:bd|t|d)\s*\+\s*(\d{1,3})$", _days),
        (r"^(?:~|approx\.?|approximately|about|around|circa|ca\.)\s*", "objective "),
        (r"^(?:>|more than|at least)\s*(?=\d)", ""),
        (r"^(?:within|in|max\.?|maximum|up to|at most|no later than|by)\s+", ""),
        (r"^(?:<=|≤)\s*", ""),
        (r"^(?:<\s*|(?:under|below|fewer than)\s+)", "less than "),
        (r"^(?:target|goal|aim|objective)\s*:?\s+", "objective "),
        (r"\bhalf an hour\b", "30m"),
        (r"\ban? (?=hour|minute|business|working|week)", "1 "),
        (rf"\b({'|'.join(_COUNTS)})\b", lambda found: str(_COUNTS[found[1].lower()])),
        (r"\b(?:nbd|n\.b\.d\.|next (?:working |work |office )?day)(?!\w)", "next business day"),
        (r"\b(?:sbd|same (?:working |work |office )?day)\b", "same business day"),
        (r"\b(\d{1,6})\s*(?:bds?|wds?|(?:working|work|week|office)[ -]?days?)\b", _days),
        (r"\bnext business day\b", "next business day"),
        (r"\bsame business day\b", "same business day"),
        (r"^(\d{1,6}) ?bh$", r"\1h"),
        (r"^(\d{1,3})h([0-5]\d)$", r"\1h\2m"),
        (r"^(\d{1,6}) ?h(?=\s|$)", r"\1h"),
        (r"\b(\d{1,6})\s*(?:business|working|work)[ -]weeks?\b", lambda found: _days(found, 5)),
    )
)
"""Other words for a part of an amount, and the words of this format, in the order of use."""


def in_other_words(text: str) -> str:
    """Return the text with the words that an amount of this format has for the same.

    >>> in_other_words("within 2 working days"), in_other_words("Under one hour EMEA")
    ('2 business days', 'less than 1 hour EMEA')
    """
    words = " ".join(text.split())
    for pattern, change in _CHANGES:
        words = pattern.sub(change, words)
    return words.strip()
