"""Cards that a model writes, passage by passage: asked for, checked against the passage, and kept by its digest."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import prompts
from bot.llm import ChatModel
from bot.llm.completion import without_thoughts, words_of_model
from bot.quiz.cards.card import LONGEST, SHORTEST, Card, CardKind, CardSource
from bot.quiz.cards.document import CardDraft, NoteDocument
from bot.quiz.cards.extractors.quality import leans
from bot.quiz.cards.rendered_text import gives_away
from bot.quiz.grader import RIGHT_FROM, agreement
from bot.settings import Problem
from bot.types import Language, language_of
from knowledge.passages import plain
from knowledge.types import Passage, Span


class QuestionsProblem(Problem):
    """The file cannot be written or read; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredQuestion:
    """A question, and where its answer stands in the passage's text, in code points."""

    question: str
    start: int
    end: int


class QuestionStore:
    """A file of questions by the digest of the passage that they are about; every call is one short transaction.

    Raises (every method):
        QuestionsProblem: the file cannot be written or read.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def put(self, digest: str, model: str, pairs: Sequence[StoredQuestion]) -> None:
        """Keep what a model asked about a passage, in the place of what was asked before; that may be nothing."""
        text = json.dumps([asdict(pair) for pair in pairs], ensure_ascii=False)
        with self._connected() as connection:
            connection.execute("INSERT OR REPLACE INTO questions (digest, model, pairs) VALUES (?, ?, ?)", (digest, model, text))

    def done_by(self, model: str) -> frozenset[str]:
        """The digests of all passages that the model has been asked about."""
        if not self._file.exists():
            return frozenset()
        with self._connected() as connection:
            return frozenset(row[0] for row in connection.execute("SELECT digest FROM questions WHERE model = ?", (model,)))

    def all(self) -> Mapping[str, tuple[StoredQuestion, ...]]:
        """The questions by digest, also of passages that gave none."""
        if not self._file.exists():
            return {}
        with self._connected() as connection:
            rows = connection.execute("SELECT digest, pairs FROM questions").fetchall()
        return {digest: tuple(StoredQuestion(**pair) for pair in json.loads(pairs)) for digest, pairs in rows}

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._file, timeout=30)) as connection, connection:
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS questions (digest TEXT PRIMARY KEY, model TEXT NOT NULL, pairs TEXT NOT NULL)"
                )
                yield connection
        except (sqlite3.DatabaseError, OSError) as error:
            raise QuestionsProblem(f"{self._file}: {error}") from error


FEWEST_CHARACTERS = 40
"""A passage that says less than this is not worth a question."""
LONGEST_REPLY = 8000
"""Characters; a model that has not closed its list by then has lost its way."""
QUESTION_KEYS = ("question", "q", "prompt", "front", "问题", "题目", "问")
ANSWER_KEYS = ("answer", "a", "back", "答案", "回答", "答")
PLAIN_PAIR = re.compile(
    r"(?:Q|问题?|Question)\s*\d*\s*[:：]\s*(.+?)\s*\n+\s*(?:A|答案?|Answer)\s*\d*\s*[:：]\s*(.+?)(?=\n|$)", re.IGNORECASE
)


class Failure(StrEnum):
    """Why a question became no card; `prompts/cards.yaml` has words for each, `failure_…`."""

    NO_QUESTIONS = "no_questions"
    NOT_VERBATIM = "not_verbatim"
    LENGTH = "length"
    GIVEN_AWAY = "given_away"
    LEANS = "leans"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenCards:
    """What came of one passage. Keep it by the passage's digest, and give the digest back in `done` to go on after a stop."""

    passage: Passage
    pairs: tuple[StoredQuestion, ...]
    dropped: Mapping[Failure, int]
    """Questions that failed, by reason."""


def to_do(pages: Iterable[NoteDocument], *, done: Container[str] = ()) -> list[tuple[NoteDocument, Passage]]:
    """The passages that are worth a question and whose digest is not done yet, each text once."""
    every = {passage.digest: (page, passage) for page in pages for passage in page.passages if is_worth_asking(passage)}
    return [work for digest, work in every.items() if digest not in done]


