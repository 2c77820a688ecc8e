"""Answers of one bot, drawn chat by chat in order; an edited question is answered again in place."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from contextlib import aclosing, suppress
from typing import Any

import prompts
from bot.commands import CommandRouter
from bot.llm.streams import closable
from bot.markup import Rich
from bot.middleware import Middleware, Role
from bot.middleware.admission import in_words
from bot.platforms.protocol import ChatUnreachable
from bot.platforms.telegram.drafts import DraftSession, TypingIndicator
from bot.platforms.telegram.group_budget import GroupBudget
from bot.platforms.telegram.parser import target_of
from bot.platforms.telegram.renderer import TelegramRenderer
from bot.platforms.telegram.sender import MessageSender
from bot.storage import Event, TurnStore
from bot.types import Ask, Question

TURNED_AWAY = "🙈"
log = logging.getLogger(__name__)
Work = Coroutine[Any, Any, None]


class TelegramTasks:
    """Everything that is being done for one bot; what breaks is logged, and holds up nothing."""

    def __init__(self) -> None:
        self._last: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, work: Work, *, after: str = "") -> None:
        """Do this now, or after all that was begun with the same key."""
        task = asyncio.create_task(_after(self._last.get(after) if after else None, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if after:
            self._last[after] = task
            task.add_done_callback(lambda done: self._forget(after, done))

    async def finish(self) -> None:
        """Return when everything is done, also what the work itself begins."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def cancel(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await self.finish()

    def __len__(self) -> int:
        return len(self._tasks)

    def _forget(self, key: str, done: asyncio.Task[None]) -> None:
        if self._last.get(key) is done:
            del self._last[key]


async def _after(before: asyncio.Task[None] | None, work: Work) -> None:
    """The outermost edge of everything that comes from a chat."""
    try:
        if before:
            await asyncio.wait({before})
    except asyncio.CancelledError:
        work.close()
        raise
    try:
        await work
    except Exception:
        log.exception("something from a chat could not be dealt with")


class TelegramAnswers:
    """The answers of one bot."""

    def __init__(
        self,
        *,
        ask: Ask,
        controls: CommandRouter,
        guards: Middleware,
        state: TurnStore,
        speaker: MessageSender,
        sketching: DraftSession,
        work: TelegramTasks,
    ) -> None:
        self._ask = ask
        self._controls = controls
        self._guards = guards
        self._ledger = guards.ledger
        self._state = state
        self._speaker = speaker
        self._sketching = sketching
        self._work = work
        self._typing = TypingIndicator(speaker)
        self._budget = GroupBudget(speaker.pacer)
        self._asked: dict[tuple[str, str], str] = {}
        """The event that each message brought, while it is being answered: who edits the message means that one."""
        self._latest: dict[str, asyncio.Event] = {}
        """`Drawing.begun` of what was asked last in each place, while it is being answered."""

    def begin(self, event: Event, question: Question, *, reply_to: int | None, redone: bool = False) -> None:
        """Questions of one place are answered in the order of these calls."""
        if event.message:
            self._asked[event.chat, event.message] = event.key
        if redone or event.outbound or self._budget.has_room(target_of(question.place).chat):
            self._draw(event, question, reply_to, redone=redone)
        else:
            self._work.begin(self._turn_away(event, question, reply_to))

    def _draw(self, event: Event, question: Question, reply_to: int | None, *, redone: bool) -> None:
        drawing = self._drawing(event, question, reply_to, redone=redone)
        self._latest[question.place.key] = drawing.begun
        self._budget.owe(target_of(question.place).chat)
        self._work.begin(self._answer(event, question, drawing))

    async def _turn_away(self, event: Event, question: Question, reply_to: int | None) -> None:
        """Say that the group's minute is full: a sign on each question, and once in a while a line on what it means."""
        if await self._guards.door.standing(question.person, question.place) not in (Role.ADMIN, Role.GUEST):
            self._draw(event, question, reply_to, redone=False)
            return
        to, language = target_of(question.place), question.person.language
        if event.message:
            await self._speaker.react(to, int(event.message), TURNED_AWAY)
        if self._budget.may_say_why(to.chat):
            when = in_words(self._budget.wait(to.chat), language)
            line = prompts.load("telegram").say("group_full", language, when=when, sign=TURNED_AWAY)
            with suppress(ChatUnreachable):
                await self._speaker.send(to, Rich(text=line), reply_to=reply_to)
        await self._ledger.done(event.key)

    async def redo(self, event: Event, question: Question, *, reply_to: int | None) -> None:
        """The answer to an edited question takes the place of the one before; the same words again change nothing."""
        running = self._asked.get((event.chat, event.message))
        if running:
            await self._guards.stop(question.place, question.person, inbound=running)
        elif not event.outbound and await self._is_same(event, question):
            await self._ledger.done(event.key)
            return
        self.begin(event, question, reply_to=reply_to, redone=True)

    async def _is_same(self, event: Event, question: Question) -> bool:
        shown = await self._ledger.messages_for(event.bot, question.place, event.message)
        answer = await self._ledger.answer_in(event.bot, question.place, shown[0]) if shown else ""
        return bool(answer) and await self._controls.asked(answer) == question.text

    async def _answer(self, event: Event, question: Question, drawing: TelegramRenderer) -> None:
        """Nothing is awaited before the first step of the stream: that one puts the question into its place's line."""
        try:
            typing = self._typing.shown(target_of(question.place), lambda: drawing.readable)
            async with aclosing(closable(self._ask(question))) as answers, typing:
                async for answer in answers:
                    await drawing.draw(answer)
        except ChatUnreachable as error:
            log.info("nobody can be answered in %s: %s", question.place.key, error)
            await self._ledger.done(event.key)
        finally:
            self._budget.settle(target_of(question.place).chat)
            drawing.begun.set()
            if self._latest.get(question.place.key) is drawing.begun:
                del self._latest[question.place.key]
            if self._asked.get((event.chat, event.message)) == event.key:
                del self._asked[event.chat, event.message]

    def _drawing(self, event: Event, question: Question, reply_to: int | None, *, redone: bool) -> TelegramRenderer:
        language = question.person.language

        async def find() -> Sequence[str]:
            """The messages that were begun before a crash, or those of the answer before the edit."""
            if event.outbound or not redone:
                return event.outbound
            return await self._ledger.messages_for(event.bot, question.place, event.message)

        async def note(messages: Sequence[str]) -> None:
            await self._ledger.answering(event, messages)

        return TelegramRenderer(
            self._speaker,
            target_of(question.place),
            find=find,
            note=note,
            stop=self._controls.stop_button(language),
            buttons=lambda answer: self._controls.buttons_of(answer, language),
            empty=prompts.load("telegram").say("no_text", language),
            reply_to=reply_to,
            redone=redone and not event.outbound,
            before=self._latest.get(question.place.key),
            is_pressed=self._budget.is_pressed,
            sketch=self._sketching.sketch(target_of(question.place), event.key),
        )
