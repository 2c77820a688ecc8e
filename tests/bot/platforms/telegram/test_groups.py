"""Groups: whom the bot answers, about what, in which topic, and what becomes of a group that moves."""

from __future__ import annotations

from bot.types import Place, Quote
from tests.bot.platforms.telegram.serving import Home, Scripted, answered
from tests.fakes.telegram import Chat, FakeTelegram, User

QUESTION = "米饭要煮多久？"


async def test_a_reply_to_an_answer_is_a_follow_up_on_that_answer(
    home: Home, telegram: FakeTelegram, alice: User, group: Chat
) -> None:
    async with home.serving():
        for count, words in enumerate([QUESTION, "炒饭用什么饭？"], 1):
            telegram.world.says(alice, group, f"@notes_bot {words}")
            first, *_ = await answered(telegram, group, count)
        telegram.world.says(alice, group, "那水呢？", reply_to=group.messages[first.id])
        await answered(telegram, group, 3)
    told = [str(message.content) for message in home.model.told[-1]]
    assert any(QUESTION in words for words in told)
    assert not any("炒饭用什么饭" in words for words in told)


async def test_a_mention_in_a_reply_to_somebody_else_asks_about_that_message(
    home: Home, telegram: FakeTelegram, alice: User, bob: User, group: Chat
) -> None:
    script = Scripted()
    home.ask = script.ask
    said = telegram.world.says(bob, group, "听说煮米饭要四十分钟```")
    async with home.serving():
        telegram.world.says(alice, group, "@notes_bot 对吗？", reply_to=said)
        await answered(telegram, group)
    [asked] = script.asked
    assert asked.text == "对吗？"
    assert asked.quote == Quote(text="听说煮米饭要四十分钟```", person=f"telegram:{bob.id}", name="Bob")


NAMES = ("Kowalczyk", "Ann Lee", "小陈", "🦊🦊", "1234567", "ZX-81", "notes", "@someone")


async def test_whoever_is_replied_to_the_sources_are_those_of_their_words(
    home: Home, telegram: FakeTelegram, alice: User
) -> None:
    home.model = None
    answers = set()
    async with home.serving():
        for name in NAMES:
            other = telegram.world.person(name)
            where = telegram.world.supergroup("厨房", members=[alice, other])
            said = telegram.world.says(other, where, "米饭要先洗两遍，再煮二十分钟")
            telegram.world.says(alice, where, "@notes_bot 这对吗？", reply_to=said)
            [answer] = await answered(telegram, where)
            answers.add((answer.text, tuple(label for row in answer.buttons for label in row)))
    assert len(answers) == 1


async def test_a_name_that_says_whom_a_message_is_for_is_no_part_of_the_question(
    home: Home, telegram: FakeTelegram, alice: User, bob: User, group: Chat
) -> None:
    script = Scripted()
    home.ask = script.ask
    async with home.serving():
        telegram.world.says(alice, group, f"@bob @notes_bot {QUESTION}")
        telegram.world.says(alice, group, f"@notes_bot 听 @bob 说过？ {QUESTION} @bob")
        await answered(telegram, group, 2)
    assert [one.text for one in script.asked] == [QUESTION, f"听 @bob 说过？ {QUESTION}"]


async def test_topics_are_places_of_their_own_and_the_general_one_has_no_number(
    home: Home, telegram: FakeTelegram, alice: User
) -> None:
    forum = telegram.world.forum("学习", topics=["米饭", "面条"], members=[alice])
    topic = telegram.world.topic(forum, "米饭")
    script = Scripted()
    home.ask = script.ask
    async with home.serving():
        telegram.world.says(alice, forum, f"@notes_bot {QUESTION}", topic=topic)
        telegram.world.says(alice, forum, f"@notes_bot {QUESTION}")
        await answered(telegram, forum, 2)
    assert {one.place.key for one in script.asked} == {f"telegram:{forum.id}/{topic}", f"telegram:{forum.id}"}
    assert [len([one for one in telegram.read(forum, where) if one.by == "Notes"]) for where in (topic, None)] == [1, 1]
    assert telegram.refusals == []


async def test_where_everything_is_answered_other_talk_is_left_alone(
    home: Home, telegram: FakeTelegram, alice: User, bob: User, group: Chat
) -> None:
    telegram.state.privacy = False
    home.settings = {"answer_all_in": (str(group.id),)}
    home.chats = (str(group.id),)
    async with home.serving():
        said = telegram.world.says(bob, group, "我今天煮了米饭。")
        telegram.world.says(alice, group, "好吃吗？", reply_to=said)
        telegram.world.says(alice, group, QUESTION)
        [answer] = await answered(telegram, group)
        await telegram.until(lambda: not telegram.updates.pending)
    assert answer.text == "米饭要煮二十分钟 [1]。"
    assert len(home.model.told) == 1


