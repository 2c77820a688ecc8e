"""What each command does, and the offer to add a Markdown file to the notes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import prompts
from bot.commands.admission import named
from bot.commands.preferences import ChatPreferences
from bot.commands.registry import COMMANDS, CommandCall, Memories, Quizzes
from bot.commands.views import CommandViews
from bot.middleware import AccessControl
from bot.storage import TurnStore
from bot.types import Button, Language, Page, Question
from knowledge.notebook import Notebook
from knowledge.notes import InboxProblem, NoteInbox, safe_name

ADD, LEAVE = "i:+", "i:-"
"""What the buttons say; the file itself is known to the platform, by the message that the offer replies to."""


class NoteUpload:
    """The folder of the notes that is added to."""

    def __init__(self, notebook: Notebook, folder: str) -> None:
        self._notebook = notebook
        self._folder = folder

    @property
    def wanted(self) -> bool:
        """Whether anything may be added at all."""
        return bool(self._folder)

    def offer(self, name: str, size: int, language: Language) -> Page:
        """Ask before anything is written; `size` is in bytes."""
        most, kilobytes = self._notebook.vault.largest, -(-size // 1024)
        if size > most:
            return Page(text=_say("note_too_large", language, kilobytes=kilobytes, most=most // 1024))
        buttons = (Button(label=_say("note_add", language), data=ADD), Button(label=_say("note_leave", language), data=LEAVE))
        text = _say("note_offered", language, file=safe_name(name), kilobytes=kilobytes, folder=self._folder)
        return Page(text=text, buttons=buttons)

    def leave(self, language: Language) -> Page:
        return Page(text=_say("note_left", language))

    async def add(self, name: str, content: bytes, language: Language) -> Page:
        """Write the note and bring the index up to date; done twice, there is one note all the same."""
        try:
            path = await asyncio.to_thread(NoteInbox(self._notebook.vault, self._folder).add, name, content)
        except InboxProblem as problem:
            return Page(text=_say("note_not_added", language, why=str(problem)))
        report = await self._notebook.index()
        return Page(text=_say("note_added", language, path=path, notes=report.notes, passages=report.passages))


def _say(name: str, language: Language, **values: object) -> str:
    return prompts.load("controls").say(name, language, **values)


Deed = Callable[[CommandCall], Awaitable[Page | Question]]
OF_MEMORY = ("memory", "remember", "forget", "export", "reset")


class CommandHandlers:
    """All commands by name; see `bot.commands.registry`."""

    def __init__(
        self,
        *,
        notebook: Notebook,
        state: TurnStore,
        commands: CommandViews,
        choices: ChatPreferences,
        door: AccessControl,
        quizzes: Quizzes | None,
        memories: Memories | None,
        reindexed: Callable[[], Awaitable[None]] | None,
    ) -> None:
        self._notebook = notebook
        self._state = state
        self._commands = commands
        self._choices = choices
        self._door = door
        self._quizzes = quizzes
        self._memories = memories
        self._reindexed = reindexed

    async def do(self, name: str, said: CommandCall) -> Page | Question:
        return await self._by_name()[name](said)

    def _by_name(self) -> Mapping[str, Deed]:
        return {
            **{name: self._of_memory(name) for name in OF_MEMORY},
            "ask": self._ask,
            "think": self._think,
            "source": self._source,
            "search": lambda said: _paged(self._commands.search(said.words, said.language)),
            "topics": lambda said: self._commands.topics(said.language),
            "receipt": lambda said: _paged(self._commands.receipt(said.place, said.language, answer_id=said.answer_id)),
            "quiz": self._quiz,
            "style": self._choices.style,
            "lang": self._choices.lang,
            "everything": self._choices.everything,
            "help": self._help,
            "privacy": self._privacy,
            "reindex": self._reindex,
            "status": self._status,
            "allow": self._allow,
            "deny": self._deny,
        }

    async def _ask(self, said: CommandCall) -> Page | Question:
        if not said.words and not said.quote:
            return Page(text=_say("ask_what", said.language), private=True)
        asked = Question(person=said.person, place=said.place, text=said.words, quote=said.quote, reply_to=said.answer_id)
        return await self._choices.question(replace(asked, inbound=said.inbound))

    async def _think(self, said: CommandCall) -> Page | Question:
        words, quote = said.words, said.quote
        if not words and not quote:
            words, quote = await self._state.asked(said.answer_id or await self._state.last_answer(said.place))
        asked = await self._ask(replace(said, words=words, quote=quote))
        return replace(asked, deep=True, again=True) if isinstance(asked, Question) else asked

    async def _source(self, said: CommandCall) -> Page:
        return Page(text=await self._commands.source(said.place, said.words, said.language, answer_id=said.answer_id))

    async def _quiz(self, said: CommandCall) -> Page:
        if self._quizzes is None:
            return Page(text=_say("not_here", said.language))
        return await self._quizzes.command(said.person, said.place, said.words, said.language)

    def _of_memory(self, name: str) -> Deed:
        async def obey(said: CommandCall) -> Page:
            if self._memories is None:
                return Page(text=_say("not_here", said.language))
            return await self._memories.obey(name, said.words, said.person, said.place, said.language, admin=said.admin)

        return obey

    async def _help(self, said: CommandCall) -> Page:
        lines = [_say("help_lead", said.language)]
        lines += [f"- `/{one.name}` {one.describe(said.language)}" for one in COMMANDS if said.admin or not one.admin]
        return Page(text="\n".join(lines))

    async def _privacy(self, said: CommandCall) -> Page:
        return Page(text=_say("privacy", said.language))

    async def _reindex(self, said: CommandCall) -> Page:
        report = await self._notebook.index()
        if self._reindexed:
            await self._reindexed()
        counts = {"notes": report.notes, "passages": report.passages, "seconds": round(report.seconds, 1)}
        return Page(text=_say("reindexed", said.language, changed=report.added + report.changed + report.removed, **counts))

    async def _status(self, said: CommandCall) -> Page:
        notes, passages = await self._notebook.size()
        broken = await self._notebook.what_is_broken()
        parts = [_say("status", said.language, notes=notes, passages=passages)]
        return Page(text="\n".join([*parts, *([broken] if broken else [])]))

    async def _allow(self, said: CommandCall) -> Page:
        return await self._admit(said, allow=True)

    async def _deny(self, said: CommandCall) -> Page:
        return await self._admit(said, allow=False)

    async def _admit(self, said: CommandCall, *, allow: bool) -> Page:
        """`/allow 123` names a person; `/allow here` or `/allow chat -123` a chat. The page says what holds now."""
        who, platform = named(said.words, said.place), said.person.platform
        if who is None:
            return Page(text=_say(f"whom_{platform}", said.language), private=True)
        if not allow and who.kind == "user":
            kept = "deny_self" if who.id == said.person.id else "deny_owner" if self._door.is_owner(platform, who.id) else ""
            if kept:
                return Page(text=_say(kept, said.language, id=who.id, platform=platform), private=True)
        change = self._door.people.allow if allow else self._door.people.deny
        await change(platform, who.kind, who.id, said.person.key)
        now = await self._door.role_of(platform, who.kind, who.id)
        return Page(text=_say(f"now_{now}", said.language, id=who.id))


async def _paged(text: Awaitable[str]) -> Page:
    return Page(text=await text)
