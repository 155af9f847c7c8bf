"""Reports of checked promises: text for people, JUnit XML for build servers, data for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Protocol
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from entitlements.testing.promises.check import PromiseResult
from entitlements.testing.promises.coverage import CoverageCount


class CheckedCase(Protocol):
    """A case with its result: a promise, or a case of the conformance corpus."""

    @property
    def suite(self) -> str:
        """The file or the group of the case."""
        ...

    @property
    def name(self) -> str:
        """What the case is about."""
        ...

    @property
    def line(self) -> int | None:
        """The line on which it is written; None where that is not known."""
        ...

    @property
    def holds(self) -> bool:
        """Whether the answer is as expected."""
        ...

    @property
    def unanswered(self) -> bool:
        """Whether there was no answer."""
        ...

    @property
    def skipped(self) -> str:
        """Why the case was not asked; empty if it was."""
        ...

    @property
    def differences(self) -> tuple[str, ...]:
        """Everything in which the answer differs."""
        ...

    def explain(self) -> str:
        """Return the differences with their context."""
        ...


MAX_MISSED = 20
"""How many names of one kind a text lists."""


def promise_report(results: Sequence[PromiseResult], coverage: Iterable[CoverageCount] = ()) -> str:
    """Return the promises that do not hold, each with its answer, and the counts.

    Args:
        results: The checked cases.
        coverage: What they have exercised; empty to leave it out.

    >>> from entitlements.testing.promises import check_promises, parse_promises
    >>> file = parse_promises('''
    ... given: {}
    ... at: 2026-03-02T09:00Z
    ... ask: {customer: acme, contact: dana, product: db, channel: phone}
    ... promises:
    ...   - name: strangers get nothing
    ...     expect: {decision: denied, reasons: [customer_unknown]}
    ... ''')
    >>> print(promise_report(check_promises(file)))
    1 of 1 promises hold
    """
    broken = [each for each in results if not each.holds]
    lines = [each.explain() for each in broken]
    counts = tuple(coverage)
    several = len({each.files for each in counts}) > 1
    for files, same in groupby(counts, key=lambda each: each.files):
        if several:
            lines.append(f"{', '.join(files)}:")
        for count in same:
            lines.append(str(count))
            lines += [f"  no case: {name}" for name in count.missed[:MAX_MISSED]]
            if len(count.missed) > MAX_MISSED:
                lines.append(f"  and {len(count.missed) - MAX_MISSED} more")
    kept = len(results) - len(broken)
    lines.append(f"{kept} of {len(results)} promises hold")
    return "\n".join(lines)


def promise_data(
    results: Sequence[PromiseResult], coverage: Iterable[CoverageCount] = ()
) -> dict[str, object]:
    """Return the checked cases and what they have exercised, as data that JSON can hold.

    >>> from entitlements.testing.promises import check_promises, parse_promises
    >>> file = parse_promises('''
    ... given: {}
    ... at: 2026-03-02T09:00Z
    ... ask: {customer: acme, contact: dana, product: db, channel: phone}
    ... promises:
    ...   - name: strangers get nothing
    ...     expect: {decision: denied, reasons: [customer_unknown]}
    ... ''')
    >>> promise_data(check_promises(file))["coverage"]
    []
    """
    return {
        "promises": [
            {
                "name": each.case.name,
                "file": each.case.file,
                "line": each.case.line,
                "holds": each.holds,
                "differences": list(each.differences),
            }
            for each in results
        ],
        "coverage": [
            {
                "files": list(each.files),
                "kind": each.kind,
                "total": each.total,
                "missed": list(each.missed),
            }
            for each in coverage
        ],
    }


def junit_xml(results: Iterable[CheckedCase], coverage: Iterable[CoverageCount] = ()) -> str:
    """Return the checked cases as JUnit XML, a suite for each file.

    A promise that does not hold is a failure, and a question that cannot be answered an error. The
    coverage of a file, such as `55 of 55`, is in the properties of its suite.

    >>> from entitlements.testing.promises import check_promises, parse_promises
    >>> file = parse_promises('''
    ... given: {}
    ... at: 2026-03-02T09:00Z
    ... ask: {customer: acme, contact: dana, product: db, channel: phone}
    ... promises:
    ...   - name: strangers get nothing
    ...     expect: {decision: denied, reasons: [customer_unknown]}
    ... ''')
    >>> junit_xml(check_promises(file)).count("<testcase")
    1
    """
    covered = tuple(coverage)
    root = Element("testsuites")
    suites: dict[str, list[CheckedCase]] = {}
    for each in results:
        suites.setdefault(each.suite, []).append(each)
    for file, cases in suites.items():
        broken = [each for each in cases if not each.holds]
        errors = sum(each.unanswered for each in broken)
        skipped = sum(bool(each.skipped) for each in cases)
        failures = len(broken) - errors
        counts = {"tests": len(cases), "failures": failures, "errors": errors, "skipped": skipped}
        suite = SubElement(
            root, "testsuite", {"name": file, **{key: str(n) for key, n in counts.items()}}
        )
        own = [each for each in covered if file in each.files]
        properties = SubElement(suite, "properties") if own else suite
        for count in own:
            value = f"{count.covered} of {count.total}"
            SubElement(properties, "property", {"name": f"coverage: {count.kind}", "value": value})
        for each in cases:
            place = {"classname": file, "name": each.name}
            if each.line is not None:
                place["line"] = str(each.line)
            case = SubElement(suite, "testcase", place)
            if each.skipped:
                SubElement(case, "skipped", {"message": each.skipped})
            if not each.holds:
                tag = "error" if each.unanswered else "failure"
                message = SubElement(case, tag, {"message": "; ".join(each.differences)})
                message.text = each.explain()
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=True) + "\n"