async def test_an_admin_of_the_group_has_every_question_answered_and_nobody_else_can(
    home: Home, telegram: FakeTelegram, alice: User, bob: User, group: Chat
) -> None:
    telegram.state.privacy = False
    home.chats = (str(group.id),)
    telegram.world.promotes(group, bob)
    async with home.serving():
        telegram.world.says(alice, group, "/everything on")
        [refused] = await answered(telegram, group)
        telegram.world.says(alice, group, QUESTION)
        await telegram.until(lambda: not telegram.updates.pending)
        telegram.world.says(bob, group, "/everything on")
        _, said = await answered(telegram, group, 2)
        telegram.world.says(alice, group, QUESTION)
        *_, answer = await answered(telegram, group, 3)
        telegram.world.says(bob, group, "/everything off")
        *_, over = await answered(telegram, group, 4)
        telegram.world.says(alice, group, QUESTION)
        await telegram.until(lambda: not telegram.updates.pending)
    assert "只给这个群的管理员" in refused.text
    assert said.text == "OK, I answer every message here that looks like a question. /everything off ends it."
    assert answer.text == "米饭要煮二十分钟 [1]。"
    assert over.text.startswith("OK, I answer here only when")
    assert len(home.model.told) == 1


async def test_who_wants_everything_answered_is_told_when_telegram_keeps_it_from_the_bot(
    home: Home, telegram: FakeTelegram, alice: User, group: Chat
) -> None:
    home.admins = (str(alice.id),)
    async with home.serving():
        telegram.world.says(alice, group, "/everything@notes_bot on")
        [deaf] = await answered(telegram, group)
        telegram.world.sets_bot(group, "administrator", by=alice)
        telegram.world.says(alice, group, "/everything on")
        _, hearing = await answered(telegram, group, 2)
        telegram.world.says(alice, group, QUESTION)
        *_, answer = await answered(telegram, group, 3)
    assert "/setprivacy" in deaf.text
    assert "/setprivacy" not in hearing.text
    assert answer.text == "米饭要煮二十分钟 [1]。"


async def test_where_everything_is_answered_strangers_are_not_told_that_they_are_strangers(
    home: Home, telegram: FakeTelegram, alice: User, bob: User, group: Chat
) -> None:
    telegram.state.privacy = False
    home.settings = {"answer_all_in": (str(group.id),)}
    async with home.serving():
        telegram.world.says(bob, group, "How long does rice take?")
        telegram.world.says(alice, group, QUESTION)
        await answered(telegram, group)
        await telegram.until(lambda: not telegram.updates.pending)
    assert len(await answered(telegram, group)) == 1


async def test_an_edited_question_is_answered_anew_in_the_same_message(
    home: Home, telegram: FakeTelegram, alice: User, group: Chat
) -> None:
    home.ask = Scripted(snapshots=("答：{asked}",)).ask
    async with home.serving():
        asked = telegram.world.says(alice, group, f"@notes_bot {QUESTION}")
        [first] = await answered(telegram, group)
        telegram.world.edits(asked, "@notes_bot 粥要煮多久？")
        await telegram.until(lambda: telegram.read(group)[-1].text == "答：粥要煮多久？")
    [again] = await answered(telegram, group)
    assert again.id == first.id


async def test_a_question_edited_while_it_is_answered_has_one_answer(home: Home, telegram: FakeTelegram, alice: User) -> None:
    script = Scripted(snapshots=("先写一点", "答：{asked}"), held=lambda question: "米饭" in question.text)
    home.ask = script.ask
    async with home.serving():
        asked = telegram.world.says(alice, alice, QUESTION)
        await telegram.until(lambda: telegram.read(alice)[-1].text == "先写一点")
        telegram.world.edits(asked, "粥要煮多久？")
        await telegram.until(lambda: telegram.read(alice)[-1].text == "答：粥要煮多久？")
    assert len([one for one in telegram.read(alice) if one.by == "Notes"]) == 1


async def test_an_edit_that_leaves_the_question_as_it_was_changes_nothing(
    home: Home, telegram: FakeTelegram, alice: User
) -> None:
    async with home.serving():
        asked = telegram.world.says(alice, alice, QUESTION)
        [first] = await answered(telegram, alice)
        telegram.world.edits(asked, f" {QUESTION}")
        await telegram.until(lambda: not telegram.updates.pending)
    assert await answered(telegram, alice) == [first]
    assert len(home.model.told) == 1


async def test_a_group_that_becomes_a_supergroup_keeps_its_history(home: Home, telegram: FakeTelegram, alice: User) -> None:
    group = telegram.world.group("小群", members=[alice])
    home.users, home.chats = (), (str(group.id),)
    async with home.serving():
        telegram.world.says(alice, group, f"@notes_bot {QUESTION}")
        await answered(telegram, group)
        new = telegram.world.upgrades(group)
        telegram.world.says(alice, new, "@notes_bot 炒饭呢？")
        await answered(telegram, new)
        turns = await home.state.recent_turns(Place(platform="telegram", chat=str(new.id), private=False), 10)
    assert [turn.asked for turn in turns] == [QUESTION, "炒饭呢？"]


async def test_an_answer_that_is_cut_by_a_move_arrives_in_the_new_group(home: Home, telegram: FakeTelegram, alice: User) -> None:
    group = telegram.world.group("小群", members=[alice])
    script = Scripted(held=lambda question: True)
    home.ask = script.ask
    async with home.serving():
        telegram.world.says(alice, group, f"@notes_bot {QUESTION}")
        await telegram.until(lambda: len(telegram.read(group)) == 2)
        new = telegram.world.upgrades(group)
        await telegram.until(lambda: not telegram.updates.pending)
        script.gate.set()
        [answer] = await answered(telegram, new)
    assert answer.text == "米饭煮二十分钟 [1]。"
