"""Commands, menus, buttons and completion: acknowledged in time, private where they should be."""

from __future__ import annotations

import asyncio

from bot.middleware.admission import say
from bot.platforms.discord.parser import MENU_ASK, MENU_SOURCES
from bot.platforms.discord.slash_commands import commands, is_same
from bot.types import Attachment, Button, Language, Page, Person, Place
from tests.bot.platforms.discord.stage import POST, RICE, Script, Stage, is_complete, labels
from tests.fakes.discord import Trouble


async def test_a_slash_command_is_answered_in_its_response(stage: Stage) -> None:
    async with stage.running():
        call = await stage.slash("ask", question=RICE).until_answered()
        await stage.said()
        assert "煮二十分钟" in call.text
        assert call.latency < 3
    stage.all_was_well()


async def test_commands_are_registered_in_three_languages_and_only_when_they_changed(stage: Stage) -> None:
    def puts() -> int:
        return sum(one.method == "PUT" for one in stage.fake.received)

    async with stage.running():
        held = stage.fake.api.commands[0]
    assert puts() == 1
    ask = next(one for one in held if one["name"] == "ask")
    assert set(ask["description_localizations"]) == {"zh-CN", "zh-TW"}
    assert is_same(commands(), held)
    async with stage.running():
        await stage.slash("help").until_answered()
    assert puts() == 1
    stage.fake.api.commands[0][0]["description"] = "another"
    async with stage.running():
        await stage.settled(lambda: puts() == 2)


async def test_every_command_of_the_bot_is_acknowledged_and_answered(stage: Stage) -> None:
    async with stage.running():
        for command in commands():
            if command["type"] != 1:
                continue
            words = {one["name"]: (one.get("choices") or [{"value": "米饭"}])[0]["value"] for one in command["options"]}
            call = await stage.slash(command["name"], by=stage.mei, **words).until_answered()
            assert call.text, command["name"]
    stage.all_was_well()


async def test_what_is_private_is_seen_by_one(stage: Stage) -> None:
    async with stage.running():
        call = await stage.slash("receipt").until_answered()
        assert call.original
        assert call.original.only_for == stage.tom.id
        choose = stage.slash("ask", question=" ")
        await stage.settled(lambda: choose.followups)
        assert choose.followups[0].only_for == stage.tom.id
        await stage.settled(lambda: choose.original and choose.original.deleted)
        assert stage.fake.said(stage.kitchen) == []


async def test_a_stranger_is_refused_in_private_and_told_once(stage: Stage) -> None:
    async with stage.running():
        call = stage.slash("ask", by=stage.eve, question=RICE)
        await stage.settled(lambda: call.followups)
        assert call.original
        assert call.original.deleted
        assert str(stage.kitchen.id) in call.followups[0].text
        assert call.followups[0].only_for == stage.eve.id
        again = stage.slash("topics", by=stage.eve)
        await stage.settled(lambda: again.original and again.original.deleted)
        assert again.followups == []
        assert stage.fake.said(stage.kitchen) == []
    stage.all_was_well()


async def test_a_source_button_shows_the_excerpt_word_for_word_to_whoever_pressed(stage: Stage) -> None:
    async with stage.running():
        stage.says(f"@bot {RICE}")
        (answer,) = await stage.said()
        call = stage.fake.people.presses(stage.tom, answer, labels(answer)[0])
        await stage.settled(lambda: call.followups)
        shown = call.followups[0]
        assert shown.only_for == stage.tom.id
        assert "米饭要先洗两遍，再煮二十分钟。水和米的比例是一比一点二。" in shown.text
        assert "cooking/rice.md" in shown.text
    stage.all_was_well()


async def test_buttons_work_after_a_restart(stage: Stage) -> None:
    async with stage.running():
        stage.says(f"@bot {RICE}")
        (answer,) = await stage.said()
        await stage.finished()
    async with stage.running():
        call = stage.fake.people.presses(stage.tom, answer, labels(answer)[0])
        await stage.settled(lambda: call.followups)
        thumb = stage.fake.people.presses(stage.tom, answer, "👍")
        await stage.settled(lambda: thumb.followups)
        again = stage.fake.people.presses(stage.tom, answer, "再答一次")
        said = await stage.said(2)
        assert said[1].text == said[0].text
        assert again.latency < 3
    stage.all_was_well()


async def test_the_stop_button_ends_an_answer_with_what_there_is(stage: Stage) -> None:
    script = Script(waits=True)
    async with stage.running(script.ask):
        stage.says("@bot 米饭")
        await stage.settled(lambda: stage.fake.said(stage.kitchen))
        (answer,) = stage.fake.said(stage.kitchen)
        stage.fake.people.presses(stage.tom, answer, "n:x")
        (answer,) = await stage.said()
        assert say("stopped", "zh") in answer.text
    stage.all_was_well()


