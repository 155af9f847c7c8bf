from __future__ import annotations

import pytest

from entitlements.cli.arguments import Parser, check_known, parse_instant
from entitlements.kernel import InvalidValueError, UnknownIdError, utc


def test_a_value_may_look_like_nothing_special() -> None:
    parser = Parser("decide", "")
    parser.add_argument("--customer")
    assert parser.read(["--customer=acme"]).customer == "acme"
    assert parser.read(["--customer", "acme"]).customer == "acme"


def test_options_are_not_abbreviated() -> None:
    parser = Parser("decide", "")
    parser.add_argument("--customer")
    with pytest.raises(InvalidValueError, match="did you mean `--customer`"):
        parser.read(["--custom", "acme"])


def test_an_instant_needs_an_offset() -> None:
    assert parse_instant("2026-03-27T15:30+01:00", "--at") == utc("2026-03-27T14:30Z")
    with pytest.raises(InvalidValueError) as caught:
        parse_instant("2026-03-27T15:30", "--at")
    assert caught.value.path == "--at"
    assert "`2026-03-27T15:30+01:00`" in str(caught.value.hint)


@pytest.mark.parametrize("text", ["tomorrow", "2026-03-27", "2026-13-01T00:00Z", ""])
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError):
        parse_instant(text, "--at")


def test_a_known_name_passes_and_an_unknown_one_is_guessed() -> None:
    check_known("product", "db", ["db", "mail"], "--product")
    check_known("product", None, [], "--product")
    with pytest.raises(UnknownIdError, match="did you mean `db`"):
        check_known("product", "dbb", ["db", "mail"], "--product")
