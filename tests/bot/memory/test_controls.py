"""Memory through the one door of all platforms: commands, buttons and reactions, with the real assistant behind them."""

from __future__ import annotations

import getpass
import io
import json
import sqlite3
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import JSON, Boolean, Float, Integer, LargeBinary, insert

from bot.commands import CommandRouter
from bot.commands.views import CommandViews
from bot.memory import Memory, MemoryPages
from bot.memory.policy import whole
from bot.middleware import Middleware
from bot.platforms.terminal.chat import PLACE, Chat
from bot.platforms.terminal.renderer import Screen
from bot.rag.pipeline import Assistant, Models
from bot.settings import MemorySettings, Settings, TelegramSettings
from bot.storage import TurnStore
from bot.storage.memories import Audience
from bot.storage.schema import Moment, metadata
from bot.types import Answer, Page, Person, Place, Question
from knowledge.notebook import Notebook
from tests.bot.memory.making import ANN, BOB, GROUP, OTHER_GROUP, START, home
from tests.bot.memory.test_deletion import rows_of, words_in
from tests.fakes.model import ScriptedModel

DAY = 86400.0


class House:
    """The bot without a platform: two people and an admin, who is Bob."""

    def __init__(self, notebook: Notebook, state: TurnStore, settings: MemorySettings) -> None:
        self.now = START
        self.state = TurnStore(state.database, clock=lambda: datetime.fromtimestamp(self.now, UTC))
        self.memory = Memory(state.database, None, settings, clock=lambda: self.now)
        self.model = ScriptedModel("米饭煮二十分钟 [1]。")
        self.assistant = Assistant(notebook=notebook, state=self.state, models=Models(fast=self.model), memory=self.memory)
        self.commands = CommandViews(notebook=notebook, state=self.state)
        rules = Settings(telegram=TelegramSettings(admins=(BOB.id,)))
        self.controls = CommandRouter(
            notebook=notebook,
            state=self.state,
            commands=self.commands,
            guards=Middleware.of(rules, state.database),
            memories=MemoryPages(self.memory),
        )

    async def ask(self, person: Person, place: Place, text: str, *, reply_to: str = "", deep: bool = False) -> Answer:
        self.now += 60
        question = Question(person=person, place=place, text=text, reply_to=reply_to, deep=deep)
        answer = [answer async for answer in self.assistant.ask(question)][-1]
        await self.memory.settle()
        return answer

    async def obey(self, name: str, words: str, person: Person, place: Place, *, answer_id: str = "") -> str:
        """What the page of a command says."""
        page = await self.page(name, words, person, place, answer_id=answer_id)
        return page.text

    async def page(self, name: str, words: str, person: Person, place: Place, *, answer_id: str = "") -> Page:
        self.now += 60
        page = await self.controls.obey(name, words, person, place, answer_id=answer_id)
        assert isinstance(page, Page)
        await self.memory.settle()
        return page

    async def press(self, data: str, person: Person, place: Place) -> Page | Question:
        done = await self.controls.press(data, person, place)
        await self.memory.settle()
        return done

    def prompt(self) -> str:
        """All that the model was told last."""
        return "\n".join(str(message.content) for message in self.model.told[-1])

    async def hard(self, person: Person, place: Place) -> list[str]:
        return [item.text for item in await self.memory.items(person, place) if item.kind == "hard"]


@pytest.fixture
async def house(notebook: Notebook, state: TurnStore) -> AsyncIterator[House]:
    return House(notebook, state, MemorySettings(quiet_s=0, frame=2, keep_days=30))


# Answers by id


PLACES = (home(ANN), home(BOB), GROUP, OTHER_GROUP, replace(GROUP, thread="7"), replace(GROUP, thread="8", closed=True))
SPOTS = [(person, place) for person, place in product((ANN, BOB), PLACES) if not place.private or place.chat == person.id]


@pytest.mark.parametrize(("by", "at"), SPOTS)
async def test_an_answer_is_known_by_its_id_only_where_the_scope_law_lets_it_be_told(house: House, by: Person, at: Place) -> None:
    answer = await house.ask(by, at, "米饭要煮多久？")
    for person, place in SPOTS:
        told = whole(Audience.of(by, at).said, Audience.of(person, place))
        assert told == ((place.circle == at.circle) and (not at.private or person == by))
        known = await _ways(house, person, place, answer.id)
        unknown = await _ways(house, person, place, "0123456789abcdef")
        if told:
            assert all(one != other for one, other in zip(known, unknown, strict=True))
        else:
            assert known == unknown
            assert not any("米饭要煮多久" in one for one in known)