def is_worth_asking(passage: Passage) -> bool:
    """It says enough to be asked about."""
    return len(plain(passage.text)) >= FEWEST_CHARACTERS


async def ask_about(model: ChatModel, page: NoteDocument, passage: Passage, *, most: int = 4) -> WrittenCards:
    """Up to `most` questions on a passage, with the answers that stand in it word for word.

    Raises:
        ModelUnavailable: the model did not answer.
    """
    language = language_of(passage.text)
    dropped: Counter[Failure] = Counter()
    kept: list[StoredQuestion] = []
    offered = list(pairs_in(await _write(model, passage, language, most)))
    if not offered:
        dropped[Failure.NO_QUESTIONS] += 1
    for question, answer in offered[:most]:
        found = await _checked(model, page, passage, question, answer)
        if isinstance(found, StoredQuestion):
            kept.append(found)
        else:
            dropped[found] += 1
    return WrittenCards(passage=passage, pairs=tuple(kept), dropped=dict(dropped))


def cards_from(page: NoteDocument, pairs: Mapping[str, Sequence[StoredQuestion]]) -> Iterator[Card]:
    """The cards of what was asked earlier about the passages of a page, by their digests."""
    for passage in page.passages:
        for pair in pairs.get(passage.digest, ()):
            card = _card(page, passage, pair.question, (pair.start, pair.end))
            if not _reason_against(card):
                yield card


async def _checked(
    model: ChatModel, page: NoteDocument, passage: Passage, question: str, answer: str
) -> StoredQuestion | Failure:
    """The pair, or the reason why it is none."""
    found = place_of(answer, passage.text)
    if found is None:
        return Failure.NOT_VERBATIM
    card = _card(page, passage, question, found)
    why = _reason_against(card)
    if why:
        return why
    again = await _answer(model, passage, card.language, question)
    if agreement(card.answer, without_thoughts(again)) < RIGHT_FROM:
        return Failure.UNCONFIRMED
    return StoredQuestion(question=question, start=found[0], end=found[1])


def _card(page: NoteDocument, passage: Passage, question: str, place: Span) -> Card:
    span = (passage.start + place[0], passage.start + place[1])
    draft = CardDraft(
        kind=CardKind.ASKED, question=question, answer=span, around=span, topic=page.topic_at(span[0]), thing="asked"
    )
    return page.card(draft, CardSource.MODEL, language=language_of(passage.text))


def _reason_against(card: Card) -> Failure | None:
    if not SHORTEST <= len(plain(card.answer)) <= LONGEST:
        return Failure.LENGTH
    if gives_away(card.prompt, card.answer):
        return Failure.GIVEN_AWAY
    return Failure.LEANS if leans(card.question) else None


def place_of(answer: str, text: str) -> tuple[int, int] | None:
    """Where the answer stands verbatim in the text; quotation marks around it and a stop at its end do not count."""
    for form in (answer, answer.strip(), answer.strip(" \t\n\"'“”「」`*"), answer.strip(" \t\n\"'“”「」`*").rstrip("。.；;，,")):
        at = text.find(form) if form else -1
        if at >= 0:
            return at, at + len(form)
    return None


def pairs_in(reply: str) -> Iterator[tuple[str, str]]:
    """The questions and answers in what a model says: a JSON list, wherever it stands, or JSON objects, or lines `Q: … A: …`."""
    text = without_thoughts(reply[:LONGEST_REPLY])
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
        except RecursionError:  # brackets within brackets
            return


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
    return await words_of_model(model, words.say("write_system", language, most=most), told, longest=LONGEST_REPLY)


async def _answer(model: ChatModel, passage: Passage, language: Language, question: str) -> str:
    words = prompts.load("cards")
    told = words.say("answer_passage", language, heading=" › ".join(passage.heading), text=passage.text, question=question)
    return await words_of_model(model, words.say("answer_system", language), told, longest=LONGEST_REPLY)
