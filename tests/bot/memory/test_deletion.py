"""What is forgotten is gone: from prompts, pages and exports, and from the bytes of the database."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from bot.memory.policy import Redactor
from bot.settings import MemorySettings
from bot.types import Person, Quote
from tests.bot.memory.making import ANN, BOB, GROUP, OTHER_GROUP, KeepingModel, Talk, home


def words_in(folder: Path, *words: str) -> list[str]:
    """Which of the words stand in any file of a folder, in any encoding that they might be kept in."""
    found = []
    for file in (file for file in folder.rglob("*") if file.is_file()):
        content = file.read_bytes()
        for word in words:
            codes = {word.encode(), word.encode("utf-16-le"), word.encode("unicode_escape"), word.lower().encode()}
            found += [f"{word} in {file.name}" for code in codes if code in content]
    return found


def rows_of(file: Path, person: Person) -> list[str]:
    """The tables that hold the key of a person anywhere."""
    database = sqlite3.connect(file)
    tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = [name for name in tables if any(person.key in map(str, row) for row in database.execute(f"SELECT * FROM {name}"))]
    database.close()
    return found


@pytest.fixture
async def keeping(data: Path) -> Talk:
    """With a model that keeps every word, so that summaries hold what is to be forgotten."""
    talk = await Talk.open(data / "state.sqlite", model=KeepingModel(), settings=MemorySettings(quiet_s=0, frame=2))
    yield talk
    await talk.close()


async def chat(talk: Talk) -> None:
    await talk.say(ANN, home(ANN), "我的猫叫 Guinevere77，它爱吃鱼。", "Guinevere77 是个好名字。", topics=["宠物 Guinevere77"])
    await talk.say(ANN, home(ANN), "它今年 3 岁了吗？", "Guinevere77 三岁了。")
    await talk.say(BOB, GROUP, "大家好，什么是梯度下降？")
    await talk.say(ANN, GROUP, "我的密码是蓝鲸紫藤七号，别告诉别人。", "好的，蓝鲸紫藤七号。")
    await talk.say(BOB, GROUP, "安的密码是什么？", "她的密码是蓝鲸紫藤七号。天气不错。")
    for number in range(8):
        await talk.say(BOB, GROUP, f"第 {number} 个问题：注意力是什么？")
        await talk.say(ANN, home(ANN), f"第 {number} 个问题：梯度是什么？")


async def test_a_topic_is_gone_from_everything(keeping: Talk, data: Path) -> None:
    await chat(keeping)
    assert words_in(data, "Guinevere77")
    page = await keeping.pages.forget(ANN, home(ANN), "Guinevere77", "zh")
    assert "已忘掉：2 次问答" in page.text
    assert words_in(data, "Guinevere77") == []
    await keeping.memory.settle()
    for number in range(50):
        await keeping.say(ANN, home(ANN), f"第 {number} 次：我的猫叫什么名字？", settle=False)
        assert "Guinevere" not in repr(await keeping.recall(ANN, home(ANN), "我的猫 Guinevere 叫什么？"))
    assert words_in(data, "Guinevere77") == []


async def test_summaries_are_made_anew_without_it(keeping: Talk) -> None:
    await chat(keeping)
    await keeping.pages.forget(ANN, home(ANN), "Guinevere77", "zh")
    assert (await keeping.recall(ANN, home(ANN), "问题")).place == ""
    await keeping.memory.settle()
    place = (await keeping.recall(ANN, home(ANN), "问题")).place
    assert "第 0 个问题" in place
    assert "猫" not in place


async def test_everything_said_in_a_group_goes_there_and_from_the_answers_to_others(keeping: Talk, data: Path) -> None:
    await chat(keeping)
    await keeping.memory.forget.everything(ANN, GROUP)
    await keeping.memory.settle()
    assert words_in(data, "蓝鲸紫藤") == []
    assert words_in(data, "Guinevere77")  # said in private, where it stays
    found = await keeping.recall(BOB, GROUP, "安的密码是什么？")
    assert "蓝鲸" not in found.text
    assert "天气不错" in found.text


async def test_everything_in_private_goes_everywhere(keeping: Talk, data: Path) -> None:
    await chat(keeping)
    page = await keeping.pages.forget(ANN, home(ANN), "all", "en")
    page = await keeping.pages.press(ANN, home(ANN), page.buttons[0].data, "en")
    assert page.text.startswith("Forgotten. Questions and answers: 11;")
    assert words_in(data, "Guinevere77", "蓝鲸紫藤") == []
    assert await keeping.memory.items(ANN, home(ANN), history=True) == ()


async def test_the_last_exchange_is_the_persons_own_one_here(keeping: Talk, data: Path) -> None:
    await keeping.say(ANN, GROUP, "蓝鲸一是什么？")
    await keeping.say(ANN, home(ANN), "蓝鲸二是什么？")
    await keeping.say(BOB, GROUP, "蓝鲸三是什么？")
    assert "1 次问答" in (await keeping.pages.forget(ANN, GROUP, "上一条", "zh")).text
    await keeping.memory.settle()
    assert words_in(data, "蓝鲸一") == []
    assert len(words_in(data, "蓝鲸二", "蓝鲸三")) >= 2


async def test_one_item_goes_with_its_sentence_and_leaves_the_others(keeping: Talk, data: Path) -> None:
    await keeping.say(ANN, home(ANN), "我叫小安。我的猫叫 Guinevere77。什么是梯度？")
    (name, cat) = await keeping.memory.items(ANN, home(ANN))
    await keeping.memory.forget.item(ANN, home(ANN), cat.id)
    await keeping.memory.settle()
    assert [item.text for item in await keeping.memory.items(ANN, home(ANN))] == [name.text]
    assert words_in(data, "Guinevere77") == []
    assert "什么是梯度" in (await keeping.memory.export(ANN, home(ANN))).json


async def test_nobody_forgets_for_somebody_else(keeping: Talk) -> None:
    await keeping.say(ANN, GROUP, "我的猫叫咪咪")
    (cat,) = await keeping.memory.items(ANN, GROUP)
    assert (await keeping.memory.forget.item(BOB, GROUP, cat.id)).items == 0
    assert (await keeping.memory.forget.item(ANN, OTHER_GROUP, cat.id)).items == 0
    assert (await keeping.memory.forget.topic(BOB, GROUP, "咪咪")).turns == 0
    assert (await keeping.memory.forget.last(BOB, GROUP)).turns == 0
    assert len(await keeping.memory.items(ANN, GROUP)) == 1


async def test_deleting_a_person_leaves_no_row(keeping: Talk, data: Path) -> None:
    await chat(keeping)
    await keeping.memory.found_hard(ANN, home(ANN), "卡片：策略梯度")
    await keeping.pages.memory(ANN, home(ANN), "off", "zh")
    await keeping.memory.reset(ANN, home(ANN))
    assert "memory_off" in rows_of(data / "state.sqlite", ANN)
    await keeping.memory.forget.person(ANN)
    assert rows_of(data / "state.sqlite", ANN) == []
    assert "turns" in rows_of(data / "state.sqlite", BOB)
    await keeping.memory.settle()
    assert words_in(data, "Guinevere77", "蓝鲸紫藤", "策略梯度") == []


async def test_what_is_older_than_the_settings_keep_is_deleted(data: Path) -> None:
    talk = await Talk.open(data / "state.sqlite", settings=MemorySettings(quiet_s=0, keep_days=30))
    await talk.say(ANN, home(ANN), "我的猫叫 Guinevere77")
    talk.now += 29 * 86400
    await talk.say(ANN, home(ANN), "我的狗叫旺财")
    assert words_in(data, "Guinevere77")
    talk.now += 2 * 86400
    await talk.memory.settle()
    assert words_in(data, "Guinevere77") == []
    assert [item.text for item in await talk.memory.items(ANN, home(ANN))] == ["我的狗叫旺财"]
    await talk.close()


async def test_a_chat_keeps_no_more_turns_than_the_settings_say(data: Path) -> None:
    talk = await Talk.open(data / "state.sqlite", settings=MemorySettings(quiet_s=0, turns=100))
    for number in range(105):
        await talk.say(ANN, home(ANN), f"问题 {number}", settle=False)
    talk.now += 3601
    await talk.memory.settle()
    turns = await talk.state.recent_turns(home(ANN), 1000)
    assert (len(turns), turns[0].asked) == (100, "问题 5")
    await talk.close()


@pytest.mark.parametrize(
    ("forgotten", "text", "allowed", "left"),
    [
        ("我的密码是蓝鲸紫藤", "密码是蓝鲸紫藤。今天晴。", "", "今天晴。"),
        ("我的密码是蓝鲸紫藤", "今天晴。", "", "今天晴。"),
        ("什么是梯度下降法？", "梯度下降法是一种优化方法。", "笔记：梯度下降法", "梯度下降法是一种优化方法。"),
        ("my cat is called Guinevere", "Her cat is Guinevere. It rains.", "", "It rains."),
        ("my cat is called Guinevere", "The cat sat.", "", "The cat sat."),
        ("my pin is 4711x", "It is 4711X.", "", "(forgotten on request)"),
    ],
)
def test_only_sentences_that_repeat_it_are_taken_out(forgotten: str, text: str, allowed: str, left: str) -> None:
    assert Redactor([forgotten]).redact(text, allowed) == left


ANNS = Quote(text="我的生日是惊蛰那天，暗号是翡翠长颈鹿。", person=ANN.key, name="Annabella Q")


async def test_words_that_others_quoted_go_with_their_author(keeping: Talk, data: Path) -> None:
    answered = "惊蛰在三月。Annabella Q 的暗号是翡翠长颈鹿。天气不错。"
    for place in (GROUP, home(BOB)):
        await keeping.say(BOB, place, "这是什么意思？", answered, quote=ANNS)
    assert words_in(data, "翡翠长颈鹿", "Annabella")
    await keeping.pages.forget(ANN, home(ANN), "me yes", "zh")
    await keeping.memory.settle()
    assert words_in(data, "翡翠长颈鹿", "Annabella", "暗号") == []
    turns = await keeping.state.recent_turns(GROUP, 3)
    assert [(turn.asked, turn.quote, "天气不错" in turn.answered) for turn in turns] == [("这是什么意思？", None, True)]


async def test_quoted_words_are_forgotten_by_topic_and_where_their_author_may_see_them(keeping: Talk, data: Path) -> None:
    other = Quote(text="I keep bees on the roof of number nine.", person=ANN.key, name="Ann")
    await keeping.say(BOB, GROUP, "What is meant by this?", "Bees are kept.", quote=other)
    await keeping.say(BOB, OTHER_GROUP, "这是什么意思？", "好的。", quote=ANNS)
    assert "没有找到" in (await keeping.pages.forget(BOB, GROUP, "bees roof nobody", "zh")).text
    await keeping.pages.forget(ANN, GROUP, "bees roof", "en")
    assert words_in(data, "number nine") == []
    assert words_in(data, "翡翠长颈鹿")
    await keeping.pages.forget(ANN, GROUP, "all yes", "zh")
    assert words_in(data, "翡翠长颈鹿")
    await keeping.pages.forget(ANN, home(ANN), "all yes", "zh")
    assert words_in(data, "翡翠长颈鹿") == []


async def test_what_others_say_is_not_taken_for_what_the_one_who_asks_says_of_themselves(keeping: Talk) -> None:
    await keeping.say(BOB, home(BOB), "这句话对吗？", quote=Quote(text="我住在成都。", person=ANN.key, name="Ann"))
    assert await keeping.memory.items(BOB, home(BOB)) == ()


@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        ("李小满", "李小满喜欢徒步。山里有雾。", "山里有雾。"),
        ("Ann", "Annual rain is high. As Ann said, it rains.", "Annual rain is high."),
        ("Zoë K", "Zoë K asked about moss. Moss is green.", "Moss is green."),
    ],
)
def test_answers_do_not_name_whoever_is_forgotten_whole(name: str, text: str, left: str) -> None:
    assert Redactor(["x"], names=[name]).redact(text, "").strip() == left
    assert Redactor(["x"], names=[name]).redact(text, f"What does {name} do?") == text
