"""Terminal chat: what is typed becomes messages; answers and pages are drawn on the screen."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import io
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from bot.commands import BY_NAME, CommandRouter
from bot.middleware import Middleware
from bot.platforms.dispatcher import Dispatcher
from bot.platforms.protocol import Channel, Draw, Exchange, InboundKind, InboundMessage
from bot.platforms.terminal.renderer import Screen
from bot.types import Answer, Ask, Button, Page, Person, Place, language_of

PLACE = Place(platform="terminal", chat="local")
PROMPT = "› "
OF_CHATS = ("allow", "deny", "everything")
"""Commands about people and places of a platform, of which the terminal has none."""
FORGETTING = ("m:forget:", "m:last:", "m:sure:", "m:me:")
"""What the data of buttons begins with that make memory forget."""
OF_WORDS = ("source", "search")
"""Commands whose page is in the language of the words after them."""

ReadLine = Callable[[], Awaitable[str]]
"""Gives the next line, and raises EOFError after the last one."""


class Chat(Channel):
    """One conversation at the terminal."""

    def __init__(
        self,
        *,
        ask: Ask,
        controls: CommandRouter,
        guards: Middleware,
        screen: Screen,
        read_line: ReadLine,
        quiz: Callable[[str], Awaitable[None]] | None = None,
        histories: Sequence[Path] = (),
    ) -> None:
        """`histories` are files of lines that were typed; they go when something is forgotten."""
        self._dispatcher = Dispatcher(channel=self, ask=ask, controls=controls, guards=guards)
        self._controls = controls
        self._quiz = quiz
        self._histories = histories
        self._screen = screen
        self._read_line = read_line
        self._person = Person(platform=PLACE.platform, id=getpass.getuser(), language=screen.language)
        self._asked = self._notice = ""
        self._buttons: Sequence[Button] = ()
        self._numbers = count(1)

    async def run(self) -> None:
        """Talk until the input ends (Ctrl-D) or `/quit`."""
        await self._choose_language()
        async for line in self._lines():
            if line in ("/quit", "/exit"):
                return
            await self._interruptible(self._obey(line) if line.startswith("/") else self._act(text=line))

    async def _lines(self) -> AsyncIterator[str]:
        while True:
            try:
                line = (await self._read_line()).strip()
            except KeyboardInterrupt:
                continue
            except EOFError:
                return
            if line:
                yield line

    async def _interruptible(self, work: Awaitable[None]) -> None:
        """Ctrl-C ends the answer at hand, not the conversation."""
        task = asyncio.ensure_future(work)
        with _on_interrupt(task):
            try:
                await task
            except asyncio.CancelledError:
                await self._dispatcher.work.cancel()
                self._screen.page(self._screen.say("stopped"))

    async def _choose_language(self) -> None:
        """That of the interface, or what `/lang` has chosen here, now or in an earlier chat."""
        self._screen.language = await self._controls.language(self._person, PLACE)

    # What is typed

    async def _act(self, **said: Any) -> None:
        """Hand on what was typed, and wait until it is dealt with. It is in no ledger: who types sees what became of it."""
        number = str(next(self._numbers))
        typed = InboundMessage(**{"id": number, "message": number, "person": self._person, "place": PLACE, **said})
        await self._dispatcher.act(typed.event(PLACE.key))
        await self._dispatcher.work.finish()

    async def _obey(self, line: str) -> None:
        """What only a terminal has is done here, everything else as on all platforms."""
        name, _, words = line.removeprefix("/").partition(" ")
        words = words.strip()
        match name:
            case "again" if words or self._asked:
                await self._act(text=words or self._asked, again=True)
            case "good" | "bad":
                self._show(await self._controls.rate_last(self._person, PLACE, good=name == "good"))
            case "quiz" if self._quiz:
                await self._quiz(words)
            case "help":
                self._screen.page(self._screen.say("help"))
            case _ if name.isdecimal() and 0 < int(name) <= len(self._buttons):
                await self._press(self._buttons[int(name) - 1])
            case _ if name in BY_NAME and name not in OF_CHATS:
                await self._command(name, words)
            case _:
                self._screen.page(self._screen.say("unknown_command", command=f"/{name}"))

    async def _command(self, name: str, words: str) -> None:
        language = language_of(words, self._screen.language) if name in OF_WORDS else self._person.language
        await self._act(command=name, text=words, person=replace(self._person, language=language))
        if name == "forget" and words:
            await self._forget_lines()
        if name == "lang":
            await self._choose_language()

    async def _press(self, button: Button) -> None:
        await self._act(kind=InboundKind.PRESS, text=button.data)
        if button.data.startswith(FORGETTING):
            await self._forget_lines()

    async def _forget_lines(self) -> None:
        for history in self._histories:
            await asyncio.to_thread(history.unlink, missing_ok=True)

    # What is shown

    @asynccontextmanager
    async def drawing(self, exchange: Exchange) -> AsyncIterator[Draw]:
        self._buttons = ()
        said = exchange.said
        with self._screen.growing() as grow:

            async def draw(answer: Answer) -> None:
                self._buttons = answer.buttons
                grow(answer)

            yield draw
        if said.text and said.kind is not InboundKind.PRESS:
            self._asked = said.text
        if self._buttons:
            self._screen.page(_numbered(self._buttons))

    async def show(self, exchange: Exchange, page: Page) -> None:
        if page.file:
            await asyncio.to_thread(Path(page.file.name).write_bytes, page.file.content)
        self._show(replace(page, notice=page.notice or self._notice))
        self._notice = ""

    async def acknowledge(self, exchange: Exchange, notice: str) -> None:
        """Said with the page, or in its place."""
        self._notice = notice

    def _show(self, page: Page) -> None:
        """A page, its file in the folder that the terminal stands in, and its buttons as numbers."""
        self._buttons = page.buttons
        parts = (page.text or page.notice, f"`{page.file.name}`" if page.file else "", _numbered(page.buttons))
        self._screen.page("\n\n".join(part for part in parts if part))


def _numbered(buttons: Sequence[Button]) -> str:
    """Buttons as numbers to type; a label that begins with its number says it once."""
    return " · ".join(f"`/{number}` {button.label.removeprefix(f'{number}. ')}" for number, button in enumerate(buttons, 1))


@contextlib.contextmanager
def _on_interrupt(task: asyncio.Future[None]) -> Iterator[None]:
    import signal

    loop = asyncio.get_running_loop()
    try:
        loop.add_signal_handler(signal.SIGINT, task.cancel)
    except (NotImplementedError, RuntimeError):  # Windows, or not in the main thread
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)


def keyboard(history: Path) -> ReadLine:
    """Lines from the keyboard, with arrow keys and a history across runs; plain lines where the input is no terminal."""
    if not sys.stdin.isatty():
        if isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(errors="replace")  # bytes of another encoding are no reason to end
        return _piped
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import FileHistory

    history.parent.mkdir(parents=True, exist_ok=True)
    session: PromptSession[str] = PromptSession(history=FileHistory(str(history)))

    async def read_line() -> str:
        return str(await session.prompt_async(PROMPT))

    return read_line


async def _piped() -> str:
    line = str(await asyncio.to_thread(sys.stdin.readline))
    if not line:
        raise EOFError
    return line
