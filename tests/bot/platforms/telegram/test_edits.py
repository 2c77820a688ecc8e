"""Edits: a message that has acted does not act again, one that has not yet, or not as it was meant, does."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import delete

from bot.commands import BY_NAME
from bot.storage.schema import turns
from bot.types import Page, Person, Place
from tests.bot.platforms.telegram.serving import Cards, Home, Scripted, answered
from tests.fakes.telegram import FakeTelegram, User
from tests.fakes.telegram.places import Message

QUESTION = "米饭要煮多久？"
WORDS = ("", "米饭", "on", "zh", "2")
SAID = (
    *(f"/{name} {words}".strip() for name in BY_NAME for words in WORDS[:2]),
    *("/style short", "/lang zh", "/everything on", "/start", "/stop", "/hlep", "/pair ABCD-2345", "ABCD-2345"),
    *("card", QUESTION, "你好", "@notes_bot", "看 /ask", "https://example.com/米饭", "🍚", "米饭" * 200),
)


class CountedCards(Cards):
    """Cards that count what is done to them."""

    def __init__(self) -> None:
        self.deeds: list[str] = []

    async def command(self, person: Person, place: Place, words: str, language: str) -> Page:
        self.deeds.append(f"/quiz {words}")
        return await super().command(person, place, words, language)

    async def typed(self, person: Person, place: Place, text: str) -> Page | None:
        page = await super().typed(person, place, text)
        self.deeds += [text] if page else []
        return page


async def at_rest(home: Home, telegram: FakeTelegram) -> None:
    await telegram.until(lambda: not telegram.updates.pending and home.bot is not None and not len(home.bot._dispatcher._running))


async def test_the_same_words_once_more_do_nothing_whatever_was_said(home: Home, telegram: FakeTelegram, alice: User) -> None:
    home.admins, home.quizzes = (str(alice.id),), CountedCards()
    script = Scripted()
    home.ask = script.ask
    obeyed: list[str] = []
    async with home.serving() as bot:
        obey = bot._dispatcher._controls.obey

        async def counted(name: str, *told: Any, **more: Any) -> Any:
            obeyed.append(name)
            return await obey(name, *told, **more)

        bot._dispatcher._controls.obey = counted  # type: ignore[method-assign]
        messages: list[Message] = []
        for words in SAID:
            messages.append(telegram.world.says(alice, alice, words))
            await at_rest(home, telegram)
        before = telegram.read(alice), list(obeyed), len(script.asked), list(home.quizzes.deeds)
        for message, words in zip(messages, SAID, strict=True):
            telegram.world.edits(message, words)
        await at_rest(home, telegram)
        after = telegram.read(alice), list(obeyed), len(script.asked), list(home.quizzes.deeds)
    assert len(SAID) >= 50
    assert after[1:] == before[1:]
    assert [one.text for one in after[0]] == [one.text for one in before[0]]
    assert telegram.refusals == []


async def test_what_acts_once_has_acted_whatever_it_is_changed_to(home: Home, telegram: FakeTelegram, alice: User) -> None:
    home.quizzes = CountedCards()
    script = Scripted()
    home.ask = script.ask
    async with home.serving():
        for words, mended in (("card", QUESTION), ("/quiz 米饭", "/quiz 粥"), ("/style short", "/style long")):
            message = telegram.world.says(alice, alice, words)
            await at_rest(home, telegram)
            telegram.world.edits(message, mended)
            await at_rest(home, telegram)
    assert home.quizzes.deeds == ["card", "/quiz 米饭"]
    assert script.asked == []


async def test_a_command_that_is_mended_shows_its_page_in_place_of_the_line_about_it(
    home: Home, telegram: FakeTelegram, alice: User
) -> None:
    async with home.serving():
        message = telegram.world.says(alice, alice, "/hlep")
        [unknown] = await answered(telegram, alice)
        telegram.world.edits(message, "/help")
        await telegram.until(lambda: "/ask" in telegram.read(alice)[-1].text)
        await at_rest(home, telegram)
        [page] = await answered(telegram, alice)
    assert "/hlep" in unknown.text
    assert page.id == unknown.id


async def test_a_mention_that_got_its_question_later_is_answered(home: Home, telegram: FakeTelegram, alice: User) -> None:
    group = telegram.world.supergroup("厨房", members=[alice])
    script = Scripted(snapshots=("答：{asked}",))
    home.ask = script.ask
    async with home.serving():
        message = telegram.world.says(alice, group, "@notes_bot")
        await answered(telegram, group)
        await at_rest(home, telegram)
        telegram.world.edits(message, f"@notes_bot {QUESTION}")
        await telegram.until(lambda: f"答：{QUESTION}" in [one.text for one in telegram.read(group)])
        talk = telegram.world.says(alice, group, QUESTION)
        await at_rest(home, telegram)
        telegram.world.edits(talk, f"{QUESTION} @notes_bot")
        await answered(telegram, group, 2)
    assert [one.text for one in script.asked] == [QUESTION, QUESTION]


async def test_a_forgotten_question_is_not_answered_again_for_a_reaction(home: Home, telegram: FakeTelegram, alice: User) -> None:
    async with home.serving():
        message = telegram.world.says(alice, alice, QUESTION)
        await answered(telegram, alice)
        await at_rest(home, telegram)
        await home.state.database.write(lambda connection: connection.execute(delete(turns)))
        telegram.world.edits(message, QUESTION)
        await at_rest(home, telegram)
        await asyncio.sleep(0.05)
        place = Place(platform="telegram", chat=str(alice.id))
        assert await home.state.recent_turns(place, 5) == ()
    assert home.model
    assert len(home.model.told) == 1
