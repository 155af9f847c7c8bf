"""What is worth telling about many answers? The counts, one answer of each kind, one timeline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, final

import attrs

from entitlements.access import Deferred, Denied, Granted
from entitlements.cli.demo.summary import Summary, summary
from entitlements.cli.demo.timeline import CaseTimeline, timeline_of
from entitlements.engine import Assessment, Engine, Facts
from entitlements.kernel.instants import DAY, text_of

_FEW_DAYS: Final = 6 * DAY


@final
@attrs.frozen(kw_only=True)
class DrawnAnswer:
    """An answer whose clocks are worth drawing."""

    answer: Assessment
    timeline: CaseTimeline


@final
@attrs.frozen(kw_only=True)
class Story:
    """Many answers to people who asked from `start` up to `end`.

    Attributes:
        seed: What made the requests.
        start: First instant.
        end: First instant after it.
        summary: The counts.
        granted: One that grants access, if there is one.
        deferred: One that grants it from a later opening on, if there is one.
        denied: One that denies it, if there is one.
        drawn: One whose deadline lies beyond a weekend, if there is one.
    """

    seed: int
    start: datetime
    end: datetime
    summary: Summary
    granted: Assessment | None
    deferred: Assessment | None
    denied: Assessment | None
    drawn: DrawnAnswer | None

    def to_dict(self) -> dict[str, object]:
        """Return the story as data that JSON can hold."""
        examples = {
            name: None if answer is None else answer.to_dict()
            for name, answer in (
                ("granted", self.granted),
                ("deferred", self.deferred),
                ("denied", self.denied),
            )
        }
        return {
            "seed": self.seed,
            "from": text_of(self.start),
            "until": text_of(self.end),
            **self.summary.to_dict(),
            "examples": examples,
            "timeline": None if self.drawn is None else _drawn_data(self.drawn),
        }


def story(
    facts: Facts, answers: Sequence[Assessment], *, seed: int, start: datetime, end: datetime
) -> Story:
    """Return what is worth telling of `answers`, in their order; of each kind the first."""
    granted = [each for each in answers if isinstance(each.decision, Granted)]
    assigned = [each for each in granted if each.agent is not None]
    deferred = [each for each in answers if isinstance(each.decision, Deferred)]
    denied = [each for each in answers if isinstance(each.decision, Denied)]
    return Story(
        seed=seed,
        start=start,
        end=end,
        summary=summary(answers),
        granted=next(iter([*assigned, *granted]), None),
        deferred=next(iter(deferred), None),
        denied=next((each for each in denied if _ways_out(each)), next(iter(denied), None)),
        drawn=_worth_drawing(facts, [*granted, *deferred]),
    )


def _ways_out(answer: Assessment) -> bool:
    return isinstance(answer.decision, Denied) and bool(answer.decision.remedies)


def _worth_drawing(facts: Facts, answers: Sequence[Assessment]) -> DrawnAnswer | None:
    """Return the answer with most promises over a weekend, if possible over a clock change too.

    A few days are drawn finer than many, and it is better to see the first hours count.
    """
    engine = Engine(facts)
    best: tuple[tuple[bool, bool, int, bool], DrawnAnswer] | None = None
    for answer in answers:
        if isinstance(answer.decision, Denied) or not _is_long(answer):
            continue
        timeline = timeline_of(answer, engine.policy(answer.decision.entitlement))
        if timeline is None or not timeline.crosses_weekend:
            continue
        start, end = timeline.span
        rank = (
            timeline.crosses_clock_change,
            end - start < _FEW_DAYS,
            len(timeline.promises),
            timeline.hours.timeline.is_open(start),
        )
        if best is None or rank > best[0]:
            best = rank, DrawnAnswer(answer=answer, timeline=timeline)
    return None if best is None else best[1]


def _is_long(answer: Assessment) -> bool:
    """Return whether a deadline is a day away or more: no weekend is shorter."""
    if answer.deadlines is None:
        return False
    dues = [due for due in answer.deadlines.due_instants if due is not None]
    return bool(dues) and max(dues) - answer.deadlines.opened >= DAY


def _drawn_data(drawn: DrawnAnswer) -> dict[str, object]:
    return {
        "request": drawn.answer.request.id,
        "opened": text_of(drawn.answer.at),
        "milestones": [
            {
                **each.reading.to_dict(),
                "trace": [
                    {
                        "from": text_of(stretch.start),
                        "until": text_of(stretch.end),
                        "spent": stretch.use.value,
                        "because": stretch.because,
                    }
                    for stretch in each.reading.trace(each.reading.due)
                ],
            }
            for each in drawn.timeline.promises
        ],
    }
