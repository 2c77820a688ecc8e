"""A person's whole life with the bot, as the real program serves it, and what is left when they go: not a byte."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bot.cli.running import Program
from tests.fakes.telegram import Chat, FakeTelegram, User

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends signals")

SECRET, NAME = "琥珀色的渡鸦", "Annabelle Quince"


def left(folder: Path, *words: str) -> list[str]:
    """Where any of the words stands, in any file, in whatever way text is written."""
    found = []
    for file in (file for file in folder.rglob("*") if file.is_file()):
        content = file.read_bytes()
        codes = {code for word in words for code in (word.encode(), word.encode("utf-16-le"), word.encode("unicode_escape"))}
        found += [f"{code!r} in {file.name}" for code in codes if code in content]
    return found


class Stage:
    """The program under way, and people who wait for each of its answers."""

    def __init__(self, telegram: FakeTelegram) -> None:
        self.telegram = telegram

    async def says(self, who: User, where: Chat | User, text: str, *, reply_to: object = None) -> object:
        """Something that the bot answers; the message."""
        before = self._answers(where)
        said = self.telegram.world.says(who, where, text, reply_to=reply_to)  # type: ignore[arg-type]
        await self.telegram.until(lambda: self._answers(where) > before, seconds=60)
        return said

    def _answers(self, where: Chat | User) -> int:
        mine = [one for one in self.telegram.read(where) if one.by == "Notes" and one.text != "…"]
        return len([one for one in mine if not any("停" in label or "Stop" in label for row in one.buttons for label in row)])


async def test_nothing_of_a_person_is_left_when_they_have_everything_forgotten(
    run: Program, where: tuple[str | Path, ...], data: Path
) -> None:
    async with FakeTelegram() as telegram:
        ann, bob = telegram.world.person(NAME), telegram.world.person("Bob")
        group = telegram.world.supergroup("Study", members=[ann, bob])
        environment = {
            "NOTESBOT_TELEGRAM__TOKEN": telegram.token,
            "NOTESBOT_TELEGRAM__API_URL": telegram.url,
            "NOTESBOT_TELEGRAM__ALLOWED_USERS": f"[{ann.id}, {bob.id}]",
            "NOTESBOT_LOG": "debug",
        }
        bot = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run", *map(str, where)),
            cwd=run.folder,
            env=run.environment(environment),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        log = asyncio.create_task(bot.communicate())
        try:
            stage = Stage(telegram)
            for words in (f"我的暗号是{SECRET}。粥要煮多久？", f"/remember 我养了{SECRET}", "/quiz due", "/export"):
                await stage.says(ann, ann, words)
            await stage.says(ann, group, f"@notes_bot {SECRET}爱吃米饭，米饭要煮多久？")
            overheard = telegram.world.says(ann, group, f"我又看到了{SECRET}。")
            await stage.says(bob, group, "@notes_bot 米饭要煮多久，这是真的吗？", reply_to=overheard)
            await stage.says(bob, bob, "米饭要煮多久？")
            await asyncio.sleep(4)  # memory takes note of it all
            assert left(data, SECRET)
            await stage.says(ann, ann, "/forget me yes")
            await telegram.until(lambda: telegram.read(ann)[-1].by == "Notes")
            gone = (SECRET, NAME, "Annabelle", f"telegram:{ann.id}")
            await asyncio.sleep(1)  # the event of the command itself is finished after its page
            assert left(data, *gone) == []
        finally:
            bot.send_signal(signal.SIGTERM)
            _, told = await log
    assert left(data, *gone) == []
    assert [word for word in gone if word in told.decode()] == []
