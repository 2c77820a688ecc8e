from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bot.rag import AnswerCache, CacheKey, QuestionVector
from tests.bot.making import answer

ASKED = CacheKey.of("米饭要煮多久？", index="1", prompts=2, model="m", language="zh", length="normal", place="")


@pytest.mark.parametrize("same", ["米饭要煮多久", " 米饭 要煮多久？ ", "米飯要煮多久?"])
def test_the_same_question_in_another_width_spacing_or_script_is_the_same(same: str) -> None:
    assert CacheKey.of(same, index="1", prompts=2, model="m", language="zh", length="normal", place="") == ASKED


@pytest.mark.parametrize("other", [{"prompts": 3}, {"model": "n"}, {"language": "en"}, {"length": "long"}, {"place": "a:1"}])
def test_what_an_answer_depends_on_tells_it_apart(other: dict[str, object]) -> None:
    cache = AnswerCache()
    cache.put(ASKED, answer())
    assert cache.get(ASKED) == answer()
    assert cache.get(replace(ASKED, **other)) is None  # type: ignore[arg-type]


def test_another_index_makes_all_answers_go() -> None:
    cache = AnswerCache()
    cache.put(ASKED, answer())
    assert cache.get(replace(ASKED, index="2")) is None
    assert cache.get(ASKED) is None


def test_the_answer_that_was_not_wanted_longest_goes_first() -> None:
    cache = AnswerCache(2)
    one, two, three = (replace(ASKED, question=name) for name in "abc")
    cache.put(one, answer("1"))
    cache.put(two, answer("2"))
    assert cache.get(one)
    cache.put(three, answer("3"))
    assert [cache.get(asked) is None for asked in (one, two, three)] == [False, True, False]


def test_when_something_is_forgotten_nothing_that_may_rest_on_it_is_kept() -> None:
    cache = AnswerCache()
    cache.put(replace(ASKED, place="telegram:1"), answer())
    cache.put(ASKED, answer())
    cache.clear()
    assert (cache.get(replace(ASKED, place="telegram:1")), cache.get(ASKED)) == (None, None)


def test_no_size_keeps_nothing() -> None:
    cache = AnswerCache(0)
    cache.put(ASKED, answer())
    assert cache.get(ASKED) is None


# Near-duplicates


def vector(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def worded(text: str, *, place: str = "telegram:1", near: np.ndarray | None = None) -> QuestionVector:
    return QuestionVector(text=text, place=place, vector=vector(1, 0) if near is None else near)


def asked(text: str, **other: object) -> CacheKey:
    return replace(ASKED, question=CacheKey.of(text, index="", prompts=0, model="", language="", length="").question, **other)  # type: ignore[arg-type]


ONE, SAME = "注意力机制是什么？", "请问什么是注意力机制"


@pytest.fixture
def cache() -> AnswerCache:
    kept = AnswerCache()
    kept.put(asked(ONE), answer(), worded(ONE))
    return kept


def test_a_near_duplicate_gets_the_answer(cache: AnswerCache) -> None:
    assert cache.get(asked(SAME), worded(SAME)) == answer()
    assert cache.get(asked(SAME), worded(SAME, near=vector(1, 0.2))) == answer()


@pytest.mark.parametrize("other", [vector(1, 1), vector(0, 1), vector(0, 0), vector(-1, 0), vector(1, 0, 0)])
def test_wordings_that_the_embedding_holds_apart_are_not_the_same(cache: AnswerCache, other: np.ndarray) -> None:
    assert cache.get(asked(SAME), worded(SAME, near=other)) is None


def test_without_an_embedding_only_the_same_question_is_the_same(cache: AnswerCache) -> None:
    assert cache.get(asked(SAME)) is None
    assert cache.get(asked(ONE)) == answer()
    cache.put(asked("米饭怎么煮"), answer("二"))
    assert cache.get(asked("米饭如何煮"), worded("米饭如何煮")) is None


def test_a_near_duplicate_never_crosses_from_one_place_to_another(cache: AnswerCache) -> None:
    assert cache.get(asked(SAME), worded(SAME, place="telegram:2")) is None


@pytest.mark.parametrize(
    "other", [{"model": "n"}, {"language": "en"}, {"length": "long"}, {"place": "telegram:1"}, {"prompts": 9}]
)
def test_what_an_answer_depends_on_tells_near_duplicates_apart_too(cache: AnswerCache, other: dict[str, object]) -> None:
    assert cache.get(asked(SAME, **other), worded(SAME)) is None


@pytest.mark.parametrize(
    "negated", ["注意力机制不是什么？", "没有注意力机制是什么？", "注意力机制 2 是什么？", "自注意力机制是什么"]
)
def test_a_question_with_another_word_that_counts_is_another_though_the_vectors_are_one(cache: AnswerCache, negated: str) -> None:
    assert cache.get(asked(negated), worded(negated)) is None


def test_a_changed_index_makes_near_duplicates_go_too(cache: AnswerCache) -> None:
    assert cache.get(asked(SAME, index="2"), worded(SAME)) is None


def test_an_answer_that_is_given_to_a_near_duplicate_stays_longer() -> None:
    small = AnswerCache(2)
    small.put(asked(ONE), answer(), worded(ONE))
    small.put(asked("二"), answer("二"), worded("二"))
    small.get(asked(SAME), worded(SAME))
    small.put(asked("三"), answer("三"), worded("三"))
    assert small.get(asked(ONE)) == answer()
