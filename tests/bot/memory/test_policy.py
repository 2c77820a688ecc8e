"""The scope law, as a table and as a property."""

from __future__ import annotations

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.memory.policy import may_enter, whole
from bot.platforms.discord.parser import place_of
from bot.storage.memories import Audience, TurnOrigin
from bot.types import Person

ANN_AT_HOME = TurnOrigin(person="t:ann", chat="t:ann", private=True)
ANN_IN_GROUP = TurnOrigin(person="t:ann", chat="t:-100", private=False)


def spot(person: str, chat: str, *, private: bool, thread: str = "") -> Audience:
    return Audience(person=f"t:{person}", place=f"t:{chat}{thread}", chat=f"t:{chat}", private=private)


@pytest.mark.parametrize(
    ("said", "here", "enters"),
    [
        (ANN_AT_HOME, spot("ann", "ann", private=True), True),
        (ANN_AT_HOME, spot("bob", "bob", private=True), False),
        (ANN_AT_HOME, spot("bob", "ann", private=True), False),
        (ANN_AT_HOME, spot("ann", "ann2", private=True), False),
        (ANN_AT_HOME, spot("ann", "-100", private=False), False),
        (ANN_AT_HOME, spot("bob", "-100", private=False), False),
        (ANN_AT_HOME, spot("ann", "ann", private=False), False),
        (ANN_IN_GROUP, spot("ann", "-100", private=False), True),
        (ANN_IN_GROUP, spot("bob", "-100", private=False), True),
        (ANN_IN_GROUP, spot("bob", "-100", private=False, thread="/7"), True),
        (ANN_IN_GROUP, spot("ann", "-200", private=False), False),
        (ANN_IN_GROUP, spot("bob", "-200", private=False), False),
        (ANN_IN_GROUP, spot("ann", "ann", private=True), True),
        (ANN_IN_GROUP, spot("bob", "bob", private=True), False),
        (ANN_IN_GROUP, spot("bob", "-100", private=True), False),
    ],
)
def test_the_scope_law(said: TurnOrigin, here: Audience, enters: bool) -> None:
    assert may_enter(said, here) is enters


def test_an_answer_stays_in_the_chat_where_it_was_given() -> None:
    assert whole(ANN_IN_GROUP, spot("bob", "-100", private=False))
    assert not whole(ANN_IN_GROUP, spot("ann", "ann", private=True))
    assert whole(ANN_AT_HOME, spot("ann", "ann", private=True))


def test_a_thread_with_readers_of_its_own_is_a_group_of_its_own() -> None:
    channel, public, closed = (
        place_of(one, 5) for one in (discord.Object(3), _thread("public_thread"), _thread("private_thread"))
    )
    assert (channel.circle, public.circle, closed.circle) == ("discord:3", "discord:3", "discord:3/7")
    ann = Person(platform="discord", id="1")
    assert may_enter(Audience.of(ann, public).said, Audience.of(ann, channel))
    assert not may_enter(Audience.of(ann, closed).said, Audience.of(ann, channel))
    assert not may_enter(Audience.of(ann, channel).said, Audience.of(ann, closed))


def _thread(kind: str) -> discord.Thread:
    thread: discord.Thread = object.__new__(discord.Thread)
    thread.id, thread.parent_id, thread._type = 7, 3, discord.ChannelType[kind]
    return thread


WHO = st.sampled_from(["a", "b", "c"])


@given(person=WHO, chat=WHO, private=st.booleans(), asker=WHO, where=WHO, alone=st.booleans())
def test_whatever_enters_was_said_in_this_group_or_by_the_one_who_asks_in_private(
    person: str, chat: str, private: bool, asker: str, where: str, alone: bool
) -> None:
    said = TurnOrigin(person=f"t:{person}", chat=f"t:{chat}", private=private)
    if may_enter(said, spot(asker, where, private=alone)):
        assert (not private and not alone and chat == where) or (alone and person == asker and (not private or chat == where))
