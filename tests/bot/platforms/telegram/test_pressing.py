"""Buttons, reactions, commands and inline mode."""

from __future__ import annotations

import asyncio

from sqlalchemy import func, select

from bot.storage import Feedback, Ledger, Pairing
from bot.storage.schema import sent
from tests.bot.platforms.telegram.serving import Home, Scripted, answered
from tests.fakes.telegram import Chat, FakeTelegram, Trouble, User

QUESTION = "米饭要煮多久？"


async def test_a_source_opens_word_for_word_in_a_quote_and_closes_again(
    home: Home, telegram: FakeTelegram, alice: User, group: Chat
) -> None:
    async with home.serving():
        telegram.world.says(alice, group, f"@notes_bot {QUESTION}")
        [answer] = await answered(telegram, group)
    async with home.serving():  # buttons outlive the program
        press = telegram.world.presses(alice, group.messages[answer.id], "[1] 米饭")
        _, source = await answered(telegram, group, 2)
        assert press.answer is not None
        [quoted] = [words for kind, words in source.styles if kind == "expandable_blockquote"]
        assert quoted == "# 米饭\n\n米饭要先洗两遍，再煮二十分钟。水和米的比例是一比一点二。"
        assert "cooking/rice.md" in source.text
        assert source.reply_to == answer.id
        telegram.world.presses(alice, group.messages[source.id], "收起")
        await telegram.until(lambda: len(telegram.read(group)) == 2)
    assert telegram.refusals == []


async def test_a_source_leads_to_its_note_where_the_notes_have_an_address(
    home: Home, telegram: FakeTelegram, alice: User, group: Chat
) -> None:
    home.notebook.vault.base_url = "https://notes.example"
    async with home.serving():
        telegram.world.says(alice, group, f"@notes_bot {QUESTION}")
        [answer] = await answered(telegram, group)
        telegram.world.presses(alice, group.messages[answer.id], "[1] 米饭")
        _, source = await answered(telegram, group, 2)
        telegram.world.says(alice, group, "/source 1", reply_to=group.messages[answer.id])
        *_, page = await answered(telegram, group, 3)
    for message in (group.messages[source.id], group.messages[page.id]):
        links = [one.more["url"] for one in message.content.entities if one.type == "text_link"]
        assert links == ["https://notes.example/cooking/rice.md#%E7%B1%B3%E9%A5%AD"]
    assert telegram.refusals == []


async def test_thumbs_and_reactions_are_the_same_verdict(home: Home, telegram: FakeTelegram, alice: User) -> None:
    feedback = Feedback(home.state.database)

    async def verdicts() -> list[bool]:
        return [rated.good async for rated in feedback.all()]

    async with home.serving():
        telegram.world.says(alice, alice, QUESTION)
        [answer] = await answered(telegram, alice)
        message = telegram.world.private(alice).messages[answer.id]
        press = telegram.world.presses(alice, message, "👍")
        await telegram.until(lambda: press.answer)
        assert await verdicts() == [True]
        for emoji, expected in [(("👎",), [False]), (("🔥",), [True]), ((), [])]:
            telegram.world.reacts(alice, message, *emoji)
            await telegram.until(lambda: not telegram.updates.pending)
            assert await verdicts() == expected
    assert (press.answer or {})["text"] == "谢谢，记下了。"


async def test_reactions_in_a_group_count_for_each_person_who_may_ask(
    home: Home, telegram: FakeTelegram, alice: User, bob: User, group: Chat
) -> None:
    feedback, carol = Feedback(home.state.database), telegram.world.person("Carol")
    home.allow(bob)
    telegram.world.sets_bot(group, "administrator", by=alice)
    async with home.serving():
        telegram.world.says(alice, group, f"@notes_bot {QUESTION}")
        [answer] = await answered(telegram, group)
        while not await home.state.database.read(lambda connection: connection.scalar(select(func.max(sent.c.answer)))):
            await asyncio.sleep(0.01)  # it is seen a moment before it is known whose answer it is
        for who, emoji in ((alice, "👍"), (bob, "💩"), (carol, "👎"), (alice, "🤔")):
            telegram.world.reacts(who, group.messages[answer.id], emoji)
        await telegram.until(lambda: not telegram.updates.pending)
    assert sorted([rated.good async for rated in feedback.all()]) == [False, True]


