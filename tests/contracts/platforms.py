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

    def edits(self, text: str) -> None:
        """Let the message that was said last say this instead."""

    def sends_nonsense(self, seed: int, count: int) -> None:
        """Let the platform hand on events that are mangled (see `tests.fakes.nonsense`), or of kinds that nobody knows."""

    async def leaves_unanswered(self, text: str, *, minutes: int, stranger: bool = False) -> None:
        """Put into the ledger what somebody said that long ago, as a program that was killed would leave it."""

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

    async def test_an_edited_question_is_answered_anew_in_place_and_the_same_words_change_nothing(self, scene: Scene) -> None:
        script = Script()
        async with scene.running(script.ask):
            scene.asks("米饭要煮多久？")
            await scene.answers()
            await scene.finished()
            script.says = "粥一小时。"
            for words in ("米饭要煮多久？", "米饭要煮多久？", "粥要煮多久？", "粥要煮多久？"):
                await asyncio.sleep(0.002)  # an edit is known by its millisecond
                scene.edits(words)
            async with asyncio.timeout(10):
                while len(script.asked) < 2:
                    await asyncio.sleep(0.01)
            await scene.finished()
            (answer,) = await scene.answers()
        assert answer.text.startswith("粥一小时。")
        assert script.asked == ["米饭要煮多久？", "粥要煮多久？"]

    async def test_an_edit_with_the_same_words_stops_no_answer(self, scene: Scene) -> None:
        script = Script(waits=True)
        async with scene.running(script.ask):
            scene.asks("米饭要煮多久？")
            await scene.begun()
            scene.edits("米饭要煮多久？")
            scene.asks("粥呢？")
            await asyncio.sleep(0.2)
            script.gate.set()
            await scene.answers(2)
        assert script.asked == ["米饭要煮多久？", "粥呢？"]

    async def test_what_nobody_can_read_ends_nothing_and_loses_nothing(self, scene: Scene) -> None:
        script = Script()
        async with scene.running(script.ask):
            for number in range(5):
                scene.sends_nonsense(number, 100)
                scene.asks(f"米饭 {number}")
                await scene.answers(number + 1)
            await scene.finished()
        assert [one for one in script.asked if one.startswith("米饭")] == [f"米饭 {number}" for number in range(5)]

    async def test_only_those_who_may_ask_are_told_that_it_is_too_late(self, scene: Scene) -> None:
        await scene.leaves_unanswered("米饭", minutes=120)
        await scene.leaves_unanswered("粥", minutes=120, stranger=True)
        script = Script()
        async with scene.running(script.ask):
            said = await scene.answers(2)
            await scene.finished()
        apologies = [one.text for one in said if one.text in (say("late", "zh"), say("late", "en"))]
        assert (len(said), len(apologies), script.asked) == (2, 1, [])
