"""What a chat platform and the rest of the bot tell each other: one message in, answers and pages out.

A platform is a package with a function `connect` (see `Connect`). It parses each event of its vendor once, to an
`InboundMessage`, hands that to its `bot.platforms.inbox.Inbox`, and draws what comes back as a `Channel`. Who may ask, in
which order, how often, what an edit means and what is said when something breaks is decided in `bot.platforms.dispatcher`
and `bot.middleware`, for all platforms alike.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Protocol, Self

from bot.storage import Event, arrival
from bot.types import Answer, Button, Delivery, Language, Page, Person, Place, Quote

if TYPE_CHECKING:
    from bot.commands import CommandRouter
    from bot.middleware import Middleware
    from bot.settings import Settings
    from bot.storage import TurnStore
    from bot.types import Ask

MOST_ABOUT = 2000
"""Characters of another message that a question is about."""
CLOSE = "close"
"""The data of a button that takes its message away."""
ASKS = ("ask", "think")
"""Commands that are another way to put a question."""


MALFORMED = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, OSError, RecursionError)
"""What a vendor's library raises for an event that it cannot make sense of."""


class ChatUnreachable(Exception):
    """Nothing can be said in the chat: the bot may not write there, perhaps for a while only."""


class ChatClosed(ChatUnreachable):
    """The bot is blocked or was thrown out, or the chat is gone."""


class ServerUnreachable(Exception):
    """The server could not be reached for too long; the event stays in the ledger."""


class FileGone(Exception):
    """A file that was sent is not there any more, or the platform does not give it."""


class InboundKind(StrEnum):
    MESSAGE = "message"
    COMMAND = "command"
    PRESS = "press"


class Deed(StrEnum):
    """What a message has done: its edits are matched to that."""

    NOTHING = "nothing"
    """A line was said about it."""
    QUESTION = "question"
    COMMAND = "command"
    """Something was done that is done once, as a command or an answer to a flashcard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundFile:
    """A file that somebody sent; `ref` is what the platform fetches it by."""

    name: str
    size: int = 0
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage:
    """Something that somebody did, with all that is needed to act on it, now or after a restart.

    `text` is what they said themselves. What is wrapped around it (whom they reply to, what they quote or hand on) has fields
    of its own: it is context, never part of the question.
    """

    kind: InboundKind = InboundKind.MESSAGE
    id: str
    """The platform's id of the event."""
    person: Person
    place: Place
    said: datetime = field(default_factory=lambda: datetime.now(UTC))
    text: str = ""
    """The question, the words of a command, or the data of a button."""
    command: str = ""
    message: str = ""
    """The id of the person's own message; empty for what is none."""
    target: str = ""
    """The message whose button was pressed, or that a menu was opened on."""
    target_text: str = ""
    replied: str = ""
    """The message of the bot's that it replies to."""
    quote: Quote | None = None
    """Somebody's words that it is about, with their author."""
    forward: Quote | None = None
    """A message of somebody else's that was handed on as it is."""
    files: tuple[InboundFile, ...] = ()
    """What was sent along; for a press, what came with the message that the pressed one replies to."""
    edited: bool = False
    """It changes a message that was there before; it is an event of its own then."""
    age_s: float = 0.0
    """Seconds between the message and its edit."""
    addressed: bool = True
    """False for what only looks like a question to everybody."""
    unread: str = ""
    """The platform's entry that says why there are no words, where it knows."""
    moderator: bool = False
    """Whoever said it runs the place, as far as the event tells."""
    token: str = ""
    """What the platform answers the event by, besides messages."""
    private: bool = False
    """What is shown in answer is for that person alone."""
    again: bool = False
    """An answer that was given before is not wanted."""
    opens: bool = False
    """The answer goes into a thread that is opened for it."""

    def event(self, bot: str) -> Event:
        """For the ledger. What stays of it when it is finished is what it did, and a digest of its words.

        Raises:
            ValueError: its ids are no text that can be kept.
        """
        "".join((self.id, self.place.key, self.message)).encode()
        payload = asdict(self)
        del payload["said"]
        payload["trace"] = {"did": self.expected, "words": self.digest}
        return arrival(bot=bot, id=self.id, place=self.place, message=self.message, said=self.said, payload=payload)

    @classmethod
    def of(cls, event: Event) -> Self:
        """As it was, at the place that its chat is now.

        Raises:
            ValueError: another version of the program wrote the event.
        """
        kept = {name: value for name, value in event.payload.items() if name != "trace"}
        try:
            person = Person(**{**kept["person"], "roles": tuple(kept["person"]["roles"])})
            quotes = {name: Quote(**kept[name]) if kept[name] else None for name in ("quote", "forward")}
            files = tuple(InboundFile(**one) for one in kept["files"])
            made = {"kind": InboundKind(kept["kind"]), "person": person, "place": _place(kept["place"], event.place)}
            return cls(**{**kept, **made, **quotes, "files": files, "said": event.said})
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"no message of this version: {error!r}") from error

    @property
    def expected(self) -> Deed:
        """What it will do, unless it turns out otherwise."""
        return Deed.COMMAND if self.command and self.command not in ASKS else Deed.QUESTION

    @property
    def digest(self) -> str:
        """The same for the same words of the same message; tells nothing about them, and nothing across messages."""
        words = "\n".join((self.message, self.command, " ".join(self.text.split())))
        return blake2b(words.encode(errors="replace"), digest_size=8).hexdigest()


