from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.search.bm25 import Bm25Index
from knowledge.search.context import BOUND, EARLIER, HARDLY, LEANS, MUCH, SAME_SECTION, STRONG, SURE, TIE, WEAK, Context, bounded
from knowledge.search.query import LAST, Query, QueryExpander
from knowledge.text import Dictionary

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


@given(st.lists(st.tuples(st.floats(0, 1), st.sampled_from([0.0, SAME_SECTION])), min_size=1, max_size=9))
def test_no_passage_gains_more_on_the_best_than_the_bound(places: list[tuple[float, float]]) -> None:
    standing, near = ({row: place[which] for row, place in enumerate(places)} for which in (0, 1))
    added = bounded(standing, near, 0)
    assert all(worth <= added[0] + BOUND + TIE + 1e-9 for worth in added.values())
    assert BOUND == 1


def test_below_the_bound_passages_keep_what_the_context_gives_them() -> None:
    added = bounded({1: 0.2, 2: 1.0, 3: 0.9}, {1: 0.0, 2: 0.0, 3: SAME_SECTION}, 1)
    assert added[1] < added[2] < added[3] == pytest.approx(EARLIER * 0.9 + SAME_SECTION)


def test_a_message_is_weighed_once_for_the_search_alone_and_the_one_in_its_context(tmp_path: Path) -> None:
    asker = QueryExpander(Bm25Index([]), Dictionary(tmp_path / "none.sqlite"), frozenset(), ())
    alone = asker.ask(Query(question="剪枝要多久"))
    for number in range(LAST - 1):
        asker.ask(Query(question=f"第{number}层怎么剪"))
    assert asker.ask(Query(question="剪枝要多久", context=Context(questions=ASKED))) is alone

    asker.ask(Query(question="量化要多久"))
    assert asker.ask(Query(question="剪枝要多久")) is not alone
