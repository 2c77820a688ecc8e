"""A typed answer that plain comparison finds wanting goes to the model; its verdict comes out, or the one there was."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import prompts
from bot.llm import ChatModel, ModelUnavailable
from bot.quiz.cards.card import Card
from bot.quiz.cards.completion import without_thoughts, words_of_model
from bot.quiz.grading.rules import PARTLY_FROM, RIGHT_FROM, Grade, Verdict
from bot.types import language_of
from knowledge.passages import plain

log = logging.getLogger(__name__)

PATIENCE_S = 8.0
"""Seconds; a person waits for the verdict."""
LONGEST_REPLY = 4000
"""Characters, thoughts included; what goes on has lost its way."""
LONGEST_ANSWER = 600
"""Characters of a typed answer that the model is shown."""
VERDICTS = {"RIGHT": Verdict.RIGHT, "PARTLY": Verdict.PARTLY, "WRONG": Verdict.WRONG}
SCORES = {Verdict.RIGHT: 1.0, Verdict.PARTLY: (PARTLY_FROM + RIGHT_FROM) / 2, Verdict.WRONG: 0.0}


class SecondOpinion:
    """The model's judgement of typed answers. It has no say where the comparison is content or where a number decided."""

    def __init__(self, model: ChatModel, *, seconds: float = PATIENCE_S) -> None:
        self._model = model
        self._seconds = seconds

    async def __call__(self, card: Card, typed: str, first: Grade) -> Grade:
        """The better judgement; the `first` when the model is away, slow, or says anything but one of the three words."""
        if first.verdict is Verdict.RIGHT or first.by_number or not typed.strip():
            return first
        verdict = await self._verdict(card, typed)
        if verdict is None or verdict is first.verdict:
            return first
        missing = () if verdict is Verdict.RIGHT else first.missing
        return replace(first, verdict=verdict, score=SCORES[verdict], missing=missing)

    async def _verdict(self, card: Card, typed: str) -> Verdict | None:
        words, language = prompts.load("cards"), language_of(f"{card.prompt} {card.answer}")
        answer = " / ".join(map(plain, (card.answer, *card.also)))
        typed = " ".join(typed.replace("<<<", "").replace(">>>", "").split())[:LONGEST_ANSWER]
        told = words.say("judge_told", language, question=card.prompt, answer=answer, typed=typed)
        try:
            async with asyncio.timeout(self._seconds):
                reply = await words_of_model(self._model, words.say("judge_system", language), told, longest=LONGEST_REPLY)
        except TimeoutError:
            log.info("an answer is judged without %s, which took longer than %s s", self._model.name, self._seconds)
            return None
        except ModelUnavailable as problem:
            log.info("an answer is judged without the model: %s", problem)
            return None
        return verdict_in(reply)


def verdict_in(reply: str) -> Verdict | None:
    """The verdict that a reply is, signs around it aside; None when it is anything more or anything else."""
    return VERDICTS.get(without_thoughts(reply).strip(" \t\r\n.。!！*`\"'“”").upper())
