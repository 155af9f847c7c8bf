"""Explanations as values and as data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from entitlements.engine.explanation.explanation import (
    EXPLANATION_DATA,
    Audience,
    Explanation,
    ExplanationLine,
    as_audience,
)
from entitlements.kernel.errors import EntitlementsError, InvalidValueError

FITS = Draft202012Validator(EXPLANATION_DATA.schema())
FIXTURES = sorted((Path(__file__).parent / "fixtures" / "v1").glob("*.json"))
LINES = st.builds(ExplanationLine, key=st.text(), text=st.text(), level=st.integers(0, 1))


@given(
    st.sampled_from(Audience), st.sampled_from([None, "Europe/Berlin"]), st.lists(LINES, max_size=4)
)
def test_an_explanation_is_read_back_and_fits_its_schema(
    audience: Audience, zone: str | None, lines: list[ExplanationLine]
) -> None:
    found = Explanation(
        audience=audience,
        language="de",
        zone=zone,
        at="2026-03-02T09:00Z",  # type: ignore[arg-type]
        lines=lines,  # type: ignore[arg-type]
    )
    data = json.loads(json.dumps(found.to_dict()))
    assert Explanation.from_dict(data) == found
    FITS.validate(data)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_an_explanation_that_was_written_under_version_1_reads_for_ever(path: Path) -> None:
    data = json.loads(path.read_text(encoding="utf-8"))
    found = Explanation.from_dict(data)
    assert [each.text for each in found.lines] == [each["text"] for each in data["lines"]]


def test_there_is_a_fixture_for_each_audience() -> None:
    assert {path.stem for path in FIXTURES} >= {f"explanation-{each}" for each in Audience}
    assert EXPLANATION_DATA.version == 1, "keep fixtures of the new version in a folder of its own"


def test_an_unknown_audience_is_refused() -> None:
    assert as_audience("agent") is Audience.AGENT
    with pytest.raises(InvalidValueError, match="custumer"):
        as_audience("custumer")


@pytest.mark.parametrize("level", [-1, 2, 10**30, True])
def test_a_level_that_no_line_has_is_refused(level: int) -> None:
    data = json.loads(FIXTURES[0].read_text(encoding="utf-8"))
    data["lines"][0]["level"] = level
    with pytest.raises(EntitlementsError, match=r"lines\[0\]\.level: "):
        Explanation.from_dict(data)
