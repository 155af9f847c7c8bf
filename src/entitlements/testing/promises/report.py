"""Reports of checked promises: text for people, JUnit XML for build servers, data for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from entitlements.testing.promises.check import PromiseResult
from entitlements.testing.promises.coverage import CoverageCount

MAX_MISSED = 20
"""How many names of one kind a text lists."""


def promise_report(results: Sequence[PromiseResult], coverage: Iterable[CoverageCount] = ()) -> str:
    """Return the promises that do not hold, each with its answer, and the counts.

    Args:
        results: The checked cases.
        coverage: What they have exercised; empty to leave it out.
    """
    broken = [each for each in results if not each.holds]
    lines = [each.explain() for each in broken]
    for count in coverage:
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
    """Return the checked cases and what they have exercised, as data that JSON can hold."""
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
            {"kind": each.kind, "total": each.total, "missed": list(each.missed)}
            for each in coverage
        ],
    }


def junit_xml(results: Iterable[PromiseResult]) -> str:
    """Return the checked cases as JUnit XML, a suite for each file.

    A promise that does not hold is a failure, and a question that cannot be answered an error.
    """
    root = Element("testsuites")
    suites: dict[str, list[PromiseResult]] = {}
    for each in results:
        suites.setdefault(each.case.file, []).append(each)
    for file, cases in suites.items():
        broken = [each for each in cases if not each.holds]
        errors = sum(each.answer is None for each in broken)
        counts = {"tests": len(cases), "failures": len(broken) - errors, "errors": errors}
        suite = SubElement(
            root, "testsuite", {"name": file, **{key: str(n) for key, n in counts.items()}}
        )
        for each in cases:
            place = {"classname": file, "name": each.case.name, "line": str(each.case.line)}
            case = SubElement(suite, "testcase", place)
            if not each.holds:
                tag = "error" if each.answer is None else "failure"
                message = SubElement(case, tag, {"message": "; ".join(each.differences)})
                message.text = each.explain()
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=True) + "\n"
