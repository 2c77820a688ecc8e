"""Dispatcher of what comes from any chat platform: who may, what it asks for, what an edit means, what is said when it breaks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import partial
from secrets import token_hex
from typing import Any

import prompts
from bot.commands import BY_NAME, CommandRouter
from bot.commands.handlers import ADD, LEAVE
from bot.llm.streams import closable
from bot.middleware import Middleware, Role, pairing_code_in
from bot.middleware.admission import say
from bot.platforms.protocol import (
    ASKS,
    CLOSE,
    MALFORMED,
    Channel,
    ChatUnreachable,
    Deed,
    Exchange,
    FileGone,
    InboundFile,
    InboundKind,
    InboundMessage,
    ServerUnreachable,
)
from bot.platforms.tasks import KeyedTaskQueue, RunningDeeds
from bot.storage import Event, EventState, StateProblem
from bot.types import Ask, Language, Page, Person, Place, Question

log = logging.getLogger(__name__)

ALIASES = {"start": "help", "stop": "", "pair": ""}
"""Commands that are not listed: the one that Telegram sends first, and two that are no pages."""
KNOWN = frozenset((*BY_NAME, *ALIASES))
SLOW = frozenset({"reindex", "export"})
"""Commands that nothing waits for."""
STOP = "x"
LET_IN = (Role.ADMIN, Role.GUEST)
NEW_S = 3600.0
"""A message older than this is nothing new when an edit mentions the bot for the first time."""
NOTE = ".md"
Begin = Callable[[], Coroutine[Any, Any, None]]


class Dispatcher:
    """For one bot."""

    def __init__(
        self, *, channel: Channel, ask: Ask, controls: CommandRouter, guards: Middleware, everywhere: frozenset[str] = frozenset()
    ) -> None:
        """`everywhere` are the chats that the settings name as those where every question is answered."""
        self.guards = guards
        self.work = KeyedTaskQueue()
        self._channel = channel
        self._ask_model = ask
        self._controls = controls
        self._ledger = guards.ledger
        self._everywhere = everywhere
        self._running = RunningDeeds()

    async def act(self, event: Event) -> None:
        """Prepare an event; answers and pages are begun and not waited for."""
        if said := await self._read(event):
            exchange = self._exchange(event, said)
            self._running.start(event, said.place, said.expected)
            await self._edge(exchange, partial(self._act, exchange))

    async def apologise(self, event: Event) -> None:
        """What it asked is too old to be answered; whoever may ask is told so."""
        if said := await self._read(event):
            said = replace(said, place=replace(said.place, thread=""), opens=False) if said.opens else said
            self._running.start(event, said.place, Deed.NOTHING)
            exchange = self._exchange(event, said)
            await self._edge(exchange, partial(self._say_late, exchange))

    async def is_meant(self, said: InboundMessage) -> bool:
        """What nobody addressed to the bot is answered where the place wishes so, and only to people who may ask."""
        if said.addressed:
            return True
        chosen = (await self.guards.places.of(said.place)).everything
        wished = said.place.chat in self._everywhere if chosen is None else chosen
        return wished and await self.may_ask(said.person, said.place)

    async def may_ask(self, person: Person, place: Place) -> bool:
        return await self.guards.door.standing(person, place) in LET_IN

    async def rate(self, bot: str, place: Place, message: str, person: Person, *, good: bool | None) -> None:
        """A reaction to an answer counts as a thumb; None takes it back."""
        answer = await self._ledger.answer_in(bot, place, message)
        if answer and await self.may_ask(person, place):
            await self._controls.rate(answer, person, place, good=good)

    # The edge

    async def _read(self, event: Event) -> InboundMessage | None:
        try:
            return InboundMessage.of(event)
        except ValueError as error:
            log.warning("an event in %s cannot be read: %s", event.place, error)
            await self._ledger.done(event.key)
            return None

    def _exchange(self, event: Event, said: InboundMessage) -> Exchange:
        async def note(messages: Sequence[str]) -> None:
            await self._ledger.answering(event, messages)

        language = said.person.language
        return Exchange(event=event, said=said, language=language, note=note, controls=self._controls)

    def _begin(self, exchange: Exchange, work: Begin) -> None:
        self._running.of(exchange.event).works += 1
        self.work.begin(self._edge(exchange, work))

    async def _edge(self, exchange: Exchange, work: Begin) -> None:
        """The outermost edge of all platforms: a fault is logged, said in a line, and ends the event."""
        event = exchange.event
        try:
            await work()
        except ChatUnreachable as error:
            log.info("%s: nothing can be said there (%s)", event.place, error)
            with suppress(StateProblem):
                await self._ledger.done(event.key)
        except ServerUnreachable as error:
            log.warning("%s: acted on after the next start (%s)", event.place, error)
        except Exception:
            error_id = token_hex(4)
            log.exception("error %s: an event in %s", error_id, event.place)
            await self._say_broken(exchange, error_id)
        finally:
            self._running.count_down(event)

    async def _say_broken(self, exchange: Exchange, error: str) -> None:
        """A line for whoever may be here, which is the last thing tried."""
        with suppress(*MALFORMED, ChatUnreachable, ServerUnreachable, StateProblem):
            if await self.may_ask(exchange.said.person, exchange.said.place):
                line, pressed = _say("broken", exchange.language, error=error), exchange.said.kind is InboundKind.PRESS
                await self._channel.show(exchange, Page(text=line, private=pressed, new=pressed))
        with suppress(StateProblem):
            await self._ledger.done(exchange.event.key)

    # What was said

    async def _act(self, exchange: Exchange) -> None:
        said, event = exchange.said, exchange.event
        exchange = replace(exchange, language=await self._controls.language(said.person, said.place))
        if said.kind is InboundKind.PRESS:
            await self._press(exchange)
        elif mended := await self._mended(exchange) if said.edited else exchange:
            self._running.take_over(event)
            await self._hear(mended)
        else:
            await self._ledger.done(event.key)

    async def _hear(self, exchange: Exchange) -> None:
        said = exchange.said
        if code := await self._code(said):
            self._tell(exchange, await self.guards.door.pair(said.person, said.place, code), Deed.COMMAND)
            return
        decision = await self.guards.door.decide(said.person, said.place)
        if not decision.allowed:
            self._end(exchange, Page(text=decision.line, patient=True), Deed.NOTHING)
            return
        said = await self._channel.prepare(said)
        exchange = replace(exchange, said=said)
        if said.command:
            await self._obey(exchange)
        elif offer := await self._offer(exchange):
            self._end(exchange, offer, Deed.COMMAND)
        elif said.text or said.quote or said.forward:
            await self._take(exchange)
        elif said.unread:
            self._tell(exchange, prompts.load(said.place.platform).say(said.unread, exchange.language), Deed.NOTHING)
        else:
            await self._obeyed(exchange, "ask")

    async def _code(self, said: InboundMessage) -> str:
        """A pairing code, which to somebody who is an admin already is a word like any other unless a command says so."""
        code = pairing_code_in(f"/{said.command} {said.text}" if said.command else said.text, private=said.place.private)
        return code if code and (said.command or not await self.guards.door.is_admin(said.person, said.place)) else ""

    async def _take(self, exchange: Exchange) -> None:
        """Words that answer a flashcard, or a question."""
        said, replied = exchange.said, await self._replied(exchange)
        if said.text and not said.edited and not replied and (said.place.private or said.replied):
            page = await self._controls.typed(said.person, said.place, said.text)
            if page:
                self._end(exchange, page, Deed.COMMAND)
                return
        about = said.quote or said.forward
        question = Question(person=said.person, place=said.place, text=said.text, quote=about, reply_to=replied, again=said.again)
        await self._ask(exchange, await self._controls.question(replace(question, inbound=exchange.event.key)))

    async def _replied(self, exchange: Exchange) -> str:
        """The answer that a message replies to."""
        said = exchange.said
        return await self._ledger.answer_in(exchange.event.bot, said.place, said.replied) if said.replied else ""

    # Edits

    async def _mended(self, exchange: Exchange) -> Exchange | None:
        """An edit is matched to what its message has done; None when it is to do nothing.

        The same words do nothing, and what acts once has acted. A question is answered anew where its answer stands, and so
        is what only a line was said about; an answer that somebody has deleted stays as it is.
        """
        event, said = exchange.event, exchange.said
        running = self._running.before(event)  # looked at first: what ends meanwhile is in the ledger by then
        before = await self._ledger.trace(event)
        if before is None:  # it was not for the bot before, or everything about it is forgotten
            return exchange if said.age_s < NEW_S else None
        did = running.did if running else before.get("did")
        if did not in (Deed.QUESTION, Deed.NOTHING) or before.get("words") == said.digest:
            return None
        if running:
            said = replace(said, place=running.place)
            await self.guards.stop(said.place, said.person, inbound=running.key)
            await running.ended.wait()
        shown = event.outbound or await self._ledger.messages_for(event.bot, said.place, event.message)
        kept = tuple(await self._channel.reopen(replace(exchange, said=said), shown)) if shown else ()
        if shown and not kept and not running:
            return None
        await exchange.note(kept)
        return replace(exchange, said=said, event=replace(event, outbound=kept))

    # Questions

    async def _ask(self, exchange: Exchange, question: Question) -> None:
        """Questions of one place are answered in the order of these calls."""
        if not exchange.event.outbound and await self._channel.turn_away(exchange):
            await self._ledger.done(exchange.event.key)
        else:
            self._begin(exchange, partial(self._answer, exchange, question))

    async def _answer(self, exchange: Exchange, question: Question) -> None:
        """Nothing is awaited before the first step of the stream: that one puts the question into its place's line.

        Asking for more after the last snapshot says that it is delivered.
        """
        async with self._channel.drawing(exchange) as draw, aclosing(closable(self._ask_model(question))) as answers:
            async for answer in answers:
                await draw(answer)

    # Commands

    async def _obey(self, exchange: Exchange) -> None:
        said = exchange.said
        name = ALIASES.get(said.command, said.command)
        if not name:
            stopped = await self.guards.stop(said.place, said.person)
            self._tell(exchange, stopped.line(exchange.language), Deed.COMMAND)
        elif name in SLOW:
            self._begin(exchange, partial(self._obeyed, exchange, name))
        else:
            await self._obeyed(exchange, name)

    async def _obeyed(self, exchange: Exchange, name: str) -> None:
        said, answer = exchange.said, await self._replied(exchange)
        done = self._missing(exchange, name, answer) or await self._controls.obey(
            name,
            said.text,
            said.person,
            said.place,
            answer_id=answer,
            inbound=exchange.event.key,
            quote=said.quote,
            moderator=name in BY_NAME and BY_NAME[name].moderator and await self._channel.is_moderator(said),
        )
        if isinstance(done, Question):
            await self._ask(exchange, done)
        elif name == "everything":
            self._end(exchange, await self._with_warning(exchange, done), Deed.COMMAND)
        else:
            self._end(exchange, done, Deed.COMMAND if name in BY_NAME and name not in ASKS else Deed.NOTHING)

    def _missing(self, exchange: Exchange, name: str, answer: str) -> Page | None:
        """A menu was opened on a message that has no words, or is no answer."""
        said = exchange.said
        if not said.target or said.quote or answer:
            return None
        return Page(text=_say("no_words" if name == "ask" else "not_an_answer", exchange.language), private=True)

    async def _with_warning(self, exchange: Exchange, page: Page) -> Page:
        """Whoever wants every question answered is told what keeps them from the bot."""
        wanted = (await self.guards.places.of(exchange.said.place)).everything
        line = await self._channel.deafness(exchange.said, exchange.language) if wanted else ""
        return replace(page, text=f"{page.text}\n\n{line}") if line else page

    # Buttons

    async def _press(self, exchange: Exchange) -> None:
        said, event = exchange.said, exchange.event
        decision = await self.guards.door.decide(said.person, said.place)
        if not decision.allowed or not said.text:
            await self._channel.acknowledge(exchange, decision.line)
            await self._ledger.done(event.key)
        elif said.text == CLOSE:
            await self._channel.acknowledge(exchange, "")
            await self._channel.withdraw(exchange)
            await self._ledger.done(event.key)
        elif said.text in (ADD, LEAVE):
            self._begin(exchange, partial(self._add, exchange))
        else:
            done = await self._controls.press(said.text, said.person, said.place, inbound=event.key)
            await self._pressed(exchange, done)

    async def _pressed(self, exchange: Exchange, done: Page | Question) -> None:
        said = exchange.said
        await self._channel.acknowledge(exchange, done.notice if isinstance(done, Page) else "")
        if said.text == STOP and self.guards.running.begun(said.place) is None:
            await self._channel.tidy(exchange)
        if isinstance(done, Question):
            await self._ask(exchange, done)
            return
        self._end(exchange, replace(done, notice=""), Deed.COMMAND)

    # Files

    async def _offer(self, exchange: Exchange) -> Page | None:
        """An admin may add a Markdown file to the notes, where that is switched on."""
        file = None if exchange.said.edited else await self._addable(exchange.said)
        return self._controls.new_notes.offer(file.name, file.size, exchange.language) if file else None

    async def _addable(self, said: InboundMessage) -> InboundFile | None:
        file = next((one for one in said.files if one.name.lower().endswith(NOTE)), None)
        may = file and self._controls.new_notes.wanted and await self.guards.door.is_admin(said.person, said.place)
        return file if may else None

    async def _add(self, exchange: Exchange) -> None:
        """Fetching and indexing take a while; nothing waits for them. Who may add it is looked up anew."""
        page = await self._added(exchange)
        await self._channel.acknowledge(exchange, page.notice)
        await self._show(exchange, replace(page, notice=""), Deed.COMMAND)

    async def _added(self, exchange: Exchange) -> Page:
        notes, file = self._controls.new_notes, await self._addable(exchange.said)
        if not file:
            return Page(notice=_say("old_button", exchange.language))
        if exchange.said.text == LEAVE:
            return notes.leave(exchange.language)
        try:
            content = await self._channel.fetch(file)
        except FileGone:
            return Page(text=_say("file_not_fetched", exchange.language))
        return await notes.add(file.name, content, exchange.language)

    # Pages

    def _tell(self, exchange: Exchange, line: str, did: Deed) -> None:
        """A line, or silence."""
        self._end(exchange, Page(text=line), did)

    def _end(self, exchange: Exchange, page: Page, did: Deed) -> None:
        """Show a page, which finishes the event."""
        self._running.of(exchange.event).did = did
        self._begin(exchange, partial(self._show, exchange, page, did))

    async def _show(self, exchange: Exchange, page: Page, did: Deed) -> None:
        await self._channel.show(exchange, page)
        await self._ledger.done(exchange.event.key, did=did)

    async def _say_late(self, exchange: Exchange) -> None:
        said = exchange.said
        decision = await self.guards.door.decide(said.person, said.place)
        line = say("late", await self._controls.language(said.person, said.place)) if decision.allowed else decision.line
        if line:
            await self._channel.show(exchange, Page(text=line, patient=not decision.allowed))
        await self._ledger.done(exchange.event.key, EventState.APOLOGISED)


def _say(name: str, language: Language, **values: object) -> str:
    return prompts.load("controls").say(name, language, **values)
