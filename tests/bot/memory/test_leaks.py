"""Twenty people, six places, five kinds of text each: whatever may not be told somewhere is in nothing that can be seen there."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import pytest

from bot.memory.policy import may_enter
from bot.settings import MemorySettings
from bot.storage.memories import Audience, TurnOrigin
from bot.types import Person, Place
from tests.bot.memory.making import KeepingModel, Talk, home

PEOPLE = [Person(platform="telegram", id=str(n), name=f"Q{n}z", language="zh" if n % 2 else "en") for n in range(20)]
GROUPS = [
    Place(platform="telegram", chat="-1", private=False),
    Place(platform="telegram", chat="-2", private=False),
    Place(platform="telegram", chat="-3", thread="7", private=False),
    Place(platform="telegram", chat="-3", thread="8", private=False),
    Place(platform="discord", chat="-1", private=False),
]
Mark = tuple[str, TurnOrigin]


def places_of(person: Person) -> list[Place]:
    return [home(person), *GROUPS]


def mark(kind: str, person: Person, place: Place) -> str:
    return f"{kind}{person.id}x{place.key.replace(':', 'c').replace('/', 't').replace('-', 'm')}"


async def live(talk: Talk, people: Sequence[Person]) -> list[Mark]:
    """Everybody says everything everywhere; return what was said, and by whom where."""
    marks = []
    for person, number in product(people, range(6)):
        place = places_of(person)[number]
        fact, secret, card, summed = (mark(kind, person, place) for kind in ("fact", "secret", "card", "sum"))
        await talk.say(person, place, f"我的代号是 {fact}。", f"好的 {fact}", settle=False)
        await talk.say(
            person, place, f"请记住：我的密码是 {secret}", "记住了", topics=[mark("topic", person, place)], settle=False
        )
        await talk.memory.found_hard(person, place, f"卡片 {card}")
        await talk.say(person, place, f"{summed} 是什么意思？", f"{summed} 的意思", settle=False)
        said = Audience.of(person, place).said
        marks += [(text, said) for text in (fact, secret, card, summed, mark("topic", person, place))]
    await talk.memory.settle()
    return marks


async def seen(talk: Talk, person: Person, place: Place) -> str:
    """Everything that memory tells at a place: prompts, receipts, pages, exports."""
    parts = []
    for asked in ("我的代号和密码是什么意思？", "密码 secret1xtelegramcm1 卡片 Q3z", "what did I say before?"):
        found = await talk.recall(person, place, asked, budget=6000)
        parts += [repr(found), found.text]
    for number in range(4):
        page = await talk.pages._listing(person, place, number, "zh")
        parts.append(repr(page))
    export = await talk.memory.export(person, place)
    return "\n".join([*parts, export.json, export.markdown])


@pytest.mark.parametrize(("people", "with_model"), [(PEOPLE, False), (PEOPLE[:5], True)])
async def test_nothing_is_told_where_it_may_not_be_told(
    data: Path, caplog: pytest.LogCaptureFixture, people: Sequence[Person], with_model: bool
) -> None:
    caplog.set_level(logging.INFO, logger="bot")
    talk = await Talk.open(
        data / "state.sqlite", model=KeepingModel() if with_model else None, settings=MemorySettings(quiet_s=0, frame=3)
    )
    marks = await live(talk, people)
    leaks, told = [], 0
    for person in people:
        for place in places_of(person):
            text, here = await seen(talk, person, place), Audience.of(person, place)
            for word, said in marks:
                if word in text:
                    told += 1
                    if not may_enter(said, here):
                        leaks.append((word, person.id, place.key))
    await talk.close()
    assert leaks == []
    assert told > 100 * len(people)  # and it is no mute memory that leaks nothing
    assert not any(word in caplog.text for word, _ in marks)


async def test_a_private_summary_is_not_told_to_somebody_else_in_the_same_chat(talk: Talk) -> None:
    ann, bob = PEOPLE[:2]
    for number in range(6):
        await talk.say(ann, home(ann), f"秘密编号 {number} 是什么？")
    assert (await talk.recall(ann, home(ann), "编号？")).place
    assert (await talk.recall(bob, home(ann), "编号？")).used == ()


async def test_an_answer_that_rests_on_what_others_said_does_not_leave_the_group(talk: Talk) -> None:
    ann, bob = PEOPLE[:2]
    await talk.say(bob, GROUPS[0], "我的生日是五月三日")
    await talk.say(ann, GROUPS[0], "Q1z 的生日是哪天？", "他的生日是五月三日")
    found = await talk.recall(ann, home(ann), "生日是哪天？")
    assert [turn.asked for turn in found.turns] == ["Q1z 的生日是哪天？"]
    assert "五月三日" not in found.text + (await talk.memory.export(ann, home(ann))).json
    assert "五月三日" in (await talk.recall(ann, GROUPS[0], "生日是哪天？")).text


async def test_two_people_of_one_name_stay_two(talk: Talk) -> None:
    one, two = (Person(platform="telegram", id=number, name="Ann") for number in ("71", "72"))
    await talk.say(one, GROUPS[0], "我住在成都")
    await talk.say(two, GROUPS[0], "我住在上海")
    assert [item.text for item in await talk.memory.items(one, GROUPS[0])] == ["我住在成都"]
    found = await talk.recall(one, GROUPS[0], "Ann 住在哪里？")
    assert len({turn.who for turn in found.turns}) == 2
    assert [item.text for item in found.profile] == ["我住在成都"]


async def test_memory_that_was_used_makes_an_answer_personal(talk: Talk) -> None:
    ann = PEOPLE[0]
    assert not (await talk.recall(ann, home(ann), "什么是梯度？")).personal
    await talk.say(ann, home(ann), "我住在成都")
    assert (await talk.recall(ann, home(ann), "什么是梯度？")).personal