async def _ways(house: House, person: Person, place: Place, answer_id: str) -> list[str]:
    """What each way shows to somebody who comes with an id."""
    shown = [repr(await house.controls.press(f"{button}:{answer_id}{rest}", person, place)) for button, rest in BUTTONS]
    for name, words in (("source", ""), ("source", "1"), ("receipt", ""), ("think", "")):
        shown.append(repr(await house.controls.obey(name, words, person, place, answer_id=answer_id)))
    shown.append(repr(await house.controls.rate(answer_id, person, place, good=True)))
    return [one.replace(answer_id, "ID") for one in shown]


BUTTONS = (("s", ":1"), ("f", ":-"), ("f", ":+"), ("a", ""), ("d", ""))


async def test_a_made_up_answer_in_a_reply_is_not_the_last_one_of_the_place(house: House) -> None:
    await house.ask(ANN, GROUP, "米饭要煮多久？")
    elsewhere = await house.ask(ANN, home(ANN), "茶叶怎么放？ tea leaves")
    assert "rice.md" in await house.obey("source", "", BOB, GROUP)
    assert ".md" not in await house.obey("source", "", BOB, GROUP, answer_id=elsewhere.id)


# What was hard


async def test_a_thumb_down_is_remembered_once_and_taken_back(house: House) -> None:
    answer = await house.ask(ANN, GROUP, "米饭要煮多久？")
    for _ in range(2):
        await house.press(f"f:{answer.id}:-", ANN, GROUP)
    assert await house.hard(ANN, GROUP) == ["米饭要煮多久"]
    assert (await house.memory.items(ANN, GROUP))[-1].times == 1
    await house.ask(ANN, GROUP, "粥要煮多久？")
    assert "觉得难）：米饭" in house.prompt()
    assert await house.controls.rate(answer.id, ANN, GROUP, good=None)
    assert await house.hard(ANN, GROUP) == []


async def test_a_thumb_of_somebody_else_says_nothing_of_the_one_who_asked(house: House) -> None:
    answer = await house.ask(ANN, GROUP, "米饭要煮多久？")
    assert await house.controls.rate(answer.id, BOB, GROUP, good=False)
    assert await house.hard(ANN, GROUP) == await house.hard(BOB, GROUP) == []


async def test_who_asks_on_about_the_same_heading_found_it_hard(house: House) -> None:
    first = await house.ask(ANN, GROUP, "米饭要煮多久？")
    await house.ask(ANN, GROUP, "How long is green tea steeped?", reply_to=first.id)
    assert await house.hard(ANN, GROUP) == []
    await house.ask(ANN, GROUP, "为什么米饭要洗两遍？", reply_to=first.id)
    assert await house.hard(ANN, GROUP) == ["米饭"]


async def test_who_has_it_answered_more_deeply_found_it_hard(house: House) -> None:
    first = await house.ask(ANN, home(ANN), "米饭要煮多久？")
    again = await house.press(f"d:{first.id}", ANN, home(ANN))
    assert isinstance(again, Question)
    await house.ask(ANN, home(ANN), again.text, reply_to=again.reply_to, deep=True)
    assert await house.hard(ANN, home(ANN)) == ["米饭"]


async def test_nothing_is_hard_for_who_wants_no_memory(house: House) -> None:
    await house.obey("memory", "off", ANN, GROUP)
    answer = await house.ask(ANN, GROUP, "米饭要煮多久？")
    await house.press(f"f:{answer.id}:-", ANN, GROUP)
    assert not await house.memory.found_hard(ANN, GROUP, "米饭")
    assert await house.hard(ANN, GROUP) == []


# Commands


async def test_off_keeps_what_is_said_out_of_memory_and_on_lets_it_in(house: House) -> None:
    for switch, city in (("off", "成都"), ("on", "上海")):
        await house.obey("memory", switch, ANN, home(ANN))
        await house.ask(ANN, home(ANN), f"我住在{city}")
        await house.obey("reset", "", ANN, home(ANN))
        await house.ask(ANN, home(ANN), "米饭要煮多久？")
        assert (city in house.prompt()) == (city in await house.obey("memory", "", ANN, home(ANN))) == (switch == "on")
    assert "成都" not in house.prompt()


