"""What is deleted is gone from the disk too: at once when nobody else reads, or as soon as they let go."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.storage import Database, Erasures
from bot.storage.erasures import STALE, owe
from bot.types import Language, Place
from tests.bot.memory.making import ANN, BOB, GROUP, Talk, home

SECRET = "琥珀色的渡鸦"


@pytest.fixture
async def talk(data: Path) -> Talk:
    opened = await Talk.open(data / "state.sqlite")
    yield opened
    await opened.close()


@contextmanager
def reader(data: Path) -> Iterator[None]:
    """Another program that looks at the database as it is now, and goes on looking."""
    other = sqlite3.connect(data / "state.sqlite")
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM turns").fetchone()
    yield
    other.close()


def left(data: Path) -> list[str]:
    return sorted(file.name for file in data.iterdir() if SECRET.encode() in file.read_bytes())


class Told:
    """A platform that hears what is done."""

    def __init__(self, *, reachable: bool = True) -> None:
        self.reachable = reachable
        self.places: list[tuple[str, Language]] = []

    async def __call__(self, place: Place, language: Language) -> bool:
        if self.reachable:
            self.places.append((place.key, language))
        return self.reachable


async def test_the_page_says_forgotten_only_when_no_byte_is_left(talk: Talk, data: Path) -> None:
    await talk.say(ANN, home(ANN), f"我养了一只{SECRET}。")
    page = await talk.pages.forget(ANN, home(ANN), SECRET, "zh")
    assert "日志" not in page.text
    assert left(data) == []
    assert await talk.memory.forget.erasures.owed() == ()


async def test_while_another_program_reads_the_page_says_what_is_still_owed(talk: Talk, data: Path) -> None:
    await talk.say(ANN, home(ANN), f"我养了一只{SECRET}。")
    with reader(data):
        page = await talk.pages.forget(ANN, home(ANN), "me yes", "en")
        assert "as soon as it lets go" in page.text
        assert left(data) != []
        await talk.say(BOB, GROUP, "什么是梯度？")
    told = Told()
    assert await talk.memory.forget.erasures.step(told)
    assert told.places == [(home(ANN).key, "en")]
    assert left(data) == []
    assert not any(ANN.key.encode() in file.read_bytes() for file in data.iterdir())


async def test_what_a_killed_program_owed_is_paid_by_the_next_one(data: Path) -> None:
    talk = await Talk.open(data / "state.sqlite")
    await talk.say(ANN, home(ANN), f"我养了一只{SECRET}。")
    with reader(data):
        await talk.memory.forget.everything(ANN, home(ANN))
        await talk.memory.forget.erasures.announce(home(ANN), "zh")
        again = Erasures(await Database.open_file(data / "state.sqlite"))
        told = Told()
        assert not await again.step(told)
    working = asyncio.create_task(again.work(told))
    async with asyncio.timeout(20):
        while await again.owed():
            await asyncio.sleep(0.02)
    working.cancel()
    assert told.places == [(home(ANN).key, "zh")]
    assert left(data) == []
    await again.database.close()
    await talk.close()


async def test_somebody_who_cannot_be_told_now_is_told_later_but_not_for_ever(talk: Talk) -> None:
    now = datetime.now(UTC)
    erasures = Erasures(talk.database, clock=lambda: now)
    await talk.database.write(owe)
    await erasures.announce(home(ANN), "zh")
    away = Told(reachable=False)
    assert not await erasures.step(away)
    assert [one.place and one.place.key for one in await erasures.owed()] == [home(ANN).key]
    now += STALE + timedelta(minutes=1)
    assert await erasures.step(away)
    assert (away.places, await erasures.owed()) == ([], ())
