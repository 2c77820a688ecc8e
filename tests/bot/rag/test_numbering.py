"""Numbers of sources, whatever a model makes of them: only those that were given are seen, in every snapshot."""

from __future__ import annotations

from random import Random

import pytest

from bot.llm import TokenEstimator
from bot.rag import AnswerStream, AnswerStyle, pack
from bot.rag.prompt_builder import PromptContext
from tests.bot.making import hit
from tests.bot.rag.numbering import numbered_answer, numbers_shown, pieces_of
from tests.fakes.model import ScriptedModel

HITS = (
    hit("# 米饭\n\n米饭先洗两遍，再煮二十分钟。", "a.md"),
    hit("# 水\n\n水要多一点。", "b.md"),
    hit("# 粥\n\n粥要煮一小时。", "c.md"),
)
PROMPT = pack("米饭要煮多久？", PromptContext(hits=HITS), window=8192, manner=AnswerStyle(), language="zh")
GIVEN = {1, 2, 3}


async def shown(*pieces: str) -> list[str]:
    """The snapshots of an answer that comes in these pieces."""
    model = ScriptedModel(*pieces)
    writing = AnswerStream(prompt=PROMPT, model=model, scale=TokenEstimator(), language="zh", every_s=0, unsupported="off")
    answers = [answer async for answer in writing.snapshots()]
    assert {source.n for source in answers[-1].citations} == numbers_shown(answers[-1].text) & GIVEN
    return [answer.text for answer in answers]


async def test_in_100_answers_with_any_numbering_no_snapshot_shows_a_number_that_was_not_given() -> None:
    chance = Random(4)
    for _ in range(100):
        said = numbered_answer(chance)
        for text in await shown(*pieces_of(said, chance)):
            assert numbers_shown(text) <= GIVEN, (said, text)


@pytest.mark.parametrize(
    "mark", ["[9]", "【9】", "[^9]", "[1-9]", "`[9]`", "[摘录 9]", "（摘录 9）", "&#91;9&#93;", "[<a>9</a>]", "［９］"]
)
def test_the_reader_sees_every_form(mark: str) -> None:
    assert 9 in numbers_shown(f"米饭 {mark}。") or mark == "[<a>9</a>]"


async def test_an_answer_that_is_broken_off_in_a_mark_ends_before_it() -> None:
    assert (await shown("先洗两遍 [1]，再煮 [2"))[-1] == "先洗两遍 [1]，再煮"


async def test_an_interval_that_stands_in_a_source_is_no_mark() -> None:
    prompt = pack(
        "?", PromptContext(hits=(hit("概率在 [0, 1] 之间，见 [7]。"),)), window=8192, manner=AnswerStyle(), language="zh"
    )
    writing = AnswerStream(
        prompt=prompt, model=ScriptedModel("概率在 [0,1] 之间 [1]，见 [7]。"), scale=TokenEstimator(), language="zh"
    )
    answers = [answer.text async for answer in writing.snapshots()]
    assert answers[-1] == "概率在 `[0,1]` 之间 [1]，见 。"