async def test_what_is_remembered_is_corrected_and_forgotten_by_buttons(house: House) -> None:
    await house.obey("remember", "我周五考试", ANN, home(ANN))
    page = await house.page("memory", "", ANN, home(ANN))
    forget, correct = (button.data for button in page.buttons[:2])
    how = await house.press(correct, ANN, home(ANN))
    assert isinstance(how, Page)
    command = how.text.split("`")[1].replace("正确的内容", "我周六考试")
    await house.obey("remember", command.removeprefix("/remember "), ANN, home(ANN))
    page = await house.page("memory", "", ANN, home(ANN))
    assert "我周六考试" in page.text
    assert "周五" not in page.text
    assert "That is gone" in repr(await house.press(forget, replace(ANN, language="en"), home(ANN)))
    await house.press(page.buttons[0].data, ANN, home(ANN))
    assert "考试" not in await house.obey("memory", "", ANN, home(ANN))


async def test_an_export_is_a_zip_of_json_and_markdown_with_all_that_is_kept(house: House) -> None:
    answer = await house.ask(ANN, home(ANN), "我住在成都。米饭要煮多久？")
    await house.press(f"f:{answer.id}:+", ANN, home(ANN))
    await house.ask(BOB, home(BOB), "我住在上海。")
    files = {place.key: await _exported(house, place) for place in (home(ANN), GROUP)}
    stored, markdown = files[home(ANN).key]
    assert [item["text"] for item in stored["items"] if item["kind"] == "fact"] == ["我住在成都"]
    assert stored["turns"][0]["asked"] == "我住在成都。米饭要煮多久？"
    assert stored["others"]["feedback"][0]["good"] is True
    assert "我住在成都" in markdown
    assert "- feedback: 1" in markdown
    assert "上海" not in json.dumps(stored, ensure_ascii=False) + markdown
    assert files[GROUP.key][0] | {"exported": ""} == {"person": ANN.key, "exported": "", "items": [], "turns": [], "others": {}}


async def _exported(house: House, place: Place) -> tuple[dict[str, object], str]:
    page = await house.page("export", "", ANN, place)
    assert page.file is not None
    with zipfile.ZipFile(io.BytesIO(page.file.content)) as archive:
        return json.loads(archive.read("memory.json")), archive.read("memory.md").decode()


async def test_a_reset_leaves_the_window_behind_and_keeps_the_person(house: House) -> None:
    await house.ask(ANN, GROUP, "我住在成都。米饭要煮多久？")
    await house.obey("reset", "", ANN, GROUP)
    assert await house.state.recent_turns(GROUP, 6) == ()
    assert "我住在成都" in await house.obey("memory", "", ANN, GROUP)


async def test_only_admins_clear_a_group_and_nobody_loses_their_own(house: House) -> None:
    for _ in range(3):
        await house.ask(ANN, GROUP, "我住在成都。米饭要煮多久？")
    assert "管理员" in await house.obey("memory", "clear", ANN, GROUP)
    await house.ask(BOB, GROUP, "米饭要煮多久？")
    assert "成都" in house.prompt()
    await house.obey("memory", "clear", BOB, GROUP)
    await house.ask(BOB, GROUP, "米饭要煮多久？")
    assert "成都" not in house.prompt()
    await house.ask(ANN, home(ANN), "米饭要煮多久？")
    assert "成都" in house.prompt()


async def test_what_is_too_old_goes_by_itself(house: House, data: Path) -> None:
    await house.ask(ANN, home(ANN), "我的猫叫 Guinevere77。米饭要煮多久？")
    house.now += 29 * DAY
    await house.memory.settle()
    assert words_in(data, "Guinevere77")
    house.now += 2 * DAY
    await house.memory.settle()
    assert words_in(data, "Guinevere77") == []
    assert await house.memory.items(ANN, home(ANN), history=True) == ()


async def test_everything_can_be_forgotten_without_buttons(house: House, data: Path) -> None:
    await house.ask(ANN, home(ANN), "我的猫叫 Guinevere77。米饭要煮多久？")
    assert "/forget all yes" in await house.obey("forget", "all", ANN, home(ANN))
    assert words_in(data, "Guinevere77")
    assert "已忘掉：1 次问答" in await house.obey("forget", "all yes", ANN, home(ANN))
    assert words_in(data, "Guinevere77") == []


async def type_at_terminal(house: House, history: Path, *lines: str) -> None:
    left = list(lines)

    async def read_line() -> str:
        if not left:
            raise EOFError
        with history.open("a", encoding="utf-8") as file:
            file.write(f"+{left[0]}\n")
        return left.pop(0)

    screen = Screen(Console(file=io.StringIO()), "zh")
    guards, ask = house.controls._guards, house.assistant.ask
    chat = Chat(ask=ask, controls=house.controls, guards=guards, screen=screen, read_line=read_line, histories=[history])
    await chat.run()
    await house.memory.settle()


