"""The values that travel between platforms and the assistant; this file knows neither."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who speaks. Only `platform` and `id` tell people apart; names are for show and may be anybody's."""

    platform: str
    id: str
    name: str = ""
    language: Language = "zh"
    roles: tuple[str, ...] = ()
    """Ids of the roles that the platform gives them where they speak."""

    @property
    def key(self) -> str:
        return f"{self.platform}:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where it is said: a chat, or a thread of one."""

    platform: str
    chat: str
    thread: str = ""
    private: bool = True
    guild: str = ""
    """The id of the server that the chat is part of, on platforms that have servers."""
    closed: bool = False
    """True for a thread that not everybody in its chat may read."""

    @property
    def key(self) -> str:
        return f"{self.platform}:{self.chat}/{self.thread}" if self.thread else f"{self.platform}:{self.chat}"

    @property
    def circle(self) -> str:
        """The key of what those who read this read as well: the whole chat, unless the thread is closed."""
        return self.key if self.closed else f"{self.platform}:{self.chat}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Somebody else's words that a question is about. They are their author's, whoever asks."""

    text: str
    person: str = ""
    """The author's key; empty where the platform does not say who that is."""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What somebody asks."""

    person: Person
    place: Place
    text: str
    reply_to: str = ""
    """The id of the answer it replies to, if it does."""
    deep: bool = False
    """True when it is worth the slower model's time."""
    again: bool = False
    """True when an answer that was given before is not wanted."""
    length: str = ""
    """`short`, `normal` or `long`, where the place wants another than usual."""
    alone: bool = False
    """True when nothing that was said before counts."""
    inbound: str = ""
    """The key of the event in the ledger: what makes sure that it is answered once."""
    quote: Quote | None = None

    @property
    def words(self) -> str:
        """What is searched for: the question, and what it quotes."""
        return together(self.text, self.quote)


def together(text: str, quote: Quote | None) -> str:
    """A question and what it quotes, as one text."""
    return "\n".join(part for part in (text, quote.text if quote else "") if part)


class AnswerState(StrEnum):
    THINKING = "thinking"
    PARTIAL = "partial"
    MODEL = "model"
    """Final, written by the model."""
    EXCERPTS = "excerpts"
    """Final, quoted from the notes."""
    TALK = "talk"
    """Final: a friendly word; nothing was searched."""
    OVERVIEW = "overview"
    """Final: what the notes are about, or what one of them says."""
    NEAREST = "nearest"
    """Final: the notes may not say; what comes nearest is quoted."""
    ABSTAINED = "abstained"
    """Final: the notes do not say."""
    FAILED = "failed"
    """Final: something broke; the text says what."""
    REFUSED = "refused"
    """Final: not looked into, and the text says why: who may ask, how often, how many wait."""
    STOPPED = "stopped"
    """Final: ended early; the text is what there was by then, and says so."""


FINAL = frozenset(set(AnswerState) - {AnswerState.THINKING, AnswerState.PARTIAL})


