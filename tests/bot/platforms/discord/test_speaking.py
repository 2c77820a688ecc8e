"""When the bot speaks, and where."""

from __future__ import annotations

import asyncio

from bot.platforms.discord.targets import ThreadMoves, thread_name
from bot.settings import ThreadSettings
from bot.storage import Feedback, Pairing
from tests.bot.platforms.discord.stage import RICE, Script, Stage, labels
from tests.fakes.discord import ORDINARY, May


async def test_a_mention_is_answered_once_with_buttons_for_its_sources(stage: Stage) -> None:
    async with stage.running():
        asked = stage.says(f"@bot {RICE}")
        (answer,) = await stage.said()
        assert "煮二十分钟" in answer.text
        assert answer.reference
        assert answer.reference["message_id"] == str(asked.id)
        assert labels(answer)[0].startswith("[1] ")
        assert "👍" in labels(answer)
    stage.all_was_well()


async def test_other_talk_is_left_alone(stage: Stage) -> None:
    script = Script()
    async with stage.running(script.ask):
        stage.says("我们晚上吃什么？")
        stage.says("@everyone 吃饭了", by=stage.mei)
        stage.says("@bot 米饭")
        await stage.said()
    assert [one.text for one in script.asked] == ["米饭"]


async def test_who_runs_the_server_has_every_question_answered_of_people_who_may_ask(stage: Stage) -> None:
    script, chef = Script(), stage.fake.world.users[stage.guild.owner]
    async with stage.running(script.ask, discord={"allowed_users": [stage.tom.id, chef.id]}):
        stage.slash("everything", by=stage.tom, on_or_off="on")
        await stage.finished()
        stage.says(RICE)
        stage.slash("everything", by=chef, on_or_off="on")
        await stage.said(1)
        for by, words in ((stage.tom, "我煮了饭"), (stage.eve, RICE), (stage.tom, RICE)):
            stage.says(words, by=by)
        await stage.said(2)
        await stage.finished()
    assert [one.text for one in script.asked] == [RICE]
    stage.all_was_well()


async def test_who_wants_everything_answered_is_told_when_discord_keeps_it_from_the_bot(stage: Stage) -> None:
    async with stage.running(discord={"message_content": False}):
        stage.slash("everything", by=stage.mei, on_or_off="on")
        (page,) = await stage.said()
    assert "Message Content Intent" in page.text


async def test_a_direct_message_is_a_question_in_private(stage: Stage) -> None:
    script = Script()
    async with stage.running(script.ask):
        stage.says("米饭", at=stage.tom)
        await stage.said(at=stage.direct())
    (asked,) = script.asked
    assert asked.place.private
    assert (asked.person.id, asked.place.thread, asked.place.guild) == (str(stage.tom.id), "", "")
    stage.all_was_well()


async def test_a_reply_to_an_answer_is_a_follow_up(stage: Stage) -> None:
    script = Script()
    async with stage.running() as running:
        stage.says(f"@bot {RICE}")
        (answer,) = await stage.said()
        await stage.finished()
        running.platform._dispatcher._ask_model = script.ask
        stage.says("为什么？", reply_to=answer, ping=False)
        await stage.said(2)
    (asked,) = script.asked
    assert asked.text == "为什么？"
    assert asked.reply_to == await stage.state.last_answer(asked.place)
    stage.all_was_well()


async def test_a_person_comes_with_their_roles_and_the_guild(stage: Stage) -> None:
    cooks = stage.fake.world.add_role(stage.guild, "cooks")
    stage.fake.world.change_roles(stage.guild, stage.eve, [cooks])
    script = Script()
    async with stage.running(script.ask, discord={"allowed_roles": [cooks.id]}):
        stage.says("@bot 米饭", by=stage.eve)
        await stage.said()
        call = stage.slash("ask", by=stage.eve, question="粥")
        await call.until_answered()
        await stage.said(2)
    for asked in script.asked:
        assert asked.person.roles[-1] == str(cooks.id)
        assert (asked.place.chat, asked.place.guild) == (str(stage.kitchen.id), str(stage.guild.id))
    stage.all_was_well()


async def test_other_mentions_become_names(stage: Stage) -> None:
    script = Script()
    async with stage.running(script.ask):
        stage.says(f"@bot 问问 {stage.mei.mention} 米饭")
        await stage.said()
    assert script.asked[0].text == "问问 @Mei 米饭"