async def test_what_was_typed_at_a_terminal_goes_with_what_is_forgotten(house: House, data: Path) -> None:
    await type_at_terminal(house, data / "terminal_history", "/remember 我的猫叫 Guinevere77", "/forget Guinevere77")
    assert words_in(data, "Guinevere77") == []


async def test_what_was_typed_goes_also_when_a_button_makes_memory_forget(house: House, data: Path) -> None:
    await type_at_terminal(house, data / "terminal_history", "/remember 我的猫叫 Guinevere77", "/forget", "/2", "/1")
    assert words_in(data, "Guinevere77") == []


async def test_a_bad_answer_at_the_terminal_is_a_thumb_down(house: House, data: Path) -> None:
    me = Person(platform="terminal", id=getpass.getuser())
    await type_at_terminal(house, data / "terminal_history", "米饭要煮多久？", "/bad")
    assert await house.hard(me, PLACE) == ["米饭要煮多久"]
    await type_at_terminal(house, data / "terminal_history", "/good")
    assert await house.hard(me, PLACE) == []


# Deleting a person


async def test_a_person_who_leaves_leaves_no_row_in_any_table(house: House, data: Path) -> None:
    """Every table there is gets a row that names the person in whatever column can; a new table is seen to here too."""
    for place in (home(ANN), GROUP):
        answer = await house.ask(ANN, place, "我住在成都。米饭要煮多久？")
        await house.press(f"f:{answer.id}:-", ANN, place)
    await house.obey("memory", "off", ANN, GROUP)
    await house.state.database.write(_fill_every_table)
    file = data / "state.sqlite"
    assert len(rows_of(file, ANN)) >= 19
    assert "私聊" in await house.obey("forget", "me", ANN, GROUP)
    page = await house.page("forget", "me", ANN, home(ANN))
    assert "/forget me yes" in page.text
    await house.press(page.buttons[0].data, ANN, home(ANN))
    assert rows_of(file, ANN) == []
    assert await house.controls._guards.door.people.listed() == ()
    assert words_in(data, "成都") == []


async def test_nobody_else_loses_anything_when_a_person_leaves(house: House, data: Path) -> None:
    await house.ask(BOB, GROUP, "我住在上海。米饭要煮多久？")
    await house.ask(ANN, GROUP, "我住在成都。米饭要煮多久？")
    await house.ask(BOB, home(BOB), "我住在上海。米饭要煮多久？")
    before = _rows_about(data / "state.sqlite", BOB)
    await house.obey("forget", "me yes", ANN, home(ANN))
    assert _rows_about(data / "state.sqlite", BOB) == before
    assert "我住在上海" in await house.obey("memory", "", BOB, GROUP)


async def test_who_is_barred_stays_barred(house: House) -> None:
    people = house.controls._guards.door.people
    await people.deny("telegram", "user", ANN.id, by=BOB.key)
    await house.obey("forget", "me yes", ANN, home(ANN))
    assert [(one.id, one.allowed) for one in await people.listed()] == [(ANN.id, False)]


def _rows_about(file: Path, person: Person) -> int:
    database = sqlite3.connect(file)
    count = sum(
        int(database.execute(f"SELECT count(*) FROM {table} WHERE person = ?", (person.key,)).fetchone()[0])
        for table in ("turns", "memory_turns", "memory_items")
    )
    database.close()
    return count


def _fill_every_table(connection: object) -> None:
    from sqlalchemy import Connection

    assert isinstance(connection, Connection)
    for table in metadata.sorted_tables:
        row = {column.name: _value(table.name, column.name, column.type) for column in table.columns}
        connection.execute(insert(table).values(row))


def _value(table: str, name: str, kind: object) -> object:
    if name in ("person", "who", "by", "used_by"):
        return ANN.key
    if name in ("place", "chat") and table not in ("learners", "group_rounds"):
        return ANN.key
    known = {"admitted": {"platform": "telegram", "kind": "user", "id": ANN.id}, "events": {"payload": {"from": ANN.key}}}
    if name in known.get(table, {}):
        return known[table][name]
    match kind:
        case JSON():
            return {}
        case Boolean():
            return True
        case Integer() | Float():
            return 4711
        case LargeBinary():
            return b""
        case Moment():
            return datetime.now(UTC)
    return "4711"
