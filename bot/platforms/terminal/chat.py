"""Terminal chat: reads lines, asks questions, runs commands, draws both."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import io
import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from bot.commands import BY_NAME, CommandRouter
from bot.platforms.terminal.renderer import Screen
from bot.types import Ask, Button, Page, Person, Place, Question, language_of

log = logging.getLogger(__name__)

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


class Chat:
    """One conversation at the terminal."""

    def __init__(
        self,
        *,
        ask: Ask,
        controls: CommandRouter,
        screen: Screen,
        read_line: ReadLine,
        quiz: Callable[[str], Awaitable[None]] | None = None,
        histories: Sequence[Path] = (),
    ) -> None:
        """`histories` are files of lines that were typed; they go when something is forgotten."""
        self._ask = ask
        self._controls = controls
        self._quiz = quiz
        self._histories = histories
        self._screen = screen
        self._read_line = read_line
        self._person = Person(platform="terminal", id=getpass.getuser(), language=screen.language)
        self._asked = ""
        self._buttons: Sequence[Button] = ()

    async def run(self) -> None:
        """Talk until the input ends (Ctrl-D) or `/quit`."""
        await self._choose_language()
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

    async def _choose_language(self) -> None:
        """That of the interface, or what `/lang` has chosen here, now or in an earlier chat."""
        self._screen.language = await self._controls.language(self._person, PLACE)

    async def _answer(self, text: str, *, again: bool = False) -> None:
        question = Question(person=self._person, place=PLACE, text=text, again=again)
        await self._draw(await self._controls.question(question))

    async def _draw(self, question: Question) -> None:
        self._buttons = ()
        last = await self._screen.answer(self._ask(question))
        self._asked = question.text
        if last and last.buttons:
            self._buttons = last.buttons
            self._screen.page(_numbered(last.buttons))

    async def _obey(self, line: str) -> None:
        """What only a terminal has is done here, everything else by the controls of all platforms."""
        name, _, words = line.removeprefix("/").partition(" ")
        words = words.strip()
        match name:
            case "again" if words or self._asked:
                await self._answer(words or self._asked, again=True)
            case "good" | "bad":
                await self._show(await self._controls.rate_last(self._person, PLACE, good=name == "good"))
            case "quiz" if self._quiz:
                await self._quiz(words)
            case "help":
                self._screen.page(self._screen.say("help"))
            case _ if name.isdecimal() and 0 < int(name) <= len(self._buttons):
                await self._press(self._buttons[int(name) - 1])
            case _ if name in BY_NAME and name not in OF_CHATS:
                await self._control(name, words)
            case _:
                self._screen.page(self._screen.say("unknown_command", command=f"/{name}"))

    async def _control(self, name: str, words: str) -> None:
        language = language_of(words, self._screen.language) if name in OF_WORDS else self._person.language
        await self._show(await self._controls.obey(name, words, replace(self._person, language=language), PLACE))
        if name == "forget" and words:
            await self._forget_lines()
        if name == "lang":
            await self._choose_language()

    async def _press(self, button: Button) -> None:
        await self._show(await self._controls.press(button.data, self._person, PLACE))
        if button.data.startswith(FORGETTING):
            await self._forget_lines()

    async def _forget_lines(self) -> None:
        for history in self._histories:
            await asyncio.to_thread(history.unlink, missing_ok=True)

    async def _show(self, done: Page | Question) -> None:
        """A page, its file in the folder that the terminal stands in, and its buttons as numbers; or the answer to a question."""
        if isinstance(done, Question):
            await self._draw(done)
            return
        if done.file:
            await asyncio.to_thread(Path(done.file.name).write_bytes, done.file.content)
        self._buttons = done.buttons
        parts = (done.text or done.notice, f"`{done.file.name}`" if done.file else "", _numbered(done.buttons))
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
