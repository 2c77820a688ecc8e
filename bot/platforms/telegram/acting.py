"""Events of the ledger go in; what they ask for is done: a question is answered, a command obeyed, a button's page shown."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

from telegram import Bot, CallbackQuery, InlineQuery, Message, Update

import prompts
from bot.controls import BY_NAME, Controls
from bot.guards import Guards, pairing_code_in
from bot.guards.streams import closable
from bot.messages import Ask, Button, Language, Page, Person, Place, Question
from bot.platforms.telegram.drawing import Drawing
from bot.platforms.telegram.failures import Unreachable
from bot.platforms.telegram.hearing import Heard, fenced, has_no_words, hear
from bot.platforms.telegram.offering import offer
from bot.platforms.telegram.order import InOrder
from bot.platforms.telegram.places import Target, place_named, presser_of, speaker_of, target_of
from bot.platforms.telegram.showing import Showing
from bot.platforms.telegram.speaking import Speaker
from bot.state import Event, State

log = logging.getLogger(__name__)

ALIASES = {"start": "help", "stop": "", "pair": ""}
"""Commands that are not listed: the one that Telegram sends first, and two that are no pages."""
KNOWN = frozenset((*BY_NAME, *ALIASES))
SLOW = frozenset({"reindex", "export"})
"""Commands that nothing waits for."""
TYPING_S = 4.5
"""Telegram shows it for 5 seconds."""
CLOSE = "close"


class Acting:
    """For one bot."""

    def __init__(
        self,
        *,
        bot: Bot,
        ask: Ask,
        controls: Controls,
        guards: Guards,
        state: State,
        speaker: Speaker,
        showing: Showing,
        work: InOrder,
    ) -> None:
        self._bot = bot
        self._ask = ask
        self._controls = controls
        self._guards = guards
        self._ledger = guards.ledger
        self._state = state
        self._speaker = speaker
        self._showing = showing
        self._work = work
        self._asked: dict[tuple[str, str], str] = {}
        """The event that each message brought, while it is being answered: who edits the message means that one."""
        self._latest: dict[str, asyncio.Event] = {}
        """`Drawing.begun` of what was asked last in each place, while it is being answered."""

    async def act(self, event: Event) -> None:
        """Prepare an event; answers and messages are begun and not waited for."""
        update = Update.de_json(dict(event.payload), self._bot)
        message = update.message or update.edited_message
        if update.callback_query:
            await self._press(event, update.callback_query)
        elif message:
            await self._hear(event, message, is_edit=update.message is None)

    async def offer(self, query: InlineQuery) -> None:
        """Answer an inline query with excerpts."""
        await offer(query, presser_of(query), self._controls, self._guards)

    # Messages

    async def _hear(self, event: Event, message: Message, *, is_edit: bool) -> None:
        place, person = place_named(event.place), speaker_of(message)
        language = await self._controls.language(person, place)
        code = pairing_code_in(message.text or "")
        if code:
            await self._tell(event, place, await self._guards.door.pair(person, place, code), message)
            return
        decision = await self._guards.door.decide(person, place)
        if not decision.allowed:
            await self._tell(event, place, decision.line, message)
            return
        heard = hear(message, self._bot.bot, commands=KNOWN)
        if heard is None:
            await self._tell(event, place, _say("only_words", language) if has_no_words(message) else "", message)
            return
        replied = await self._ledger.answer_in(event.bot, place, str(heard.replied)) if heard.replied else ""
        if heard.command:
            await self._obey(event, message, heard, person, place, replied, is_edit=is_edit)
            return
        page = None if is_edit or replied else await self._typed(heard, person, place)
        if page:
            self._show(event, place, page, message)
        elif not heard.words and not heard.about:
            await self._tell(event, place, _say("ask_me_what", language), message)
        else:
            await self._question(event, message, _words_of(heard, language), person, place, replied, is_edit=is_edit)

    async def _typed(self, heard: Heard, person: Person, place: Place) -> Page | None:
        """A line may answer a flashcard; in a group only one that replies to the card."""
        return await self._controls.typed(person, place, heard.words) if place.private or heard.replied else None

    async def _question(
        self, event: Event, message: Message, text: str, person: Person, place: Place, replied: str, *, is_edit: bool
    ) -> None:
        asked = Question(person=person, place=place, text=text, reply_to=replied, inbound=event.key)
        question = await self._controls.question(asked)
        if is_edit and not await self._redo(event, question):
            await self._ledger.done(event.key)
            return
        self._begin_answer(event, question, message.message_id, redone=is_edit)

    async def _redo(self, event: Event, question: Question) -> bool:
        """Stop what is being answered to the message as it was; False when its words are the same as before."""
        running = self._asked.get((event.chat, event.message))
        if running:
            await self._guards.stop(question.place, question.person, inbound=running)
            return True
        shown = await self._ledger.messages_for(event.bot, question.place, event.message)
        answer = await self._ledger.answer_in(event.bot, question.place, shown[0]) if shown else ""
        return not answer or bool(event.outbound) or await self._state.asked(answer) != question.text

    async def _obey(
        self, event: Event, message: Message, heard: Heard, person: Person, place: Place, replied: str, *, is_edit: bool
    ) -> None:
        name = ALIASES.get(heard.command, heard.command)
        if not name:
            stopped = await self._guards.stop(place, person)
            await self._tell(event, place, stopped.line(await self._controls.language(person, place)), message)
        elif name in SLOW:
            self._work.begin(self._obeyed(event, message, heard, person, place, replied, is_edit=is_edit))
        else:
            await self._obeyed(event, message, replace(heard, command=name), person, place, replied, is_edit=is_edit)

    async def _obeyed(
        self, event: Event, message: Message, heard: Heard, person: Person, place: Place, replied: str, *, is_edit: bool
    ) -> None:
        language = await self._controls.language(person, place)
        asks = heard.command in ("ask", "think")
        words = _words_of(heard, language) if asks and (heard.about or heard.words) else heard.words
        done = await self._controls.obey(heard.command, words, person, place, answer_id=replied, inbound=event.key)
        if isinstance(done, Question):
            if is_edit and not await self._redo(event, done):
                await self._ledger.done(event.key)
                return
            self._begin_answer(event, done, message.message_id, redone=is_edit)
        elif is_edit:
            await self._ledger.done(event.key)  # a page is not made anew
        elif not place.private and heard.command in BY_NAME and BY_NAME[heard.command].private:
            self._work.begin(self._show_privately(event, place, person, done, message, language))
        else:
            self._show(event, place, done, message)

    # Buttons

    async def _press(self, event: Event, press: CallbackQuery) -> None:
        place, person, button = place_named(event.place), presser_of(press), press.message
        decision = await self._guards.door.decide(person, place)
        if not decision.allowed or button is None or not press.data:
            await self._speaker.notice(press.id, decision.line)
            await self._ledger.done(event.key)
            return
        if press.data == CLOSE:
            await self._speaker.notice(press.id, "")
            await self._speaker.delete(target_of(place), button.message_id)
            await self._ledger.done(event.key)
            return
        done = await self._controls.press(press.data, person, place, inbound=event.key)
        await self._speaker.notice(press.id, done.notice if isinstance(done, Page) else "")
        if isinstance(done, Question):
            self._begin_answer(event, done, button.message_id)
        else:
            self._show_pressed(event, place, done, button.message_id, await self._controls.language(person, place))

    def _show_pressed(self, event: Event, place: Place, page: Page, button: int, language: Language) -> None:
        """In the place of the message with the button, or below it with a button that takes it away again."""
        more = (Button(label=_say("close", language), data=CLOSE, row=99),) if page.new else ()
        over = None if page.new else button
        self._work.begin(self._shown(event, target_of(place), page, over=over, reply_to=button if page.new else None, more=more))

    # Pages

    async def _tell(self, event: Event, place: Place, line: str, message: Message) -> None:
        """A line, or silence."""
        self._show(event, place, Page(text=line), message)

    def _show(self, event: Event, place: Place, page: Page, message: Message) -> None:
        page = page if page.text or page.quote or page.photo or page.file else replace(page, text=page.notice)
        self._work.begin(self._shown(event, target_of(place), page, reply_to=_reply_to(place, message.message_id)))

    async def _shown(
        self,
        event: Event,
        to: Target,
        page: Page,
        *,
        over: int | None = None,
        reply_to: int | None = None,
        more: Sequence[Button] = (),
    ) -> None:
        """Show a page and finish its event; after a crash, in the message that showed it."""
        over = over or (int(event.outbound[0]) if event.outbound else None)
        shown: tuple[int, ...] | None = None
        try:
            shown = await self._showing.show(to, page, over=over, reply_to=reply_to, more=more)
        except Unreachable as error:
            log.info("not shown in %d: %s", to.chat, error)
        if shown and not over and str(to.chat) == place_named(event.chat).chat:
            await self._ledger.answering(event, [str(message) for message in shown])
        await self._ledger.done(event.key)

    async def _show_privately(
        self, event: Event, place: Place, person: Person, page: Page, message: Message, language: Language
    ) -> None:
        """What is for the person alone goes into their private chat, and the group sees that it did."""
        told = await self._told(int(person.id), page)
        line = _say("told_privately" if told else "write_to_me_first", language)
        await self._shown(event, target_of(place), Page(text=line), reply_to=message.message_id)

    async def _told(self, chat: int, page: Page) -> bool:
        """Hidden admins have no private chat."""
        try:
            return chat > 0 and bool(await self._showing.show(Target(chat=chat), page))
        except Unreachable:
            return False

    # Answers

    def _begin_answer(self, event: Event, question: Question, reply_to: int, *, redone: bool = False) -> None:
        if event.message:
            self._asked[event.chat, event.message] = event.key
        drawing = self._drawing(event, question, reply_to, redone=redone)
        self._latest[question.place.key] = drawing.begun
        self._work.begin(self._answer(event, question, drawing))

    async def _answer(self, event: Event, question: Question, drawing: Drawing) -> None:
        """Nothing is awaited before the first step of the stream: that one puts the question into its place's line."""
        try:
            async with aclosing(closable(self._ask(question))) as answers, self._typing(question.place, drawing):
                async for answer in answers:
                    await drawing.draw(answer)
        except Unreachable as error:
            log.info("nobody can be answered in %s: %s", question.place.key, error)
            await self._ledger.done(event.key)
        finally:
            drawing.begun.set()
            if self._latest.get(question.place.key) is drawing.begun:
                del self._latest[question.place.key]
            if self._asked.get((event.chat, event.message)) == event.key:
                del self._asked[event.chat, event.message]

    def _drawing(self, event: Event, question: Question, reply_to: int, *, redone: bool) -> Drawing:
        language = question.person.language

        async def find() -> Sequence[str]:
            """The messages that were begun before a crash, or those of the answer before the edit."""
            if event.outbound or not redone:
                return event.outbound
            return await self._ledger.messages_for(event.bot, question.place, event.message)

        async def note(messages: Sequence[str]) -> None:
            await self._ledger.answering(event, messages)

        return Drawing(
            self._speaker,
            target_of(question.place),
            find=find,
            note=note,
            stop=self._controls.stop_button(language),
            buttons=lambda answer: self._controls.buttons_of(answer, language),
            empty=_say("no_text", language),
            reply_to=_reply_to(question.place, reply_to),
            redone=redone and not event.outbound,
            before=self._latest.get(question.place.key),
        )

    @asynccontextmanager
    async def _typing(self, place: Place, drawing: Drawing) -> AsyncIterator[None]:
        """Show that the bot writes, until there are words to read."""

        async def show() -> None:
            while not drawing.readable:
                await self._speaker.type(target_of(place))
                await asyncio.sleep(TYPING_S)

        task = asyncio.create_task(show())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})


def _reply_to(place: Place, message: int) -> int | None:
    """In private it is plain what is answered."""
    return None if place.private else message


def _words_of(heard: Heard, language: Language) -> str:
    """The question, with the message that it is about marked off as somebody else's words."""
    if not heard.about:
        return heard.words
    whom, text = heard.about_whom or _say("somebody", language), fenced(heard.about)
    if heard.words:
        return _say("about", language, question=heard.words, who=whom, text=text)
    return _say("about_alone", language, who=whom, text=text)


def _say(name: str, language: Language, **values: object) -> str:
    return prompts.load("telegram").say(name, language, **values)
