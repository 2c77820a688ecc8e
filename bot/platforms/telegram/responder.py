"""Responder to recorded events: answers a question, runs a command, shows a button's page."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from telegram import Bot, CallbackQuery, InlineQuery, MaybeInaccessibleMessage, Message, Update

import prompts
from bot.commands import BY_NAME, CommandRouter
from bot.middleware import Middleware, pairing_code_in
from bot.platforms.protocol import ChatUnreachable
from bot.platforms.telegram.answers import TelegramAnswers, TelegramTasks
from bot.platforms.telegram.client import hears_everything, runs_the_group
from bot.platforms.telegram.inline_mode import offer
from bot.platforms.telegram.pages import PageSender
from bot.platforms.telegram.parser import (
    ParsedMessage,
    Target,
    has_no_words,
    hear,
    place_named,
    presser_of,
    speaker_of,
    target_of,
)
from bot.platforms.telegram.renderer import BEGINNING
from bot.platforms.telegram.sender import MessageSender
from bot.platforms.telegram.uploads import BUTTONS, NoteOffers
from bot.storage import Event
from bot.types import Button, Language, Page, Person, Place, Question

log = logging.getLogger(__name__)

ALIASES = {"start": "help", "stop": "", "pair": ""}
"""Commands that are not listed: the one that Telegram sends first, and two that are no pages."""
KNOWN = frozenset((*BY_NAME, *ALIASES))
SLOW = frozenset({"reindex", "export"})
"""Commands that nothing waits for."""
CLOSE, STOP = "close", "x"


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramMessage:
    """A message of somebody."""

    event: Event
    person: Person
    place: Place
    message: Message
    is_edit: bool

    @property
    def reply_to(self) -> int | None:
        """In private it is plain what is answered."""
        return None if self.place.private else self.message.message_id


class TelegramResponder:
    """For one bot."""

    def __init__(
        self,
        *,
        bot: Bot,
        answering: TelegramAnswers,
        controls: CommandRouter,
        guards: Middleware,
        speaker: MessageSender,
        showing: PageSender,
        work: TelegramTasks,
    ) -> None:
        self._bot = bot
        self._answering = answering
        self._controls = controls
        self._guards = guards
        self._ledger = guards.ledger
        self._speaker = speaker
        self._showing = showing
        self._work = work
        self._adding = NoteOffers(bot, controls, guards)

    async def act(self, event: Event) -> None:
        """Prepare an event; answers and messages are begun and not waited for."""
        update = Update.de_json(dict(event.payload), self._bot)
        message = update.message or update.edited_message
        if update.callback_query:
            await self._press(event, update.callback_query)
        elif message:
            said = TelegramMessage(
                event=event,
                person=speaker_of(message),
                place=place_named(event.place),
                message=message,
                is_edit=update.message is None,
            )
            await self._hear(said)

    async def offer(self, query: InlineQuery) -> None:
        """Answer an inline query with excerpts."""
        await offer(query, presser_of(query), self._controls, self._guards)

    # Messages

    async def _hear(self, said: TelegramMessage) -> None:
        message = said.message
        heard = hear(message, self._bot.bot, commands=KNOWN)
        code = pairing_code_in(message.text or "", private=said.place.private)
        if code:
            self._tell(said, await self._guards.door.pair(said.person, said.place, code))
        elif heard and heard.command:
            await self._obey(said, heard)
        elif not said.is_edit and (offer := await self._adding.offer(message, said.person, said.place)):
            self._work.begin(self._shown(said.event, target_of(said.place), offer, reply_to=message.message_id))
        elif heard and (heard.words or heard.about):
            await self._take(said, heard)
        elif await self._may(said):
            language = await self._controls.language(said.person, said.place)
            line = _say("only_words", language) if has_no_words(message) else _say("ask_me_what", language)
            self._tell(said, line)

    async def _may(self, said: TelegramMessage) -> bool:
        """Questions are looked at by the guards; this is for everything else. Whoever may not is told so."""
        decision = await self._guards.door.decide(said.person, said.place)
        if not decision.allowed:
            self._tell(said, decision.line, patient=True)
        return decision.allowed

    async def _take(self, said: TelegramMessage, heard: ParsedMessage) -> None:
        """Words that answer a flashcard, or a question."""
        replied = await self._replied(said, heard)
        if not said.is_edit and not replied and (said.place.private or heard.replied):
            page = await self._controls.typed(said.person, said.place, heard.words) if heard.words else None
            if page:
                self._show(said, page)
                return
        asked = Question(person=said.person, place=said.place, text=heard.words, quote=heard.about, reply_to=replied)
        await self._ask(said, await self._controls.question(replace(asked, inbound=said.event.key)))

    async def _ask(self, said: TelegramMessage, question: Question) -> None:
        if said.is_edit:
            await self._answering.redo(said.event, question, reply_to=said.reply_to)
        else:
            self._answering.begin(said.event, question, reply_to=said.reply_to)

    async def _replied(self, said: TelegramMessage, heard: ParsedMessage) -> str:
        """The answer that a message replies to."""
        return await self._ledger.answer_in(said.event.bot, said.place, str(heard.replied)) if heard.replied else ""

    async def _obey(self, said: TelegramMessage, heard: ParsedMessage) -> None:
        name = ALIASES.get(heard.command, heard.command)
        if not await self._may(said):
            return
        if not name:
            stopped = await self._guards.stop(said.place, said.person)
            self._tell(said, stopped.line(await self._controls.language(said.person, said.place)))
        elif name in SLOW:
            self._work.begin(self._obeyed(said, replace(heard, command=name)))
        else:
            await self._obeyed(said, replace(heard, command=name))

    async def _obeyed(self, said: TelegramMessage, heard: ParsedMessage) -> None:
        name, language = heard.command, await self._controls.language(said.person, said.place)
        replied = await self._replied(said, heard)
        moderator = name in BY_NAME and BY_NAME[name].moderator and await runs_the_group(self._bot, said.message)
        done = await self._controls.obey(
            name,
            heard.words,
            said.person,
            said.place,
            answer_id=replied,
            inbound=said.event.key,
            quote=heard.about,
            moderator=moderator,
        )
        if name == "everything" and isinstance(done, Page) and await self._is_deaf(said):
            done = replace(done, text=f"{done.text}\n\n{_say('sees_only_its_own', language)}")
        if isinstance(done, Question):
            await self._ask(said, done)
        elif said.is_edit:
            await self._ledger.done(said.event.key)  # a page is not made anew
        elif not said.place.private and name in BY_NAME and BY_NAME[name].private:
            self._work.begin(self._show_privately(said, done, language))
        else:
            self._show(said, done)

    async def _is_deaf(self, said: TelegramMessage) -> bool:
        """Whether Telegram keeps from the bot what this group now wants answered."""
        wanted = (await self._guards.places.of(said.place)).everything
        return bool(wanted) and not await hears_everything(self._bot, said.message.chat.id)

    # Buttons

    async def _press(self, event: Event, press: CallbackQuery) -> None:
        place, person, button = place_named(event.place), presser_of(press), press.message
        decision = await self._guards.door.decide(person, place)
        if not decision.allowed or button is None or not press.data:
            await self._finish_press(event, press, decision.line)
            return
        if press.data == CLOSE:
            await self._finish_press(event, press, "")
            await self._speaker.delete(target_of(place), button.message_id)
            return
        if press.data in BUTTONS:
            self._work.begin(self._add(event, press, button.message_id))
            return
        done = await self._controls.press(press.data, person, place, inbound=event.key)
        await self._speaker.notice(press.id, done.notice if isinstance(done, Page) else "")
        if press.data == STOP and self._is_stray(button, place):
            await self._speaker.delete(target_of(place), button.message_id)
        if isinstance(done, Question):
            self._answering.begin(event, done, reply_to=None if place.private else button.message_id)
        else:
            self._show_pressed(event, place, done, button.message_id, await self._controls.language(person, place))

    async def _add(self, event: Event, press: CallbackQuery, offer: int) -> None:
        """Fetching and indexing take a while; nothing waits for them."""
        place = place_named(event.place)
        done = await self._adding.done(press, presser_of(press), place)
        await self._speaker.notice(press.id, done.notice)
        await self._shown(event, target_of(place), done, over=offer)

    def _is_stray(self, button: MaybeInaccessibleMessage, place: Place) -> bool:
        """A message that was begun right before the program was killed, and never noted."""
        begun = isinstance(button, Message) and button.text == BEGINNING.text
        return begun and self._guards.running.begun(place) is None

    async def _finish_press(self, event: Event, press: CallbackQuery, line: str) -> None:
        await self._speaker.notice(press.id, line)
        await self._ledger.done(event.key)

    def _show_pressed(self, event: Event, place: Place, page: Page, button: int, language: Language) -> None:
        """In the place of the message with the button, or below it with a button that takes it away again."""
        more = (Button(label=_say("close", language), data=CLOSE, row=99),) if page.new else ()
        over = None if page.new else button
        self._work.begin(self._shown(event, target_of(place), page, over=over, reply_to=button if page.new else None, more=more))

    # Pages

    def _tell(self, said: TelegramMessage, line: str, *, patient: bool = False) -> None:
        """A line, or silence."""
        self._show(said, Page(text=line, patient=patient))

    def _show(self, said: TelegramMessage, page: Page) -> None:
        page = page if page.text or page.quote or page.photo or page.file else replace(page, text=page.notice)
        self._work.begin(self._shown(said.event, target_of(said.place), page, reply_to=said.reply_to))

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
        except ChatUnreachable as error:
            log.info("not shown in %d: %s", to.chat, error)
        if shown and not over and str(to.chat) == place_named(event.chat).chat:
            await self._ledger.answering(event, [str(message) for message in shown])
        await self._ledger.done(event.key)

    async def _show_privately(self, said: TelegramMessage, page: Page, language: Language) -> None:
        """What is for the person alone goes into their private chat, and the group sees that it did."""
        told = await self._told(int(said.person.id), page)
        line = Page(text=_say("told_privately", language) if told else _say("write_to_me_first", language))
        await self._shown(said.event, target_of(said.place), line, reply_to=said.reply_to)

    async def _told(self, chat: int, page: Page) -> bool:
        """Hidden admins have no private chat."""
        try:
            return chat > 0 and bool(await self._showing.show(Target(chat=chat), page))
        except ChatUnreachable:
            return False


def _say(name: str, language: Language, **values: object) -> str:
    return prompts.load("telegram").say(name, language, **values)
