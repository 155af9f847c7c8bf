"""Promise files: tests of support plans in YAML, with findings by line and coverage.

Start with `read_promises` and `check_promises`.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.on_demand.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.testing.promises.cases import (
        ExpectedAnswer,
        Outcome,
        PromiseCase,
        PromiseFile,
    )
    from entitlements.testing.promises.check import PromiseResult, check_promise, check_promises
    from entitlements.testing.promises.coverage import CoverageCount, promise_coverage
    from entitlements.testing.promises.read import parse_promises, read_promises
    from entitlements.testing.promises.report import junit_xml, promise_data, promise_report
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "cases": ("ExpectedAnswer", "Outcome", "PromiseCase", "PromiseFile"),
            "check": ("PromiseResult", "check_promise", "check_promises"),
            "coverage": ("CoverageCount", "promise_coverage"),
            "read": ("parse_promises", "read_promises"),
            "report": ("junit_xml", "promise_data", "promise_report"),
        },
    )

__all__ = [
    "CoverageCount",
    "ExpectedAnswer",
    "Outcome",
    "PromiseCase",
    "PromiseFile",
    "PromiseResult",
    "check_promise",
    "check_promises",
    "junit_xml",
    "parse_promises",
    "promise_coverage",
    "promise_data",
    "promise_report",
    "read_promises",
]
