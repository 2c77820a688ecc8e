"""Telegram does what every chat platform must do."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from random import Random

import pytest

from bot.storage import Ledger
from bot.types import Ask
from tests.bot.platforms.telegram.serving import Home
from tests.contracts.platforms import PlatformContract, Shown
from tests.fakes.nonsense import mangled
from tests.fakes.telegram import Chat, FakeTelegram, Seen, Trouble, User
from tests.fakes.telegram.places import Message
from tests.fakes.telegram.texts import Formatted

KINDS = ("message", "edited_message", "callback_query", "message_reaction", "inline_query", "something_new")
STOP = ("停止", "Stop")


class Scene:
    """A group with Alice, who may ask; Bob is the stranger, and writes in private."""

    def __init__(self, home: Home, group: Chat, alice: User, bob: User) -> None:
        self._home, self._server = home, home.telegram
        self._group, self._alice, self._bob = group, alice, bob

    def running(self, ask: Ask) -> AbstractAsyncContextManager[object]:
        self._home.ask = ask
        return self._home.killed()

    def asks(self, text: str, *, stranger: bool = False) -> None:
        if stranger:
            self._last = self._server.world.says(self._bob, self._bob, text)
        else:
            self._last = self._server.world.says(self._alice, self._group, f"@notes_bot {text}")

    def edits(self, text: str) -> None:
        self._server.world.edits(self._last, f"@notes_bot {text}")

    def sends_nonsense(self, seed: int, count: int) -> None:
        random, updates = Random(seed), self._server.updates
        now, words = int(self._server.state.now), Formatted(text="/x@notes_bot")
        stray = Message(id=10**6, chat=self._group, sender=self._bob, date=now, content=words)
        updates.allowed = (*updates.allowed, "something_new")
        for _ in range(count):
            body = random.choice((mangled(stray.json(), random), None, [], "x"))
            updates.add(random.choice(KINDS), body, chat=self._group.id)

    async def leaves_unanswered(self, text: str, *, minutes: int, stranger: bool = False) -> None:
        self._server.clock.advance(-60 * minutes)
        self.asks(text, stranger=stranger)
        self._server.clock.advance(60 * minutes)

    async def begun(self) -> None:
        await self._server.until(lambda: any(one.text != "…" for one in self._mine()))

    async def answers(self, count: int = 1) -> list[Shown]:
        def complete() -> list[Seen]:
            return [one for one in self._mine() if one.text != "…" and not any(row[0] in STOP for row in one.buttons)]

        await self._server.until(lambda: len(complete()) >= count)
        return [Shown(text=one.text, buttons=tuple(label for row in one.buttons for label in row)) for one in complete()]

    async def finished(self) -> None:
        await self._server.until(lambda: not self._server.updates.pending)
        ledger = Ledger(self._home.state.database)
        while await ledger.unfinished(f"telegram:{self._server.bot.id}"):
            await self._server.until(lambda: True)

    def stops(self) -> None:
        message = self._group.messages[self._mine()[-1].id]
        self._server.world.presses(self._alice, message, "停止")

    def breaks_a_connection(self) -> None:
        self._server.fail(Trouble.CUT_AFTER, "sendMessage")

    def pinged(self) -> list[str]:
        """Telegram rings up whoever is named by an @ in front of a name that exists."""
        names = {f"@{user.username}" for user in self._server.state.users.values() if user.username}
        return [words for one in self._mine() for kind, words in one.styles if kind == "text_mention" or words in names]

    def refused(self) -> list[str]:
        return [one.description for one in self._server.refusals if one.status == 400]

    def _mine(self) -> list[Seen]:
        return [one for where in (self._bob, self._group) for one in self._server.read(where) if one.by == "Notes"]


@pytest.fixture
def scene(home: Home, group: Chat, alice: User, bob: User, telegram: FakeTelegram) -> Scene:
    return Scene(home, group, alice, bob)


class TestTelegram(PlatformContract):
    pass
