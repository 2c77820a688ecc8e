from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.search.context import EARLIER, HARDLY, LEANS, MUCH, SAME_SECTION, STRONG, SURE, WEAK, Context

ASKED = (("什么是剪枝？", 1.0),)


@pytest.mark.parametrize(
    ("strength", "mass", "share"), [(WEAK, 3.0, SURE), (STRONG, 3.0, 0.0), ((WEAK + STRONG) / 2, 3.0, SURE / 2), (0.1, MUCH, 0.0)]
)
def test_a_message_that_points_to_nothing_leans_as_far_as_its_own_words_fail(strength: float, mass: float, share: float) -> None:
    assert Context(questions=ASKED).share(strength, mass) == pytest.approx(share)


@pytest.mark.parametrize(("strength", "share"), [(0.0, SURE), (STRONG, HARDLY)])
def test_a_message_that_points_to_something_leans_on_it_in_any_case(strength: float, share: float) -> None:
    assert Context(questions=ASKED, sure=True).share(strength, 2 * MUCH) == share


@given(st.booleans(), st.floats(0, 1), st.floats(0, 10), st.floats(0, 10), st.floats(0, 30))
def test_the_share_falls_with_the_strength_and_stays_below_its_bound(
    sure: bool, most: float, one: float, two: float, mass: float
) -> None:
    context = Context(questions=ASKED, sure=sure, most=most)
    assert 0 <= context.share(max(one, two), mass) <= context.share(min(one, two), mass) <= most


def test_passages_of_the_section_that_answered_are_nearest_then_those_beside_it() -> None:
    context = Context(questions=ASKED, section=("a.md", "模型", "压缩", "剪枝"))
    places = [
        ("a.md", ("模型", "压缩", "剪枝")),
        ("a.md", ("模型", "压缩", "量化")),
        ("a.md", ("模型", "训练")),
        ("b.md", ("模型",)),
    ]
    near = [context.nearness(path, heading) for path, heading in places]
    assert near[0] == SAME_SECTION > near[1] > near[2] == near[3] == 0
    assert SAME_SECTION < EARLIER
    assert LEANS < SURE
