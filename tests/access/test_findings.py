"""A candidate's reasons are those of its checks, in their order."""

from entitlements.access import Candidate, Check, CheckOutcome, CheckResult, Reason


def test_the_reasons_of_a_candidate_are_those_of_its_findings() -> None:
    findings = (
        CheckResult(
            check=Check.CONTRACT, outcome=CheckOutcome.FAIL, reasons=(Reason.OTHER_CONTRACT,)
        ),
        CheckResult(check=Check.CONTACT, outcome=CheckOutcome.PASS, cites=("C", "dana")),
        CheckResult(
            check=Check.SEVERITY,
            outcome=CheckOutcome.FAIL,
            reasons=(Reason.SEVERITY_UNKNOWN, Reason.SEVERITY_NOT_IN_RIGHT),
        ),
    )
    candidate = Candidate(
        contract="C", line="1", plan="gold", right="r", group="dba", chosen=False, results=findings
    )
    assert candidate.reasons == (
        Reason.OTHER_CONTRACT,
        Reason.SEVERITY_UNKNOWN,
        Reason.SEVERITY_NOT_IN_RIGHT,
    )
