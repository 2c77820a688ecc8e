"""Prompt builder: messages that fit the window from the question, earlier turns as they were sent, and passages."""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, TypeVar

import prompts
from bot.llm import estimate_tokens
from bot.markup import fenced
from bot.rag.annotation import Unsupported, unmarked
from bot.rag.citations import citation_of, without_unknown
from bot.rag.focus import focus
from bot.rag.output_guard import defused, gives_orders
from bot.types import Answer, AnswerState, Citation, Language, Quote
from knowledge.types import Hit, Span

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage
    from langchain_core.prompts import ChatPromptTemplate

    from bot.storage import Turn

T = TypeVar("T")
MARGIN = 0.9
"""Part of the window that is planned with; the estimate is an estimate."""
SENT_SHARE = 0.6
"""Earlier turns with the passages that were sent with them may take so much: a server that remembers them reads on."""
TURNS_SHARE = 0.25
"""Of what is left after system prompt, question and answer, at most this goes to earlier turns."""
MEMORY_SHARE = 0.15
"""And this to what is remembered."""
LEAST_OF_QUESTION = 100
"""Tokens of a question that are kept in any window."""
OF_ONE_NOTE = 4
"""Passages of one note among those that the model is given, unless the best ones are all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerStyle:
    """How answers look."""

    passages: int = 6
    excerpts: int = 5
    characters: int = 600
    length: str = "normal"
    answer_tokens: int = 700
    every_s: float = 0.1
    """Seconds between two snapshots at least."""
    first_words_s: float = 0.0
    """Seconds in which the model is to begin its answer; 0 for no limit."""
    unsupported: Unsupported = "strict"
    """What becomes of sentences that nothing in the notes supports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptContext:
    """What is told besides the question, best or oldest first."""

    turns: tuple[Turn, ...] = ()
    hits: tuple[Hit, ...] = ()
    memory: str = ""
    """What is remembered, as it goes into the prompt."""
    sent: Mapping[str, str] = field(default_factory=dict)
    """What was sent for earlier answers, by their ids: to be told again as it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What the model is told; `given` are the passages by the numbers that it may cite."""

    messages: tuple[BaseMessage, ...]
    system: str
    given: tuple[Citation, ...]
    dropped: tuple[str, ...]
    """Ids of the passages that found no room."""
    flagged: tuple[str, ...]
    """Ids of the given passages that speak to a model rather than to a reader."""
    turns: int
    """How many earlier turns are told."""
    parts: tuple[tuple[str, int], ...]
    """Tokens by part: `system`, `memory`, `turns`, `passages`, `question`."""
    estimated: int
    """Tokens of everything, by `estimate_tokens`."""
    question: str = ""
    """As it is told."""
    window: int = 0
    """Tokens that it was made to fit."""
    said: tuple[str, ...] = ()
    """What is remembered and what was said before: an answer may repeat it."""
    fresh: float = 1.0
    """The share of it that the server has not read yet, if it remembers the last prompt of this chat."""
    shortened: bool = False
    """True when the middle of the question was left out."""


def memory_room(window: int, answer_tokens: int) -> int:
    """The tokens that what is remembered may take."""
    return int((window * MARGIN - answer_tokens) * MEMORY_SHARE)


def pack(
    question: str,
    background: PromptContext,
    *,
    window: int,
    manner: AnswerStyle,
    language: Language,
    count: Callable[[str], int] = estimate_tokens,
    reading: int = 0,
) -> Prompt:
    """Build the messages, what stays the same first. What does not fit goes: the oldest turns first, then the weakest passages.

    `reading` are the tokens that the model has time to read anew (0: any number); passages are cut down to what answers then.
    A question that leaves no room even for the best passage loses its middle; beginning and end mostly say what is wanted.
    """
    words, background, question = prompts.load("answer"), _defused(background), defused(question)
    system = words.say("system", language, length=words.say(f"length_{manner.length}", language))
    memory, hits = background.memory, spread(background.hits, manner.passages)
    room = int(window * MARGIN) - manner.answer_tokens - count(system) - count(memory)
    best = count(_excerpt(citation_of(99, hits[0]), language)) if hits else 0
    kept_question = _fitting_question(question, room - best, language, count)
    asked = words.say("question", language, question=kept_question)
    room -= count(asked)
    turns = _told_turns(background, room, best, count)
    before, unread = _turns_tokens(turns, background, count, first=count(system))
    fresh = count(memory) + count(asked) + unread
    kept = _read_in_time(hits, room - before, reading - fresh if reading else 0, language, count)
    given = tuple(citation_of(n, hit, span) for n, (hit, span) in enumerate(_best_outside(kept), 1))
    excerpts = _excerpts(given, language)
    messages = _messages(system, turns, _told(memory, excerpts, asked))
    estimated = sum(estimate_tokens(str(message.content)) for message in messages)
    return Prompt(
        messages=messages,
        system=system,
        given=given,
        dropped=_dropped(background.hits, given),
        flagged=tuple(citation.passage for citation in given if gives_orders(citation.text)),
        turns=len(turns),
        parts=_parts(count, system=system, memory=memory, passages=excerpts, question=asked, turns=before),
        estimated=estimated,
        question=kept_question,
        window=window,
        said=(memory, *(said for turn in background.turns for said in (turn.asked, turn.answered))),
        fresh=min(1.0, (fresh + count(excerpts)) / max(1, estimated)),
        shortened=kept_question != question,
    )


