"""The scope law: who said something where, and who asks where, go in; whether the one may enter the other comes out.

What a person said in private enters that private chat only, and only for that person. What was said in a group enters that
group, for everybody, and the private chat of the person who said it. Nothing else, ever. It decides what enters a prompt, a
page, an export, a receipt or a cache; ids are all that a log gets.

A group is a chat, not one of its threads: whoever reads a topic of a forum reads the others too. A thread with readers of its
own (Discord's private threads) is a group of its own: see `Place.circle`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from bot.storage.memories import Audience, TurnOrigin


class Scoped(Protocol):
    """Something that was said."""

    @property
    def said(self) -> TurnOrigin: ...


S = TypeVar("S", bound=Scoped)


def may_enter(said: TurnOrigin, here: Audience) -> bool:
    """Whether what was `said` may be told `here`."""
    own = said.person == here.person
    if said.private:
        return own and here.private and said.chat == here.chat
    return own if here.private else said.chat == here.chat


def allowed(things: Iterable[S], here: Audience) -> tuple[S, ...]:
    """Those of `things` that may be told here, in their order."""
    return tuple(thing for thing in things if may_enter(thing.said, here))


def whole(said: TurnOrigin, here: Audience) -> bool:
    """Whether a turn's answer may be told here too: it may rest on what others said, so it stays in the chat it was given in."""
    return may_enter(said, here) and said.chat == here.chat
