"""Pages and a chat model go in; its cards come out passage by passage, those that hold what they promise, the others counted."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import prompts
from bot.messages import Language, language_of
from bot.model import ChatModel, Piece
from bot.quiz.cards.found.soundness import leans
from bot.quiz.cards.judging import RIGHT_FROM, agreement
from bot.quiz.cards.normal import gives_away
from bot.quiz.cards.page import Draft, Page
from bot.quiz.cards.values import LONGEST, SHORTEST, Card, Kind, Source
from knowledge.passages import plain
from knowledge.types import Passage

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

FEWEST_CHARACTERS = 40
"""A passage that says less than this is not worth a question."""
LONGEST_REPLY = 8000
"""Characters; a model that has not closed its list by then has lost its way."""
QUESTION_KEYS = ("question", "q", "prompt", "front", "问题", "题目", "问")
ANSWER_KEYS = ("answer", "a", "back", "答案", "回答", "答")
THOUGHTS = re.compile(r"<think>.*?(?:</think>|$)", re.DOTALL)
PLAIN_PAIR = re.compile(
    r"(?:Q|问题?|Question)\s*\d*\s*[:：]\s*(.+?)\s*\n+\s*(?:A|答案?|Answer)\s*\d*\s*[:：]\s*(.+?)(?=\n|$)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What came of one passage. Keep it, and give `key` back in `done` to go on after a stop."""

    key: str
    passage: str
    path: str
    cards: tuple[Card, ...]
    dropped: Mapping[str, int]
    """Questions that failed, by reason."""


def key_of(passage: Passage, model: ChatModel) -> str:
    """Names the work on one passage: other words or another model, and it is to be done again."""
    return f"{passage.id}:{passage.digest}:{model.name}"


def to_do(pages: Iterable[Page], model: ChatModel, *, done: Container[str] = ()) -> list[tuple[Page, Passage]]:
    """The passages that are worth a question and not done yet; their number is what a progress bar needs."""
    every = ((page, passage) for page in pages for passage in page.passages)
    return [
        (page, passage)
        for page, passage in every
        if len(plain(passage.text)) >= FEWEST_CHARACTERS and key_of(passage, model) not in done
    ]


async def ask_for_cards(model: ChatModel, work: Sequence[tuple[Page, Passage]], *, most: int = 4) -> AsyncIterator[Asked]:
    """Up to `most` cards for each passage, in order.

    Raises:
        ModelUnavailable: the model is gone; what was yielded before stands.
    """
    for page, passage in work:
        cards, dropped = await _of_passage(model, page, passage, most)
        yield Asked(key=key_of(passage, model), passage=passage.id, path=passage.path, cards=cards, dropped=dropped)


async def _of_passage(model: ChatModel, page: Page, passage: Passage, most: int) -> tuple[tuple[Card, ...], dict[str, int]]:
    language = language_of(passage.text)
    dropped: Counter[str] = Counter()
    cards: list[Card] = []
    pairs = list(pairs_in(await _write(model, passage, language, most)))
    if not pairs:
        dropped["no questions in the reply"] += 1
    for question, answer in pairs[:most]:
        card, why = await _checked(model, page, passage, question, answer, language)
        if card:
            cards.append(card)
        else:
            dropped[why] += 1
    return tuple(cards), dict(dropped)


async def _checked(
    model: ChatModel, page: Page, passage: Passage, question: str, answer: str, language: Language
) -> tuple[Card | None, str]:
    """The card, or the reason why it is none."""
    found = place_of(answer, passage.text)
    if found is None:
        return None, "answer not in the passage"
    span = (passage.start + found[0], passage.start + found[1])
    draft = Draft(kind=Kind.ASKED, question=question, answer=span, around=span, topic=page.topic_at(span[0]), thing="asked")
    card = page.card(draft, Source.MODEL, language=language)
    why = _reason_against(card)
    if why:
        return None, why
    again = await _answer(model, passage, language, question)
    if agreement(card.answer, THOUGHTS.sub("", again)) < RIGHT_FROM:
        return None, "another answer when asked again"
    return card, ""


def _reason_against(card: Card) -> str:
    if not SHORTEST <= len(plain(card.answer)) <= LONGEST:
        return "answer too short or too long"
    if gives_away(card.prompt, card.answer):
        return "question holds the answer"
    return "question leans on the page" if leans(card.question) else ""


def place_of(answer: str, text: str) -> tuple[int, int] | None:
    """Where the answer stands verbatim in the text; quotation marks around it and a stop at its end do not count."""
    for form in (answer, answer.strip(), answer.strip(" \t\n\"'“”「」`*"), answer.strip(" \t\n\"'“”「」`*").rstrip("。.；;，,")):
        at = text.find(form) if form else -1
        if at >= 0:
            return at, at + len(form)
    return None


def pairs_in(reply: str) -> Iterator[tuple[str, str]]:
    """The questions and answers in what a model says: a JSON list, wherever it stands, or JSON objects, or lines `Q: … A: …`."""
    text = THOUGHTS.sub("", reply)
    found = [pair for value in _json_values(text) for pair in _pairs_of_value(value)]
    yield from found or ((question.strip(), answer.strip()) for question, answer in PLAIN_PAIR.findall(text))


def _json_values(text: str) -> Iterator[Any]:
    decoder = json.JSONDecoder(strict=False)
    at = 0
    while match := re.compile(r"[\[{]").search(text, at):
        try:
            value, at = decoder.raw_decode(text, match.start())
            yield value
        except json.JSONDecodeError:
            at = match.start() + 1


def _pairs_of_value(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for item in value:
            yield from _pairs_of_value(item)
    elif isinstance(value, dict):
        lowered = {str(key).strip().lower(): item for key, item in value.items()}
        question = next((lowered[key] for key in QUESTION_KEYS if key in lowered), None)
        answer = next((lowered[key] for key in ANSWER_KEYS if key in lowered), None)
        if isinstance(question, str) and isinstance(answer, str | int | float) and question.strip():
            yield question.strip(), str(answer).strip()
        elif question is None:
            for item in value.values():
                yield from _pairs_of_value(item)


async def _write(model: ChatModel, passage: Passage, language: Language, most: int) -> str:
    words = prompts.load("cards")
    told = words.say("write_passage", language, heading=" › ".join(passage.heading), text=passage.text)
    return await _say(model, words.say("write_system", language, most=most), told)


async def _answer(model: ChatModel, passage: Passage, language: Language, question: str) -> str:
    words = prompts.load("cards")
    told = words.say("answer_passage", language, heading=" › ".join(passage.heading), text=passage.text, question=question)
    return await _say(model, words.say("answer_system", language), told)


async def _say(model: ChatModel, system: str, told: str) -> str:
    """What the model answers, cut off where it has lost its way."""
    from langchain_core.messages import HumanMessage, SystemMessage

    pieces: list[str] = []
    async with aclosing(cast("AsyncGenerator[Piece]", model.stream([SystemMessage(system), HumanMessage(told)]))) as stream:
        async for piece in stream:
            pieces.append(piece.text)
            if sum(map(len, pieces)) > LONGEST_REPLY:
                break
    return "".join(pieces)
