from __future__ import annotations

from dataclasses import replace

import pytest

from bot.conversation import AnswerCache, Asked
from tests.bot.making import answer

ASKED = Asked.of("米饭要煮多久？", index="1", prompts=2, model="m", language="zh", length="normal", place="")


@pytest.mark.parametrize("same", ["米饭要煮多久", " 米饭 要煮多久？ ", "米飯要煮多久?"])
def test_the_same_question_in_another_width_spacing_or_script_is_the_same(same: str) -> None:
    assert Asked.of(same, index="1", prompts=2, model="m", language="zh", length="normal", place="") == ASKED


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
