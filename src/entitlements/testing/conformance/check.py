"""Checking answers against the corpus, with every difference in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias, final

import attrs

from entitlements.kernel.converters import as_text, as_tuple
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import text_of, utc
from entitlements.kernel.mixins.no_truth_value import NoTruthValue
from entitlements.testing.conformance.answers import BY_MILESTONE, answer_questions
from entitlements.testing.conformance.corpus import Data, QuestionGroup, read_corpus

Answering: TypeAlias = Callable[[Data], Any]
"""An implementation: called with the questions of one group, it returns `{"answers": [...]}`."""

_INSTANTS: Final = ("due.", "opens_at")
_NO_ORDER: Final = "reasons"
_MISSING: Final = object()


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return as_tuple(values)


@final
@attrs.frozen(kw_only=True)
class ConformanceResult(NoTruthValue):
    """One case of the corpus, and in what an implementation differs.

    Attributes:
        suite: The name of the group.
        name: The name of the case.
        source: Where the expected answer comes from.
        differences: Everything in which the answer differs, as sentences; empty if it is equal.
        unanswered: Whether there was no answer.
        skipped: Why the implementation does not support the question; empty if it does.
    """

    suite: str = attrs.field(converter=as_text)
    name: str = attrs.field(converter=as_text)
    source: str = attrs.field(converter=as_text)
    differences: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    unanswered: bool = False
    skipped: str = attrs.field(default="", converter=as_text)

    @property
    def line(self) -> None:
        """None: cases of the corpus have names."""
        return

    @property
    def holds(self) -> bool:
        """Whether the answer is as expected, or the question is not supported."""
        return not self.differences

    def explain(self) -> str:
        """Return the name and the differences, and where the expected answer comes from."""
        head = f"{self.suite}: {self.name}"
        if self.holds:
            return f"{head}: {f'not supported: {self.skipped}' if self.skipped else 'holds'}"
        return "\n  ".join([head, *self.differences, f"source: {self.source}"])


def check_conformance(
    answering: Answering = answer_questions, groups: Iterable[QuestionGroup] | None = None
) -> tuple[ConformanceResult, ...]:
    """Return every case of the corpus with the differences of an implementation.

    Args:
        answering: The implementation; this library if it is left out. What it raises is not
            caught.
        groups: The groups to ask; the whole corpus if they are left out.

    >>> some = read_corpus()[:1]
    >>> [each.holds for each in check_conformance(groups=some)][:1]
    [True]
    """
    asked = read_corpus() if groups is None else tuple(groups)
    return compare_replies(asked, [answering(group.questions) for group in asked])


def compare_replies(
    groups: Sequence[QuestionGroup], replies: Sequence[Any]
) -> tuple[ConformanceResult, ...]:
    """Return every case with the differences of the replies, one for each group.

    A reply, or one answer in it, may be an object with the key `unsupported`, which says why the
    implementation cannot hold such facts. That is no difference, and is counted apart.
    """
    pairs = zip(groups, replies, strict=True)
    return tuple(result for group, reply in pairs for result in _compared(group, reply))


def _compared(group: QuestionGroup, reply: Any) -> Iterator[ConformanceResult]:
    """Yield the cases of a group beside a reply of an implementation."""
    for case, answer in zip(group.cases, _answers(reply, len(group.cases)), strict=True):
        about = {"suite": group.name, "name": case["name"], "source": group.source}
        if not isinstance(answer, Mapping):
            wrong = (f"no answer: {answer!r:.200}",)
            yield ConformanceResult(**about, differences=wrong, unanswered=True)
        elif "unsupported" in answer:
            yield ConformanceResult(**about, skipped=str(answer["unsupported"]) or "unsupported")
        elif "error" in answer:
            wrong = (str(answer["error"]),)
            yield ConformanceResult(**about, differences=wrong, unanswered=True)
        else:
            found = tuple(_differences(case["expect"], answer))
            yield ConformanceResult(**about, differences=found)


def _answers(reply: Any, count: int) -> list[Any]:
    """Return so many answers: those of a reply, or for each of them what is wrong with it."""
    if not isinstance(reply, Mapping):
        return [reply] * count
    answers = reply.get("answers")
    if isinstance(answers, list) and len(answers) == count:
        return answers
    if isinstance(answers, list):
        return [{"error": f"{len(answers)} answers to {count} questions"}] * count
    if "error" in reply or "unsupported" in reply:
        return [reply] * count
    return [{"error": f"the reply has no `answers`: {reply!r:.200}"}] * count


def _differences(expected: Data, answer: Data) -> Iterator[str]:
    for key, wanted in expected.items():
        found = answer.get(key, _MISSING)
        if key in BY_MILESTONE and isinstance(found, Mapping):
            for name, inner in wanted.items():
                yield from _difference(f"{key}.{name}", inner, found.get(name, _MISSING))
        else:
            yield from _difference(key, wanted, found)


def _difference(key: str, wanted: Any, found: Any) -> Iterator[str]:
    if found is _MISSING:
        yield f"{key}: expected {_text(wanted)}, and the answer does not have it"
        return
    if key == _NO_ORDER and isinstance(found, list):
        wanted, found = sorted(wanted), sorted(map(str, found))
    if key.startswith(_INSTANTS):
        found = _instant(found)
    if wanted != found:
        yield f"{key}: expected {_text(wanted)}, but it is {_text(found)}"


def _instant(value: Any) -> Any:
    """Return an instant in the spelling of the corpus; any other value as it is."""
    try:
        return text_of(utc(value)) if isinstance(value, str) else value
    except InvalidValueError:
        return value


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_text(each)}" for key, each in value.items()) or "nothing"
    return "null" if value is None else str(value)
