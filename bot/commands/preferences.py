"""What a place has chosen: the language it is spoken to in, how long answers are, when the bot speaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import prompts
from bot.commands.registry import LANGUAGES, STYLES, CommandCall
from bot.storage import ChatSettings
from bot.types import Language, Page, Person, Place, Question

ON_OR_OFF = {"on": True, "off": False, "开": True, "關": False, "关": False, "開": True}


class ChatPreferences:
    """Read for every question, changed by `/lang`, `/style` and `/everything`."""

    def __init__(self, places: ChatSettings) -> None:
        self._places = places

    async def language(self, person: Person, place: Place) -> Language:
        """What the place has chosen, or the person's own."""
        return (await self._places.of(place)).language or person.language

    async def question(self, question: Question) -> Question:
        """The question with what its place has chosen: the length of answers, and the language of words that have none."""
        chosen = await self._places.of(question.place)
        person = replace(question.person, language=chosen.language or question.person.language)
        return replace(question, person=person, length=question.length or chosen.style or "")

    async def style(self, said: CommandCall) -> Page:
        return await self._choose("style", STYLES, said)

    async def lang(self, said: CommandCall) -> Page:
        return await self._choose("language", LANGUAGES, said)

    async def everything(self, said: CommandCall) -> Page:
        """Whether a group's questions are answered that nobody addressed to the bot, in all of it or in one thread."""
        if said.place.private:
            return Page(text=_say("everything_in_private", said.language), private=True)
        wanted = ON_OR_OFF.get(said.words.lower())
        if wanted is None:
            return Page(text=_say("everything_choose", said.language))
        await self._places.change(said.place, everything=wanted)
        return Page(text=_say("everything_on" if wanted else "everything_off", said.language))

    async def _choose(self, what: str, values: Mapping[str, Any], said: CommandCall) -> Page:
        """Set something of the place; without a word that is known, say what there is to choose."""
        word = said.words.lower()
        if word not in values:
            return Page(text=_say(f"choose_{what}", said.language), private=True)
        chosen = await self._places.change(said.place, **{what: values[word]})
        return Page(text=_say(f"chosen_{what}", chosen.language or said.language, value=word))


def _say(name: str, language: Language, **values: object) -> str:
    return prompts.load("controls").say(name, language, **values)