def _place(kept: Mapping[str, Any], key: str) -> Place:
    """A chat that has moved has another key than when the event was written."""
    place = Place(**kept)
    if place.key == key:
        return place
    chat, _, thread = key.removeprefix(f"{place.platform}:").partition("/")
    return replace(place, chat=chat, thread=thread)


class Platform(Protocol):
    """A connection to a chat platform, or what will be one."""

    name: str

    async def run(self, stop: asyncio.Event) -> None:
        """Log in and serve until `stop` is set; then take nothing more, let what is drawn end (the runner sees to it), return.

        Raises:
            PlatformProblem: it cannot log in. Any other exception is a fault, and the platform is made anew.
        """

    @property
    def is_ready(self) -> bool:
        """True from the login until the end: before and after nothing is delivered."""

    async def deliver(self, place: Place, page: Page) -> Delivery:
        """Show a page that nobody asked for (a reminder, a group's next card)."""


class Connect(Protocol):
    """The function `connect` of a platform's package: builds, and uses no network.

    `ask` has all guards around it, `controls` does what commands and buttons say, `guards` tells who may give them.
    """

    def __call__(
        self, *, settings: Settings, token: str, ask: Ask, controls: CommandRouter, guards: Middleware, state: TurnStore
    ) -> Platform: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """An event that is being acted on, and what is needed to draw what comes of it."""

    event: Event
    """`outbound` are the messages that it is drawn into, from before a crash or an edit."""
    said: InboundMessage
    language: Language
    note: Note
    """Told the ids of all messages that carry the answer, as soon as there is a new one."""
    controls: CommandRouter

    @property
    def stop(self) -> Button:
        """Below an answer that is being written."""
        return self.controls.stop_button(self.language)

    def buttons(self, answer: Answer) -> Sequence[Button]:
        """Below an answer: how to stop it, or what can be done with it."""
        return self.controls.buttons_of(answer, self.language) if answer.final else (self.stop,)


Note = Callable[[Sequence[str]], Awaitable[None]]
Draw = Callable[[Answer], Awaitable[None]]


class Channel(Protocol):
    """How a platform shows things; whatever it does not have may stay as it is here.

    Everything raises `ChatUnreachable` where nobody can be told, and `ServerUnreachable` when the server is away.
    """

    def drawing(self, exchange: Exchange) -> AbstractAsyncContextManager[Draw]:
        """What draws the snapshots of an answer, each in the place of the one before. At the end of the block it is drawn."""

    async def show(self, exchange: Exchange, page: Page) -> None:
        """A page: in answer to a press, in the place of the message with the button unless it is `new`; else a new message."""

    async def turn_away(self, exchange: Exchange) -> bool:
        """True when there is no room for one more answer, and that has been said."""
        return False

    async def prepare(self, said: InboundMessage) -> InboundMessage:
        """Called before anything is done about a message, by somebody who may ask; where it is answered may change."""
        return said

    async def acknowledge(self, exchange: Exchange, notice: str) -> None:
        """Answer a press, with a few words for the person alone if there are any."""
        if notice:
            await self.show(exchange, Page(text=notice, new=True, private=True))

    async def withdraw(self, exchange: Exchange) -> None:
        """Take the message away whose button was pressed."""
        return

    async def tidy(self, exchange: Exchange) -> None:
        """Take it away if it is the beginning of an answer that will not come."""
        return

    async def reopen(self, exchange: Exchange, messages: Sequence[str]) -> Sequence[str]:
        """Which messages of an earlier answer are there for another one to be drawn into."""
        return messages

    async def fetch(self, file: InboundFile) -> bytes:
        """The content of a file.

        Raises:
            FileGone: it cannot be had.
        """
        raise FileGone(file.name)

    async def is_moderator(self, said: InboundMessage) -> bool:
        """Whether somebody runs the place, for commands that need it."""
        return said.moderator

    async def deafness(self, said: InboundMessage, language: Language) -> str:
        """A line on what keeps the bot from hearing everything in a place, if anything does."""
        return ""
