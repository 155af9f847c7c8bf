from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.adapters.webhooks import signed_headers, verify_signature
from entitlements.kernel.errors import InvalidValueError, SignatureError
from entitlements.kernel.instants import utc

# The example that is published with Standard Webhooks.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - a published example
AT = utc("2021-02-25T15:02:10Z")
BODY = b'{"test": 2432232314}'
HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
OTHER = "whsec_" + "A" * 32


def test_the_published_example_is_signed_and_verified() -> None:
    assert signed_headers([SECRET], HEADERS["webhook-id"], AT, BODY) == HEADERS
    assert verify_signature([SECRET], HEADERS, BODY, AT) == HEADERS["webhook-id"]


def test_an_id_that_could_be_read_as_an_id_and_a_timestamp_is_not_signed() -> None:
    """`a.5` at one instant is signed as `a` at second 5 with another body would be."""
    with pytest.raises(InvalidValueError, match="full stop"):
        signed_headers([SECRET], "a.5", AT, BODY)


def test_names_of_headers_are_in_any_letter_case_and_secrets_can_be_replaced() -> None:
    titled = {name.title(): value for name, value in HEADERS.items()}
    assert verify_signature(SECRET, titled, BODY, AT)
    both = signed_headers([OTHER, SECRET], "x", AT, BODY)
    assert len(both["webhook-signature"].split()) == 2
    assert verify_signature([SECRET], both, BODY, AT) == "x"
    assert verify_signature([OTHER, SECRET], HEADERS, BODY, AT)
    unknown = {**HEADERS, "webhook-signature": "v2,x v1a,y " + HEADERS["webhook-signature"]}
    assert verify_signature([SECRET], unknown, BODY, AT), "unknown versions are skipped"


@pytest.mark.parametrize(
    ("changes", "body", "why"),
    [
        ({"webhook-id": "msg_other"}, BODY, "not signed with this secret, or has been changed"),
        ({"webhook-timestamp": "1614265331"}, BODY, "changed"),
        ({}, BODY + b" ", "changed"),
        ({"webhook-signature": "v1,AAAA"}, BODY, "changed"),
        ({"webhook-signature": "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}, BODY, "changed"),
        ({"webhook-signature": "v1,\u00fc"}, BODY, "changed"),
        ({"webhook-signature": ""}, BODY, "no header `webhook-signature`"),
        ({"webhook-timestamp": "soon"}, BODY, "no number of seconds"),
        ({"webhook-timestamp": "9" * 30}, BODY, "no number of seconds"),
        ({"webhook-timestamp": "\u0661"}, BODY, "no number of seconds"),
    ],
)
def test_what_was_changed_or_signed_by_another_is_refused(
    changes: dict[str, str], body: bytes, why: str
) -> None:
    with pytest.raises(SignatureError, match=why):
        verify_signature([SECRET], {**HEADERS, **changes}, body, AT)
    with pytest.raises(SignatureError, match="not signed with this secret"):
        verify_signature([OTHER], HEADERS, BODY, AT)


@pytest.mark.parametrize(("minutes", "valid"), [(-5.1, False), (-5, True), (5, True), (5.1, False)])
def test_a_signature_is_valid_for_five_minutes(minutes: float, valid: bool) -> None:  # noqa: FBT001 - of a table
    at = AT + timedelta(minutes=minutes)
    if valid:
        verify_signature([SECRET], HEADERS, BODY, at)
        return
    with pytest.raises(SignatureError, match="signed at `2021-02-25T15:02:10") as caught:
        verify_signature([SECRET], HEADERS, BODY, at)
    assert "sent it again" in str(caught.value)
    verify_signature([SECRET], HEADERS, BODY, at, tolerance=timedelta(minutes=6))


@pytest.mark.parametrize(
    "wrong", ["", "whsec_", "whsec_AAAA", SECRET[6:], "whsec_" + "A" * 100, "whsec_%"]
)
def test_a_secret_that_is_none_is_refused_and_not_shown(wrong: str) -> None:
    with pytest.raises(InvalidValueError, match="the secret of a webhook is none") as caught:
        signed_headers([wrong], "x", AT, b"")
    assert not wrong[6:] or wrong[6:] not in str(caught.value)
    with pytest.raises(InvalidValueError, match="needs a secret"):
        verify_signature([], HEADERS, BODY, AT)


@given(st.binary(max_size=50), st.integers(0, 49))
def test_a_changed_byte_is_found(body: bytes, place: int) -> None:
    headers = signed_headers([SECRET], "x", AT, body)
    verify_signature([SECRET], headers, body, AT)
    if place < len(body):
        other = bytearray(body)
        other[place] ^= 1
        with pytest.raises(SignatureError):
            verify_signature([SECRET], headers, bytes(other), AT)
