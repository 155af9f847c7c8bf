"""Keys and names that were probably meant: misspelled, or other words for the same thing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from entitlements.documents.formats.nodes import MappingNode, Node, ScalarNode
from entitlements.kernel.hints import closest

_MAX_IN_ORDER: Final = 12
_CUTOFF: Final = 0.72
"""How similar a misspelled key is at least; `price` is no `service`."""

_WORDS: Final = {
    "severities": "severity priority priorities prio level levels",
    "group": "team support_group support_team queue_name assigned_to desk",
    "hours": "calendar schedule business_hours support_hours service_hours opening_hours "
    "working_hours availability coverage_hours",
    "week": "hours opening_hours open weekly times days",
    "zone": "timezone time_zone tz",
    "first_response": "response response_time response_times initial_response first_reply reply "
    "reaction reaction_time responses sla",
    "resolution": "resolution_time solve solution fix fix_time time_to_resolve",
    "update": "updates status_update progress update_frequency",
    "within": "target time amount duration due limit",
    "contact_limit": "contacts max_contacts number_of_contacts named_contacts",
    "based_on": "extends inherits base parent same_as includes",
    "name": "title label description display_name",
    "start": "start_date begin begins from valid_from",
    "end": "end_date until to valid_to expires_on",
    "customer": "client company account organisation organization",
    "assumptions": "note notes comment comments remarks",
    "holidays": "holiday public_holidays bank_holidays dates",
    "channels": "channel contact_channels",
    "plan": "tier package",
    "unit": "type",
}
_MEANT: Final[dict[str, tuple[str, ...]]] = {
    word: tuple(key for key, words in _WORDS.items() if word in words.split())
    for word in " ".join(_WORDS.values()).split()
}


_ALWAYS: Final = frozenset(
    {
        *("24/7", "24x7", "7x24", "24*7", "24x7x365", "24/7/365", "24h", "24 hours"),
        *("around the clock", "round the clock", "all day", "anytime", "any time", "at any time"),
    }
)
_SERIES: Final = re.compile(
    r"([a-z]*)(\d)\s*(?:-|\u2013|to|\.\.)\s*\1(\d)", re.ASCII | re.IGNORECASE
)
_AMOUNT: Final = re.compile(r"\d+ ?(?:m|min|h|hours?|d|days?|business)\b", re.ASCII)
_NUMBER: Final = re.compile(r"(?<!\d)0*(\d{1,3})$", re.ASCII)
_CHANNELS: Final = re.compile(
    r"\(?(?:via|per|over|on|through) (?:the )?([^()]+)\)?|\(?([^() ]+)(?: only|\))", re.ASCII
)
_CUT_OFF: Final = re.compile(r"cut[ _-]?off:?\s*(.*)", re.IGNORECASE)


def meant_calendar(name: str) -> str | None:
    """Return a hint for a calendar's name that is a word for something else, or None.

    >>> meant_calendar("24x7"), meant_calendar("cut-off 15:00")
    ('write `always`', 'write `cut_off: 15:00` as a key of the plan')
    >>> meant_calendar("business") is None
    True
    """
    text = " ".join(name.lower().split())
    if text in _ALWAYS:
        return "write `always`"
    if channels := _CHANNELS.fullmatch(text):
        return f"write `by {channels[1] or channels[2]}` behind the amount"
    if cut_off := _CUT_OFF.fullmatch(text):
        return f"write `cut_off: {cut_off[1] or '15:00'}` as a key of the plan"
    return None


def meant_severity(name: str, known: Iterable[str]) -> str | None:
    """Return the one known severity with the same number, or None.

    >>> meant_severity("P1", ["1", "2"]), meant_severity("Sev 2", ["S1", "S2"])
    ('1', 'S2')
    >>> meant_severity("high", ["1", "2"]) is None
    True
    """
    number = _NUMBER.search(name)
    if number is None:
        return None
    same = [each for each in known if (found := _NUMBER.search(each)) and found[1] == number[1]]
    return same[0] if len(same) == 1 else None


def joined_names(text: str) -> list[str]:
    """Return the names in a text that is read as one, because commas or blanks are missing.

    >>> joined_names("phone/web"), joined_names("-S1 -S2"), joined_names("P1-P3")
    (['phone', 'web'], ['S1', 'S2'], ['P1', 'P2', 'P3'])
    """
    words = text.strip().strip("()[]")
    if found := _SERIES.fullmatch(words):
        return [f"{found[1]}{number}" for number in range(int(found[2]), int(found[3]) + 1)]
    parts = re.split(r"\s*[,/;|&+]\s*|\s+(?:and|or)\s+|\s+", words)
    return [each for part in parts if (each := part.strip("-"))]


def first_word(text: str) -> str:
    """Return the text before the first blank.

    >>> first_word("shift business")
    'shift'
    """
    return text.strip().partition(" ")[0]


def is_table_or_amount(node: Node) -> bool:
    """Return whether a value is written as that of a milestone: a table, or an amount of time."""
    if isinstance(node, ScalarNode):
        return _AMOUNT.match(node.text.strip()) is not None
    return isinstance(node, MappingNode)


def likely_keys(word: str, keys: Sequence[str]) -> str:
    """Return the keys of a mapping as a hint: all of them, and of many the most similar first.

    >>> likely_keys("price", ["zone", "week"])
    'known here: zone, week'
    """
    if len(keys) > _MAX_IN_ORDER:
        pairs = _letter_pairs(word)
        keys = sorted(keys, key=lambda key: -len(pairs & _letter_pairs(key)))
    return f"known here: {', '.join(keys)}"


def _letter_pairs(word: str) -> set[str]:
    text = word[:60].lower()
    return {text[at : at + 2] for at in range(len(text) - 1)}


def meant_key(word: str, keys: Iterable[str]) -> str | None:
    """Return the key among `keys` that `word` probably means, or None.

    >>> meant_key("zones", ["name", "zone"]), meant_key("timezone", ["name", "zone"])
    ('zone', 'zone')
    >>> meant_key("price", ["name", "service"]) is None
    True
    """
    known = keys if isinstance(keys, Collection) else tuple(keys)
    text = word.strip().lower().replace(" ", "_").replace("-", "_")
    for key in (text, *_MEANT.get(text, ())):
        if key in known and key != word:
            return key
    return closest(word, known, cutoff=_CUTOFF)
