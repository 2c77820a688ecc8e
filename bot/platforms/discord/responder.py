"""What is done about an event: a question is answered, a command or a button obeyed, and the outcome drawn."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace

import discord

import prompts
from bot.commands import CommandRouter
from bot.llm.streams import closable
from bot.middleware import Middleware, Role, pairing_code_in
from bot.middleware.admission import say
from bot.platforms.discord.api import TROUBLE, ChannelUnreachable, DiscordApi, Drawn, Expired
from bot.platforms.discord.parser import MENU_ASK, DiscordEvent, EventKind
from bot.platforms.discord.renderer import DiscordRenderer, messages_of, messages_of_page
from bot.platforms.discord.running_questions import ChannelQueue, RunningQuestions
from bot.platforms.discord.targets import InChannel, InResponse, ReplyTarget, ThreadMoves, thread_name
from bot.settings import DiscordSettings
from bot.storage import Event
from bot.types import Answer, AnswerState, Ask, Button, Language, Page, Question

log = logging.getLogger(__name__)

ANSWERED = (AnswerState.MODEL, AnswerState.EXCERPTS, AnswerState.OVERVIEW, AnswerState.ABSTAINED)
LetGo = Callable[[], None]


class DiscordResponder:
    """Everything between an event and its messages."""

    wire: DiscordApi

    def __init__(
        self, *, ask: Ask, controls: CommandRouter, guards: Middleware, settings: DiscordSettings, exchanges: ThreadMoves
    ) -> None:
        self._ask = ask
        self._controls = controls
        self._guards = guards
        self._ledger = guards.ledger
        self._settings = settings
        self._exchanges = exchanges
        self._asking = RunningQuestions()
        self._told_unread: set[str] = set()
        self._turns = ChannelQueue()

    async def act(self, event: Event, heard: DiscordEvent) -> None:
        """Do it to the end: the event is done on return, unless the program is about to end.

        Raises:
            Unreachable: nothing can be said where it was said.
        """
        match heard.kind:
            case EventKind.MESSAGE:
                async with self._turns.turn(heard.place.key) as let_go:
                    await (self._redo if heard.edited else self._hear)(event, heard, let_go)
            case EventKind.COMMAND | EventKind.MENU:
                await self._obey(event, heard)
            case EventKind.PRESS:
                await self._press(event, heard)

    # Messages

    async def _hear(self, event: Event, heard: DiscordEvent, let_go: LetGo) -> None:
        outlet, heard = await self._outlet(heard)
        if heard.place.private and (code := pairing_code_in(heard.text)):
            await self._end(event, heard, outlet, Page(text=await self._guards.door.pair(heard.person, heard.place, code)))
            return
        if not heard.text:
            await self._end(event, heard, outlet, await self._unread(heard))
            return
        reply_to = await self._ledger.answer_in(event.bot, heard.place, heard.reference) if heard.reference else ""
        if (heard.place.private or heard.reference) and not reply_to:
            page = await self._typed(heard)
            if page:
                await self._end(event, heard, outlet, page)
                return
        state = await self._ask_in_turn(event, heard, reply_to, outlet, let_go)
        if state in ANSWERED and not heard.place.private and not heard.place.thread:
            self._exchanges.answered(heard.place.chat)

    async def _ask_in_turn(
        self, event: Event, heard: DiscordEvent, reply_to: str, outlet: ReplyTarget, let_go: LetGo
    ) -> AnswerState | None:
        question = Question(person=heard.person, place=heard.place, text=heard.text, reply_to=reply_to, inbound=event.key)
        question = await self._controls.question(question)
        # A question stands in the line before anything is awaited, so this comes right after.
        asyncio.get_running_loop().call_soon(let_go)
        with self._asking.asked(event, heard.place):
            return await self._answer(event, question, outlet)

    async def _redo(self, event: Event, heard: DiscordEvent, let_go: LetGo) -> None:
        """The answer to an edited question takes the place of the one before; the same words again change nothing.

        What was no question, and an answer that somebody has deleted, stay as they are.
        """
        running = self._asking.about(event)
        if running:
            heard = replace(heard, place=running.place)
            await self._guards.stop(heard.place, heard.person, inbound=running.key)
            await running.ended.wait()
        shown = event.outbound or await self._cleared(event, heard, is_another=bool(running))
        if not shown and not running:
            await self._ledger.done(event.key)
            return
        await self._ledger.answering(event, shown)
        reply_to = await self._ledger.answer_in(event.bot, heard.place, heard.reference) if heard.reference else ""
        outlet = InChannel(self.wire, heard.channel, int(heard.message))
        await self._ask_in_turn(replace(event, outbound=shown), heard, reply_to, outlet, let_go)

    async def _cleared(self, event: Event, heard: DiscordEvent, *, is_another: bool) -> tuple[str, ...]:
        """The messages of the earlier answer that are still there, made ready for another; none when it answers these words."""
        known = sorted(await self._ledger.messages_for(event.bot, heard.place, event.message), key=int)  # as they stand there
        if known and not is_another:
            answer = await self._ledger.answer_in(event.bot, heard.place, known[0])
            is_another = bool(answer) and await self._controls.asked(answer) != heard.text
        if not is_another:
            return ()
        waiting = Drawn(text=_say("thinking", heard.person.language))
        return tuple([message for message in known if await self.wire.edit(heard.channel, message, waiting)])

    async def _unread(self, heard: DiscordEvent) -> Page:
        """Nothing was said besides our name, or Discord does not let it be read, which is said once in a thread."""
        if heard.place.key in self._told_unread:
            return Page()
        decision = await self._guards.door.decide(heard.person, heard.place)
        if not decision.allowed:
            return Page(text=decision.line)
        if heard.place.thread:
            self._told_unread.add(heard.place.key)
        if not self._settings.message_content and not heard.place.private:
            return Page(text=_say("cannot_read", heard.person.language))
        page = await self._controls.obey("ask", "", heard.person, heard.place)
        return page if isinstance(page, Page) else Page()

    async def _typed(self, heard: DiscordEvent) -> Page | None:
        """The answer to a flashcard, from people who may."""
        if not await self._may_ask(heard):
            return None
        return await self._controls.typed(heard.person, heard.place, heard.text)

    # Commands and menus

    async def _obey(self, event: Event, heard: DiscordEvent) -> None:
        outlet = InResponse(self.wire, heard.token, heard.channel, private=heard.private)
        if heard.name in ("ask", "think") and heard.text:
            done = await self._controls.obey(heard.name, heard.text, heard.person, heard.place, inbound=event.key)
        else:
            decision = await self._guards.door.decide(heard.person, heard.place)
            if not decision.allowed:
                await self._end_response(event, heard, outlet, Page(text=decision.line, private=True))
                return
            done = await self._done(event, heard)
        if isinstance(done, Question):
            await self._answer(event, done, outlet)
        else:
            await self._end_response(event, heard, outlet, done)

    async def _done(self, event: Event, heard: DiscordEvent) -> Page | Question:
        person, place, language = heard.person, heard.place, heard.person.language
        if heard.kind is EventKind.COMMAND:
            done = await self._controls.obey(heard.name, heard.text, person, place, inbound=event.key, moderator=heard.moderator)
            return done if isinstance(done, Question) else await self._with_warning(heard, done)
        if heard.name == MENU_ASK:
            if not heard.quote:
                return Page(text=_say("no_words", language), private=True)
            return await self._controls.obey("ask", "", person, place, inbound=event.key, quote=heard.quote)
        answer_id = await self._ledger.answer_in(event.bot, place, heard.message)
        if not answer_id:
            return Page(text=_say("not_an_answer", language), private=True)
        return await self._controls.obey("source", "", person, place, answer_id=answer_id, inbound=event.key)

    async def _with_warning(self, heard: DiscordEvent, page: Page) -> Page:
        """Whoever wants every question answered is told when Discord does not let the bot read them."""
        if heard.name != "everything" or self._settings.message_content:
            return page
        wanted = (await self._guards.places.of(heard.place)).everything
        return replace(page, text=f"{page.text}\n\n{_say('hears_only_its_own', heard.person.language)}") if wanted else page

    async def _end_response(self, event: Event, heard: DiscordEvent, outlet: InResponse, page: Page) -> None:
        """A page as the response: in private if it is to be, which a public "is thinking…" gives way to."""
        messages = await messages_of_page(page, heard.person.language)
        if not messages:
            await outlet.withdraw()
        elif page.private and not heard.private:
            await outlet.whisper(messages)
        else:
            await self._drawing(event, outlet).draw(messages, final=True)
        await self._ledger.done(event.key)

    # Buttons

    async def _press(self, event: Event, heard: DiscordEvent) -> None:
        decision = await self._guards.door.decide(heard.person, heard.place)
        if decision.allowed:
            done = await self._controls.press(heard.text, heard.person, heard.place, inbound=event.key)
        else:
            done = Page(notice=decision.line)
        if isinstance(done, Question):
            outlet = InChannel(self.wire, heard.channel, int(heard.message or 0))
            await self._answer(event, done, outlet)
            return
        with suppress(Expired):
            await self._show(event, heard, done)
        await self._ledger.done(event.key)

    async def _show(self, event: Event, heard: DiscordEvent, page: Page) -> None:
        """A notice and a source are for whoever pressed; other pages change the message, or are new ones for all."""
        language = heard.person.language
        if page.notice:
            await self.wire.follow_up(heard.token, Drawn(text=page.notice), private=True)
        messages = await messages_of_page(page, language)
        private = page.private or heard.text.startswith("s:")
        if private:
            for drawn in messages:
                await self.wire.follow_up(heard.token, drawn, private=True)
        elif page.new:
            await self._drawing(event, InChannel(self.wire, heard.channel)).draw(messages, final=True)
        elif messages:
            await self.wire.respond(heard.token, heard.message, messages[-1])

    # Answers

    async def _answer(self, event: Event, question: Question, outlet: ReplyTarget) -> AnswerState | None:
        """Draw the snapshots as they come; asking for more after the last one says that it is delivered.

        Return the state of the last one; None for silence.
        """
        language = question.person.language  # what the place has chosen, see `Controls.question`
        drawing = self._drawing(event, outlet)
        state: AnswerState | None = None
        async with aclosing(closable(self._ask(question))) as answers:
            async for answer in answers:
                state = answer.state
                if answer.state is AnswerState.REFUSED and isinstance(outlet, InResponse):
                    await outlet.whisper(await messages_of(answer, (), language))
                elif answer.final or not drawing.is_too_soon:
                    buttons = self._buttons(answer, language)
                    await drawing.draw(await messages_of(answer, buttons, language), final=answer.final)
        if state is None and isinstance(outlet, InResponse) and not await self._ledger.is_unfinished(event.key):
            await outlet.withdraw()
        return state

    def _buttons(self, answer: Answer, language: Language) -> Sequence[Button]:
        return self._controls.buttons_of(answer, language) if answer.final else (self._controls.stop_button(language),)

    def _drawing(self, event: Event, outlet: ReplyTarget) -> DiscordRenderer:
        async def noted(ids: Sequence[str]) -> None:
            await self._ledger.answering(event, ids)

        return DiscordRenderer(outlet, ids=event.outbound, nonce=event.nonce, noted=noted)

    # Other words

    async def say_late(self, event: Event, heard: DiscordEvent) -> None:
        """One line for a place where questions have become too old."""
        line = Drawn(text=say("late", heard.person.language))
        await self.wire.send(heard.parent if heard.opens else heard.channel, line, nonce=event.nonce())

    async def apologise(self, event: Event, heard: DiscordEvent, error: str) -> None:
        """Something broke: a line for the person, which is the last thing tried."""
        line = Drawn(text=_say("broken", heard.person.language, error=error))
        with suppress(ChannelUnreachable, Expired, discord.HTTPException, *TROUBLE):
            if heard.token:
                await self.wire.follow_up(heard.token, line, private=True)
            else:
                await self.wire.send(heard.channel, line, nonce=event.nonce(999), reply_to=int(heard.message or 0))

    async def mend(self, message: discord.Message, key: str, language: Language) -> None:
        """An "is thinking…" of before, which no event of the ledger will end: the program was killed in the moment between."""
        if not await self._ledger.is_unfinished(key):
            await self.wire.edit(message.channel.id, str(message.id), Drawn(text=_say("lost", language)))

    # Steps

    async def _end(self, event: Event, heard: DiscordEvent, outlet: ReplyTarget, page: Page) -> None:
        messages = await messages_of_page(page, heard.person.language)
        await self._drawing(event, outlet).draw(messages, final=True)
        await self._ledger.done(event.key)

    async def _outlet(self, heard: DiscordEvent) -> tuple[ReplyTarget, DiscordEvent]:
        """The thread that is opened for it, or where it was said."""
        if not heard.opens:
            return InChannel(self.wire, heard.channel, int(heard.message)), heard
        try:
            if not await self._may_ask(heard):
                raise ChannelUnreachable("a thread is opened for people who may ask")
            minutes = self._settings.threads.archive_minutes
            await self.wire.open_thread(heard.parent, int(heard.message), thread_name(heard.text), minutes)
        except (ChannelUnreachable, discord.HTTPException) as error:
            log.info("no thread in %s: %s", heard.place.chat, error)
            heard = heard.in_channel()
            return InChannel(self.wire, heard.channel, int(heard.message)), heard
        return InChannel(self.wire, heard.channel), heard

    async def _may_ask(self, heard: DiscordEvent) -> bool:
        return await self._guards.door.standing(heard.person, heard.place) in (Role.ADMIN, Role.GUEST)


def _say(name: str, language: Language, **values: object) -> str:
    return prompts.load("discord").say(name, language, **values)
