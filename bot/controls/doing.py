"""Commands and pressed buttons go in, from any platform; pages come out, or a question that is to be asked.

A platform registers `COMMANDS`, hands every command to `obey` and every pressed button to `press`, and draws what comes back
its own way. Buttons carry everything they need, so that they work after a restart.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import prompts
from bot.commands import Commands, citation_of, page_of
from bot.controls.registered import BY_NAME, COMMANDS, LANGUAGES, STYLES
from bot.controls.values import Excerpt, Memories, Quizzes, Said
from bot.guards import Guards
from bot.messages import Answer, AnswerState, Button, Citation, Language, Page, Person, Place, Question
from bot.sources import Shown, show
from bot.state import Feedback, State
from knowledge.notebook import Notebook, Search, Topic

MOST_SOURCES = 6
"""Buttons of sources under an answer; `/source` lists the others."""

MOST_OFFERED = 8
"""Passages offered while somebody writes in another chat."""
SUMMARY = 120
"""Characters of each that are seen before it is chosen."""


class Controls:
    """Everything that can be done besides asking."""

    def __init__(
        self,
        *,
        notebook: Notebook,
        state: State,
        commands: Commands,
        guards: Guards,
        quizzes: Quizzes | None = None,
        memories: Memories | None = None,
        reindexed: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`reindexed` is called after `/reindex`, for what else is made of the notes."""
        self._notebook = notebook
        self._state = state
        self._commands = commands
        self._guards = guards
        self._quizzes = quizzes
        self._memories = memories
        self._reindexed = reindexed
        self._feedback = Feedback(state.database)

    async def language(self, person: Person, place: Place) -> Language:
        """What the place has chosen, or the person's own."""
        return (await self._guards.places.of(place)).language or person.language

    async def question(self, question: Question) -> Question:
        """The question with what its place has chosen: the length of answers, and the language of words that have none."""
        chosen = await self._guards.places.of(question.place)
        person = replace(question.person, language=chosen.language or question.person.language)
        return replace(question, person=person, length=question.length or chosen.style or "")

    async def obey(
        self, name: str, words: str, person: Person, place: Place, *, answer_id: str = "", inbound: str = ""
    ) -> Page | Question:
        """Do what a command says; whoever calls has made sure that the person may ask here."""
        language = await self.language(person, place)
        admin = await self._guards.door.is_admin(person, place)
        command = BY_NAME.get(name)
        if command is None or (command.admin and not admin):
            return Page(text=_say("no_such_command", language, command=name), private=True)
        said = Said(
            words=words.strip(), person=person, place=place, language=language, admin=admin, answer_id=answer_id, inbound=inbound
        )
        done = await self._deeds()[name](said)
        return replace(done, private=done.private or command.private) if isinstance(done, Page) else done

    async def press(self, data: str, person: Person, place: Place, *, inbound: str = "") -> Page | Question:
        """Do what a button says."""
        language = await self.language(person, place)
        kind, _, rest = data.partition(":")
        match kind:
            case "s":
                return await self._press_source(rest, language)
            case "f":
                return await self._press_thumb(rest, person, language)
            case "a" | "d":
                return await self._press_again(rest, person, place, language, deep=kind == "d", inbound=inbound)
            case "x":
                return Page(notice=(await self._guards.stop(place, person)).line(language))
            case "q" if self._quizzes:
                return await self._cited(await self._quizzes.press(person, place, data), language)
            case "m" if self._memories:
                return await self._memories.press(person, place, data, language)
            case _:
                return Page(notice=_say("old_button", language))

    async def typed(self, person: Person, place: Place, text: str) -> Page | None:
        """What a line brings that answers a flashcard; None when the line is a question like any other.

        In a group, hand in only lines that reply to the card.
        """
        return await self._quizzes.typed(person, place, text) if self._quizzes else None

    async def inline(self, words: str, language: Language) -> tuple[Excerpt, ...]:
        """The best passages for some words, to be shown where the bot itself is not."""
        if not words.strip():
            return ()
        found = await self._notebook.search(Search(question=words, count=MOST_OFFERED))
        sources = [citation_of(hit) for hit in found.hits]
        return tuple([_excerpt(source, await show(source, self._notebook), language) for source in sources])

    def buttons_of(self, answer: Answer, language: Language) -> tuple[Button, ...]:
        """Under a final answer: its sources, thumbs, and another try."""
        if not answer.id:
            return ()
        sources = tuple(
            Button(
                label=f"[{source.n}] {_short((source.heading or (source.title,))[-1])}",
                data=f"s:{answer.id}:{source.n}",
                row=at // 2,
            )
            for at, source in enumerate(answer.citations[:MOST_SOURCES])
        )
        below = len(sources)  # a row of its own, whatever stands above
        thumbs = (Button(label="👍", data=f"f:{answer.id}:+", row=below), Button(label="👎", data=f"f:{answer.id}:-", row=below))
        if answer.state is not AnswerState.MODEL:  # the notes would say the same again
            return (*sources, *thumbs)
        again = Button(label=_say("again", language), data=f"a:{answer.id}", row=below)
        deeper = Button(label=_say("deeper", language), data=f"d:{answer.id}", row=below)
        return (*sources, *thumbs, again, deeper)

    def stop_button(self, language: Language) -> Button:
        """Under an answer that is being written."""
        return Button(label=_say("stop", language), data="x")

    # Commands

    def _deeds(self) -> Mapping[str, Callable[[Said], Awaitable[Page | Question]]]:
        remembered = dict.fromkeys(("memory", "remember", "forget", "export", "reset"))
        return {
            **{name: self._of_memory(name) for name in remembered},
            "ask": self._ask,
            "think": self._think,
            "source": self._source,
            "search": lambda said: _paged(self._commands.search(said.words, said.language)),
            "topics": lambda said: _paged(self._commands.topics(said.language)),
            "receipt": lambda said: _paged(self._commands.receipt(said.place, said.language, answer_id=said.answer_id)),
            "quiz": self._quiz,
            "style": self._style,
            "lang": self._lang,
            "help": self._help,
            "privacy": self._privacy,
            "reindex": self._reindex,
            "status": self._status,
            "allow": self._allow,
            "deny": self._deny,
        }

    async def _ask(self, said: Said) -> Page | Question:
        if not said.words:
            return Page(text=_say("ask_what", said.language), private=True)
        return await self.question(
            Question(person=said.person, place=said.place, text=said.words, reply_to=said.answer_id, inbound=said.inbound)
        )

    async def _think(self, said: Said) -> Page | Question:
        words = said.words or await self._state.asked(said.answer_id or await self._state.last_answer(said.place))
        asked = await self._ask(replace(said, words=words))
        return replace(asked, deep=True, again=True) if isinstance(asked, Question) else asked

    async def _source(self, said: Said) -> Page:
        return Page(text=await self._commands.source(said.place, said.words, said.language, answer_id=said.answer_id))

    async def _quiz(self, said: Said) -> Page:
        if self._quizzes is None:
            return Page(text=_say("not_here", said.language))
        return await self._quizzes.command(said.person, said.place, said.words, said.language)

    def _of_memory(self, name: str) -> Callable[[Said], Awaitable[Page | Question]]:
        async def obey(said: Said) -> Page:
            if self._memories is None:
                return Page(text=_say("not_here", said.language))
            return await self._memories.obey(name, said.words, said.person, said.place, said.language, admin=said.admin)

        return obey

    async def _style(self, said: Said) -> Page:
        return await self._choose("style", STYLES, said)

    async def _lang(self, said: Said) -> Page:
        return await self._choose("language", LANGUAGES, said)

    async def _choose(self, what: str, values: Mapping[str, Any], said: Said) -> Page:
        """Set something of the place; without a word that is known, say what there is to choose."""
        word = said.words.lower()
        if word not in values:
            return Page(text=_say(f"choose_{what}", said.language), private=True)
        chosen = await self._guards.places.change(said.place, **{what: values[word]})
        return Page(text=_say(f"chosen_{what}", chosen.language or said.language, value=word))

    async def _help(self, said: Said) -> Page:
        lines = [_say("help_lead", said.language)]
        lines += [f"- `/{one.name}` {one.describe(said.language)}" for one in COMMANDS if said.admin or not one.admin]
        return Page(text="\n".join(lines))

    async def _privacy(self, said: Said) -> Page:
        return Page(text=_say("privacy", said.language))

    async def _reindex(self, said: Said) -> Page:
        report = await self._notebook.index()
        if self._reindexed:
            await self._reindexed()
        counts = {"notes": report.notes, "passages": report.passages, "seconds": round(report.seconds, 1)}
        return Page(text=_say("reindexed", said.language, changed=report.added + report.changed + report.removed, **counts))

    async def _status(self, said: Said) -> Page:
        notes, passages = await self._notebook.size()
        broken = await self._notebook.what_is_broken()
        parts = [_say("status", said.language, notes=notes, passages=passages)]
        return Page(text="\n".join([*parts, *([broken] if broken else [])]))

    async def _allow(self, said: Said) -> Page:
        return await self._admit(said, allow=True)

    async def _deny(self, said: Said) -> Page:
        return await self._admit(said, allow=False)

    async def _admit(self, said: Said, *, allow: bool) -> Page:
        """`/allow 123` names a person; `/allow here` or `/allow chat 123` a chat."""
        kind, id_ = _whom(said)
        if not id_:
            return Page(text=_say("allow_whom", said.language), private=True)
        people = self._guards.door.people
        change = people.allow if allow else people.deny
        await change(said.person.platform, kind, id_, said.person.key)
        return Page(text=_say("allowed" if allow else "denied", said.language, id=id_))

    # Buttons

    async def _press_source(self, rest: str, language: Language) -> Page:
        answer_id, _, number = rest.partition(":")
        sources = await self._state.sources(answer_id)
        chosen = next((source for source in sources if str(source.n) == number), None)
        if chosen is None:
            return Page(notice=_say("old_button", language))
        return await self._cited(Page(citation=chosen), language)

    async def _cited(self, page: Page, language: Language) -> Page:
        """The page with its source looked up and shown word for word, in a message of its own."""
        source = page.citation
        if source is None:
            return page
        above = page_of(replace(await show(source, self._notebook), citation=replace(source, text="")), language)
        text = f"{page.text}\n\n{above}" if page.text else above
        return replace(page, text=text, quote=source.text, citation=None, new=True)

    async def _press_thumb(self, rest: str, person: Person, language: Language) -> Page:
        answer_id, _, sign = rest.partition(":")
        rated = await self._feedback.rate(answer_id, person, good={"+": True, "-": False}.get(sign))
        return Page(notice=_say("rated" if rated else "old_button", language))

    async def _press_again(
        self, answer_id: str, person: Person, place: Place, language: Language, *, deep: bool, inbound: str
    ) -> Page | Question:
        text = await self._state.asked(answer_id)
        if not text:
            return Page(notice=_say("old_button", language))
        return await self.question(
            Question(person=person, place=place, text=text, deep=deep, again=True, reply_to=answer_id, inbound=inbound)
        )

    async def topics(self) -> tuple[Topic, ...]:
        """What the notes are about, for a platform that offers it while somebody types."""
        return await self._notebook.topics()

    async def rate(self, answer_id: str, person: Person, *, good: bool | None) -> bool:
        """A reaction to an answer counts as a thumb; None takes it back."""
        return await self._feedback.rate(answer_id, person, good=good)


def _excerpt(source: Citation, shown: Shown, language: Language) -> Excerpt:
    text = page_of(replace(shown, citation=replace(source, text=""), before="", after=""), language)
    title = " › ".join(source.heading) or source.title
    return Excerpt(title=title, summary=" ".join(source.text.split())[:SUMMARY], page=Page(text=text, quote=source.text))


async def _paged(text: Awaitable[str]) -> Page:
    return Page(text=await text)


def _whom(said: Said) -> tuple[Any, str]:
    words = said.words.split()
    if words in (["here"], ["这里"]):
        return ("channel" if said.place.platform == "discord" else "chat"), said.place.chat
    kind = words[0] if len(words) == 2 and words[0] in ("user", "chat", "guild", "channel", "role") else "user"
    id_ = words[-1] if words else ""
    return kind, id_ if id_.removeprefix("-").isdecimal() else ""


def _name_of(source: Citation) -> str:
    return source.heading[-1] if source.heading else source.title


def _short(words: str) -> str:
    return words if len(words) <= 18 else words[:17] + "…"


def _say(name: str, language: Language, **values: object) -> str:
    return prompts.load("controls").say(name, language, **values)