async def test_again_asks_the_same_question_anew(home: Home, telegram: FakeTelegram, alice: User) -> None:
    async with home.serving():
        telegram.world.says(alice, alice, QUESTION)
        [answer] = await answered(telegram, alice)
        telegram.world.presses(alice, telegram.world.private(alice).messages[answer.id], "再答一次")
        _, again = await answered(telegram, alice, 2)
    assert again.text == answer.text
    assert len(home.model.told) == 2


async def test_stop_ends_an_answer_for_the_person_who_asked_and_for_nobody_else(
    home: Home, telegram: FakeTelegram, alice: User, bob: User, group: Chat
) -> None:
    home.allow(bob)
    script = Scripted(snapshots=("先写一点", "写完了"), held=lambda question: True)
    home.ask = script.ask
    async with home.serving():
        telegram.world.says(alice, group, f"@notes_bot {QUESTION}")
        await telegram.until(lambda: telegram.read(group)[-1].text == "先写一点")
        message = group.messages[telegram.read(group)[-1].id]
        press = telegram.world.presses(bob, message, "停止")
        await telegram.until(lambda: press.answer)
        assert "Only the person who asked" in (press.answer or {})["text"]
        telegram.world.presses(alice, message, "停止")
        [answer] = await answered(telegram, group)
    assert answer.text.startswith("先写一点\n")
    assert answer.buttons == ()


async def test_a_message_that_a_kill_left_behind_goes_away_when_it_is_stopped(
    home: Home, telegram: FakeTelegram, alice: User
) -> None:
    home.ask = Scripted(snapshots=("写完了",), held=lambda question: True).ask
    async with home.killed():
        telegram.fail(Trouble.LATE, "sendMessage", seconds=30)  # it was sent, and nobody heard that it was
        telegram.world.says(alice, alice, QUESTION)
        await telegram.until(lambda: len(telegram.read(alice)) == 2)
    home.ask = Scripted(snapshots=("写完了",)).ask
    async with home.serving():
        [answer] = await answered(telegram, alice)
        stray = telegram.read(alice)[1]
        telegram.world.presses(alice, telegram.world.private(alice).messages[stray.id], "停止")
        await telegram.until(lambda: len(telegram.read(alice)) == 2)
    assert (stray.text, answer.text) == ("…", "写完了")


async def test_a_stranger_presses_in_vain(home: Home, telegram: FakeTelegram, alice: User, bob: User, group: Chat) -> None:
    async with home.serving():
        telegram.world.says(alice, group, f"@notes_bot {QUESTION}")
        [answer] = await answered(telegram, group)
        press = telegram.world.presses(bob, group.messages[answer.id], "[1] 米饭")
        await telegram.until(lambda: press.answer)
    assert "I do not have access to this chat yet" in (press.answer or {})["text"]
    assert len(telegram.read(group)) == 2


async def test_a_card_is_turned_in_its_own_message_and_typed_answers_are_heard(
    home: Home, telegram: FakeTelegram, alice: User
) -> None:
    async with home.serving():
        telegram.world.says(alice, alice, "/quiz rice")
        [card] = await answered(telegram, alice)
        telegram.world.says(alice, alice, "/quiz tea")
        await telegram.until(lambda: any(one.text == "card about tea" for one in telegram.read(alice)))
        assert [one.id for one in await answered(telegram, alice)] == [card.id]  # the same key, the same message
        message = telegram.world.private(alice).messages[card.id]
        telegram.world.presses(alice, message, "Source")
        _, source = await answered(telegram, alice, 2)
        press = telegram.world.presses(alice, message, "Turn")
        await telegram.until(lambda: telegram.read(alice)[1].text == "turned")
        telegram.world.says(alice, alice, "card")
        *_, verdict = await answered(telegram, alice, 3)
    assert [words for kind, words in source.styles if kind == "expandable_blockquote"] == ["米饭要先洗两遍，再煮二十分钟。"]
    assert (press.answer or {})["text"] == "well done"
    assert verdict.text == "right!"
    assert home.model.told == []


async def test_source_as_a_reply_shows_the_sources_of_that_answer(
    home: Home, telegram: FakeTelegram, alice: User, group: Chat
) -> None:
    async with home.serving():
        telegram.world.says(alice, group, f"/ask@notes_bot {QUESTION}")
        [first] = await answered(telegram, group)
        telegram.world.says(alice, group, "/ask How hot is green tea steeped?")
        await answered(telegram, group, 2)
        telegram.world.says(alice, group, "/source", reply_to=group.messages[first.id])
        *_, sources = await answered(telegram, group, 3)
    assert "cooking/rice.md" in sources.text
    assert "tea.md" not in sources.text