def _dropped(hits: Sequence[Hit], given: Sequence[Citation]) -> tuple[str, ...]:
    ids = {citation.passage for citation in given}
    return tuple(hit.passage.id for hit in hits if hit.passage.id not in ids)


def _told_turns(background: PromptContext, room: int, best: int, count: Callable[[str], int]) -> list[Turn]:
    """The earlier turns as they were sent, with their passages, if there is room for that; else as they were said."""
    as_sent = [replace(turn, asked=background.sent.get(turn.answer_id, turn.asked)) for turn in background.turns]
    if background.sent and sum(_turn_tokens(turn, count) for turn in as_sent) <= min(int(room * SENT_SHARE), room - best):
        return as_sent
    return _fitting_turns(background.turns, min(int(room * TURNS_SHARE), room - best), count)


def _read_in_time(
    hits: Sequence[Hit], room: int, reading: int, language: Language, count: Callable[[str], int]
) -> list[tuple[Hit, Span]]:
    """What fits, and of that what can be read in `reading` tokens; 0 when there is time for all."""
    kept = _fitting_hits(hits, room, language, count)
    whole = [(hit, (hit.passage.start, hit.passage.end)) for hit in kept]
    if not reading or sum(count(_excerpt(citation_of(99, hit), language)) for hit in kept) <= reading:
        return whole
    marks = count(_excerpt(citation_of(99, kept[0]), language)) - count(kept[0].passage.text) if kept else 0
    return list(focus(kept, max(reading, 0), lambda text: count(text) + marks))


def spread(hits: Sequence[Hit], most: int) -> tuple[Hit, ...]:
    """The best `most` hits, not all of one note, unless the three best are: then the question is about that note."""
    if len({hit.passage.path for hit in hits[:3]}) <= 1:
        return tuple(hits[:most])
    kept: list[Hit] = []
    for hit in hits:
        if len(kept) < most and sum(one.passage.path == hit.passage.path for one in kept) < OF_ONE_NOTE:
            kept.append(hit)
    return tuple(kept)


def _defused(told: PromptContext) -> PromptContext:
    """What was said and remembered is no order either; the numbers of earlier answers name other passages than today's."""
    turns = tuple(replace(turn, asked=defused(turn.asked), answered=defused(unnumbered(turn.answered))) for turn in told.turns)
    return replace(told, turns=turns, memory=defused(told.memory))


@lru_cache(maxsize=2048)
def unnumbered(answered: str) -> str:
    """An earlier answer without its marks of sources."""
    return without_unknown(unmarked(answered)[0], 0)


def _best_outside(hits: Sequence[T]) -> list[T]:
    """The best first, the second best last, the weakest in the middle, which models overlook (Liu et al. 2023)."""
    return [*hits[::2], *reversed(hits[1::2])]


@cache
def template() -> ChatPromptTemplate:
    """What every question is told as: `system`, the messages of earlier `turns`, and `told` (memory, passages, the question)."""
    from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder

    return ChatPromptTemplate([("system", "{system}"), MessagesPlaceholder("turns", optional=True), ("human", "{told}")])


def _messages(system: str, turns: Sequence[Turn], told: str) -> tuple[BaseMessage, ...]:
    said = [(kind, words) for turn in turns for kind, words in (("human", turn.asked), ("ai", turn.answered)) if words]
    return tuple(template().format_messages(system=system, turns=said, told=told))


def told(question: str, passages: Sequence[Citation], language: Language) -> str:
    """The last message: the passages with their numbers, the question."""
    return _told(_excerpts(passages, language), prompts.load("answer").say("question", language, question=question))


