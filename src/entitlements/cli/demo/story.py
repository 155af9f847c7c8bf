"""Summary of the demo: counts, one answer of each kind, one timeline."""

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
    """The answer whose clocks are drawn."""

    answer: Assessment
    timeline: CaseTimeline


@final
@attrs.frozen(kw_only=True)
class Story:
    """Many answers to requests from `start` up to `end`.

    Attributes:
        seed: Seed of the generated requests.
        start: First instant of the period.
        end: First instant after the period.
        summary: The counts.
        granted: An answer that grants access, if there is one.
        deferred: An answer that defers access to a later opening, if there is one.
        denied: An answer that denies access, if there is one.
        drawn: An answer with a deadline after a weekend, if there is one.
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
    """Return the summary of `answers`, with the first answer of each kind as its example."""
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
        drawn=_answer_to_draw(facts, [*granted, *deferred]),
    )


def _ways_out(answer: Assessment) -> bool:
    return isinstance(answer.decision, Denied) and bool(answer.decision.remedies)


def _answer_to_draw(facts: Facts, answers: Sequence[Assessment]) -> DrawnAnswer | None:
    """Return the answer with most milestones across a weekend, preferably a clock change too.

    Shorter spans are preferred, since they are drawn finer, and so are cases opened in open hours.
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
            len(timeline.milestones),
            timeline.hours.timeline.is_open(start),
        )
        if best is None or rank > best[0]:
            best = rank, DrawnAnswer(answer=answer, timeline=timeline)
    return None if best is None else best[1]


def _is_long(answer: Assessment) -> bool:
    """Return whether a deadline is at least a day after the opening."""
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
                        "from": text_of(segment.start),
                        "until": text_of(segment.end),
                        "spent": segment.use.value,
                        "because": segment.because,
                    }
                    for segment in each.reading.trace(each.reading.due)
                ],
            }
            for each in drawn.timeline.milestones
        ],
    }
