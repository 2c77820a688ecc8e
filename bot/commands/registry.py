"""The commands that every platform registers, the words that some of them take, and what a command is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import prompts
from bot.types import Language, Page, Person, Place, Quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command as it is registered; its description is the entry `command_<name>` of `prompts/controls.yaml`."""

    name: str
    words: str = ""
    """What follows it, as a name for the platform's form; empty when nothing does."""
    admin: bool = False
    moderator: bool = False
    """For the bot's admins, and for those who run the group."""
    private: bool = False
    """What it shows is for the person who asked."""

    def describe(self, language: Language) -> str:
        return prompts.load("controls").say(f"command_{self.name}", language)


COMMANDS = (
    Command(name="ask", words="question"),
    Command(name="source", words="number_or_words"),
    Command(name="search", words="words"),
    Command(name="quiz", words="topic"),
    Command(name="memory", words="on_or_off", private=True),
    Command(name="remember", words="what", private=True),
    Command(name="forget", words="what", private=True),
    Command(name="export", private=True),
    Command(name="reset"),
    Command(name="topics"),
    Command(name="think", words="question"),
    Command(name="style", words="length"),
    Command(name="lang", words="language"),
    Command(name="receipt", private=True),
    Command(name="everything", words="on_or_off", moderator=True),
    Command(name="help"),
    Command(name="privacy"),
    Command(name="reindex", admin=True, private=True),
    Command(name="status", admin=True, private=True),
    Command(name="allow", words="id", admin=True, private=True),
    Command(name="deny", words="id", admin=True, private=True),
)
BY_NAME: Mapping[str, Command] = {command.name: command for command in COMMANDS}

STYLES = {"short": "short", "normal": "normal", "long": "long", "短": "short", "普通": "normal", "长": "long"}
LANGUAGES = {"zh": "zh", "en": "en", "中文": "zh", "english": "en", "auto": None, "自动": None}


class Quizzes(Protocol):
    """Flashcards; see `bot.quiz`."""

    async def command(self, person: Person, place: Place, words: str, language: Language) -> Page: ...

    async def press(self, person: Person, place: Place, data: str) -> Page: ...

    async def typed(self, person: Person, place: Place, text: str) -> Page | None: ...

    def heard_from(self, person: Person, place: Place) -> None:
        """Somebody says or presses something: they can be reached there."""


class Memories(Protocol):
    """Pages on what is remembered; see `bot.memory`."""

    async def obey(self, name: str, words: str, person: Person, place: Place, language: Language, *, admin: bool) -> Page: ...

    async def press(self, person: Person, place: Place, data: str, language: Language) -> Page: ...

    async def rated(self, person: Person, place: Place, answer_id: str, *, good: bool | None) -> None:
        """A thumb, or None for one that was taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandCall:
    """A command as somebody gave it."""

    words: str
    person: Person
    place: Place
    language: Language
    admin: bool
    answer_id: str = ""
    """The answer that it replies to."""
    inbound: str = ""
    quote: Quote | None = None
    """Somebody else's words that it is about."""
    moderator: bool = False
    """The platform says that they run the place, whether or not they are an admin of the bot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineResult:
    """A passage that somebody may show in any chat."""

    title: str
    summary: str
    page: Page