MADE_UP_NAME = re.compile(r"^(?=[\da-f_-]*\d)[\da-f_-]{8,}$", re.IGNORECASE)
"""Hashes and numbers that files are called by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A place in a note that an answer rests on; `n` is its number in that answer and in no other."""

    n: int
    path: str
    title: str
    heading: tuple[str, ...]
    lines: tuple[int, int]
    start: int
    end: int
    """Code points into the file as it was then."""
    text: str
    """The words at that place, verbatim."""
    passage: str
    """The id of the passage it lies in."""
    note_digest: str = ""

    @property
    def where(self) -> str:
        """Where it stands, for a reader: the note's title and the innermost headings, each once; no names made of digits."""
        words = [name.strip() for name in (self.title, *self.heading)]
        inner = words[1:] if len(words) > 1 and words[1].startswith(words[0]) else words
        named = [name for name in dict.fromkeys(inner) if name and not MADE_UP_NAME.search(name)]
        return " › ".join(named if len(named) < 3 else [named[0], *named[-2:]]) or self.title


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """How an answer came about."""

    searched: str = ""
    found: int = 0
    """Passages that the search returned."""
    ranked: tuple[str, ...] = ()
    """Their ids, best first."""
    used: tuple[str, ...] = ()
    """Ids of the passages that the model was given, or that are quoted."""
    dropped: tuple[str, ...] = ()
    """Ids of the passages that found no room in the prompt."""
    flagged: tuple[str, ...] = ()
    """Ids of the given passages that try to give the model orders."""
    memory: tuple[str, ...] = ()
    """What was told of what is remembered."""
    turns: int = 0
    """Earlier turns that were told."""
    tokens: tuple[tuple[str, int], ...] = ()
    """Estimated tokens of each part of the prompt."""
    prompt_tokens: int = 0
    """What the server counted; 0 when it did not tell."""
    answer_tokens: int = 0
    model: str = ""
    why_no_model: str = ""
    cached: bool = False
    """True when the same answer was given before."""
    stopped: str = ""
    """Why the answer ends early: `loop` (it repeated itself)."""
    first_word_ms: float = 0.0
    search_ms: float = 0.0
    total_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """Something to press; `data` comes back when it is: at most 64 bytes, Telegram's limit for callback data."""

    label: str
    data: str
    row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole snapshot of an answer: a platform draws the newest and forgets the ones before it."""

    state: AnswerState
    text: str = ""
    citations: tuple[Citation, ...] = ()
    receipt: Receipt = Receipt()
    buttons: tuple[Button, ...] = ()
    """What can be opened from it, besides its sources."""
    id: str = ""
    """What `/source` and replies name it by; set on the last snapshot."""
    patient: bool = False
    """True for a line to somebody who is not let in: it may wait for everything that is said to those who are."""

    @property
    def final(self) -> bool:
        return self.state in FINAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file to send."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a command or a button shows.

    A page that a press brings takes the place of the message with the button, unless its text is empty: then that message
    stays as it is. A page that a command brings is a new message.
    """

    text: str = ""
    """Markdown."""
    buttons: tuple[Button, ...] = ()
    photo: bytes | None = None
    """A PNG, shown with the text."""
    file: Attachment | None = None
    notice: str = ""
    """A few words for the person who pressed, and for nobody else."""
    quote: str = ""
    """An excerpt, to be shown word for word below the text, and not as Markdown."""
    citation: Citation | None = None
    """A source to show below, through `bot.commands.sources.show`."""
    key: str = ""
    """Pages with the same key are the same message of a group: the later one takes the place of the earlier."""
    private: bool = False
    """For the person alone, where the platform can do that."""
    new: bool = False
    """True for a page that a press brings as a message of its own."""
    patient: bool = False
    """As in `Answer`."""


class Delivery(StrEnum):
    """What became of a page that nobody asked for."""

    DELIVERED = "delivered"
    NOT_NOW = "not now"
    """The platform is not connected, is away, or does not let the bot write there for a while: try again."""
    NEVER = "never"
    """The bot is blocked or was thrown out, or the chat is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of what `notesbot doctor` says: an entry of a prompt file, its values, and whether it is a fault."""

    name: str
    values: dict[str, object]
    fault: bool = False


Ask = Callable[[Question], AsyncIterator[Answer]]
"""The one way to get an answer; each item is a whole snapshot, the last one final. Guards are functions `Ask -> Ask`."""


QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|「[^」]*」|『[^』]*』|《[^》]*》|`[^`]*`")
CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
ASKS_IN_CHINESE = re.compile(
    "什么|什麼|怎么|怎麼|怎样|怎樣|如何|为何|為何|哪|谁|誰|几|幾|多少|多久|吗|嗎|呢|吧|请|請|有没有|有沒有|是|讲|講|了"
)
LATIN_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
ASKS_IN_ENGLISH = frozenset(
    "what which who whom whose when where why how is are was were do does did can could should would will has have "
    "the a an of in on to for with from and or not this that it its explain describe compare tell give list about "
    "between mean please".split()
)


def language_of_locale(locale: str) -> Language:
    """Of a system or an app, such as `zh_CN.UTF-8`, `zh-Hant` or `en-GB`: Chinese, or else English."""
    return "zh" if locale.lower().startswith("zh") else "en"


def language_of(text: str, default: Language = "zh") -> Language:
    """The language that a question is asked in; names and quotations in the other one do not count.

    Words that only one language asks with decide; without any, a Chinese character counts as much as a Latin word.
    """
    words = QUOTED.sub(" ", text)
    if not any(character.isalpha() for character in words):
        words = text
    chinese = len(CHINESE.findall(words))
    others = [word.lower() for word in LATIN_WORD.findall(CHINESE.sub(" ", words))]
    if not chinese:
        return "en" if others else default
    if ASKS_IN_CHINESE.search(words):
        return "zh"
    return "en" if len(others) > chinese or not ASKS_IN_ENGLISH.isdisjoint(others) else "zh"
