"""Conformance corpus: questions with expected answers in JSON, for any implementation.

Start with `read_corpus` and `check_conformance`; `answer_questions` is how this library answers.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.on_demand.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.testing.conformance.answers import answer_questions
    from entitlements.testing.conformance.check import ConformanceResult, check_conformance
    from entitlements.testing.conformance.corpus import QuestionGroup, read_corpus
    from entitlements.testing.conformance.desk import ask_desk
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "answers": ("answer_questions",),
            "check": ("ConformanceResult", "check_conformance"),
            "corpus": ("QuestionGroup", "read_corpus"),
            "desk": ("ask_desk",),
        },
    )

__all__ = [
    "ConformanceResult",
    "QuestionGroup",
    "answer_questions",
    "ask_desk",
    "check_conformance",
    "read_corpus",
]
