"""`/everything on` or `off` goes in: whether a group's questions are answered that nobody addressed to the bot."""

from __future__ import annotations

import prompts
from bot.controls.values import Said
from bot.messages import Page
from bot.state import Places

WORDS = {"on": True, "off": False, "开": True, "關": False, "关": False, "開": True}


async def set_everything(said: Said, places: Places) -> Page:
    """Set it for the group, or for the topic or thread it is said in; without a word, tell how it is."""
    if said.place.private:
        return Page(text=_say("everything_in_private", said), private=True)
    wanted = WORDS.get(said.words.lower())
    if wanted is None:
        return Page(text=_say("everything_choose", said))
    await places.change(said.place, everything=wanted)
    return Page(text=_say("everything_on" if wanted else "everything_off", said))


def _say(name: str, said: Said) -> str:
    return prompts.load("controls").say(name, said.language)
