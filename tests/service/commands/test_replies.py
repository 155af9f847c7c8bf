import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel.data.digests import plain_text
from entitlements.service import Reply, ReplyResult
from entitlements.service.commands.replies import reply_from_data

names = st.text("abc", min_size=1, max_size=4)


@given(
    st.builds(
        Reply,
        command=names,
        case=names,
        result=st.sampled_from(ReplyResult),
        fences=st.dictionaries(names, st.integers(1, 9)),
        text=st.text(),
    )
)
def test_a_reply_read_back_is_equal_and_marked_as_repeated(reply: Reply) -> None:
    again = reply_from_data(json.loads(plain_text(reply)))
    assert again == reply
    assert again.repeated
    assert not reply.repeated


@pytest.mark.parametrize("result", ReplyResult)
def test_only_a_grant_and_a_deferral_open_a_case(result: ReplyResult) -> None:
    reply = Reply(command="k", case="R-1", result=result)
    assert reply.accepted == (result in {ReplyResult.GRANTED, ReplyResult.DEFERRED})


def test_a_reply_has_no_truth_value() -> None:
    with pytest.raises(TypeError, match="match on it"):
        bool(Reply(command="k", case="R-1", result="denied"))