async def test_menus_ask_about_a_message_and_show_its_sources(stage: Stage) -> None:
    async with stage.running():
        said = stage.says(RICE, by=stage.eve)
        call = await stage.fake.people.uses_menu(stage.tom, said, MENU_ASK).until_answered()
        await stage.said()
        assert call.original
        assert "煮二十分钟" in call.text
        sources = await stage.fake.people.uses_menu(stage.tom, call.original, MENU_SOURCES).until_answered()
        assert "cooking/rice.md" in sources.text
        assert sources.original
        assert sources.original.only_for == stage.tom.id
        none = await stage.fake.people.uses_menu(stage.tom, said, MENU_SOURCES).until_answered()
        assert "one of my answers" in none.text
    stage.all_was_well()


async def test_topics_are_completed_for_those_who_may_ask(stage: Stage) -> None:
    async with stage.running():
        call = stage.fake.people.types_into(stage.tom, stage.kitchen, "quiz", "topic", "炒")
        await call.until_answered()
        assert [one["name"] for one in call.choices] == ["炒饭"]
        stranger = stage.fake.people.types_into(stage.eve, stage.kitchen, "quiz", "topic", "炒")
        await stranger.until_acknowledged()
        assert stranger.choices == []
    stage.all_was_well()


async def test_an_answer_goes_on_as_a_message_when_the_token_has_become_too_old(stage: Stage) -> None:
    script = Script(waits=True)
    async with stage.running(script.ask):
        call = await stage.slash("ask", question=RICE).until_answered()
        call.expire()
        script.gate.set()
        (answer,) = await stage.said()
        assert answer is call.original
        assert "煮二十分钟" in answer.text
    stage.all_was_well_but(401, 404)


async def test_what_follows_in_a_long_answer_is_sent_with_a_number_against_doubles(stage: Stage) -> None:
    script = Script(says="\n\n".join(f"第{n}段。" + "米饭" * 200 for n in range(12)))
    async with stage.running(script.ask):
        await stage.slash("ask", question=RICE).until_answered()
        stage.fake.once(Trouble.CUT_AFTER, POST)
        said = await stage.said(3)
    assert len(said) == 3
    text = "".join(one.text for one in said)
    assert all(f"第{n}段" in text for n in range(12))


class Cards:
    """Quizzes with a card to turn over."""

    async def command(self, person: Person, place: Place, words: str, language: Language) -> Page:
        return Page(text="问：米饭？", buttons=(Button(label="turn", data="q:1"), Button(label="file", data="q:2")))

    async def press(self, person: Person, place: Place, data: str) -> Page:
        if data == "q:2":
            return Page(text="here", file=Attachment(name="a.csv", content=b"1,2"), new=True)
        return Page(text="答：二十分钟", notice="好")

    async def typed(self, person: Person, place: Place, text: str) -> Page | None:
        return Page(text="对") if text == "二十分钟" else None

    def heard_from(self, person: Person, place: Place) -> None:
        """Nobody was lost."""


async def test_a_pressed_page_takes_the_place_of_its_message_or_is_a_new_one(stage: Stage) -> None:
    async with stage.running(quizzes=Cards()):
        call = await stage.slash("quiz").until_answered()
        assert call.original
        pressed = stage.fake.people.presses(stage.tom, call.original, "file")
        said = await stage.said(2)
        assert [(one.filename, one.content) for one in said[1].attachments] == [("a.csv", b"1,2")]
        pressed = stage.fake.people.presses(stage.tom, call.original, "turn")
        await stage.settled(lambda: pressed.followups and "答" in call.text)
        assert pressed.followups[0].text == "好"
        assert call.original.buttons == []
        stage.says("二十分钟", reply_to=call.original)
        said = await stage.said(3)
        assert said[-1].text == "对"
    stage.all_was_well()


async def test_an_app_that_a_person_has_brought_along_answers_by_follow_ups(stage: Stage) -> None:
    stage.tom.installed = True
    elsewhere = stage.fake.world.add_guild("Elsewhere", owner=stage.eve, bot=False)
    stage.fake.world.add_member(elsewhere, stage.tom)
    hall = stage.fake.world.add_channel(elsewhere, "hall")
    script = Script(says="\n\n".join(f"第{n}段。" + "米饭" * 200 for n in range(8)))
    async with stage.running(script.ask):
        call = stage.slash("ask", at=hall, question=RICE)
        await stage.settled(lambda: call.followups and all(map(is_complete, [*call.followups, call.original])))
        text = call.text + "".join(one.text for one in call.followups)
        assert all(f"第{n}段" in text for n in range(8))


async def test_many_interactions_at_once_are_all_acknowledged(stage: Stage) -> None:
    async with stage.running(limits={"person_per_minute": 1000, "place_per_minute": 1000, "queue": 100}):
        calls = [stage.slash("ask", by=stage.mei, question=RICE) for _ in range(20)]
        await asyncio.gather(*(call.until_answered(20) for call in calls))
        await stage.settled(lambda: all(call.original and is_complete(call.original) for call in calls))
    stage.all_was_well()
