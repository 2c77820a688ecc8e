"""Router of commands and pressed buttons from any platform; returns pages, or a question to ask.

A platform registers `COMMANDS`, hands every command to `obey` and every pressed button to `press`, and draws what comes back
its own way. Buttons carry everything they need, so that they work after a restart.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import prompts
from bot.commands import sources
from bot.commands.handlers import CommandHandlers, NoteUpload
from bot.commands.preferences import ChatPreferences
from bot.commands.registry import BY_NAME, CommandCall, InlineResult, Memories, Quizzes
from bot.commands.views import CommandViews, cited, excerpt_of
from bot.memory.policy import AnswerVisibility
from bot.middleware import Middleware
from bot.rag import citation_of
from bot.storage import Feedback, TurnStore
from bot.types import Answer, Button, Language, Page, Person, Place, Question, Quote
from knowledge.notebook import Notebook, Query
from knowledge.overview import NoteSummary

MOST_OFFERED = 8
"""Passages offered while somebody writes in another chat."""


class CommandRouter:
    """Everything that can be done besides asking."""

    def __init__(
        self,
        *,
        notebook: Notebook,
        state: TurnStore,
        commands: CommandViews,
        guards: Middleware,
        quizzes: Quizzes | None = None,
        memories: Memories | None = None,
        inbox: str = "",
        reindexed: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`inbox` is the folder of the notes that admins may add to; none when empty. `reindexed` is called after
        `/reindex`, for what else is made of the notes.
        """
        self.new_notes = NoteUpload(notebook, inbox)
        self._notebook = notebook
        self._state = state
        self._commands = commands
        self._guards = guards
        self._quizzes = quizzes
        self._memories = memories
        self._choices = ChatPreferences(guards.places)
        self._deeds = CommandHandlers(
            notebook=notebook,
            state=state,
            commands=commands,
            choices=self._choices,
            door=guards.door,
            quizzes=quizzes,
            memories=memories,
            reindexed=reindexed,
        )
        self._feedback = Feedback(state.database)
        self._answers = AnswerVisibility(state.database)

    async def language(self, person: Person, place: Place) -> Language:
        """What the place has chosen, or the person's own."""
        return await self._choices.language(person, place)

    async def question(self, question: Question) -> Question:
        """The question with what its place has chosen: the length of answers, and the language of words that have none."""
        self._heard_from(question.person, question.place)
        return await self._choices.question(question)

    async def obey(
        self,
        name: str,
        words: str,
        person: Person,
        place: Place,
        *,
        answer_id: str = "",
        inbound: str = "",
        quote: Quote | None = None,
        moderator: bool = False,
    ) -> Page | Question:
        """Do what a command says; whoever calls has made sure that the person may ask here.

        `moderator` is somebody who runs the place, by what the platform says.
        """
        self._heard_from(person, place)
        language = await self.language(person, place)
        admin = await self._guards.door.is_admin(person, place)
        command = BY_NAME.get(name)
        if command is None or (command.admin and not admin):
            return Page(text=_say("no_such_command", language, command=name), private=True)
        if command.moderator and not (admin or moderator):
            return Page(text=_say("for_moderators", language, command=name), private=True)
        if answer_id:
            answer_id = await self._answers.told(answer_id, person, place)
        said = CommandCall(
            words=words.strip(),
            person=person,
            place=place,
            language=language,
            admin=admin,
            answer_id=answer_id,
            inbound=inbound,
            quote=quote,
            moderator=moderator,
        )
        done = await self._deeds.do(name, said)
        return replace(done, private=done.private or command.private) if isinstance(done, Page) else done

    async def press(self, data: str, person: Person, place: Place, *, inbound: str = "") -> Page | Question:
        """Do what a button says."""
        self._heard_from(person, place)
        language = await self.language(person, place)
        kind, _, rest = data.partition(":")
        match kind:
            case "s":
                return await self._press_source(rest, person, place, language)
            case "f":
                return await self._press_thumb(rest, person, place, language)
            case "a" | "d":
                return await self._press_again(rest, person, place, language, deep=kind == "d", inbound=inbound)
            case "o":
                key, _, number = rest.rpartition(":")
                return await self._commands.topics(language, key=key, page=int(number) if number.isdecimal() else 0)
            case "x":
                return Page(notice=(await self._guards.stop(place, person)).line(language))
            case "q" if self._quizzes:
                return await cited(await self._quizzes.press(person, place, data), self._notebook, language)
            case "m" if self._memories:
                return await self._memories.press(person, place, data, language)
            case _:
                return Page(notice=_say("old_button", language))

    async def typed(self, person: Person, place: Place, text: str) -> Page | None:
        """What a line brings that answers a flashcard; None when the line is a question like any other.

        In a group, hand in only lines that reply to the card.
        """
        return await self._quizzes.typed(person, place, text) if self._quizzes else None

    async def inline(self, words: str, language: Language) -> tuple[InlineResult, ...]:
        """The best passages for some words, to be shown where the bot itself is not."""
        if not words.strip():
            return ()
        found = await self._notebook.search(Query(question=words, count=MOST_OFFERED))
        return tuple([await excerpt_of(citation_of(1, hit), self._notebook, language) for hit in found.hits])

    def buttons_of(self, answer: Answer, language: Language) -> tuple[Button, ...]:
        """Under a final answer: its sources, thumbs, and another try."""
        return sources.buttons_of(answer, language)

    def stop_button(self, language: Language) -> Button:
        """Under an answer that is being written."""
        return sources.stop_button(language)

    async def asked(self, answer_id: str) -> str:
        """The words that an answer answers, to tell whether an edited question still asks the same."""
        text, _ = await self._state.asked(answer_id)
        return text

    async def summaries(self) -> tuple[NoteSummary, ...]:
        """Every note in a few words, for a platform that offers them while somebody types."""
        return await self._notebook.summaries()

    async def rate(self, answer_id: str, person: Person, place: Place, *, good: bool | None) -> bool:
        """A reaction to an answer counts as a thumb; None takes it back. False when there is no such answer here."""
        rated = await self._feedback.rate(await self._answers.told(answer_id, person, place), person, good=good)
        if rated and self._memories:
            await self._memories.rated(person, place, answer_id, good=good)
        return rated

    async def rate_last(self, person: Person, place: Place, *, good: bool) -> Page:
        """The same of the place's last answer, where answers have no buttons."""
        rated = await self.rate(await self._state.last_answer(place), person, place, good=good)
        language = await self.language(person, place)
        return Page(text=_say("rated", language) if rated else prompts.load("texts").say("no_receipt", language))

    def _heard_from(self, person: Person, place: Place) -> None:
        if self._quizzes:
            self._quizzes.heard_from(person, place)

    # Buttons

    async def _press_source(self, rest: str, person: Person, place: Place, language: Language) -> Page:
        answer_id, _, number = rest.partition(":")
        sources = await self._state.sources(await self._answers.told(answer_id, person, place))
        chosen = next((source for source in sources if str(source.n) == number), None)
        if chosen is None:
            return Page(notice=_say("old_button", language))
        return await cited(Page(citation=chosen), self._notebook, language)

    async def _press_thumb(self, rest: str, person: Person, place: Place, language: Language) -> Page:
        answer_id, _, sign = rest.partition(":")
        rated = await self.rate(answer_id, person, place, good={"+": True, "-": False}.get(sign))
        return Page(notice=_say("rated" if rated else "old_button", language))

    async def _press_again(
        self, answer_id: str, person: Person, place: Place, language: Language, *, deep: bool, inbound: str
    ) -> Page | Question:
        text, quote = await self._state.asked(await self._answers.told(answer_id, person, place))
        if not text and not quote:
            return Page(notice=_say("old_button", language))
        return await self.question(
            Question(
                person=person, place=place, text=text, quote=quote, deep=deep, again=True, reply_to=answer_id, inbound=inbound
            )
        )


def _say(name: str, language: Language, **values: object) -> str:
    return prompts.load("controls").say(name, language, **values)
