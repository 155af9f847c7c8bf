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


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param([], "`FILE`, `--to` must be given (see `entitlements send", id="none"),
        pytest.param(["a", "--to"], "--to: a value is missing (see", id="no value"),
        pytest.param(["a", "--once=3"], "--once: takes no value (see", id="a value"),
        pytest.param(["a", "--most", "1.5"], "--most: `1.5` is not a whole number (see", id="int"),
        pytest.param(["a", "--most", "it's"], "--most: `it's` is not a whole number", id="quote"),
        pytest.param(["a", "--wait", "x"], "--wait: `x` is not a number (see", id="float"),
        pytest.param(
            ["a", "--as", "xml"], "--as: `xml` is unknown (one of `text`, `json`)", id="c"
        ),
        pytest.param(["a", "--as=jsn"], "--as: `jsn` is unknown (did you mean `json`?)", id="near"),
        pytest.param(["a", "b", "--to=c"], "`b` is one argument too many (see", id="too many"),
        pytest.param(["a", "-x"], "there is no option `-x` (see", id="a short option"),
        pytest.param(["a", "-3", "--to=c"], "`-3` is one argument too many", id="a number"),
    ],
)
def test_what_argparse_refuses_is_said_in_the_words_of_this_library(
    words: list[str], message: str
) -> None:
    parser = Parser("send", "")
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--to", required=True)
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--most", type=int)
    parser.add_argument("--wait", type=float)
    parser.add_argument("--as", choices=["text", "json"])
    with pytest.raises(InvalidValueError) as caught:
        parser.read(words)
    assert str(caught.value).startswith(message)


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
