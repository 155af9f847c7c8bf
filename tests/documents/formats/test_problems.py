from __future__ import annotations

from entitlements.documents.formats.problems import MAX_PROBLEMS, Problem, documents_error


def test_problems_are_in_the_order_of_files_and_lines() -> None:
    found = [Problem("b", 1, "x", "m"), Problem("a", 9, "y", "m"), Problem("a", 2, "", "m", "h")]
    assert documents_error(found, ["a", "b"]).problems == ("a:2: m (h)", "a:9: y: m", "b:1: x: m")
    assert documents_error(found, ["b", "a"]).problems == ("b:1: x: m", "a:2: m (h)", "a:9: y: m")


def test_a_message_is_one_line_of_limited_length() -> None:
    text = str(Problem("f", 1, "p", "a\nb\x1b[0m" + "x" * 1_000))
    assert text.isprintable()
    assert len(text) < 400


def test_the_number_of_problems_in_an_error_is_limited() -> None:
    many = [Problem("f", 1, "", "m")] * (MAX_PROBLEMS + 5)
    assert documents_error(many, ["f"]).problems[-1] == "and 5 more problems"