def _told(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def _excerpts(passages: Sequence[Citation], language: Language) -> str:
    excerpts = "\n\n".join(_excerpt(one, language) for one in passages)
    return prompts.load("answer").say("excerpts", language, excerpts=excerpts)


def _parts(count: Callable[[str], int], *, turns: int, **parts: str) -> tuple[tuple[str, int], ...]:
    return (*((name, count(text) if text else 0) for name, text in parts.items()), ("turns", turns))


def _fitting_question(question: str, room: int, language: Language, count: Callable[[str], int]) -> str:
    """The question, or so much of its beginning and end as fits in `room` tokens, with a mark between them."""
    room = max(room, LEAST_OF_QUESTION)
    say = prompts.load("answer").say
    if count(say("question", language, question=question)) <= room:
        return question

    def cut(kept: int) -> str:
        left_out = len(question) - 2 * kept
        return question[:kept] + say("left_out", language, count=left_out) + question[len(question) - kept :]

    def too_long(kept: int) -> bool:
        return count(say("question", language, question=cut(kept))) > room

    longest = bisect_left(range(1, len(question) // 2 + 1), True, key=too_long)
    return cut(max(longest, 1))


def _fitting_turns(turns: Sequence[Turn], room: int, count: Callable[[str], int]) -> list[Turn]:
    kept: list[Turn] = []
    for turn in reversed(turns):
        room -= _turn_tokens(turn, count)
        if room < 0:
            break
        kept.insert(0, turn)
    return kept


def _turns_tokens(
    turns: Sequence[Turn], background: PromptContext, count: Callable[[str], int], *, first: int
) -> tuple[int, int]:
    """The tokens of earlier turns, and how many of them, with the `first` ones of the prompt, the server has not read yet."""
    told = sum(_turn_tokens(turn, count) for turn in turns)
    known = sum(_turn_tokens(turn, count) for turn in turns if turn.answer_id in background.sent)
    return told, told - known if known else told + first


def _turn_tokens(turn: Turn, count: Callable[[str], int]) -> int:
    return count(turn.asked) + count(turn.answered)


def _fitting_hits(hits: Sequence[Hit], room: int, language: Language, count: Callable[[str], int]) -> list[Hit]:
    """The best hits that fit, the first one always (a question without any passage could only be answered by invention)."""
    kept: list[Hit] = []
    for hit in hits:
        size = count(_excerpt(citation_of(99, hit), language))
        if size <= room or not kept:
            kept.append(hit)
            room -= size
    return kept


def _excerpt(citation: Citation, language: Language) -> str:
    """A passage between marks that nothing in it can imitate."""
    words = prompts.load("answer")
    place = defused(" › ".join([citation.title, *citation.heading]))
    if gives_orders(citation.text):
        place += f" ({words.say('orders', language)})"
    return words.say("excerpt", language, n=citation.n, place=place, text=defused(citation.text))


def with_quote(text: str, quote: Quote | None, language: Language) -> str:
    """A question with the words that it is about, marked off as somebody else's."""
    if quote is None:
        return text
    say = prompts.load("texts").say
    values = {"who": quote.name or say("somebody", language), "text": fenced(quote.text)}
    return say("about_quote", language, question=text, **values) if text else say("about_quote_alone", language, **values)


CHATS, MESSAGES = 200, 8
"""Kept at most, and of each chat."""


class SentMessages:
    """By chat and model, the last message of each prompt as it was sent, by the id of the answer that it got."""

    def __init__(self) -> None:
        self._sent: OrderedDict[tuple[str, str], dict[str, str]] = OrderedDict()
        self._begun: dict[str, tuple[str, str]] = {}

    def of(self, chat: str, model: str) -> Mapping[str, str]:
        """What was sent, by answer."""
        return self._sent.get((chat, model), {})

    def begin(self, chat: str, model: str, message: str) -> None:
        """Note what is sent now; what becomes of it is known when there is an answer."""
        self._begun[chat] = (model, message)

    def keep(self, chat: str, answer: Answer) -> None:
        """Note what `answer` was an answer to; a quotation too: the model has read for it."""
        model, message = self._begun.pop(chat, ("", ""))
        if answer.state not in (AnswerState.MODEL, AnswerState.EXCERPTS) or not message:
            return
        kept = self._sent.setdefault((chat, model), {})
        kept[answer.id] = message
        while len(kept) > MESSAGES:
            del kept[next(iter(kept))]
        self._sent.move_to_end((chat, model))
        while len(self._sent) > CHATS:
            self._sent.popitem(last=False)

    def clear(self) -> None:
        """Keep nothing of what anybody said."""
        self._sent.clear()
        self._begun.clear()
