"""Amounts of time as price lists state them: `4h`, `1h always`, `2 business days`, `best effort`.

An amount is a quantity with the calendar that counts it behind it, and then the cases for which it
holds, such as `by phone`. Days and weeks always say which kind of day is meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from string import digits
from typing import Final, final

import attrs

from entitlements.documents.plans.meant_amounts import in_other_words
from entitlements.documents.plans.restrictions import format_restrictions, split_restrictions
from entitlements.documents.shapes.read_context import suggestion
from entitlements.documents.shapes.scalars import DURATION, DURATION_PATTERN
from entitlements.kernel.errors import EntitlementsError, InvalidValueError
from entitlements.kernel.hints import closest
from entitlements.sla.targets import Commitment

ALWAYS: Final = "always"
"""The word behind an amount that counts elapsed time, around the clock."""

NONE: Final = "none"
BEST_EFFORT: Final = "best effort"

_OBJECTIVE: Final = "objective"
_BUSINESS_DAYS: Final = re.compile(r"(\d{1,6})\s*business[ _-]days?\b\s*(.*)", re.DOTALL | re.ASCII)
_DAYS: Final = re.compile(r"(\d{1,6})\s*(days?|d|weeks?|w)\b\s*(.*)", re.DOTALL | re.ASCII)
_LESS_THAN: Final = "less than"
_NAMED_DAY: Final = re.compile(r"(same|next)[ _-]business[ _-]day\b\s*(.*)", re.DOTALL | re.ASCII)
_CLOCK: Final = re.compile(r"(\d{1,3}):(\d\d)", re.ASCII)
_RANGE: Final = re.compile(r"\d+\s*[^\W\d]*\s*[-\u2013]\s*\d", re.ASCII)
_COMMA: Final = re.compile(r"(\d+),(\d.*)", re.DOTALL | re.ASCII)
_BUSINESS_HOURS: Final = re.compile(
    r"(\d{1,6})\s*(?:business|working|office)[ _-]*h(?:ou)?rs?", re.ASCII
)
_MONTHS: Final = re.compile(r"\d+\s*(?:months?|years?)\b", re.ASCII)
_SENTENCES: Final = (
    (_MONTHS, "months are not equally long; write days, such as `30 days always`"),
    (re.compile(r"[^#]*\S#"), "a comment begins with a blank and `#`"),
    (_RANGE, "an amount is one time; write the longer one"),
)
_UNITS: Final = ("hours", "hrs", "minutes", "mins", "seconds", "secs")
_QUANTITY: Final = re.compile(
    rf"({DURATION_PATTERN}|PT[\dHMS]+)(?:(?<=\s)|$|\s)(.*)", re.DOTALL | re.ASCII
)


@final
@attrs.frozen
class Amount:
    """An amount as it is written.

    Attributes:
        within: Time, a number of business days, or None without a time.
        calendar: The calendar written behind it; `always` for elapsed time, None for that of the
            plan.
        commitment: How binding it is.
        exclusive: Whether the due instant itself is late, as in `less than 15m`.
        restrictions: What is written behind it, by the key of a target: channels, conditions and
            warnings.
        choices: For a number of elapsed days without a calendar: the amounts that may be meant.
    """

    within: timedelta | int | None
    calendar: str | None = None
    commitment: Commitment = Commitment.GUARANTEE
    exclusive: bool = False
    restrictions: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    choices: str = ""


def parse_amount(text: str) -> Amount:
    """Return the amount that `text` states.

    >>> parse_amount("objective 2 business days emea").calendar
    'emea'
    >>> parse_amount("90 minutes always").within
    datetime.timedelta(seconds=5400)

    Raises:
        InvalidValueError: It is not an amount; the hint says what was probably meant.
    """
    word, restrictions = split_restrictions(text)
    return attrs.evolve(_parse_unrestricted(word), restrictions=restrictions)


def _parse_unrestricted(word: str) -> Amount:
    if word == NONE:
        return Amount(None)
    if word.lower().replace("_", " ").replace("-", " ") == BEST_EFFORT:
        return Amount(None, commitment=Commitment.BEST_EFFORT)
    rest = word.removeprefix(f"{_OBJECTIVE} ")
    commitment = Commitment.GUARANTEE if rest == word else Commitment.OBJECTIVE
    whole, rest = rest, rest.removeprefix(f"{_LESS_THAN} ")
    amount = _parse_quantity(word, rest, commitment)
    return amount if rest == whole else attrs.evolve(amount, exclusive=True)


def _parse_quantity(text: str, rest: str, commitment: Commitment) -> Amount:
    if named := _NAMED_DAY.fullmatch(rest):
        return Amount(0 if named[1] == "same" else 1, _calendar(named[2]), commitment)
    if days := _BUSINESS_DAYS.fullmatch(rest):
        return Amount(int(days[1]), _calendar(days[2]), commitment)
    if days := _DAYS.fullmatch(rest):
        return _elapsed_days(days, commitment)
    quantity = _QUANTITY.fullmatch(rest)
    if quantity is None:
        raise _not_an_amount(text, rest)
    if quantity[2] and set(quantity[2]) <= set(digits):
        meant = f"{quantity[1].strip()}{quantity[2]}m"
        raise InvalidValueError(
            f"`{text}` is not an amount of time", hint=f"did you mean `{meant}`?"
        )
    return Amount(DURATION.parse(quantity[1].strip()), _calendar(quantity[2]), commitment)


def format_amount(amount: Amount) -> str:
    """Return the text of an amount in its shortest form.

    >>> format_amount(Amount(2, "emea", Commitment.OBJECTIVE))
    'objective 2 business days emea'
    """
    behind = format_restrictions(amount.restrictions)
    return f"{_format_unrestricted(amount)} {behind}".strip()


def _format_unrestricted(amount: Amount) -> str:
    within = amount.within
    if within is None:
        return BEST_EFFORT if amount.commitment is Commitment.BEST_EFFORT else NONE
    text = business_days(within) if isinstance(within, int) else str(DURATION.form(within))
    parts = (
        _OBJECTIVE if amount.commitment is Commitment.OBJECTIVE else "",
        _LESS_THAN if amount.exclusive else "",
        text,
        amount.calendar or "",
    )
    return " ".join(each for each in parts if each)


def is_plain(amount: Amount) -> bool:
    """Return whether the text of an amount is read as the same amount."""
    try:
        return parse_amount(format_amount(amount)) == amount
    except EntitlementsError:
        return False


def business_days(count: int) -> str:
    """Return a number of business days as text.

    >>> business_days(1), business_days(0)
    ('1 business day', 'same business day')
    """
    return "same business day" if count == 0 else f"{count} business day{'' if count == 1 else 's'}"


_MAX_MEANT: Final = 100
"""The most letters of a text that is compared with other words for amounts."""

_NOTHING: Final = "write `none` if nothing is promised"


def _calendar(text: str) -> str | None:
    return text.strip() or None


def _elapsed_days(days: re.Match[str], commitment: Commitment) -> Amount:
    count, calendar = int(days[1]), _calendar(days[3])
    size, unit, working = (7, "week", 5) if days[2].startswith("w") else (1, "day", 1)
    name = f"{count} {unit}{'' if count == 1 else 's'}"
    choices = f"`{business_days(count * working)}` or `{name} {ALWAYS}`"
    if calendar not in {None, ALWAYS}:
        choices = f"`{business_days(count * working)} {calendar}` or `{name} {ALWAYS}`"
        raise kind_of_day_error(name, choices)
    elapsed = timedelta(days=count * size)
    return Amount(elapsed, calendar, commitment, choices="" if calendar else choices)


def kind_of_day_error(text: str, choices: str) -> InvalidValueError:
    """Return the error for days of which the kind is not known."""
    message = f"`{text}` does not say which kind of day"
    return InvalidValueError(message, hint=f"write {choices}")


def _not_an_amount(text: str, rest: str) -> InvalidValueError:
    hint = _other_words(text) or _meant(rest)
    return InvalidValueError(f"`{text}` is not an amount of time", hint=hint)


def _other_words(text: str) -> str | None:
    """Return a hint with the same amount in the words of this format, if they are others."""
    if len(text) > _MAX_MEANT:
        return None
    meant = in_other_words(text)
    if meant == " ".join(text.split()):
        return None
    try:
        amount = parse_amount(meant)
    except EntitlementsError:
        return None
    return f"write {amount.choices}" if amount.choices else f"did you mean `{meant}`?"


def _meant(rest: str) -> str:
    """Return a hint with the amount that was probably meant."""
    if rest.lower() in {"", "no", "~", "null", "-", "n/a"}:
        return _NOTHING
    if rest[0] not in digits:
        return _meant_words(rest)
    if set(rest) <= set(digits):
        return f"did you mean `{rest}h` or `{rest}m`?"
    known = (hint for pattern, hint in _SENTENCES if pattern.match(rest))
    return next(known, None) or _meant_quantity(rest)


def _meant_words(rest: str) -> str:
    first = rest.partition(" ")[0]
    near = suggestion(rest, [NONE, BEST_EFFORT]) or suggestion(first, [_OBJECTIVE])
    return near or "begin with a number, such as `4h`"


def _meant_quantity(rest: str) -> str:
    if clock := _CLOCK.fullmatch(rest):
        minutes = f"{int(clock[2])}m" if int(clock[2]) else ""
        return f"did you mean `{int(clock[1])}h{minutes}`?"
    if comma := _COMMA.fullmatch(rest):
        return f"did you mean `{comma[1]}.{comma[2]}`?"
    if hours := _BUSINESS_HOURS.fullmatch(rest):
        return f"write `{hours[1]}h`, and the calendar's name behind it if it is not the plan's"
    words = rest.lstrip(digits)
    count, words = rest.removesuffix(words), words.strip()
    unit, _, behind = words.partition(" ")
    if suggestion(unit, ["business"]) and suggestion(behind, ["day", "days"]):
        return f"did you mean `{business_days(int(count))}`?"
    near_unit = closest(unit.lower(), _UNITS)
    if near_unit is not None:
        return f"did you mean `{' '.join(filter(None, (count + near_unit[0], behind)))}`?"
    return "write it as `4h`, `30m` or `1h30m`, and a calendar's name after a blank"
