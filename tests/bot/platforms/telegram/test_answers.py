"""Questions and their answers, as people see them in their chats."""

from __future__ import annotations

from tests.bot.platforms.telegram.serving import Home, Scripted, answered
from tests.fakes.telegram import Chat, FakeTelegram, User

QUESTION = "米饭要煮多久？"


async def test_a_question_in_private_is_answered_with_buttons_for_its_sources(
    home: Home, telegram: FakeTelegram, alice: User
) -> None:
    async with home.serving():
        telegram.world.says(alice, alice, QUESTION)
        [answer] = await answered(telegram, alice)
    assert answer.text == "米饭要煮二十分钟 [1]。"
    assert answer.buttons == (("[1] 米饭",), ("👍", "👎", "再答一次", "更深入"))
    assert answer.reply_to is None
    assert telegram.refusals == []


async def test_a_stranger_gets_one_polite_line_a_day(home: Home, telegram: FakeTelegram, bob: User) -> None:
    async with home.serving():
        telegram.world.says(bob, bob, "How long does rice take?")
        [line] = await answered(telegram, bob)
        telegram.world.says(bob, bob, "/topics")
        telegram.world.says(bob, bob, "Please?")
        await telegram.until(lambda: not telegram.updates.pending)
    assert str(bob.id) in line.text
    assert len(await answered(telegram, bob)) == 1
    assert home.model.told == []


async def test_in_a_group_only_what_is_addressed_to_the_bot_is_answered(
    home: Home, telegram: FakeTelegram, alice: User, group: Chat
) -> None:
    telegram.state.privacy = False
    async with home.serving():
        telegram.world.says(alice, group, "今天天气怎么样？")
        telegram.world.says(alice, group, "/ask@other_bot 米饭？")
        asked = telegram.world.says(alice, group, f"@notes_bot {QUESTION}")
        [answer] = await answered(telegram, group)
    assert (answer.text, answer.reply_to) == ("米饭要煮二十分钟 [1]。", asked.id)
    assert len(home.model.told) == 1


async def test_a_long_answer_comes_in_parts_and_grows_by_edits(home: Home, telegram: FakeTelegram, alice: User) -> None:
    paragraphs = [f"第{n}段：" + "米" * 400 for n in range(25)]
    script = Scripted(snapshots=tuple("\n\n".join(paragraphs[:n]) for n in range(1, 26)))
    home.ask = script.ask
    async with home.serving():
        telegram.world.says(alice, alice, QUESTION)
        await answered(telegram, alice, 3)
        await telegram.until(lambda: not telegram.updates.pending)
    shown = [one for one in telegram.read(alice) if one.by == "Notes"]
    assert "".join("".join(one.text.split()) for one in shown) == "".join(paragraphs)
    assert all(not one.buttons for one in shown)
    assert shown[0].edits > 2
    assert telegram.refusals == []
