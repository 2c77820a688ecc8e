"""Discord does what every platform must do."""

from __future__ import annotations

import json
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from bot.platforms.protocol import InboundMessage
from bot.storage import Ledger
from bot.types import Ask, Person, Place
from tests.bot.platforms.discord.stage import POST, Stage, is_complete, labels
from tests.contracts.platforms import PlatformContract, Shown
from tests.fakes.discord import Message, Trouble
from tests.fakes.discord.drafts import Draft
from tests.fakes.discord.payloads import message_json
from tests.fakes.nonsense import mangled

EVENTS = ("MESSAGE_CREATE", "MESSAGE_UPDATE", "INTERACTION_CREATE", "MESSAGE_REACTION_ADD", "SOMETHING_NEW")


class DiscordScene:
    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._last: Message | None = None

    def running(self, ask: Ask) -> AbstractAsyncContextManager[object]:
        return self.stage.running(ask)

    def asks(self, text: str, *, stranger: bool = False) -> None:
        self._last = self.stage.says(f"@bot {text}", by=self.stage.eve if stranger else self.stage.tom)

    def edits(self, text: str) -> None:
        assert self._last
        self.stage.fake.people.edits(self.stage.tom, self._last, f"@bot {text}")

    def sends_nonsense(self, seed: int, count: int) -> None:
        random, world = Random(seed), self.stage.fake.world
        stray = world.post(self.stage.kitchen, self.stage.eve, Draft(content="@bot x"))
        body = message_json(stray, bot=self.stage.fake.bot, sees_all=True)
        for _ in range(count):
            name = random.choice(
                ("MESSAGE_CREATE", "MESSAGE_UPDATE", "INTERACTION_CREATE", "MESSAGE_REACTION_ADD", "SOMETHING_NEW")
            )
            told = json.loads(json.dumps(mangled(body, random)).replace("\\ud800", "x"))
            for session in self.stage.fake.gateway.sessions:
                session.tell(name, random.choice((told, told, None, [], "x")))

    async def leaves_unanswered(self, text: str, *, minutes: int, stranger: bool = False) -> None:
        person = self.stage.eve if stranger else self.stage.tom
        at = self.stage.direct(person) if stranger else self.stage.kitchen
        asked = self.stage.says(text, by=person, at=at)
        said = InboundMessage(
            id=str(asked.id),
            message=str(asked.id),
            person=Person(platform="discord", id=str(person.id)),
            place=Place(platform="discord", chat=str(at.id), private=stranger),
            text=text,
            said=datetime.now(UTC) - timedelta(minutes=minutes),
        )
        await Ledger(self.stage.state.database).take(said.event(f"discord:{self.stage.fake.bot.id}"))
        self.stage.fake.people.deletes(person, asked)

    async def begun(self) -> None:
        await self.stage.settled(lambda: self.stage.fake.said(self.stage.kitchen))

    async def answers(self, count: int = 1) -> list[Shown]:
        places = (self.stage.kitchen, self.stage.direct(self.stage.eve))

        def said() -> list[Message]:
            return [one for place in places for one in self.stage.fake.said(place)]

        await self.stage.settled(lambda: len(said()) >= count and all(map(is_complete, said())))
        return [Shown(text=one.text, buttons=tuple(labels(one))) for one in said()]

    async def finished(self) -> None:
        await self.stage.finished()

    def stops(self) -> None:
        self.stage.fake.people.presses(self.stage.tom, self.stage.fake.said(self.stage.kitchen)[-1], "n:x")

    def breaks_a_connection(self) -> None:
        self.stage.fake.once(Trouble.CUT_AFTER, POST)

    def pinged(self) -> list[str]:
        return [one.text for one in self.stage.fake.live]

    def refused(self) -> list[str]:
        return [f"{one.route} {one.status} {one.answer}" for one in self.stage.fake.refusals]


class TestDiscord(PlatformContract):
    @pytest.fixture
    def scene(self, stage: Stage) -> DiscordScene:
        return DiscordScene(stage)
