"""Lines that a person types go in; questions go to the assistant, commands to their pages, and both are drawn."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import io
import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot.commands import Commands
from bot.messages import Ask, Person, Place, Question, language_of
from bot.platforms.terminal.drawing import Screen

if TYPE_CHECKING:
    from bot.controls import Memories

log = logging.getLogger(__name__)

PLACE = Place(platform="terminal", chat="local")
PROMPT = "› "

ReadLine = Callable[[], Awaitable[str]]
"""Gives the next line, and raises EOFError after the last one."""


class Chat:
    """One conversation at the terminal."""

    def __init__(
        self,
        *,
        ask: Ask,
        commands: Commands,
        screen: Screen,
        read_line: ReadLine,
        memories: Memories | None = None,
        quiz: Callable[[str], Awaitable[None]] | None = None,
        histories: Sequence[Path] = (),
    ) -> None:
        """`histories` are files of lines that were typed; they go when something is forgotten."""
        self._ask = ask
        self._commands = commands
        self._memories = memories
        self._quiz = quiz
        self._histories = histories
        self._screen = screen
        self._read_line = read_line
        self._person = Person(platform="terminal", id=getpass.getuser(), language=screen.language)
        self._asked = ""

    async def run(self) -> None:
        """Talk until the input ends (Ctrl-D) or `/quit`."""
        async for line in self._lines():
            if line in ("/quit", "/exit"):
                return
            await self._interruptible(self._obey(line) if line.startswith("/") else self._answer(line))

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
        """Ctrl-C ends the answer at hand, not the conversation; the outermost edge of this platform."""
        task = asyncio.ensure_future(work)
        with _on_interrupt(task):
            try:
                await task
            except asyncio.CancelledError:
                self._screen.page(self._screen.say("stopped"))
            except Exception as error:
                log.exception("the terminal chat could not answer")
                self._screen.page(self._screen.say("failed", why=type(error).__name__))

    async def _answer(self, text: str, *, deep: bool = False, again: bool = False) -> None:
        question = Question(person=self._person, place=PLACE, text=text, deep=deep, again=again)
        await self._screen.answer(self._ask(question))
        self._asked = text

    async def _obey(self, line: str) -> None:
        command, _, words = line.partition(" ")
        words = words.strip()
        language = language_of(words, self._screen.language)
        match command:
            case "/source":
                page = await self._commands.source(PLACE, words, language)
            case "/search":
                page = await self._commands.search(words, language)
            case "/topics":
                page = await self._commands.topics(self._screen.language)
            case "/receipt":
                page = await self._commands.receipt(PLACE, self._screen.language)
            case "/good" | "/bad":
                page = await self._rate(good=command == "/good")
            case "/think" | "/again" if words or self._asked:
                await self._answer(words or self._asked, deep=command == "/think", again=True)
                return
            case "/memory" | "/remember" | "/forget" | "/export" | "/reset" if self._memories:
                page = await self._remember(command[1:], words, self._memories)
            case "/quiz" if self._quiz:
                await self._quiz(words)
                return
            case "/help":
                page = await self._commands.help(self._screen.language)
            case _:
                page = self._screen.say("unknown_command", command=command)
        self._screen.page(page)

    async def _rate(self, *, good: bool) -> str:
        """What the person thinks of the last answer, for those who remember it too."""
        if self._memories:
            await self._memories.rated(self._person, PLACE, await self._commands.last_answer(PLACE), good=good)
        return await self._commands.rate(PLACE, self._person, self._screen.language, good=good)

    async def _remember(self, name: str, words: str, memories: Memories) -> str:
        """A page on what is remembered; a file that belongs to it is put into the folder that the terminal stands in."""
        page = await memories.obey(name, words, self._person, PLACE, self._screen.language, admin=True)
        for history in self._histories if name == "forget" and words else ():
            await asyncio.to_thread(history.unlink, missing_ok=True)
        if page.file:
            await asyncio.to_thread(Path(page.file.name).write_bytes, page.file.content)
        return f"{page.text}\n\n`{page.file.name}`" if page.file else page.text


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