async def test_without_the_intent_it_hears_what_is_said_to_it_and_says_what_it_cannot_read(stage: Stage) -> None:
    script = Script()
    async with stage.running(script.ask, discord={"message_content": False}):
        stage.says("米饭")
        stage.says("@bot 米饭")
        (answer,) = await stage.said()
        stage.says("粥", reply_to=answer)
        await stage.said(2)
        stage.says("为什么？", reply_to=answer, ping=False)
        said = await stage.said(3)
    assert [one.text for one in script.asked] == ["米饭", "粥"]
    assert "@ON" in said[-1].text
    stage.all_was_well()


async def test_a_long_exchange_moves_into_a_thread_in_which_everything_is_a_question(stage: Stage) -> None:
    script = Script()
    async with stage.running(script.ask, discord={"threads": {"after": 2}}):
        for number in (1, 2):
            stage.says(f"@bot {number}")
            await stage.said(number)
            await stage.finished()
            await asyncio.sleep(0.05)
        third = stage.says("@bot 3")
        await stage.settled(lambda: third.thread)
        assert third.thread
        assert third.thread.name == "3"
        await stage.said(at=third.thread)
        stage.says("4", at=third.thread)
        await stage.said(2, at=third.thread)
    assert [(one.text, one.place.chat == str(stage.kitchen.id), one.place.thread) for one in script.asked[2:]] == [
        ("3", True, str(third.id)),
        ("4", True, str(third.id)),
    ]
    assert len(stage.fake.said(stage.kitchen)) == 2
    stage.all_was_well()


async def test_without_the_permission_the_exchange_stays_in_the_channel(stage: Stage) -> None:
    everyone = stage.guild.roles[stage.guild.id]
    everyone.permissions = int(ORDINARY & ~May.CREATE_PUBLIC_THREADS)
    script = Script()
    async with stage.running(script.ask, discord={"threads": {"after": 1}}):
        for number in (1, 2, 3):
            stage.says(f"@bot {number}")
            await stage.said(number)
            await stage.finished()
            await asyncio.sleep(0.05)
    assert [one.place.thread for one in script.asked] == ["", "", ""]
    stage.all_was_well()


def test_exchanges_end_by_silence_and_never_move_where_they_must_not() -> None:
    now = [0.0]
    exchanges = ThreadMoves(ThreadSettings(after=2, except_in=("7",)), clock=lambda: now[0])
    assert not exchanges.moves("1")
    for chat in ("1", "1", "7", "7", "2"):
        exchanges.answered(chat)
    assert [exchanges.moves(chat) for chat in ("1", "1", "7", "2")] == [True, False, False, False]
    now[0] += 1000
    exchanges.answered("2")
    assert not exchanges.moves("2")
    assert not ThreadMoves(ThreadSettings(after=0)).moves("1")
    assert len(thread_name("词" * 300)) <= 100


async def test_reactions_count_as_thumbs(stage: Stage) -> None:
    async with stage.running():
        stage.says(f"@bot {RICE}")
        (answer,) = await stage.said()
        await stage.finished()
        stage.fake.people.reacts(stage.eve, answer, "👎")
        stage.fake.people.reacts(stage.tom, answer, "👍")

        async with asyncio.timeout(5):
            while not (rated := [one async for one in Feedback(stage.state.database).all()]):
                await asyncio.sleep(0.02)
    assert [one.good for one in rated] == [True]


async def test_people_who_are_not_let_in_get_one_line(stage: Stage) -> None:
    script = Script()
    async with stage.running(script.ask):
        stage.says("@bot 米饭", by=stage.eve)
        (line,) = await stage.said()
        stage.says("@bot 米饭", by=stage.eve)
        stage.says("@bot 米饭", by=stage.tom)
        assert len(await stage.said(2)) == 2
    assert str(stage.kitchen.id) in line.text
    assert [one.person.name for one in script.asked] == ["Tom"]
    stage.all_was_well()


async def test_a_pairing_code_lets_in(stage: Stage) -> None:

    code = await Pairing(stage.state.database).make("user")
    async with stage.running():
        stage.says(f"/pair {code}", by=stage.eve, at=stage.eve)
        await stage.said(at=stage.direct(stage.eve))
        stage.says(RICE, by=stage.eve, at=stage.eve)
        said = await stage.said(2, at=stage.direct(stage.eve))
    assert "煮二十分钟" in said[-1].text
