"""The union is that of all masks, whichever of them were replaced."""

from __future__ import annotations

from functools import reduce
from operator import or_

from hypothesis import given
from hypothesis import strategies as st

from entitlements.routing.live.waiting.mask_union import MaskUnion

MASKS = st.integers(0, 2**70)


@given(st.lists(MASKS, max_size=9), st.lists(st.tuples(st.integers(0, 99), MASKS | st.just(0))))
def test_the_union_is_that_of_all_masks_after_every_change(
    masks: list[int], changes: list[tuple[int, int]]
) -> None:
    union = MaskUnion(masks)
    assert union.mask == reduce(or_, masks, 0)
    for number, mask in changes if masks else ():
        masks[number % len(masks)] = mask
        union.replace(number % len(masks), mask)
        assert union.mask == reduce(or_, masks, 0)
