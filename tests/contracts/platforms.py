"""What every chat platform must do. A platform's tests subclass `PlatformContract` and give the fixture `scene`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from bot.middleware.admission import say
from bot.types import Answer, AnswerState, Ask, Question
from tests.bot.making import citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A message of the bot, as people see it."""

    text: str
    buttons: tuple[str, ...] = ()
    """Their labels."""


class Scene(Protocol):
    """A group on a fake platform, a member who may ask there, and a stranger who may not."""

    def running(self, ask: Ask) -> AbstractAsyncContextManager[object]:
        """The bot serves within this; at the end it is killed: nothing is finished, nothing said."""

    def asks(self, text: str, *, stranger: bool = False) -> None:
        """Say it to the bot in the group, or, as a stranger, where strangers would say it."""

    async def begun(self) -> None:
        """Wait until something of an answer can be seen."""

    async def answers(self, count: int = 1) -> list[Shown]:
        """Wait until the bot has said so many messages, none of which is still being written; all of them, oldest first."""

    async def finished(self) -> None:
        """Wait until no event is left to act on."""

    def stops(self) -> None:
        """Press the button that ends the answer being written."""

    def breaks_a_connection(self) -> None:
        """Let the next message be sent without the bot hearing of it."""

    def pinged(self) -> list[str]:
        """Whom the bot's messages have rung up besides those it answers."""

    def refused(self) -> list[str]:
        """The requests that the platform has refused for their form."""


@dataclass
class Script:
    """Says what it was told, with one source; waits in the middle until it is let go."""

    says: str = "煮二十分钟 [1]。"
    waits: bool = False
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[str] = field(default_factory=list)

    async def ask(self, question: Question) -> AsyncIterator[Answer]:
        self.asked.append(question.text)
        yield Answer(state=AnswerState.THINKING)
        if self.waits:
            yield Answer(state=AnswerState.PARTIAL, text="煮")
            await self.gate.wait()
        yield Answer(state=AnswerState.MODEL, text=self.says, citations=(citation(),), id="a1")


class PlatformContract:
    async def test_a_question_is_answered_once_with_its_sources_to_press(self, scene: Scene) -> None:
        script = Script()
        async with scene.running(script.ask):
            scene.asks("米饭")
            (answer,) = await scene.answers()
            await scene.finished()
        assert "煮二十分钟" in answer.text
        assert any(label.startswith("[1] ") for label in answer.buttons)
        assert script.asked == ["米饭"]
        assert scene.refused() == []

    async def test_a_long_answer_comes_whole_and_in_order(self, scene: Scene) -> None:
        paragraphs = [f"第{number}段。" + "汤勺" * 150 for number in range(20)]
        async with scene.running(Script(says="\n\n".join(paragraphs)).ask):
            scene.asks("米饭")
            await scene.begun()
            await scene.finished()
            shown = "".join(one.text for one in await scene.answers(2))
        places = [shown.find(f"第{number}段。") for number in range(20)]
        assert -1 not in places
        assert places == sorted(places)
        assert shown.count("汤勺") == 20 * 150
        assert scene.refused() == []

    async def test_a_stranger_is_told_once_and_never_answered(self, scene: Scene) -> None:
        script = Script()
        async with scene.running(script.ask):
            for _ in range(3):
                scene.asks("米饭", stranger=True)
            scene.asks("粥")
            await scene.answers(2)
            await scene.finished()
            assert len(await scene.answers(2)) == 2
        assert script.asked == ["粥"]

    async def test_an_answer_is_stopped_with_what_there_is(self, scene: Scene) -> None:
        async with scene.running(Script(waits=True).ask):
            scene.asks("米饭")
            await scene.begun()
            scene.stops()
            (answer,) = await scene.answers()
        assert answer.text.startswith(("煮", say("stopped", "zh")))
        assert say("stopped", "zh") in answer.text

    async def test_an_answer_calls_nobody(self, scene: Scene) -> None:
        async with scene.running(Script(says="@everyone @here <@&1> @all 吃饭").ask):
            scene.asks("米饭")
            await scene.answers()
            await scene.finished()
        assert scene.pinged() == []

    async def test_what_was_left_unanswered_is_answered_after_a_restart_and_nobody_sees_it_twice(self, scene: Scene) -> None:
        async with scene.running(Script(waits=True).ask):
            scene.asks("米饭")
            await scene.begun()
        async with scene.running(Script().ask):
            (answer,) = await scene.answers()
            await scene.finished()
        async with scene.running(Script(says="粥一小时。").ask):
            scene.asks("粥")
            last = (await scene.answers(2))[1:]
        assert "煮二十分钟" in answer.text
        assert [one.text.startswith("粥一小时。") for one in last] == [True]

    async def test_a_connection_that_breaks_while_sending_loses_nothing(self, scene: Scene) -> None:
        async with scene.running(Script().ask):
            scene.breaks_a_connection()
            scene.asks("米饭")
            answers = await scene.answers()
            await scene.finished()
        assert "煮二十分钟" in answers[-1].text
