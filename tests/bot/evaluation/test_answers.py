"""Answers to labelled questions, scored."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.evaluation import Labelled, answer_all, report_on_answers
from bot.evaluation.answers import holds, outcome_of
from bot.types import Answer, AnswerState, Question
from tests.bot.making import citation

ASKED = Labelled(
    id="1", question="米饭洗几遍？", kind="lookup", language="zh", evidence=((("cooking/rice.md", "先洗两遍"),),), key="洗两遍"
)


def answer(text: str, state: AnswerState = AnswerState.MODEL) -> Answer:
    return Answer(state=state, text=text, citations=(citation(),) if state is not AnswerState.ABSTAINED else ())


@pytest.mark.parametrize(
    ("said", "key", "right"),
    [
        ("水是米的 1.2 倍。", "1.2 倍", True),
        ("水是米的 12 倍。", "1.2 倍", False),
        ("It is called StreamingLLM", "streamingLLM", True),
        ("先用清水淘洗两遍再煮", "洗两遍", True),
        ("要先晒干", "洗两遍", False),
        ("１５ 克豆子", "15 克", True),
    ],
)
def test_an_answer_is_right_when_it_has_the_numbers_and_most_words_of_its_key(said: str, key: str, *, right: bool) -> None:
    assert holds(said, key) is right


def test_what_is_cited_counts_as_evidence_and_an_answer_in_another_language_is_seen() -> None:
    right = outcome_of(ASKED, answer("洗两遍 [1]。"), seconds=2, first_words_s=1)
    assert (right.correct, right.evidence, right.cited, right.in_language, right.refused) == (1, 1, 1, 1, 0)
    english = outcome_of(ASKED, answer("Wash it twice [1]."), seconds=2, first_words_s=1)
    assert (english.correct, english.in_language) == (0, 0)


def test_means_leave_out_what_a_question_lacks() -> None:
    unanswerable = Labelled(id="2", question="Who won?", kind="unanswerable", language="en")
    outcomes = [
        outcome_of(ASKED, answer("洗两遍 [1]。"), seconds=2, first_words_s=1),
        outcome_of(unanswerable, answer("", AnswerState.ABSTAINED), seconds=0, first_words_s=0),
    ]
    report = report_on_answers(outcomes)
    assert (report.everything.questions, report.everything.correct, report.everything.refused) == (2, 1, 0.5)
    assert list(report.kinds) == ["lookup", "unanswerable"]
    assert report.modes["abstained"].seconds == 0


async def test_each_question_is_asked_alone_in_a_place_of_its_own_or_after_its_history() -> None:
    asked: list[Question] = []

    async def ask(question: Question) -> AsyncIterator[Answer]:
        asked.append(question)
        yield answer("")
        yield answer("洗两遍 [1]。")

    after = Labelled(id="2", question="那要多久？", kind="followup", language="zh", history=("怎么煮饭？",))
    outcomes = [one async for one in answer_all(ask, [ASKED, after])]
    assert [(one.place.chat, one.text, one.alone) for one in asked] == [
        ("1", "米饭洗几遍？", True),
        ("2", "怎么煮饭？", False),
        ("2", "那要多久？", False),
    ]
    assert all(0 < one.first_words_s <= one.seconds for one in outcomes)