async def test_what_is_for_one_person_is_told_in_private(home: Home, telegram: FakeTelegram, alice: User, group: Chat) -> None:
    alice.started_bot = False
    async with home.serving():
        telegram.world.says(alice, group, f"@notes_bot {QUESTION}")
        await answered(telegram, group)
        telegram.world.says(alice, group, "/receipt@notes_bot")
        _, line = await answered(telegram, group, 2)
        assert "点开与我的私聊" in line.text  # they never wrote to the bot
        alice.started_bot = True
        telegram.world.says(alice, group, "/receipt")
        *_, line = await answered(telegram, group, 3)
        [page] = await answered(telegram, alice)
    assert line.text == "已私聊发给你。"
    assert "scripted" in page.text


async def test_start_shows_the_commands_and_a_code_lets_in(home: Home, telegram: FakeTelegram, alice: User, bob: User) -> None:
    code = await Pairing(home.state.database).make()
    async with home.serving():
        telegram.world.says(alice, alice, "/start")
        [page] = await answered(telegram, alice)
        telegram.world.says(bob, bob, f"/pair {code}")
        [line] = await answered(telegram, bob)
        telegram.world.says(bob, bob, "/status")
        _, status = await answered(telegram, bob, 2)
    assert "/source" in page.text
    assert line.text.startswith("Paired.")
    assert status.text.startswith("2 notes")


async def test_commands_are_listed_by_where_they_can_be_used(home: Home, telegram: FakeTelegram) -> None:
    home.admins = ("42",)
    async with home.serving():
        await telegram.until(lambda: len(telegram.calls("setMyCommands")) == 12)
    private = telegram.state.commands['{"type": "all_private_chats"}', "zh"]
    admins = telegram.state.commands['{"type": "all_chat_administrators"}', ""]
    assert {"command": "source", "description": "看回答的原文出处"} in private
    assert "allow" not in [one["command"] for one in private]
    assert {"command": "allow", "description": "grant access (person or chat)"} in admins


async def test_inline_mode_offers_excerpts_to_people_who_are_let_in(
    home: Home, telegram: FakeTelegram, alice: User, bob: User, group: Chat
) -> None:
    async with home.serving():
        asked = telegram.world.asks_inline(alice, "green tea")
        strange = telegram.world.asks_inline(bob, "green tea")
        await telegram.until(lambda: asked.answer and strange.answer)
        telegram.world.picks(asked, 0, group)
    sent = telegram.read(group)[-1]
    assert "Green tea is steeped at 80 degrees" in sent.text
    assert strange.results == []
    assert telegram.refusals == []


async def test_what_has_no_words_gets_a_line_in_private(home: Home, telegram: FakeTelegram, alice: User) -> None:
    async with home.serving():
        telegram.world.uploads(alice, alice, "a.png", b"png", mime="image/png")
        [line] = await answered(telegram, alice)
    assert line.text == "我只能读文字，请把问题写出来。"


async def test_everything_that_was_said_is_finished_in_the_ledger(
    home: Home, telegram: FakeTelegram, alice: User, bob: User, group: Chat
) -> None:
    async with home.serving():
        for where in (alice, group):
            for words in ("/help", "/nothing", f"@notes_bot {QUESTION}", "/quiz picture", "/stop", "@notes_bot"):
                telegram.world.says(alice, where, words)
                telegram.world.says(bob, where if where is group else bob, words)
        await telegram.until(lambda: not telegram.updates.pending)
    assert await Ledger(home.state.database).unfinished(f"telegram:{telegram.bot.id}") == ()


async def test_an_overview_opens_a_note_in_its_own_message_and_leads_back(
    home: Home, telegram: FakeTelegram, alice: User
) -> None:
    async with home.serving():
        telegram.world.says(alice, alice, "/topics")
        [overview] = await answered(telegram, alice)
        assert "这里有 2 篇笔记" in overview.text
        message = telegram.world.private(alice).messages[overview.id]
        telegram.world.presses(alice, message, "2. 米饭")
        await telegram.until(lambda: "篇笔记" not in telegram.read(alice)[-1].text)
        telegram.world.presses(alice, telegram.world.private(alice).messages[overview.id], "全部笔记")
        await telegram.until(lambda: "这里有 2 篇笔记" in telegram.read(alice)[-1].text)
        assert telegram.read(alice)[-1].edits == 2
    assert telegram.refusals == []
